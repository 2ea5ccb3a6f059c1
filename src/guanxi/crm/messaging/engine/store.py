"""Claims, submissions and answers in the store: set-based, each for one batch, all behind the fence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import connections

from guanxi.channels.face import Accepted, Answer, Doubtful, Refused
from guanxi.crm.arrays import instants, numbers, texts
from guanxi.crm.messaging.engine.ports import Due

LANES_AT_ONCE = 64  # that may take an account's time in the same second, over all senders
Volumes = Mapping[tuple[str, str, int, str], int]
DUE = tuple(field.name for field in fields(Due))
FIELDS = DUE.index("fields")

_CLAIM = f"""
WITH due AS (
    SELECT id FROM messaging_message
    WHERE state = 'planned' AND channel = %(channel)s AND purpose = %(purpose)s AND ready_at <= %(now)s
      AND expires_at > %(now)s
    ORDER BY ready_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message AS message
SET state = 'claimed', fence = %(fence)s, lease_until = %(lease)s, account_id = %(account)s
FROM due WHERE message.id = due.id
RETURNING {", ".join(f"message.{name}" for name in DUE)}
"""
_OURS = f"""
SELECT {", ".join(DUE)} FROM messaging_message
WHERE id = ANY(%s::bigint[]) AND fence = %s AND state = 'claimed' ORDER BY party_id, id FOR UPDATE
"""
_SUBMIT = """
UPDATE messaging_message AS message
SET state = 'submitting', submitted_at = %(now)s, lease_until = %(lease)s, attempts = message.attempts + 1,
    consent = told.consent, text_sha256 = told.sha, code = '', vendor_id = '', ended_at = NULL
FROM unnest(%(ids)s::bigint[], %(consents)s::bigint[], %(shas)s::text[]) AS told (id, consent, sha)
WHERE message.id = told.id
"""
# What an earlier call may have brought to the customer is never "refused" or "expired": it stays in doubt.
_TURN_AWAY = """
UPDATE messaging_message AS message
SET state = CASE WHEN message.in_doubt THEN 'unknown' ELSE told.state END, code = told.code, lease_until = NULL,
    ended_at = CASE WHEN message.in_doubt THEN NULL ELSE %(now)s::timestamptz END,
    unknown_at = CASE WHEN message.in_doubt THEN COALESCE(message.unknown_at, %(now)s) ELSE message.unknown_at END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[]) AS told (id, state, code)
WHERE message.id = told.id
"""
_PUT_BACK = """
UPDATE messaging_message AS message
SET state = 'planned', ready_at = COALESCE(told.ready_at, message.ready_at), code = told.code, lease_until = NULL
FROM unnest(%(ids)s::bigint[], %(times)s::timestamptz[], %(codes)s::text[]) AS told (id, ready_at, code)
WHERE message.id = told.id
"""
_ANSWER = """
UPDATE messaging_message AS message
SET state = told.state, vendor_id = COALESCE(told.vendor_id, ''), parts = told.parts, cost_fen = told.cost_fen,
    code = told.code, lease_until = NULL,
    accepted_at = CASE WHEN told.state = 'accepted' THEN %(now)s::timestamptz ELSE message.accepted_at END,
    ended_at = CASE WHEN told.state = 'failed' THEN %(now)s::timestamptz END,
    unknown_at = CASE WHEN told.state = 'unknown' THEN %(now)s::timestamptz END,
    in_doubt = CASE told.state WHEN 'unknown' THEN TRUE WHEN 'planned' THEN message.in_doubt ELSE FALSE END,
    ready_at = CASE WHEN told.state = 'planned' THEN %(later)s ELSE message.ready_at END,
    attempts = message.attempts - CASE WHEN told.state = 'planned' THEN 1 ELSE 0 END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(vendors)s::text[], %(parts)s::int[], %(costs)s::bigint[],
            %(codes)s::text[]) AS told (id, state, vendor_id, parts, cost_fen, code)
