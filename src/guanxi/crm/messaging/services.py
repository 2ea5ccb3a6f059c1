"""Writes of the outbox: queue and stop messages, switch channels, decide what is in doubt. Each audited in its own
transaction or the caller's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction
from django.utils.translation import gettext as _

from guanxi.crm.arrays import numbers, texts
from guanxi.crm.audit import services as audit
from guanxi.crm.messaging.models import Channel, ChannelAccount, Message, Origin, Purpose, State, Volume
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.services import require

CHUNK = 5_000
MOST_REF = 64

# The out-id is made of what makes a message one: queued again after a restore it is the same to the counterpart.
_QUEUE = """
INSERT INTO messaging_message
    (uuid, party_id, unit_id, keeper_id, channel, purpose, template_version, origin, ref, step, fields, planned_at,
     ready_at, expires_at)
SELECT substr(encode(sha256(convert_to(concat_ws('|', %(origin)s::text, %(ref)s::text, asked.party, %(channel)s::text,
                                                 %(step)s::int), 'UTF8')), 'hex'), 1, 32)::uuid,
       party.id, party.unit_id, party.keeper_id, %(channel)s, %(purpose)s, %(template)s, %(origin)s, %(ref)s,
       %(step)s, asked.fields, %(planned_at)s, %(planned_at)s, %(expires_at)s
FROM unnest(%(parties)s::bigint[], %(fields)s::jsonb[]) AS asked (party, fields)
JOIN customers_party AS party ON party.id = asked.party
ON CONFLICT ON CONSTRAINT message_once DO NOTHING
"""
_KNOWN = """
SELECT COUNT(*) FROM messaging_message
WHERE origin = %(origin)s AND ref = %(ref)s AND channel = %(channel)s AND step = %(step)s
  AND party_id = ANY(%(parties)s::bigint[])
"""
_PLAN = """
INSERT INTO messaging_volume (origin, ref, step, channel, planned) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT volume_once DO UPDATE SET planned = messaging_volume.planned + EXCLUDED.planned
"""
_STOP = """
UPDATE messaging_message SET
    state = CASE WHEN in_doubt THEN 'unknown' ELSE 'stopped' END, code = 'stopped', ended_at = %(now)s,
    unknown_at = CASE WHEN in_doubt THEN COALESCE(unknown_at, %(now)s) ELSE unknown_at END, lease_until = NULL
WHERE origin = %(origin)s AND ref = %(ref)s AND (%(step)s::int IS NULL OR step = %(step)s)
  AND state IN ('planned', 'claimed')
"""


@dataclass(frozen=True)
class Queued:
    """How many messages stand in the outbox now that did not before, and how many stood there already.

    Parties out of the caller's reach are in neither.
    """

    count: int
    already: int


def queue(
    *, by: Staff | None, origin: str, ref: str, step: int = 0, channel: str, template_version: int | None,
    purpose: str, parties: Sequence[tuple[int, Mapping[str, Any]]], planned_at: datetime, expires_at: datetime,
    now: datetime, using: str = "default",
) -> Queued:  # fmt: skip
    """Put messages into the outbox, in the caller's transaction; the same again (origin, ref, party, channel, step)
    changes nothing.

    `parties`: customer number and the template's fields of each. ValidationError for what can be no message; a
    RuntimeError outside of a transaction: what is decided and what is sent must be kept together or not at all.
    """
    if not connections[using].in_atomic_block:
        raise RuntimeError("queue() belongs into the transaction of the decision to send")
    _check(origin, ref, channel, purpose, planned_at, expires_at, now)
    told: dict[str, Any] = {
        "origin": str(origin), "ref": ref, "step": step, "channel": str(channel), "purpose": str(purpose),
        "template": template_version, "planned_at": planned_at, "expires_at": expires_at,
    }  # fmt: skip
    count = sum(
        _queue_some(parties[at : at + CHUNK], told, using=using) for at in range(0, len(parties), CHUNK)
    )
    with connections[using].cursor() as cursor:
        cursor.execute(_PLAN, [str(origin), ref, step, str(channel), count])
    if count:
        volume = Volume.objects.using(using).get(origin=origin, ref=ref, step=step, channel=channel)
        audit.record(
            by=by, verb="messaging.queued", on=volume, using=using, count=count, purpose=str(purpose)
        )
    return Queued(count, _known(parties, told, using) - count if count < len(parties) else 0)


def _queue_some(
    parties: Sequence[tuple[int, Mapping[str, Any]]], told: Mapping[str, Any], *, using: str
) -> int:
    values: dict[str, Any] = {
        "parties": numbers(party for party, _fields in parties),
        "fields": texts(json.dumps(dict(fields), cls=DjangoJSONEncoder) for _party, fields in parties),
    }
    with connections[using].cursor() as cursor:
        cursor.execute(_QUEUE, {**told, **values})
        return int(cursor.rowcount)


def _known(parties: Sequence[tuple[int, Mapping[str, Any]]], told: Mapping[str, Any], using: str) -> int:
    """How many of these have such a message now."""
    with connections[using].cursor() as cursor:
        cursor.execute(_KNOWN, {**told, "parties": numbers(party for party, _fields in parties)})
        return int(cursor.fetchone()[0])


def _check(
    origin: str,
    ref: str,
    channel: str,
    purpose: str,
    planned_at: datetime,
    expires_at: datetime,
    now: datetime,
) -> None:
    if origin not in Origin.values or channel not in Channel.values or purpose not in Purpose.values:
        raise ValidationError(_("There is no such channel, purpose or origin."))
    if not ref or len(ref) > MOST_REF:
        raise ValidationError(_("A message says in at most 64 letters what it belongs to."))
    if expires_at <= max(planned_at, now):
        raise ValidationError(_("A message that is over before it may begin cannot be queued."))


def stop(*, origin: str, ref: str, step: int | None = None, by: Staff | None, now: datetime) -> int:
    """Stop what is not yet submitting of a campaign, survey or the like; how many. In the caller's reach."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(_STOP, {"origin": str(origin), "ref": ref, "step": step, "now": now})
        stopped = int(cursor.rowcount)
        volume = Volume.objects.filter(origin=origin, ref=ref).order_by("step").first()
        if volume is not None:
            audit.record(by=by, verb="messaging.stopped", on=volume, step=step, count=stopped)
    return stopped


