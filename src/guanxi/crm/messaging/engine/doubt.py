"""Messages in doubt (存疑): found by their lease, cleared by asking the counterpart, else left to a person.

A lease that is over proves nothing by itself: the sender may be paused and come back. So a message is touched only when
nobody holds the lock on its customer, which a living sender holds on its session over the whole call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction

from guanxi.channels.face import Accepted, Found, NotFound, Receipt
from guanxi.crm.messaging import locks
from guanxi.crm.messaging.engine import hearing, store
from guanxi.crm.messaging.engine.ports import Due, Gate
from guanxi.crm.messaging.models import ChannelAccount

_LAPSED = """
SELECT id, party_id, state FROM messaging_message
WHERE state IN ('claimed', 'submitting') AND (lease_until < %s OR lease_until > %s)
ORDER BY lease_until LIMIT %s
FOR UPDATE SKIP LOCKED
"""
_FREE_CLAIMED = """
UPDATE messaging_message SET state = 'planned', lease_until = NULL WHERE id = ANY(%s) AND state = 'claimed'
"""
_DOUBT = """
UPDATE messaging_message
SET state = 'unknown', unknown_at = %s, in_doubt = TRUE, lease_until = NULL, code = 'broken_off'
WHERE id = ANY(%s) AND state = 'submitting'
"""
_STANDING = f"""
SELECT {", ".join(store.DUE)}, unknown_at, code FROM messaging_message
WHERE state = 'unknown' AND account_id = %s AND settled_by_id IS NULL AND id > %s ORDER BY id LIMIT %s
"""
_LOCK = "SELECT id FROM messaging_message WHERE id = ANY(%s) AND state = 'unknown' ORDER BY id FOR UPDATE"
_TAKEN = """
UPDATE messaging_message AS message
SET state = 'accepted', vendor_id = told.vendor_id, parts = told.parts, cost_fen = told.cost_fen, in_doubt = FALSE,
    accepted_at = %(now)s, submitted_at = COALESCE(message.submitted_at, %(now)s), code = ''
FROM unnest(%(ids)s::bigint[], %(vendors)s::text[], %(parts)s::int[], %(costs)s::bigint[])
     AS told (id, vendor_id, parts, cost_fen)
WHERE message.id = told.id AND message.state = 'unknown'
"""
# Surely never taken: as if the call had not been. What somebody stopped meanwhile stays stopped.
_NEVER_TAKEN = """
UPDATE messaging_message
SET state = CASE WHEN code = 'stopped' THEN 'stopped' WHEN expires_at <= %(now)s THEN 'expired' ELSE 'planned' END,
    ended_at = CASE WHEN code = 'stopped' OR expires_at <= %(now)s THEN %(now)s::timestamptz END,
    in_doubt = FALSE, ready_at = %(now)s, attempts = 0, unknown_at = NULL
WHERE id = ANY(%(ids)s) AND state = 'unknown'
"""
# Sent again under the same number to a counterpart that takes a number once only: it cannot arrive twice.
_ONCE_MORE = """
UPDATE messaging_message SET state = 'planned', ready_at = %(now)s
WHERE id = ANY(%(ids)s) AND state = 'unknown' AND in_doubt AND attempts < %(most)s AND expires_at > %(now)s
  AND code IN ('broken_off', 'no_answer', 'restored')
