"""The night's tasks (今日必办): opened from what the run has published, kept up to date, given up when over.

Set-based, as the pipeline's login, after publishing. The matter of a task is its origin, party and subject: while a
task of the matter stands it is brought up to date, one that was done is not opened again, so the same night again
changes nothing. A task goes to the customer's keeper, a promise to the colleague of the outlet who gave it; leave
cover is looked at when the list is read. Tellers have the tasks of the customers they keep (5-20万), as managers do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from django.db import transaction

from guanxi.crm.customers.completeness import HELD
from guanxi.crm.organisation.rules import ROLE_RULES, Sight
from guanxi.crm.policies.selectors import in_force
from guanxi.insight.greetings import birthdays_on, days, festivals_between
from guanxi.insight.policies.archive import ArchivePolicy
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.policies.tier import TierPolicy
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.insight.policies.worklist import WorklistPolicy
from guanxi.pipeline import important_dates, playbooks

Connection = psycopg.Connection[tuple[Any, ...]]
Told = dict[str, object]

_KEPT = """
CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
SELECT party.id AS party_id, party.unit_id, party.keeper_id, party.kind, party.birth_date, party.risk_grade,
       party.risk_expires_on, party.occupation, COALESCE(score.aum_fen, 0) AS aum_fen, score.tier_scheme,
       score.tier_rank, score.stage, party.since
FROM customers_party AS party
JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.merged_into_id IS NULL
"""
_DUE = """
CREATE TEMPORARY TABLE due_task (
    origin text NOT NULL, party_id bigint NOT NULL, subject text NOT NULL, assignee_id bigint, due_on date NOT NULL,
    value_fen bigint NOT NULL, urgency smallint NOT NULL, reason jsonb NOT NULL, offer_family text NOT NULL,
    again_days int, minutes smallint, PRIMARY KEY (origin, party_id, subject)
) ON COMMIT DROP
"""
_COLUMNS = (
    "origin, party_id, subject, assignee_id, due_on, value_fen, urgency, reason, offer_family, again_days"
)

# The urgency of a warning is 1-5, of a task 0-3: 5 is today in both.
_WARNINGS = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'warning', kept.party_id, 'warning:' || warning.listed_on, kept.keeper_id,
       warning.listed_on + %(act_days)s, warning.at_stake_fen, GREATEST(warning.urgency - 2, 0),
       jsonb_build_object('code', 'warning', 'signal', said.signal, 'amount_fen', said.amount_fen,
           'usual_fen', said.usual_fen, 'share', said.share, 'times', said.times, 'usual_times', said.usual_times,
           'day', said.day, 'place', said.place, 'destination', said.destination), '', NULL
FROM kept
JOIN foresight_warning AS warning ON warning.party_id = kept.party_id AND warning.state = 'listed'
JOIN foresight_signal AS said ON said.party_id = warning.party_id AND said.signal = warning.signal
WHERE warning.signal <> 'complaint'
"""
_MATURITIES = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'maturity', kept.party_id, 'maturity:' || held.matures_on || ':' || held.account_no, kept.keeper_id,
       held.matures_on, held.balance_base_fen, 0,
       jsonb_build_object('code', 'maturity', 'product', held.product_name, 'amount_fen', held.balance_base_fen,
           'day_on', held.matures_on), held.family, NULL
FROM kept
JOIN customers_holding AS held ON held.party_id = kept.party_id AND held.role = 'holder' AND held.is_primary
WHERE held.state = 'open' AND held.rolls_over IS NOT TRUE AND held.family = ANY(%(maturity_families)s)
  AND held.balance_base_fen >= %(maturity_fen)s
  AND held.matures_on BETWEEN %(today)s - %(lapse_maturity)s AND %(today)s + %(maturity_days)s