@transaction.atomic
def switch(
    *, account: ChannelAccount, on: bool, by: Staff, today: date, now: datetime, note: str = ""
) -> ChannelAccount:
    """Switch a channel on or off (通道开关); off counts from the next batch on. PermissionDenied without the right.

    Whoever switches on what was stopped says in `note` what was looked into; ValidationError otherwise.
    """
    require(by, Right.RUN_CHANNELS, today)
    locked = ChannelAccount.objects.select_for_update().get(pk=account.pk)
    if on and not locked.is_on and locked.off_reason not in ("new", "person") and not note.strip():
        raise ValidationError(_("Say what was looked into before this channel is switched on again."))
    was = locked.off_reason
    locked.is_on, locked.off_reason = on, "" if on else "person"
    locked.off_note, locked.switched_at, locked.switched_by = note.strip()[:200], now, by
    locked.save(update_fields=["is_on", "off_reason", "off_note", "switched_at", "switched_by"])
    verb = "messaging.channel_on" if on else "messaging.channel_off"
    audit.record(by=by, verb=verb, on=locked, was=was, note=note.strip())
    return locked


@transaction.atomic
def settle(*, message: Message, as_state: str, by: Staff, today: date, now: datetime, note: str) -> Message:
    """Decide a message in doubt by hand: it arrived, it did not, or (service notices only) it is sent again.

    `as_state`: delivered, failed or planned. Marketing in doubt is never sent again. PermissionDenied without the
    right or out of reach; ValidationError when it is no longer in doubt, without a note, or for what is not allowed.
    """
    require(by, Right.RUN_CHANNELS, today)
    locked = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if locked.state != State.UNKNOWN:
        raise ValidationError(_("This message is no longer in doubt."))
    if as_state not in (State.DELIVERED, State.FAILED, State.PLANNED) or not note.strip():
        raise ValidationError(_("Say what was found out, and how."))
    if as_state == State.PLANNED:
        if locked.purpose != Purpose.SERVICE:
            raise ValidationError(_("A marketing message in doubt is never sent again."))
        if locked.expires_at <= now:
            raise ValidationError(_("The time of this message is over."))
        locked.ready_at, locked.in_doubt = now, False
    else:
        locked.ended_at = now
    locked.state, locked.settled_by, locked.settled_note = as_state, by, note.strip()[:200]
    locked.lease_until = None
    if as_state == State.DELIVERED and locked.submitted_at is None:
        locked.submitted_at = now
    locked.save()
    audit.record(
        by=by, verb="messaging.settled", on=locked, party=locked.party_id, to=as_state, note=note.strip()
    )
    return locked
