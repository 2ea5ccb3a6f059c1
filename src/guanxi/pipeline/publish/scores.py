"""Each customer's present scores and dated tiers: SELECTs from the lake, one per target."""

from __future__ import annotations

from guanxi.pipeline.copying import Target
from guanxi.pipeline.publish.customers import UNIT_OF_PARTY

_SCORE_COLUMNS = {
    # column of scores_partyscore: expression over the views joined below
    "party_id": "party.party_key",
    "unit_id": "COALESCE(unit.id, root.id)",
    "keeper_id": "keeper.id",
    "run_id": "day.run",
    "kind": "party.kind",
    "aum_fen": "fen(wealth.aum)",
    "daily_average_fen": "fen(wealth.daily_average)",
    "deposits_fen": "fen(wealth.deposits)",
    "loans_fen": "fen(wealth.loans)",
    "families_held": "wealth.families_held",
    "accounts_open": "wealth.accounts_open",
    "basis": "wealth.basis",
    "tier_scheme": "tier.scheme",
    "tier_rank": "tier.held_rank",
    "reached_rank": "tier.reached_rank",
    "tier_since": "since.valid_from",
    "months_held": "tier.months_held",
    "months_below": "tier.months_below",
    "months_at_or_above": "tier.months_at_or_above",
    "watch": "COALESCE(tier.watch, FALSE)",
    "next_rank": "tier.next_rank",
    "next_gap_fen": "fen(tier.next_gap)",
    "present_needed_fen": "fen(tier.present_needed)",
    "tier_reason": "tier.reason_code",
    "stage": "stage.stage",
    "stage_reason": "stage.reason_code",
    "months_in_stage": "stage.months_in_stage",
    "segment": "card.segment",
    "composite_score": "card.composite_score",
    "contribution_score": "card.contribution_score",
    "risk_score": "card.risk_score",
    "renown_score": "card.renown_score",
    "relatedness_score": "card.relatedness_score",
    "contribution_12m_fen": "fen(card.contribution_12m)",
    "preference": "behaviour.preference",
    "recency_rank": "behaviour.recency_rank",
    "frequency_rank": "behaviour.frequency_rank",
    "money_rank": "behaviour.money_rank",
    "age_band": "behaviour.age_band",
    "channel_profile": "behaviour.channel_profile",
    "last_initiated_on": "activity.last_initiated_on",
    "aum_change_fen": "fen(wealth.aum) - fen(wealth_before.aum)",
    "tier_before": "tier_before.held_rank",
    "stage_before": "stage_before.stage",
    "details": """json_object(
        'wealth', json_object('days', wealth.days, 'days_in_month', wealth.days_in_month,
            'in_transit_fen', fen(wealth.in_transit), 'accounts_refused', wealth.accounts_refused,
            'weighted_average_fen', fen(wealth.weighted_average)),
        'tier', json_object('past_rank', tier.past_rank, 'best_below_rank', tier.best_below_rank),
        'stage', json_object('base_average_fen', fen(stage.base_average), 'now_average_fen', fen(stage.now_average),
            'old_base_fen', fen(stage.old_base), 'change_share', stage.change_share,
            'tenure_days', stage.tenure_days, 'idle_days', stage.idle_days),
        'value', json_object('deposit_margin_12m_fen', fen(card.deposit_margin_12m),
            'loan_margin_12m_fen', fen(card.loan_margin_12m), 'fee_income_12m_fen', fen(card.fee_income_12m),
            'expected_loss_12m_fen', fen(card.expected_loss_12m), 'costs_12m_fen', fen(card.costs_12m),
            'risk_points', card.risk_points, 'risk_level', card.risk_level, 'renown_points', card.renown_points,
            'relations_count', card.relations_count, 'employees_count', card.employees_count,
            'family_count', card.family_count, 'weight_contribution', card.weight_contribution,
            'weight_risk', card.weight_risk, 'weight_renown', card.weight_renown,
            'weight_relatedness', card.weight_relatedness),
        'index', CASE WHEN relation.party_key IS NOT NULL THEN json_object('satisfaction', relation.satisfaction,
            'loyalty', relation.loyalty, 'contribution', relation.contribution, 'dependence', relation.dependence,
            'years', CAST(FLOOR(relation.tenure_years) AS INTEGER), 'idle_days', relation.idle_days,
            'held_percent', CAST(ROUND(100 * relation.held_share) AS INTEGER), 'families', relation.families,
            'has_salary', relation.has_salary,
            'flow_percent', CAST(ROUND(100 * relation.flow_share) AS INTEGER), 'has_loan', relation.has_loan,
            'answers', relation.answers, 'complaints', relation.complaints,
            'complaints_open', relation.complaints_open) END,
        'present', json_object(
            'month', CAST(wealth.month AS VARCHAR), 'aum_fen', fen(wealth.aum),
            'daily_average_fen', fen(wealth.daily_average), 'demand_fen', fen(wealth.demand),
            'time_fen', fen(wealth.time), 'structured_fen', fen(wealth.structured), 'wealth_fen', fen(wealth.wealth),
            'fund_fen', fen(wealth.fund), 'insurance_fen', fen(wealth.insurance), 'other_fen', fen(wealth.other),
            'in_transit_fen', fen(wealth.in_transit), 'deposits_fen', fen(wealth.deposits),
            'loans_fen', fen(wealth.loans), 'contribution_fen', fen(gain.contribution),
            'tier_ranks', tier.held_rank, 'stages', stage.stage),
        'behaviour', json_object('recency_days', behaviour.recency_days, 'frequency_days', behaviour.frequency_days)
    )""",
}

