"""What people decided in the operational store that a run must know: read once when the run begins, kept with it.

Each register is one `ops.*` table (insight/tables/ops.py) and one SELECT here; a run is a function of these rows too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa
from django.conf import settings

from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

REGISTERS: dict[str, str] = {
    "ops.party_link": "SELECT source_no, own_key, party_key, party_uuid::text, decided_by FROM customers_partylink "
    "WHERE valid_from < %(on)s AND (valid_to IS NULL OR valid_to >= %(on)s)",
    "ops.party_decision": "SELECT DISTINCT ON (left_no, right_no) left_no, right_no, verdict, staff_no "
    "FROM customers_identitydecision WHERE about = 'person' AND verdict IN ('merge', 'apart') "
    "ORDER BY left_no, right_no, id DESC",
    "ops.household": "SELECT left_no, right_no, staff_no FROM (SELECT DISTINCT ON (left_no, right_no) left_no, "
    "right_no, verdict, staff_no FROM customers_identitydecision WHERE about = 'household' AND verdict <> 'later' "
    "ORDER BY left_no, right_no, id DESC) AS word WHERE verdict = 'merge'",
    "ops.model": "SELECT purpose, purpose || ' ' || version AS model_id, body, sha256 FROM foresight_modelversion "
    "WHERE state = 'on'",
    "ops.tier_override": "SELECT word.party_id AS party_key, word.scheme, word.tier_rank, word.valid_from, "
    "word.valid_to, one.staff_no, two.staff_no FROM keeping_tieroverride AS word JOIN organisation_staff AS one "
    "ON one.id = word.proposed_by_id JOIN organisation_staff AS two ON two.id = word.decided_by_id "
    "WHERE word.state IN ('approved', 'ended') AND word.valid_to >= word.valid_from",
    "ops.restriction": "SELECT party_id AS party_key FROM compliance_restricted",
    "ops.erased": "SELECT DISTINCT p.customer_no FROM compliance_erasure AS gone JOIN compliance_restricted AS z "
    "ON z.restriction_id = gone.restriction_id JOIN customers_party AS p ON p.id = z.party_id "
    "WHERE gone.state = 'done'",
    # Read by whole nights, so no more than what a year's figures need. Deals and broken promises are the night's own.
    "ops.contact": "SELECT c.id AS contact_id, p.customer_no, c.day, c.channel, c.outcome, COALESCE(s.staff_no, ''), "
    "c.intent_family, (c.intent_fen / 100.00)::numeric(18,2) FROM interactions_contact AS c "
    "JOIN customers_party AS p ON p.id = c.party_id LEFT JOIN organisation_staff AS s ON s.id = c.staff_id "
    "WHERE c.day BETWEEN %(on)s::date - 400 AND %(on)s::date",
    "ops.promise": "SELECT w.id AS promise_id, p.customer_no, COALESCE(s.staff_no, ''), w.step, w.made_on, w.due_on, "
    "CASE WHEN w.state = 'kept' AND w.closed_on <= %(on)s::date THEN w.closed_on END, "
    "CASE WHEN w.state = 'withdrawn' AND w.closed_on <= %(on)s::date THEN w.closed_on END "
    "FROM interactions_promise AS w JOIN customers_party AS p ON p.id = w.party_id "
    "LEFT JOIN organisation_staff AS s ON s.id = w.staff_id "
    "WHERE w.made_on BETWEEN %(on)s::date - 400 AND %(on)s::date",
    "ops.campaign": "SELECT c.uuid::text AS campaign, c.name, c.kind, c.family, c.measure, c.cluster, c.horizon_days, "
    "c.planned_n, c.launched_on, CASE WHEN c.ended_on <= %(on)s::date THEN c.ended_on END, "
    "GREATEST(1, (SELECT MAX(jsonb_array_length(s.templates)) FROM campaigns_step AS s "
    "WHERE s.campaign_id = c.id))::int, (c.cost_fen / 100.00)::numeric(18,2), "
    "(c.plan->>'hoped')::double precision FROM campaigns_campaign AS c "
    "WHERE c.launched_on <= %(on)s::date",
    "ops.assignment": "SELECT c.uuid::text AS campaign, a.party_id AS party_key, a.cluster, a.arm, a.wave, "
    "a.assigned_on, CASE WHEN a.exposed_on <= %(on)s::date THEN a.exposed_on END, "
    "CASE WHEN a.contaminated_on <= %(on)s::date THEN a.contaminated_on END, "
    # Whoever somebody kept on that day, and all of his group, had the managed customers' chance.
    "CASE WHEN COALESCE(jsonb_array_length(c.plan->'pilot_units'), 0) > 0 THEN NULL WHEN bool_or(EXISTS ("
    "SELECT FROM customers_keeperterm AS t WHERE t.party_id = a.party_id AND t.is_primary "
    "AND t.valid_from <= a.assigned_on AND (t.valid_to IS NULL OR t.valid_to > a.assigned_on)) "
    "OR p.keeper_id IS NOT NULL AND NOT EXISTS (SELECT FROM customers_keeperterm AS t "
    "WHERE t.party_id = a.party_id AND t.valid_from <= a.assigned_on)) "
    "OVER (PARTITION BY a.campaign_id, a.wave, a.cluster) THEN (c.plan->>'managed_holdout_share')::numeric(12,8) "
    "ELSE (c.plan->>'holdout_share')::numeric(12,8) END "
    "FROM campaigns_assignment AS a JOIN campaigns_campaign AS c ON c.id = a.campaign_id "
    "JOIN customers_party AS p ON p.id = a.party_id "
    "WHERE c.launched_on <= %(on)s::date AND a.assigned_on <= %(on)s::date",
    # What a night itself writes is no input: its judgement of a case, keepers it dates with its own day.
    "ops.case": "SELECT c.id AS case_id, p.customer_no, c.source, c.opened_on, c.due_on, "
    "(c.opening_fen / 100.00)::numeric(18,2), (c.amount_fen / 100.00)::numeric(18,2), c.tier_rank::int, "
    "(SELECT COUNT(*) FROM retention_caseoffer AS o WHERE o.case_id = c.id AND o.state = 'approved')::int, "
    "CASE WHEN c.ended THEN c.closed_on END, CASE WHEN c.ended THEN c.state END, CASE WHEN c.ended THEN c.reason END, "
    "CASE WHEN c.ended THEN c.place END "
    "FROM (SELECT k.*, k.closed_on <= %(on)s::date AS ended FROM retention_case AS k "
    "WHERE k.opened_on BETWEEN %(on)s::date - 400 AND %(on)s::date) AS c "
    "JOIN customers_party AS p ON p.id = c.party_id",
    "ops.keeper_term": "SELECT p.customer_no, s.staff_no, t.is_primary, t.valid_from, "
    "CASE WHEN t.valid_to < %(on)s::date THEN t.valid_to END FROM customers_keeperterm AS t "
    "JOIN customers_party AS p ON p.id = t.party_id JOIN organisation_staff AS s ON s.id = t.staff_id "
    "WHERE t.valid_from < %(on)s::date AND (t.valid_to IS NULL OR t.valid_to > %(on)s::date - 400)",
    "ops.entitlement_use": "SELECT u.id AS use_id, p.customer_no, b.code, (u.at AT TIME ZONE %(zone)s)::date, "
    "s.staff_no "
    "FROM counter_entitlementuse AS u JOIN counter_entitlementbook AS b ON b.id = u.book_id "
    "JOIN customers_party AS p ON p.id = b.party_id JOIN organisation_staff AS s ON s.id = u.staff_id "
    "WHERE u.taken_back_at IS NULL AND (u.at AT TIME ZONE %(zone)s)::date BETWEEN %(on)s::date - 400 AND %(on)s::date",
    "ops.survey_answer": "SELECT a.id AS answer_id, p.customer_no, a.day, a.csat::int, a.nps::int "
    "FROM surveys_answer AS a JOIN customers_party AS p ON p.id = a.party_id "
    "WHERE (a.csat IS NOT NULL OR a.nps IS NOT NULL) AND a.day BETWEEN %(on)s::date - 400 AND %(on)s::date",
    "ops.behaviour_month": "SELECT p.customer_no, date_trunc('month', d.day)::date AS month, d.kind AS event_kind, "
    "SUM(d.times)::int, MAX(d.day) FROM behaviour_daily AS d JOIN customers_party AS p ON p.id = d.party_id "
    "WHERE d.day BETWEEN %(on)s::date - 400 AND %(on)s::date GROUP BY p.customer_no, 2, d.kind",
}


def read_registers(
    connection: psycopg.Connection[Any], on: date, names: Iterable[str] = tuple(REGISTERS)
) -> dict[str, pa.Table]:
    """Every register, or those of these names, for the night of business date `on`, in grain order, by table name.

    The SELECT names the table's columns in order and may ask for `%(on)s` and `%(zone)s`, the bank's time zone. What a
    night itself wrote on its date is no input of it: the same night run again reads the same rows.
    """
    return {name: _read(connection, name, REGISTERS[name], on) for name in names}


def _read(connection: psycopg.Connection[Any], name: str, select: str, on: date) -> pa.Table:
    table = TABLES[name]
    rows = connection.execute(
        f"SELECT * FROM ({select}) AS register ORDER BY {', '.join(table.grain)}",
        {"on": on, "zone": settings.TIME_ZONE},
    ).fetchall()
    columns = [[row[place] for row in rows] for place in range(len(table.columns))]
    schema = arrow_schema(table)
    return pa.table(
        [pa.array(values, kind.type) for values, kind in zip(columns, schema, strict=True)], schema=schema
    )
