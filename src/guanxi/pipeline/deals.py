"""What the night makes of contacts: intents that the ledger shows as deals (系统核实成交), promises past their day.

意向 → 约定 → 系统核实成交: a click is only an intent. A deal is a holding of the same product family, owned by the
customer, opened on the day of the contact or within the policy's days after it, of at least the policy's share of the
amount spoken of. One holding answers one contact and one contact is answered by one holding: the latest contact before
the opening, the earliest opening after the contact. What was found once stays; the same night again finds nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg

from guanxi.crm.policies.services import in_force
from guanxi.insight.policies.interaction import InteractionPolicy

Connection = psycopg.Connection[Any]

# A night may come late by as many days as the window has; what is older was looked at before.
_MATCH = """
WITH wanted AS (
    SELECT c.id, c.day, c.intent_family, c.intent_fen, COALESCE(p.merged_into_id, p.id) AS party_id
    FROM interactions_contact AS c JOIN customers_party AS p ON p.id = c.party_id
    WHERE c.intent_family <> '' AND c.deal_account IS NULL AND c.day BETWEEN %(from)s AND %(on)s
), fitting AS (
    SELECT DISTINCT w.id, w.day, h.account_no, h.opened_on,
           ABS(COALESCE(h.balance_base_fen, 0) + h.in_transit_base_fen) AS fen
    FROM wanted AS w JOIN customers_holding AS h ON h.party_id = w.party_id
    WHERE h.family = w.intent_family AND h.role IN ('holder', 'joint')
      AND h.opened_on BETWEEN w.day AND LEAST(w.day + %(days)s::int, %(on)s)
      AND ABS(COALESCE(h.balance_base_fen, 0) + h.in_transit_base_fen)
          >= GREATEST(COALESCE(w.intent_fen, 0) * %(share)s::numeric, 1)
      AND NOT EXISTS (SELECT 1 FROM interactions_contact AS taken WHERE taken.deal_account = h.account_no)
), placed AS (
    SELECT fitting.*,
           ROW_NUMBER() OVER (PARTITION BY id ORDER BY opened_on, fen DESC, account_no) AS of_contact,
           ROW_NUMBER() OVER (PARTITION BY account_no ORDER BY day DESC, id DESC) AS of_holding
    FROM fitting
), found AS (
    UPDATE interactions_contact AS c
    SET deal_account = placed.account_no, deal_on = placed.opened_on, deal_fen = placed.fen
    FROM placed WHERE placed.id = c.id AND placed.of_contact = 1 AND placed.of_holding = 1
    RETURNING c.id, c.party_id, c.channel, c.day, c.deal_on, c.deal_fen, c.deal_account
)
INSERT INTO audit_changelog (at, staff_no, staff_name, verb, object_kind, object_key, object_label, details)
SELECT now(), '', '', 'interactions.deal_found', 'interactions.contact', id::text,
       party_id || ' ' || channel || ' ' || day,
       jsonb_build_object('party', party_id, 'opened_on', deal_on, 'fen', deal_fen)
FROM found
"""
_BREAK = """
WITH broken AS (
    UPDATE interactions_promise SET state = 'broken', broken_on = due_on + %(grace)s::int + 1
    WHERE state = 'open' AND due_on + %(grace)s::int <= %(on)s
    RETURNING id, party_id, step, due_on
)
INSERT INTO audit_changelog (at, staff_no, staff_name, verb, object_kind, object_key, object_label, details)
SELECT now(), '', '', 'interactions.promise_broken', 'interactions.promise', id::text,
       party_id || ' ' || step || ' ' || due_on, jsonb_build_object('party', party_id, 'due_on', due_on)
FROM broken
"""


@dataclass(frozen=True)
class Settled:
    """How many intents became deals and how many promises were broken."""

    deals: int = 0
    broken: int = 0


def settle_contacts(connection: Connection, on: date) -> Settled:
    """Look at every open intent and promise as of the end of business date `on`; one transaction, audited as the
    program's own doing. Nothing in a bank without the policy."""
    policy = in_force(on).get(InteractionPolicy.kind)
    if not isinstance(policy, InteractionPolicy):
        return Settled()
    told: dict[str, object] = {
        "on": on,
        "from": on - timedelta(days=2 * policy.match_days),
        "days": policy.match_days,
        "share": policy.match_share,
        "grace": policy.promise_grace_days,
    }
    with connection.transaction():
        deals = 0
        # Two contacts may want the same holding and two holdings fit one contact: each round settles the surest pairs.
        while found := connection.execute(_MATCH, told).rowcount:
            deals += found
        return Settled(deals, connection.execute(_BREAK, told).rowcount)