"""
# Money is said in the base currency, so a debit in another one is shown on the customer page alone.
_REMINDERS = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'reminder', kept.party_id, 'card:' || held.card_expires_on || ':' || held.account_no, kept.keeper_id,
       held.card_expires_on, kept.aum_fen, 0,
       jsonb_build_object('code', 'reminder_card', 'product', held.product_name, 'day_on', held.card_expires_on,
           'tail', RIGHT(COALESCE(held.card_masked, held.account_no), 4)), '', NULL::int
FROM kept
JOIN customers_holding AS held ON held.party_id = kept.party_id AND held.role = 'holder' AND held.is_primary
WHERE held.card_ends AND held.state <> 'closed'
UNION ALL
SELECT 'reminder', kept.party_id, 'debit:' || held.due_on || ':' || held.account_no, kept.keeper_id, held.due_on,
       kept.aum_fen, 0, jsonb_build_object('code', 'reminder_short', 'product', held.product_name,
           'amount_fen', held.due_fen, 'short_fen', held.short_fen, 'day_on', held.due_on), '', NULL
FROM kept
JOIN customers_holding AS held ON held.party_id = kept.party_id AND held.role = 'holder' AND held.is_primary
WHERE held.short_fen > 0 AND held.state <> 'closed' AND held.balance_fen IS NOT DISTINCT FROM held.balance_base_fen
"""
_BIRTHDAYS = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'birthday', kept.party_id, 'birthday:' || coming.day, kept.keeper_id, coming.day, kept.aum_fen, 0,
       jsonb_build_object('code', 'birthday', 'day_on', coming.day,
           'age', EXTRACT(YEAR FROM coming.day)::int - EXTRACT(YEAR FROM kept.birth_date)::int), '', NULL
FROM unnest(%(birth_days)s::date[], %(birth_months)s::int[], %(birth_doms)s::int[]) AS coming (day, month, dom)
JOIN kept ON EXTRACT(MONTH FROM kept.birth_date) = coming.month AND EXTRACT(DAY FROM kept.birth_date) = coming.dom
JOIN unnest(%(birthday_schemes)s::text[], %(birthday_ranks)s::int[]) AS cared (scheme, tier_rank)
  ON cared.scheme = kept.tier_scheme AND cared.tier_rank = kept.tier_rank
WHERE kept.kind IN ('person', 'sole_trader') AND {important_dates.NOT_NOTED}
"""
_FESTIVALS = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'festival', kept.party_id, 'festival:' || coming.code || ':' || coming.day, kept.keeper_id, coming.day,
       kept.aum_fen, 0, jsonb_build_object('code', 'festival', 'name_zh', coming.zh, 'name_en', coming.en,
           'day_on', coming.day), '', NULL
FROM unnest(%(feast_codes)s::text[], %(feast_days)s::date[], %(feast_zh)s::text[], %(feast_en)s::text[])
     AS coming (code, day, zh, en)
CROSS JOIN kept
JOIN unnest(%(festival_schemes)s::text[], %(festival_ranks)s::int[]) AS cared (scheme, tier_rank)
  ON cared.scheme = kept.tier_scheme AND cared.tier_rank = kept.tier_rank
WHERE kept.kind IN ('person', 'sole_trader')
"""
# Who gave the promise keeps it where he or she works at the customer's outlet and sees its customers; else the keeper.
_PROMISES = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'promise', party.id, 'promise:' || promise.id,
       COALESCE(CASE WHEN EXISTS (
           SELECT 1 FROM organisation_post AS post
           WHERE post.staff_id = promise.staff_id AND post.unit_id = party.unit_id AND post.role = ANY(%(unit_roles)s)
             AND post.valid_from <= %(today)s AND (post.valid_to IS NULL OR post.valid_to > %(today)s)
       ) THEN promise.staff_id END, party.keeper_id),
       promise.due_on, COALESCE(score.aum_fen, 0), 0,
       jsonb_build_object('code', CASE WHEN promise.due_on < %(today)s THEN 'promise_broken' ELSE 'promise' END,
           'text', promise.text, 'day_on', promise.due_on, 'promise', promise.id), '', NULL