PARTY_SCORE = (
    # A night that changes nothing else about a customer leaves the row, and says so: `run` is the one that wrote it.
    Target("scores_partyscore", ("party_id",), tuple(_SCORE_COLUMNS), beside=("run_id",)),
    f"""
    SELECT {", ".join(f"{expression} AS {column}" for column, expression in _SCORE_COLUMNS.items())}
    FROM core.party AS party
    CROSS JOIN publish.day AS day
    LEFT JOIN feature.wealth_month AS wealth ON wealth.party_key = party.party_key
    LEFT JOIN feature.contribution_month AS gain ON gain.party_key = party.party_key
    LEFT JOIN feature.activity_month AS activity ON activity.party_key = party.party_key
    LEFT JOIN score.tier AS tier ON tier.party_key = party.party_key
    LEFT JOIN publish.tier_segment AS since ON since.party_key = party.party_key AND since.valid_to IS NULL
    LEFT JOIN score.stage AS stage ON stage.party_key = party.party_key
    LEFT JOIN score.value_card AS card ON card.party_key = party.party_key
    LEFT JOIN score.behaviour AS behaviour ON behaviour.party_key = party.party_key
    LEFT JOIN score.relation_index AS relation ON relation.party_key = party.party_key
    LEFT JOIN before.feature_wealth_month AS wealth_before ON wealth_before.party_key = party.party_key
    LEFT JOIN before.score_tier AS tier_before ON tier_before.party_key = party.party_key
    LEFT JOIN before.score_stage AS stage_before ON stage_before.party_key = party.party_key
    {UNIT_OF_PARTY}
    """,
)

# Runs of months with the same tier; a decision taken at a month's end is in force from the next month's first day, one
# taken by hand on its own day, and the rule again on the day after it.
TIER_SEGMENTS = """
CREATE OR REPLACE TABLE publish.tier_segment AS
WITH decided AS (
    SELECT party_key, month, scheme, held_rank, reason_code, override_from,
           LAG(month) OVER (PARTITION BY party_key ORDER BY month) AS month_before,
           LAG(override_to) OVER (PARTITION BY party_key ORDER BY month) AS override_before,
           LAG(COALESCE(scheme, '') || ':' || COALESCE(CAST(held_rank AS VARCHAR), ''))
               OVER (PARTITION BY party_key ORDER BY month) AS held_before
    FROM past.score_tier
), starts AS (
    SELECT party_key, scheme, held_rank, reason_code, month,
           CASE WHEN override_from >= month THEN override_from
                WHEN month_before IS NULL THEN month
                WHEN override_before IS NOT NULL THEN LEAST(
                    GREATEST(month, override_before + 1), CAST(month + INTERVAL 1 MONTH AS DATE))
                ELSE CAST(month + INTERVAL 1 MONTH AS DATE) END AS valid_from
    FROM decided
    WHERE month_before IS NULL
       OR held_before <> COALESCE(scheme, '') || ':' || COALESCE(CAST(held_rank AS VARCHAR), '')
    QUALIFY ROW_NUMBER() OVER (PARTITION BY party_key, valid_from ORDER BY month DESC) = 1
)
SELECT party_key, COALESCE(scheme, '') AS scheme, held_rank, reason_code, valid_from,
       LEAD(valid_from) OVER (PARTITION BY party_key ORDER BY valid_from) AS valid_to
FROM starts
"""

TIER_STAGE_COLUMNS = ("party_id", "scheme", "tier_rank", "reason_code", "valid_from", "valid_to")
TIER_STAGE_SELECT = (
    "SELECT party_key, scheme, held_rank, reason_code, valid_from, valid_to FROM publish.tier_segment"
)

_SAME_TIER = """
    known.party_id = s.party_id AND known.valid_from = s.valid_from AND known.scheme = s.scheme
    AND known.tier_rank IS NOT DISTINCT FROM s.tier_rank AND known.valid_to IS NOT DISTINCT FROM s.valid_to
"""

# What was believed is never overwritten: a row that no longer holds is closed in knowledge, the new one is added.
TIER_HISTORY_STATEMENTS = (
    f"""
    DELETE FROM scores_tierhistory AS known
    WHERE known.known_from = %(day)s AND known.known_to IS NULL
      AND NOT EXISTS (SELECT 1 FROM stage_tiers AS s WHERE {_SAME_TIER})
    """,
    f"""
    UPDATE scores_tierhistory AS known SET known_to = %(day)s
    WHERE known.known_to IS NULL AND NOT EXISTS (SELECT 1 FROM stage_tiers AS s WHERE {_SAME_TIER})
    """,
    f"""
    INSERT INTO scores_tierhistory
        (party_id, scheme, tier_rank, reason_code, valid_from, valid_to, known_from, run_id)
    SELECT s.party_id, s.scheme, s.tier_rank, s.reason_code, s.valid_from, s.valid_to, %(day)s, %(run)s
    FROM stage_tiers AS s
    WHERE NOT EXISTS (SELECT 1 FROM scores_tierhistory AS known WHERE known.known_to IS NULL AND {_SAME_TIER})
    """,
)
