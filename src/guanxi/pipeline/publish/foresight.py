"""Publishing of signals, changes and warnings, and who is shown which warning.

The run says what is about to happen; whose list it stands on depends on the keeper of tonight, on what was listed on
earlier days and on the policy, so it is decided here, in the transaction that makes the run current. Publishing a
night twice decides the same: what the same business date listed before is forgotten first.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

from guanxi.crm.policies.selectors import in_force
from guanxi.insight.policies.warning import WarningPolicy
from guanxi.pipeline.copying import Merged, Sender, Target, merge_rows
from guanxi.pipeline.publish.customers import UNIT_OF_PARTY
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]

_SIGNAL_COLUMNS = (
    "party_id", "signal", "amount_fen", "usual_fen", "share", "times", "usual_times", "day", "place", "destination",
)  # fmt: skip
SIGNALS = (
    Target("foresight_signal", ("party_id", "signal"), _SIGNAL_COLUMNS),
    """
    SELECT said.party_key, said.signal, fen(said.amount), fen(said.usual), said.share, said.times, said.usual_times,
           said.day, SUBSTRING(said.place, 1, 200), said.destination
    FROM score.signal AS said
    JOIN core.party AS party ON party.party_key = said.party_key
    """,
)

_REASON = """CASE WHEN leaving.reason_{n} IS NOT NULL THEN json_object('code', leaving.reason_{n},
    'weight', leaving.weight_{n}, 'value', leaving.value_{n}) END"""
WARNINGS = (
    Target(
        "foresight_warning",
        ("party_id",),
        (
            "party_id", "unit_id", "keeper_id", "signal", "signals", "urgency", "points", "amount_fen", "at_stake_fen",
            "chance", "place", "reasons", "priority",
        ),
    ),
    f"""
    SELECT said.party_key, COALESCE(unit.id, root.id), keeper.id, said.signal, said.signals, said.urgency, said.points,
           fen(said.amount), fen(said.at_stake), said.chance, said.place,
           to_json(LIST_FILTER([{", ".join(_REASON.format(n=n) for n in (1, 2, 3))}], lambda r: r IS NOT NULL)),
           CAST(said.priority * 100 AS BIGINT)
    FROM score.warning AS said
    JOIN core.party AS party ON party.party_key = said.party_key
    LEFT JOIN score.leaving AS leaving ON leaving.party_key = said.party_key
    {UNIT_OF_PARTY}
    """,
)  # fmt: skip

# What changed since the run before (较上次跑批): signals that came or went, tier, stage, and AUM by the policy's lines.
CHANGES = (
    Target(
        "foresight_change",
        ("party_id", "kind", "what"),
        ("party_id", "kind", "what", "before", "after", "amount_fen"),
    ),
    """
    WITH now_said AS (SELECT party_key, signal, amount FROM score.signal),
    then_said AS (SELECT party_key, signal, amount FROM before.score_signal),
    known AS (SELECT COUNT(*) AS parties FROM before.core_party)
    SELECT now_said.party_key, 'signal_new', now_said.signal, NULL, now_said.signal, fen(now_said.amount)
    FROM now_said CROSS JOIN known
    LEFT JOIN then_said ON then_said.party_key = now_said.party_key AND then_said.signal = now_said.signal
    WHERE then_said.party_key IS NULL AND known.parties > 0
    UNION ALL
    SELECT then_said.party_key, 'signal_gone', then_said.signal, then_said.signal, NULL, fen(then_said.amount)
    FROM then_said JOIN core.party AS party ON party.party_key = then_said.party_key
    LEFT JOIN now_said ON now_said.party_key = then_said.party_key AND now_said.signal = then_said.signal
    WHERE now_said.party_key IS NULL
    UNION ALL
    SELECT tier.party_key, CASE WHEN tier.held_rank > was.held_rank THEN 'tier_up' ELSE 'tier_down' END, tier.scheme,
           CAST(was.held_rank AS VARCHAR), CAST(tier.held_rank AS VARCHAR), NULL
    FROM score.tier AS tier JOIN before.score_tier AS was ON was.party_key = tier.party_key
    WHERE was.held_rank <> tier.held_rank AND was.scheme = tier.scheme
    UNION ALL
    SELECT stage.party_key, 'stage', '', was.stage, stage.stage, NULL
    FROM score.stage AS stage JOIN before.score_stage AS was ON was.party_key = stage.party_key
    WHERE was.stage <> stage.stage
    UNION ALL
    SELECT wealth.party_key, CASE WHEN wealth.aum > was.aum THEN 'aum_up' ELSE 'aum_down' END, '',
           CAST(fen(was.aum) AS VARCHAR), CAST(fen(wealth.aum) AS VARCHAR), fen(wealth.aum) - fen(was.aum)
    FROM feature.wealth_month AS wealth
    JOIN before.feature_wealth_month AS was ON was.party_key = wealth.party_key
    CROSS JOIN publish.warning_limit AS line
    WHERE ABS(wealth.aum - was.aum) >= line.amount
      AND ABS(wealth.aum - was.aum) >= CAST(was.aum AS DECIMAL(24,2)) * line.share
    """,
)

NIGHT = (
    Target(
        "foresight_modelnight",
        ("month",),
        ("month", "served_by", "fallback", "drift", "customers", "expected"),
        remove_missing=False,
    ),
    """
    SELECT month, MAX(served_by), MAX(fallback), MAX(drift), COUNT(*),
           CAST(SUM(CAST(chance AS DECIMAL(18,6))) AS DOUBLE)
    FROM score.leaving GROUP BY month
    """,
)

# One row a warning: what it is by the policy. An earlier listing keeps it on the list for some days, then quiet.
_DECIDE = """
WITH lately AS (
    SELECT DISTINCT ON (party_id) party_id, listed_on, urgency, at_stake_fen
    FROM foresight_listing WHERE listed_on < %(day)s AND listed_on > %(quiet_from)s
    ORDER BY party_id, listed_on DESC
), judged AS (
    SELECT w.party_id, w.keeper_id, w.priority, lately.listed_on,
           CASE WHEN w.at_stake_fen < %(at_stake)s THEN 'small'
                WHEN w.keeper_id IS NULL THEN 'no_keeper'
                WHEN lately.party_id IS NULL OR w.urgency > lately.urgency
                     OR w.at_stake_fen > lately.at_stake_fen * (1 + %(worse)s) THEN 'fresh'
                WHEN lately.listed_on > %(listed_from)s THEN 'stands'
                ELSE 'quiet' END AS verdict
    FROM foresight_warning AS w LEFT JOIN lately ON lately.party_id = w.party_id
), counted AS (
    SELECT judged.*, ROW_NUMBER() OVER (PARTITION BY keeper_id, verdict ORDER BY priority DESC, party_id) AS number
    FROM judged
), decided AS (
    SELECT party_id, keeper_id, priority,
           CASE WHEN verdict = 'fresh' THEN CASE WHEN number <= %(budget)s THEN 'listed' ELSE 'over_budget' END
                WHEN verdict = 'stands' THEN 'listed' ELSE verdict END AS state,
           CASE WHEN verdict = 'fresh' AND number <= %(budget)s THEN %(day)s::date
                WHEN verdict IN ('stands', 'quiet') THEN listed_on END AS listed_on
    FROM counted
), placed AS (
    SELECT decided.*, ROW_NUMBER() OVER (PARTITION BY keeper_id, state ORDER BY priority DESC, party_id) AS rank
    FROM decided
)
UPDATE foresight_warning AS w
SET state = placed.state, listed_on = placed.listed_on, rank = placed.rank,
    raised_on = COALESCE(w.raised_on, %(day)s::date)
