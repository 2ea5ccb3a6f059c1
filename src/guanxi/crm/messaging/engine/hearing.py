"""Receipts (回执) and replies: kept as they came, applied once, also when they come twice, late or early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from guanxi.channels.face import Heard, Receipt, Reply
from guanxi.crm.arrays import instants, numbers, texts
from guanxi.crm.messaging.engine.ports import Gate

_KEEP = """
INSERT INTO messaging_receipt AS kept (account_id, vendor_id, out_id, state, code, at, heard_at, times)
SELECT %(account)s, told.vendor_id, told.out_id, told.state, MIN(told.code), MIN(told.at), %(now)s, COUNT(*)
FROM unnest(%(vendors)s::text[], %(outs)s::text[], %(states)s::text[], %(codes)s::text[], %(times)s::timestamptz[])
     AS told (vendor_id, out_id, state, code, at)
GROUP BY told.vendor_id, told.out_id, told.state
ON CONFLICT ON CONSTRAINT receipt_once DO UPDATE SET times = kept.times + EXCLUDED.times
"""
# A receipt that overtakes the answer finds its message still submitting: it waits until the answer is written.
_JOIN = """
UPDATE messaging_receipt AS receipt SET message_id = message.id
FROM messaging_message AS message
WHERE receipt.message_id IS NULL AND receipt.account_id = %(account)s AND {which}
  AND message.account_id = receipt.account_id AND {same}
  AND message.state IN ('accepted', 'unknown', 'delivered', 'failed')
RETURNING receipt.message_id, receipt.state, receipt.code, receipt.at
"""
_BY_VENDOR = _JOIN.format(
    which="receipt.vendor_id = ANY(%(vendors)s::text[])",
    same="message.vendor_id = receipt.vendor_id AND message.vendor_id <> ''",
)
_BY_OUT = _JOIN.format(
    which="receipt.out_id = ANY(%(outs)s::text[])",
    same="message.uuid = receipt.out_id::uuid AND receipt.out_id <> ''",
)
# "Delivered" settles everything; "failed" settles what is not delivered. A message in doubt is settled by either.
_APPLY = """
UPDATE messaging_message AS message
SET state = told.state, ended_at = told.at, code = told.code, lease_until = NULL, in_doubt = FALSE,
    submitted_at = COALESCE(message.submitted_at, %(now)s), accepted_at = COALESCE(message.accepted_at, %(now)s)
FROM (
    SELECT id, CASE WHEN bool_or(state = 'delivered') THEN 'delivered' ELSE 'failed' END AS state,
           COALESCE(MIN(code) FILTER (WHERE state = 'failed'), '') AS code, MAX(at) AS at
    FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(times)s::timestamptz[])
         AS heard (id, state, code, at)
    GROUP BY id
) AS told
WHERE message.id = told.id
  AND (message.state IN ('accepted', 'unknown') OR (message.state = 'failed' AND told.state = 'delivered'))
"""
_WAITING = """
SELECT DISTINCT vendor_id, out_id FROM messaging_receipt
WHERE message_id IS NULL AND account_id = %s AND heard_at > %s
"""


def keep(heard: Sequence[Heard], *, account: int, channel: str, gate: Gate, now: datetime, using: str) -> int:
    """Keep what came in; how many. Each receipt and each reply stands when this returns, so that the next `heard()`
    of the channel may let go of it."""
    for one in heard:
        if isinstance(one, Reply):
            gate.hear(one, channel=channel, at=now, using=using)
    receipts = [one for one in heard if isinstance(one, Receipt)]
    if receipts:
        with transaction.atomic(using=using):
            keep_receipts(receipts, account=account, now=now, using=using)
    return len(heard)


def keep_receipts(receipts: Sequence[Receipt], *, account: int, now: datetime, using: str) -> None:
    """Keep receipts and apply those whose message is known, in the caller's transaction."""
    vendors = [(one.vendor_id or "")[:64] for one in receipts]
    outs = [_ours(one.out_id) for one in receipts]
    told: dict[str, Any] = {
        "account": account, "now": now, "vendors": texts(vendors), "outs": texts(outs),
        "states": texts(one.state for one in receipts), "codes": texts(one.code[:32] for one in receipts),
        "times": instants(one.at for one in receipts),
    }  # fmt: skip
    with connections[using].cursor() as cursor:
        cursor.execute(_KEEP, told)
    match(
        [one for one in vendors if one],
        account=account,
        now=now,
        using=using,
        outs=[one for one in outs if one],
    )


def _ours(out_id: str | None) -> str:
    """An out-id of ours as it is kept; what cannot be one of ours is none."""
    try:
        return UUID(out_id).hex if out_id else ""
    except ValueError:
        return ""


def match(
    vendors: Sequence[str], *, account: int, now: datetime, using: str, outs: Sequence[str] = ()
) -> int:
    """Bring waiting receipts of these ids to their messages, in the caller's transaction; how many."""
    rows: list[tuple[int, str, str, datetime]] = []
    told: dict[str, Any] = {"account": account, "vendors": texts(vendors), "outs": texts(outs)}
    with connections[using].cursor() as cursor:
        if vendors:
            cursor.execute(_BY_VENDOR, told)
            rows += cursor.fetchall()
        if outs:
            cursor.execute(_BY_OUT, told)
            rows += cursor.fetchall()
        if rows:
            ids, states, codes, times = zip(*rows, strict=True)
            values: dict[str, Any] = {
                "ids": numbers(ids), "states": texts(states), "codes": texts(codes), "times": instants(times),
                "now": now,
            }  # fmt: skip
            cursor.execute(_APPLY, values)
    return len(rows)


def match_waiting(*, account: int, since: datetime, now: datetime, using: str) -> int:
    """Look again at receipts that came before their answer, lest one of two transactions at once missed the other."""
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            cursor.execute(_WAITING, [account, since])
            rows = cursor.fetchall()
        vendors = [vendor for vendor, _out in rows if vendor]
        outs = [out for _vendor, out in rows if out]
        return match(vendors, account=account, now=now, using=using, outs=outs) if rows else 0