FROM interactions_promise AS promise
JOIN customers_party AS party ON party.id = promise.party_id AND party.state = 'active'
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE promise.state IN ('open', 'broken') AND promise.due_on <= %(today)s + %(lead_promise)s
"""
# A contact that did not reach the customer counts for nothing; a meeting is a contact too. Without any, the cadence
# counts from the day the keeper took over.
_VISITS = f"""
INSERT INTO due_task ({_COLUMNS})
WITH cadence AS (
    SELECT * FROM unnest(%(visit_schemes)s::text[], %(visit_ranks)s::int[], %(visit_channels)s::text[],
        %(visit_days)s::int[]) AS told (scheme, tier_rank, channel, every)
), reached AS (
    SELECT party_id, MAX(day) AS any_day, MAX(day) FILTER (WHERE channel IN ('visit', 'branch')) AS met_day
    FROM interactions_contact WHERE outcome = ANY(%(reached)s) GROUP BY party_id
), asked AS (
    SELECT kept.*, cadence.channel, cadence.every,
           CASE cadence.channel WHEN 'visit' THEN reached.met_day ELSE reached.any_day END AS last_day,
           term.valid_from AS kept_from
    FROM kept
    JOIN cadence ON cadence.scheme = kept.tier_scheme AND cadence.tier_rank = kept.tier_rank
    JOIN customers_keeperterm AS term
      ON term.party_id = kept.party_id AND term.valid_to IS NULL AND term.is_primary
    LEFT JOIN reached ON reached.party_id = kept.party_id
)
SELECT 'visit', party_id, channel || ':' || COALESCE(last_day, kept_from), keeper_id,
       COALESCE(last_day, kept_from) + every, aum_fen, 0,
       jsonb_build_object('code', CASE channel WHEN 'visit' THEN 'visit' ELSE 'contact' END
           || CASE WHEN last_day IS NULL THEN '_first' ELSE '_due' END, 'days', every, 'day_on', last_day), '', every
FROM asked
WHERE COALESCE(last_day, kept_from) + every <= %(today)s + %(lead_visit)s
"""
# The sponsor of a customer (高层联络人) is most often another person than its keeper.
_SPONSORS = f"""
INSERT INTO due_task ({_COLUMNS})
WITH reached AS (
    SELECT party_id, staff_id, MAX(day) AS last_day FROM interactions_contact
    WHERE outcome = ANY(%(reached)s) AND staff_id IN (SELECT staff_id FROM visits_sponsor WHERE ended_on IS NULL)
    GROUP BY party_id, staff_id
), asked AS (
    SELECT sponsor.*, reached.last_day, COALESCE(reached.last_day, sponsor.since_on) + sponsor.every_days AS due_on,
           COALESCE(score.aum_fen, 0) AS aum_fen
    FROM visits_sponsor AS sponsor
    JOIN customers_party AS party ON party.id = sponsor.party_id AND party.state = 'active'
         AND party.merged_into_id IS NULL
    JOIN organisation_staff AS staff ON staff.id = sponsor.staff_id AND staff.is_active
    LEFT JOIN scores_partyscore AS score ON score.party_id = sponsor.party_id
    LEFT JOIN reached ON reached.party_id = sponsor.party_id AND reached.staff_id = sponsor.staff_id
    WHERE sponsor.ended_on IS NULL
)
SELECT 'visit', party_id, 'sponsor:' || id || ':' || COALESCE(last_day, since_on), staff_id, due_on, aum_fen, 0,
       jsonb_build_object('code', CASE WHEN last_day IS NULL THEN 'sponsor_first' ELSE 'sponsor_due' END,
           'days', every_days, 'day_on', last_day), '', every_days
FROM asked WHERE due_on <= %(today)s + %(lead_visit)s
"""
_COMPLAINTS = f"""
INSERT INTO due_task ({_COLUMNS})
SELECT 'complaint', kept.party_id, 'complaint:' || said.day, kept.keeper_id,
       COALESCE(said.first_on, said.day) + %(act_days)s, kept.aum_fen, 0,
       jsonb_build_object('code', CASE WHEN said.usual_times > 0 THEN 'complaint' ELSE 'complaint_settled' END,
           'day_on', said.day, 'place', said.place, 'open', said.usual_times), '', NULL
