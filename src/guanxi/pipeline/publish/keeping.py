"""What the night does for the keeping room: the pool, exits proposed by rule, exits that persons decided, leavers.

Set-based, as the pipeline's login, in the transaction that makes the run current; the same night again changes nothing.
Nobody leaves his keeper here unless a person decided so: the rule only proposes, and what is carried out is a decision
whose notice has run (the database refuses any other, see keeping.models.ExitProposal).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from guanxi.crm.keeping.rules import quarter_start
from guanxi.crm.policies.selectors import in_force
from guanxi.insight.policies.keeping import KeepingPolicy
from guanxi.insight.policies.scope import ScopePolicy
from guanxi.insight.workdays import UnknownYear, add_workdays
from guanxi.pipeline.copying import copy_rows
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]

COLUMNS = (
    "party_id", "measure_fen", "in_scope", "months_below", "due", "reached", "brought_by", "main_outlet",
    "payroll_outlet",
)  # fmt: skip
# Who is in the managed scope tonight, who may leave it by rule, and what a proposal of a keeper goes by: who brought
# most of the deposits (揽存人), where most of the money is, and the outlet of the company that pays the salary.
SCOPE = """
WITH held AS (
    SELECT holding.party_key, account.acquired_by, account.unit_no,
           SUM(CAST(month.balance_base AS DECIMAL(38,2)) * holding.share) AS amount
    FROM core.holding AS holding
    JOIN core.account AS account ON account.account_no = holding.account_no
    JOIN feature.account_month AS month ON month.account_no = holding.account_no
    JOIN score.scope AS scope ON scope.party_key = holding.party_key
    WHERE account.in_aum AND month.balance_base > 0
    GROUP BY holding.party_key, account.acquired_by, account.unit_no
), brought AS (
    SELECT party_key, acquired_by,
           ROW_NUMBER() OVER (PARTITION BY party_key ORDER BY SUM(amount) DESC, acquired_by) AS place
    FROM held WHERE acquired_by IS NOT NULL GROUP BY party_key, acquired_by
), main AS (
    SELECT party_key, unit_no,
           ROW_NUMBER() OVER (PARTITION BY party_key ORDER BY SUM(amount) DESC, unit_no) AS place
    FROM held WHERE unit_no IS NOT NULL GROUP BY party_key, unit_no
), payroll AS (
    SELECT relation.party_key, MIN(company.unit_no) AS unit_no
    FROM core.relation AS relation JOIN core.party AS company ON company.party_key = relation.other_key
    WHERE relation.kind = 'employee' AND relation.valid_to IS NULL GROUP BY relation.party_key
)
SELECT scope.party_key, fen(scope.measure), scope.in_scope, scope.months_below, scope.noticed_on IS NOT NULL,
       scope.measure >= line.enter_from, staff.id, unit.id, office.id
