"""The anomaly brake (异常熔断): more than usual to one customer, or more than planned, stops the channel at once.

It looks at what really was submitted and knows nothing of permission: it is there for the day permission is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connections

from guanxi.crm.arrays import numbers
from guanxi.crm.audit import services as audit
from guanxi.crm.messaging.engine import store
from guanxi.crm.messaging.engine.ports import Due
from guanxi.crm.messaging.models import ChannelAccount
from guanxi.insight.policies.sending import SendingPolicy

PERSON, VOLUME = "brake_person", "brake_volume"

_LATELY = """
SELECT party_id, COUNT(*) FROM messaging_message
WHERE party_id = ANY(%s::bigint[]) AND submitted_at > %s AND submitted_at <= %s AND NOT id = ANY(%s::bigint[])
GROUP BY party_id
"""


def too_many(
    going: Sequence[Due], *, policy: SendingPolicy, now: datetime, using: str
) -> tuple[str, str] | None:
    """Why these must not go: (reason, what was seen), or None. Counts them as submitted, in the caller's transaction.

    A message asked for again because of doubt was counted when it was first submitted.
    """
    parties = Counter(message.party_id for message in going)
    # Both ways: another machine's clock may be ahead of ours; what lies further ahead was written by one that jumped.
    span = timedelta(minutes=policy.person_minutes)
    with connections[using].cursor() as cursor:
        cursor.execute(
            _LATELY, [numbers(parties), now - span, now + span, numbers(message.id for message in going)]
        )
        lately = {party: int(number) for party, number in cursor.fetchall()}
    worst = max((lately.get(party, 0) + number for party, number in parties.items()), default=0)
    if worst > policy.person_messages:
        return PERSON, f"{worst} > {policy.person_messages} / {policy.person_minutes} min"
    fresh = Counter(message.volume for message in going if not message.in_doubt)
    for volume, planned, submitted in store.count(fresh, using=using):
        if submitted > planned + int(planned * policy.volume_share):
            return VOLUME, f"{volume[0]} {volume[1]}: {submitted} > {planned}"
    return None


def pull(account: int, reason: str, note: str, *, now: datetime, using: str) -> None:
    """Switch the channel off and say why, in the caller's transaction."""
    locked = ChannelAccount.objects.using(using).select_for_update().get(pk=account)
    locked.is_on, locked.off_reason, locked.off_note = False, reason, note[:200]
    locked.switched_at, locked.switched_by = now, None
    locked.save(using=using, update_fields=["is_on", "off_reason", "off_note", "switched_at", "switched_by"])
    audit.record(by=None, verb="messaging.channel_stopped", on=locked, using=using, reason=reason, seen=note)