FROM kept JOIN foresight_signal AS said ON said.party_id = kept.party_id AND said.signal = 'complaint'
WHERE said.day IS NOT NULL AND (said.usual_times > 0 OR said.day >= %(today)s - %(complaint_days)s)
"""
_PROFILES = f"""
INSERT INTO due_task ({_COLUMNS})
WITH gap AS (
    SELECT kept.*, array_remove(ARRAY[
        CASE WHEN is_private AND NOT ({HELD["phone"]}) THEN 'phone' END,
        CASE WHEN is_private AND party.risk_grade IS NOT NULL AND NOT ({HELD["risk"]}) THEN 'risk' END,
        CASE WHEN is_private AND NOT ({HELD["occupation"]}) THEN 'occupation' END,
        CASE WHEN NOT ({HELD["document_ends"]}) THEN 'document_ends' END
    ], NULL) AS missing
    FROM (SELECT *, kind IN ('person', 'sole_trader') AS is_private FROM kept) AS kept
    JOIN customers_party AS party ON party.id = kept.party_id
), wanted AS (
    SELECT gap.*, ARRAY(SELECT fact FROM unnest(%(facts)s::text[]) AS fact WHERE fact = ANY(gap.missing)) AS facts
    FROM gap
)
SELECT 'profile', party_id, 'profile', keeper_id, %(today)s + %(profile_days)s, aum_fen, 0,
       jsonb_build_object('code', 'profile', 'facts', facts), '', %(profile_days)s
FROM wanted WHERE cardinality(facts) > 0
"""
CANDIDATES = {
    "warning": _WARNINGS,
    "maturity": _MATURITIES,
    "reminder": _REMINDERS,
    "birthday": _BIRTHDAYS,
    "anniversary": important_dates.NOTED,
    "festival": _FESTIVALS,
    "promise": _PROMISES,
    "visit": _VISITS,
    "sponsor": _SPONSORS,
    "complaint": _COMPLAINTS,
    "profile": _PROFILES,
}
# Their matter may end by itself; birthdays and festivals only pass.
ENDING = ("warning", "maturity", "reminder", "promise", "visit", "playbook", "complaint", "profile")

_OPEN = """
INSERT INTO worklist_task (party_id, unit_id, keeper_id, assignee_id, origin, subject, due_on, opened_on, value_fen,
                           urgency, reason, offer_family, minutes)
SELECT due.party_id, party.unit_id, party.keeper_id, due.assignee_id, due.origin, due.subject, due.due_on, %(today)s,
       due.value_fen, due.urgency, due.reason, due.offer_family, due.minutes
FROM due_task AS due
JOIN customers_party AS party ON party.id = due.party_id
JOIN unnest(%(origins)s::text[], %(lapse_days)s::int[]) AS rule (origin, lapse_days) ON rule.origin = due.origin
WHERE due.assignee_id IS NOT NULL AND due.due_on + rule.lapse_days >= %(today)s AND NOT EXISTS (
    SELECT 1 FROM worklist_task AS known
    WHERE known.party_id = due.party_id AND known.origin = due.origin AND known.subject = due.subject
      AND (known.state IN ('open', 'snoozed')
           OR (known.state IN ('done', 'handed_on') AND (due.again_days IS NULL
               OR known.closed_on > %(today)s - due.again_days)))
)
ON CONFLICT DO NOTHING
"""
_REFRESH = """
UPDATE worklist_task AS task
SET value_fen = due.value_fen, urgency = due.urgency, reason = due.reason, offer_family = due.offer_family,
    due_on = CASE due.origin WHEN 'profile' THEN task.due_on ELSE due.due_on END