"""


def sweep(*, now: datetime, lease: timedelta, most: int, using: str) -> tuple[int, int]:
    """Look after leases that are over and whose sender is gone: (put back to planned, now in doubt).

    One that would hold for more than twice as long as a lease was given by a clock that stood ahead, and is over too.
    """
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            cursor.execute(_LAPSED, [now, now + 2 * lease, most])
            rows = cursor.fetchall()
        free = locks.free_of_calls({party for _id, party, _state in rows}, using=using)
        gone = [(key, state) for key, party, state in rows if party in free]
        claimed = [key for key, state in gone if state == "claimed"]
        broken = [key for key, state in gone if state == "submitting"]
        with connections[using].cursor() as cursor:
            cursor.execute(_FREE_CLAIMED, [claimed])
            cursor.execute(_DOUBT, [now, broken])
    return len(claimed), len(broken)


def standing(
    account: ChannelAccount, *, most: int, using: str, after: int = 0
) -> list[tuple[Due, datetime, str]]:
    """The account's messages in doubt, the oldest first, with since when and why."""
    with connections[using].cursor() as cursor:
        cursor.execute(_STANDING, [account.pk, after, most])
        return [(store.due_of(row[:-2]), row[-2], row[-1]) for row in cursor.fetchall()]


def clear(
    account: ChannelAccount, doubtful: Sequence[tuple[Due, datetime, str]], found: Mapping[str, Found], *,
    gate: Gate, calls_most: int, now: datetime, using: str,
) -> int:  # fmt: skip
    """Settle messages in doubt by what the counterpart said of them; how many were settled.

    "Not found" counts from the visibility lag on, measured from when the message fell into doubt. Without an answer,
    one that takes a number once only is sent the same again; to the others nothing is sent, and a person looks.
    """
    lag = timedelta(seconds=account.visible_after)
    with transaction.atomic(using=using):
        held = _still_unknown([one for one, _since, _why in doubtful], using)
        rows = [(one, since) for one, since, _why in doubtful if one.id in held]
        taken = {one.id: said for one, _since in rows if isinstance(said := found.get(one.out_id), Accepted)}
        receipts = [said for one, _since in rows if isinstance(said := found.get(one.out_id), Receipt)]
        never = [
            one for one, since in rows if isinstance(found.get(one.out_id), NotFound) and now >= since + lag
        ]
        again = [] if account.takes_twice else [one for one, _since in rows if one.out_id not in found]
        _taken(taken, account, now, using)
        if receipts:
            hearing.keep_receipts(receipts, account=account.pk, now=now, using=using)
        _never_taken(never, gate, now, using)
        more = _once_more([one.id for one in again], calls_most, now, using)
    return len(taken) + len(receipts) + len(never) + more


def _still_unknown(messages: Sequence[Due], using: str) -> set[int]:
    """Those still in doubt and without a call to their customer under way, locked."""
    free = locks.free_of_calls((one.party_id for one in messages), using=using)
    with connections[using].cursor() as cursor:
        cursor.execute(_LOCK, [[one.id for one in messages if one.party_id in free]])
        return {key for (key,) in cursor.fetchall()}


def _taken(taken: Mapping[int, Accepted], account: ChannelAccount, now: datetime, using: str) -> None:
    if taken:
        told: dict[str, Any] = {
            "ids": list(taken), "vendors": [one.vendor_id[:64] for one in taken.values()],
            "parts": [one.parts for one in taken.values()], "costs": [one.cost_fen for one in taken.values()],
            "now": now,
        }  # fmt: skip
        with connections[using].cursor() as cursor:
            cursor.execute(_TAKEN, told)
        hearing.match([one.vendor_id for one in taken.values()], account=account.pk, now=now, using=using)


def _never_taken(never: Sequence[Due], gate: Gate, now: datetime, using: str) -> None:
    called = [
        one for one in never if one.attempts
    ]  # the others were only planned when the store was restored
    if called:
        gate.give_back(called, at=now, using=using)
        store.count({key: -number for key, number in Counter(m.volume for m in called).items()}, using=using)
    if never:
        with connections[using].cursor() as cursor:
            cursor.execute(_NEVER_TAKEN, {"ids": [one.id for one in never], "now": now})


def _once_more(ids: Sequence[int], most: int, now: datetime, using: str) -> int:
    if not ids:
        return 0
    with connections[using].cursor() as cursor:
        cursor.execute(_ONCE_MORE, {"ids": list(ids), "most": most, "now": now})
        return int(cursor.rowcount)