FROM placed
WHERE placed.party_id = w.party_id
  AND ROW(w.state, w.listed_on, w.rank, w.raised_on)
      IS DISTINCT FROM ROW(placed.state, placed.listed_on, placed.rank::int, COALESCE(w.raised_on, %(day)s::date))
"""
_STATEMENTS = (
    "UPDATE foresight_warning AS w SET keeper_id = party.keeper_id FROM customers_party AS party "
    "WHERE party.id = w.party_id AND party.keeper_id IS DISTINCT FROM w.keeper_id",
    "UPDATE foresight_signal SET first_on = %(day)s WHERE first_on IS NULL",
    "DELETE FROM foresight_listing WHERE listed_on >= %(day)s",
    _DECIDE,
    "INSERT INTO foresight_listing (party_id, listed_on, signal, urgency, at_stake_fen) "
    "SELECT party_id, listed_on, signal, urgency, at_stake_fen FROM foresight_warning "
    "WHERE state = 'listed' AND listed_on = %(day)s",
)


def publish_foresight(connection: Connection, source: Source, *, first: bool) -> dict[str, Merged]:
    """Signals, changes, warnings and the night's scorer to the store, then the lists; inside the run's transaction."""
    policy = in_force(source.manifest.business_date).get(WarningPolicy.kind)
    if not isinstance(policy, WarningPolicy):
        return {}
    columns = (("amount", "DECIMAL(18,2)"), ("share", "DECIMAL(12,8)"))
    source.engine.name_rows("publish.warning_limit", columns, [(policy.change_amount, policy.change_share)])
    due = (SIGNALS, WARNINGS, CHANGES, NIGHT)
    with Sender(source.engine.connection, [select for _, select in due]) as sender:
        tables = {
            target.table: merge_rows(connection, sender.take(select), target, first=first)
            for target, select in due
        }
    told = _told(policy, source)
    for statement in _STATEMENTS:
        connection.execute(statement, told)
    return tables


def _told(policy: WarningPolicy, source: Source) -> dict[str, object]:
    day = source.manifest.business_date
    return {
        "day": day,
        "quiet_from": day - timedelta(days=policy.quiet_days),
        "listed_from": day - timedelta(days=policy.listed_days),
        "at_stake": int(policy.at_stake_amount * 100),
        "worse": policy.worse_share,
        "budget": policy.budget,
    }