FROM score.scope AS scope
CROSS JOIN publish.scope_line AS line
LEFT JOIN brought ON brought.party_key = scope.party_key AND brought.place = 1
LEFT JOIN publish.staff AS staff ON staff.no = brought.acquired_by
LEFT JOIN main ON main.party_key = scope.party_key AND main.place = 1
LEFT JOIN publish.unit AS unit ON unit.no = main.unit_no
LEFT JOIN payroll ON payroll.party_key = scope.party_key
LEFT JOIN publish.unit AS office ON office.no = payroll.unit_no
"""
_STAGE = """
CREATE TEMPORARY TABLE stage_scope (
    party_id bigint PRIMARY KEY, measure_fen bigint, in_scope boolean, months_below int, due boolean, reached boolean,
    brought_by bigint, main_outlet bigint, payroll_outlet bigint
) ON COMMIT DROP
"""


def _told(verb: str, kind: str, changed: str, details: str) -> str:
    """A statement that changes rows, with a row of the trail for each, in one."""
    return f"""
    WITH changed AS ({changed})
    INSERT INTO audit_changelog (at, staff_no, staff_name, request_id, verb, object_kind, object_key, object_label,
                                 details)
    SELECT now(), '', '', '', '{verb}', 'keeping.{kind}', id::text, '{kind} ' || id, {details} FROM changed
    """


STATEMENTS: tuple[str, ...] = (
    # The pool: who has a keeper now, or is in scope no more, has left it.
    """
    UPDATE keeping_poolentry AS entry
    SET closed_on = %(day)s, closed_how = CASE WHEN party.keeper_id IS NULL THEN 'out_of_scope' ELSE 'assigned' END
    FROM customers_party AS party LEFT JOIN stage_scope AS scope ON scope.party_id = party.id AND scope.in_scope
    WHERE party.id = entry.party_id AND entry.closed_on IS NULL
      AND (party.keeper_id IS NOT NULL OR scope.party_id IS NULL)
    """,
    # Proposals follow the keeper; who is due no more is no longer proposed; who is back above the line stays.
    """
    UPDATE keeping_exitproposal AS exit SET book_id = party.keeper_id FROM customers_party AS party
    WHERE party.id = exit.party_id AND exit.state = 'proposed' AND party.keeper_id <> exit.book_id
    """,
    _told(
        "keeping.exit_dropped", "exitproposal",
        """
        UPDATE keeping_exitproposal AS exit SET state = 'dropped', closed_on = %(day)s
        WHERE exit.state = 'proposed' AND (
            EXISTS (SELECT 1 FROM stage_scope AS scope WHERE scope.party_id = exit.party_id AND NOT scope.due)
            OR EXISTS (SELECT 1 FROM customers_party AS one WHERE one.id = exit.party_id AND one.keeper_id IS NULL)
        ) RETURNING exit.id, exit.party_id
        """,
        "jsonb_build_object('party', party_id)",
    ),
    _told(
        "keeping.exit_recovered", "exitproposal",
        """
        UPDATE keeping_exitproposal AS exit SET state = 'kept', closed_on = %(day)s FROM stage_scope AS scope
        WHERE scope.party_id = exit.party_id AND exit.state = 'noticed' AND scope.reached
        RETURNING exit.id, exit.party_id
        """,
        "jsonb_build_object('party', party_id)",
    ),
    # Persons' decisions whose notice has run: the outlet keeps together from now on.
    _told(
        "keeping.exit_left", "exitproposal",
        """
        UPDATE keeping_exitproposal AS exit SET state = 'left', closed_on = %(day)s
        WHERE exit.state = 'noticed' AND exit.leaves_on <= %(day)s RETURNING exit.id, exit.party_id
        """,
        "jsonb_build_object('party', party_id)",
    ),
    """
    INSERT INTO keeping_sharedkeeping (party_id, unit_id, keeper_id, exit_id, since, ended_how, contact_days,
                                       later_contact_days, steps_down_on)
    SELECT exit.party_id, exit.unit_id, NULL, exit.id, %(day)s, '', %(first_contact_days)s, %(later_contact_days)s,
           %(steps_down_on)s
    FROM keeping_exitproposal AS exit WHERE exit.state = 'left' AND exit.closed_on = %(day)s
    ON CONFLICT (party_id) WHERE until IS NULL DO NOTHING
    """,
    """
    UPDATE customers_keeperterm AS term SET valid_to = GREATEST(%(day)s, term.valid_from + 1)
    FROM keeping_exitproposal AS exit
    WHERE exit.party_id = term.party_id AND exit.state = 'left' AND exit.closed_on = %(day)s
      AND term.valid_to IS NULL AND term.is_primary AND term.staff_id = exit.book_id
    """,
    """
    UPDATE customers_party AS party SET keeper_id = NULL FROM keeping_exitproposal AS exit
    WHERE exit.party_id = party.id AND exit.state = 'left' AND exit.closed_on = %(day)s
      AND party.keeper_id = exit.book_id
    """,
    # The rule proposes: the smallest of a book first, no more than its share in the quarter.
    _told(
        "keeping.exit_proposed", "exitproposal",
        """
        INSERT INTO keeping_exitproposal (party_id, unit_id, keeper_id, book_id, state, proposed_on, months_below,
            measure_fen, age_band, sex, area, decision_note, appeal_note, heard_note)
        SELECT party_id, unit_id, keeper_id, keeper_id, 'proposed', %(day)s, months_below, measure_fen, age_band, sex,
               area, '', '', ''
        FROM (
            SELECT party.id AS party_id, party.unit_id, party.keeper_id, scope.months_below, scope.measure_fen,
                   score.age_band, party.sex, party.area,
                   ROW_NUMBER() OVER (PARTITION BY party.keeper_id ORDER BY scope.measure_fen NULLS FIRST, party.id)
                       AS place
            FROM stage_scope AS scope JOIN customers_party AS party ON party.id = scope.party_id
            LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
            WHERE scope.due AND party.keeper_id IS NOT NULL AND party.merged_into_id IS NULL
              AND NOT EXISTS (
                SELECT 1 FROM keeping_exitproposal AS past WHERE past.party_id = party.id
                  AND (past.state IN ('proposed', 'noticed', 'appealed')
                       OR past.state = 'kept' AND past.closed_on > %(rested_since)s)
              )
        ) AS candidate
        LEFT JOIN (
            SELECT keeper_id AS book, COUNT(*) AS customers FROM customers_party AS kept
            JOIN stage_scope AS inside ON inside.party_id = kept.id WHERE keeper_id IS NOT NULL GROUP BY keeper_id
        ) AS book ON book.book = candidate.keeper_id
        LEFT JOIN (
            SELECT book_id, COUNT(*) AS proposed, SUM(CASE WHEN state = 'left' THEN 1 ELSE 0 END) AS gone
            FROM keeping_exitproposal
            WHERE proposed_on >= %(quarter)s AND state IN ('proposed', 'noticed', 'appealed', 'left') GROUP BY book_id
        ) AS already ON already.book_id = candidate.keeper_id
        WHERE candidate.place + COALESCE(already.proposed, 0)
              <= FLOOR((COALESCE(book.customers, 0) + COALESCE(already.gone, 0)) * %(share)s::numeric)
        ON CONFLICT DO NOTHING
        RETURNING id, party_id, months_below
        """,
        "jsonb_build_object('party', party_id, 'months_below', months_below)",
    ),
    # Back above the line: shared keeping ends that same night, and the customer waits for a keeper again.
    """
    UPDATE keeping_sharedkeeping AS shared SET until = %(day)s, ended_how = 're_entry' FROM stage_scope AS scope
    WHERE scope.party_id = shared.party_id AND shared.until IS NULL AND scope.in_scope AND scope.reached
      AND shared.since < %(day)s
    """,
    """
    INSERT INTO keeping_poolentry (party_id, unit_id, keeper_id, since, due_on, why, hints, reason, closed_how)
    SELECT party.id, party.unit_id, NULL, %(day)s, %(due_on)s,
           CASE WHEN EXISTS (SELECT 1 FROM keeping_sharedkeeping AS before WHERE before.party_id = party.id)
                THEN 're_entry' ELSE 'entered' END,
           jsonb_strip_nulls(jsonb_build_object('brought_by', scope.brought_by, 'main_outlet', scope.main_outlet,
                                                'payroll_outlet', scope.payroll_outlet)), '{}', ''
    FROM stage_scope AS scope JOIN customers_party AS party ON party.id = scope.party_id
    WHERE scope.in_scope AND party.keeper_id IS NULL AND party.merged_into_id IS NULL AND party.state = 'active'
      AND NOT EXISTS (
        SELECT 1 FROM keeping_sharedkeeping AS shared WHERE shared.party_id = party.id AND shared.until IS NULL
      )
    ON CONFLICT (party_id) WHERE closed_on IS NULL DO NOTHING
    """,
    # Whoever keeps customers and holds no post any more, or may not sign in: his book stands in a hand-over case.
    """
    SELECT keeping_open_cases(keeper.id, %(day)s) FROM organisation_staff AS keeper
    WHERE EXISTS (SELECT 1 FROM customers_party AS kept WHERE kept.keeper_id = keeper.id)
      AND (NOT keeper.is_active OR NOT EXISTS (
        SELECT 1 FROM organisation_post AS post WHERE post.staff_id = keeper.id
          AND post.valid_from <= %(day)s AND (post.valid_to IS NULL OR post.valid_to > %(day)s)
      ))
    """,
)  # fmt: skip


def publish_keeping(connection: Connection, source: Source) -> int:
    """Bring pool, exits and cases to this night; returns rows written. A bank without either policy has none of it."""
    policies = in_force(source.manifest.business_date)
    keeping, scope = policies.get(KeepingPolicy.kind), policies.get(ScopePolicy.kind)
    if not isinstance(keeping, KeepingPolicy) or not isinstance(scope, ScopePolicy):
        return 0
    source.engine.name_rows("publish.scope_line", (("enter_from", "DECIMAL(18,2)"),), [(scope.enter_from,)])
    connection.execute(_STAGE)
    copy_rows(connection, source.engine.connection, SCOPE, sql.Identifier("stage_scope"), COLUMNS)
    return carry_out(connection, keeping, scope, source.manifest.business_date)


def carry_out(connection: Connection, keeping: KeepingPolicy, scope: ScopePolicy, day: date) -> int:
    """The statements of the night over the staged scope."""
    told = {
        "day": day,
        "quarter": quarter_start(day),
        "share": scope.book_share,
        "due_on": pool_due(day, keeping.pool_workdays),
        "rested_since": day - timedelta(days=keeping.rest_days),
        "first_contact_days": keeping.first_contact_days,
        "later_contact_days": keeping.later_contact_days,
        "steps_down_on": day + timedelta(days=keeping.first_days),
    }
    return sum(connection.execute(statement, told).rowcount for statement in STATEMENTS)


def pool_due(day: date, workdays: int) -> date:
    """The last day to assign a customer of tonight's pool. A year whose holidays are not announced yet gets twice as
    many calendar days: rather late than a night that fails."""
    try:
        return add_workdays(day, workdays)
    except UnknownYear:
        return day + timedelta(days=2 * workdays)