WHERE message.id = told.id AND message.fence = %(fence)s AND message.state IN ('submitting', 'unknown')
RETURNING message.id
"""
_EXPIRE = """
UPDATE messaging_message SET
    state = CASE WHEN in_doubt THEN 'unknown' ELSE 'expired' END, code = 'late', lease_until = NULL,
    ended_at = CASE WHEN in_doubt THEN NULL ELSE %(now)s::timestamptz END,
    unknown_at = CASE WHEN in_doubt THEN COALESCE(unknown_at, %(now)s) ELSE unknown_at END
WHERE id IN (SELECT id FROM messaging_message WHERE state = 'planned' AND expires_at <= %(now)s
             ORDER BY expires_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
RETURNING in_doubt
"""
_COUNT = """
INSERT INTO messaging_volume AS volume (origin, ref, step, channel, submitted) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT volume_once DO UPDATE SET submitted = volume.submitted + EXCLUDED.submitted
RETURNING planned, submitted
"""
_PACE = """
UPDATE messaging_channelaccount AS account
SET paced_until = %(spent)s + CASE WHEN account.paced_until BETWEEN %(now)s AND %(furthest)s THEN account.paced_until
                                   ELSE %(now)s::timestamptz END
WHERE account.id = %(account)s RETURNING account.paced_until
"""
_BEGIN = """
INSERT INTO messaging_claim (account_id, worker, claimed_at) VALUES (%s, %s, %s) RETURNING id
"""
_END = """
UPDATE messaging_claim SET ended_at = %s, taken = %s, submitted = %s, accepted = %s, refused = %s, throttled = %s,
    doubtful = %s WHERE id = %s
"""
_DROP = "DELETE FROM messaging_claim WHERE id = %s"


@dataclass(frozen=True)
class Batch:
    """What one sender claimed: the messages, its fence, until when the lease holds."""

    fence: int
    messages: Sequence[Due]
    lease_until: datetime


@dataclass(frozen=True)
class Submission:
    """A message that goes: with the consent it rests on and the hash of the very text."""

    message: Due
    consent: int | None
    sha: str


def claim(
    account: int, channel: str, purpose: str, *, most: int, worker: str, now: datetime, lease: timedelta,
    using: str,
) -> Batch:  # fmt: skip
    """Take up to `most` due messages: nobody else gets them while the lease holds. In the caller's transaction."""
    with connections[using].cursor() as cursor:
        cursor.execute(_BEGIN, [account, worker, now])
        fence = int(cursor.fetchone()[0])
        told: dict[str, Any] = {
            "channel": channel, "purpose": purpose, "now": now, "most": most, "fence": fence, "account": account,
            "lease": now + lease,
        }  # fmt: skip
        cursor.execute(_CLAIM, told)
        found = [due_of(row) for row in cursor.fetchall()]
        if not found:
            cursor.execute(_DROP, [fence])
    return Batch(fence, found, now + lease)


def still_ours(batch: Batch, *, using: str) -> list[Due]:
    """Those of the batch that nobody else has taken since, locked, in the order of their parties."""
    with connections[using].cursor() as cursor:
        cursor.execute(_OURS, [numbers(message.id for message in batch.messages), batch.fence])
        return [due_of(row) for row in cursor.fetchall()]


def submit(going: Sequence[Submission], *, now: datetime, lease_until: datetime, using: str) -> None:
    """Say that these are being submitted; to be committed before the call."""
    if going:
        told = {
            "ids": numbers(one.message.id for one in going), "consents": numbers(one.consent for one in going),
            "shas": texts(one.sha for one in going), "now": now, "lease": lease_until,
        }  # fmt: skip
        _run(_SUBMIT, told, using)


def turn_away(told: Iterable[tuple[Due, str, str]], *, now: datetime, using: str) -> None:
    """These do not go: (message, state refused or expired, code). What is in doubt stays in doubt."""
    rows = list(told)
    if rows:
        ids, states, codes = zip(
            *((message.id, state, code[:32]) for message, state, code in rows), strict=True
        )
        values = {"ids": numbers(ids), "states": texts(states), "codes": texts(codes), "now": now}
        _run(_TURN_AWAY, values, using)


def put_back(told: Iterable[tuple[Due, datetime | None, str]], *, using: str) -> None:
    """These go later: (message, not before, why)."""
    rows = list(told)
    if rows:
        ids, times, codes = zip(*((message.id, at, code[:32]) for message, at, code in rows), strict=True)
        _run(_PUT_BACK, {"ids": numbers(ids), "times": instants(times), "codes": texts(codes)}, using)


def answer(
    answers: Mapping[int, Answer], *, fence: int, now: datetime, later: datetime, using: str
) -> set[int]:
    """Write the counterpart's answers, by message id; those whose fence still holds.

    Throttled ones wait till `later`.
    """
    if not answers:
        return set()
    rows = [(key, *_row(one)) for key, one in answers.items()]
    ids, states, vendors, parts, costs, codes = zip(*rows, strict=True)
    told: dict[str, Any] = {
        "ids": numbers(ids), "states": texts(states), "vendors": texts(vendors), "parts": numbers(parts),
        "costs": numbers(costs), "codes": texts(codes),
    }  # fmt: skip
    with connections[using].cursor() as cursor:
        cursor.execute(_ANSWER, {**told, "fence": fence, "now": now, "later": later})
        return {key for (key,) in cursor.fetchall()}


def _row(said: Answer) -> tuple[str, str | None, int | None, int | None, str]:
    if isinstance(said, Accepted):
        return "accepted", said.vendor_id[:64], said.parts, said.cost_fen, ""
    if isinstance(said, Doubtful):
        return "unknown", None, None, None, "no_answer"
    assert isinstance(said, Refused)
    return "planned" if said.temporary else "failed", None, None, None, said.code[:32]


def expire(*, now: datetime, most: int, using: str) -> int:
    """Give up what missed its time; how many."""
    with connections[using].cursor() as cursor:
        cursor.execute(_EXPIRE, {"now": now, "most": most})
        return len(cursor.fetchall())


def count(messages: Volumes, *, using: str) -> list[tuple[tuple[str, str, int, str], int, int]]:
    """Add to what was submitted (below zero: taken back); each volume with planned and submitted, now locked."""
    told = []
    with connections[using].cursor() as cursor:
        for volume, number in sorted(messages.items()):
            cursor.execute(_COUNT, [*volume, number])
            planned, submitted = cursor.fetchone()
            told.append((volume, int(planned), int(submitted)))
    return told


def furthest_pace(window: int, rate: int, now: datetime) -> datetime:
    """How far ahead an account's time can have been taken: lanes take it only when it is free within a second. What
    lies beyond was taken by a clock that stood ahead, and nobody waits for it."""
    return now + timedelta(seconds=1 + LANES_AT_ONCE * window / rate)


def pace(account: int, *, messages: int, window: int, rate: int, now: datetime, using: str) -> datetime:
    """Take the time that so many messages need at the account's rate; when they may have gone by."""
    with connections[using].cursor() as cursor:
        spent = timedelta(seconds=messages / rate)
        told: dict[str, Any] = {
            "account": account, "now": now, "spent": spent, "furthest": furthest_pace(window, rate, now),
        }  # fmt: skip
        cursor.execute(_PACE, told)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def end_claim(batch: Batch, *, submitted: int, answers: Iterable[Answer], now: datetime, using: str) -> None:
    """What came of a claim, for the live page."""
    told = Counter(_name(one) for one in answers)
    with connections[using].cursor() as cursor:
        figures = [submitted, *(told[name] for name in ("accepted", "refused", "throttled", "doubtful"))]
        cursor.execute(_END, [now, len(batch.messages), *figures, batch.fence])


def _name(said: Answer) -> str:
    if isinstance(said, Refused):
        return "throttled" if said.temporary else "refused"
    return "accepted" if isinstance(said, Accepted) else "doubtful"


def due_of(row: Sequence[Any]) -> Due:
    """A message from its columns in the order of DUE."""
    values = list(row)
    if isinstance(values[FIELDS], str):  # the driver hands JSON over read, or as text
        values[FIELDS] = json.loads(values[FIELDS])
    return Due(*values)


def _run(sql: str, told: Mapping[str, Any], using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, told)