FROM due_task AS due
WHERE task.party_id = due.party_id AND task.origin = due.origin AND task.subject = due.subject
  AND task.state IN ('open', 'snoozed') AND task.opened_by_id IS NULL
  AND ROW(task.value_fen, task.urgency, task.reason, task.offer_family,
          CASE due.origin WHEN 'profile' THEN due.due_on ELSE task.due_on END)
      IS DISTINCT FROM ROW(due.value_fen, due.urgency, due.reason, due.offer_family, due.due_on)
"""
_LAPSE = """
UPDATE worklist_task AS task
SET state = 'lapsed', outcome = judged.why, closed_at = %(now)s, closed_on = %(today)s
FROM (
    SELECT task.id, CASE
        WHEN task.due_on + rule.lapse_days < %(today)s THEN 'too_late'
        WHEN task.opened_by_id IS NULL AND task.party_id IS NOT NULL AND party.keeper_id IS NULL
             AND task.origin <> 'promise' THEN 'nobody_keeps'
        WHEN task.opened_by_id IS NULL AND task.origin = ANY(%(ending)s) AND due.party_id IS NULL THEN 'no_longer'
        END AS why
    FROM worklist_task AS task
    JOIN unnest(%(origins)s::text[], %(lapse_days)s::int[]) AS rule (origin, lapse_days) ON rule.origin = task.origin
    LEFT JOIN customers_party AS party ON party.id = task.party_id
    LEFT JOIN due_task AS due
      ON due.party_id = task.party_id AND due.origin = task.origin AND due.subject = task.subject
    WHERE task.state IN ('open', 'snoozed')
) AS judged
WHERE judged.id = task.id AND judged.why IS NOT NULL
"""
_WAKE = """
UPDATE worklist_task SET state = 'open', snoozed_until = NULL
WHERE state = 'snoozed' AND snoozed_until <= %(today)s
"""

# One line of the trail for the whole night: each row says itself that no person did it.
_RECORD = """
INSERT INTO audit_changelog (at, staff_no, staff_name, request_id, verb, object_kind, object_key, object_label, details)
VALUES (%(now)s, '', '', '', 'worklist.night', 'scores.run', %(run)s, %(run)s, %(details)s)
"""


@dataclass(frozen=True)
class Opened:
    """What the night did to the lists: tasks opened, brought up to date, given up, come back; and how long it took."""

    opened: int = 0
    refreshed: int = 0
    lapsed: int = 0
    woken: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Tasks written."""
        return self.opened + self.refreshed + self.lapsed + self.woken


def open_tasks(connection: Connection, business_date: date, *, run: str, now: datetime) -> Opened:
    """Bring the tasks to the morning after `business_date`; nothing where the bank has no policy of the worklist."""
    began = time.perf_counter()
    today = business_date + timedelta(days=1)
    policies = in_force(business_date)
    if WorklistPolicy.kind not in policies:
        return Opened()
    members = playbooks.members_of(policies, run)
    told = told_by(policies, today) | {"now": now, "run": run, "members": members}
    with transaction.atomic(using="pipeline"), connection.cursor() as cursor:
        written = run_statements(cursor, told)
        if any(written.values()):
            details = json.dumps({"today": today.isoformat(), **written})
            cursor.execute(_RECORD, {"now": now, "run": run, "details": details})
    return Opened(**written, seconds=time.perf_counter() - began)


def run_statements(cursor: playbooks.Cursor, told: Told) -> dict[str, int]:
    """The statements of one night, within the caller's transaction: rows written by what was done to them."""
    for statement in (_KEPT, "ALTER TABLE kept ADD PRIMARY KEY (party_id)", "ANALYZE kept", _DUE):
        cursor.execute(statement)
    for statement in CANDIDATES.values():
        cursor.execute(statement, told)
    playbooks.steps_due(cursor, told)
    cursor.execute("ANALYZE due_task")
    written = {}
    for name, statement in {"lapsed": _LAPSE, "refreshed": _REFRESH, "woken": _WAKE, "opened": _OPEN}.items():
        cursor.execute(statement, told)
        written[name] = cursor.rowcount
    return written


def told_by(policies: Mapping[str, Policy], today: date) -> Told:
    """The policies' numbers as the statements ask for them; `now` is added by who runs them."""
    policy = policies[WorklistPolicy.kind]
    assert isinstance(policy, WorklistPolicy)
    archive = policies.get(ArchivePolicy.kind)
    lead = {rule.origin: rule.lead_days for rule in policy.origins}
    lapse = {rule.origin: rule.lapse_days for rule in policy.origins}
    return {
        "today": today,
        "act_days": policy.act_days,
        "maturity_families": list(policy.maturity_families),
        "maturity_fen": int(policy.maturity_amount * 100),
        "maturity_days": policy.maturity_days,
        "lapse_maturity": lapse["maturity"],
        "lead_promise": lead["promise"],
        "lead_visit": lead["visit"],
        "lead_playbook": lead["playbook"],
        "lapse_playbook": lapse["playbook"],
        "complaint_days": policy.complaint_follow_days,
        "profile_days": policy.profile_days,
        "facts": list(policy.profile_facts),
        "hint_days": archive.hint_days if isinstance(archive, ArchivePolicy) else 0,
        "unit_roles": [role for role, rule in ROLE_RULES.items() if rule.sight is Sight.UNITS],
        "ending": list(ENDING),
        "origins": list(lapse),
        "lapse_days": list(lapse.values()),
        **_greetings(policy, today, lead),
        **important_dates.told_by(today, lead),
        **_cared("birthday", policy.birthday_tiers, policies),
        **_cared("festival", policy.festival_tiers, policies),
        **_cadence(policies),
        **playbooks.told_by(policies),
    }


def _greetings(policy: WorklistPolicy, today: date, lead: dict[str, int]) -> Told:
    births = [
        (day, month, dom)
        for day in days(today, today + timedelta(days=lead["birthday"]))
        for month, dom in birthdays_on(day)
    ]
    feasts = festivals_between(today, today + timedelta(days=lead["festival"]), policy.greeting_festivals)
    return {
        "birth_days": [day for day, _, _ in births],
        "birth_months": [month for _, month, _ in births],
        "birth_doms": [dom for _, _, dom in births],
        "feast_codes": [festival.code for festival, _ in feasts],
        "feast_days": [day for _, day in feasts],
        "feast_zh": [festival.label_zh for festival, _ in feasts],
        "feast_en": [festival.label_en for festival, _ in feasts],
    }


def _ranks(policies: Mapping[str, Policy]) -> Iterator[tuple[str, str, int]]:
    """Scheme, code and rank of every tier of the policy in force."""
    policy = policies.get(TierPolicy.kind)
    if isinstance(policy, TierPolicy):
        for scheme in policy.schemes:
            for band in scheme.bands:
                yield scheme.code, band.code, band.rank


def _cared(name: str, codes: Iterable[str], policies: Mapping[str, Policy]) -> Told:
    wanted = set(codes)
    found = [(scheme, rank) for scheme, code, rank in _ranks(policies) if code in wanted]
    return {f"{name}_schemes": [scheme for scheme, _ in found], f"{name}_ranks": [rank for _, rank in found]}


def _cadence(policies: Mapping[str, Policy]) -> Told:
    """How often whom in which way, and which outcomes reached the customer."""
    visits, contacts = policies.get(VisitPolicy.kind), policies.get(InteractionPolicy.kind)
    ranks = {(scheme, code): rank for scheme, code, rank in _ranks(policies)}
    rows = [
        (each.scheme, ranks[each.scheme, each.tier], each.channel, each.days)
        for each in (visits.cadences if isinstance(visits, VisitPolicy) else ())
        if (each.scheme, each.tier) in ranks
    ]
    outcomes = contacts.outcomes if isinstance(contacts, InteractionPolicy) else ()
    return {
        "visit_schemes": [scheme for scheme, _, _, _ in rows],
        "visit_ranks": [rank for _, rank, _, _ in rows],
        "visit_channels": [channel for _, _, channel, _ in rows],
        "visit_days": [every for _, _, _, every in rows],
        "reached": [one.outcome for one in outcomes if one.reached],
    }
