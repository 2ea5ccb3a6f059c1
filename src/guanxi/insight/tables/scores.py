"""What is said of a customer each month: tier, stage, value card, behaviour."""

from guanxi.insight.tables.shape import Table, table

SCORES: tuple[Table, ...] = (
    table(
        "score.tier",
        "party_key month",
        """party_key key; month day; bucket bucket; scheme text; reached_rank int; held_rank int; past_rank int
        months_below int; best_below_rank int; months_held int; months_at_or_above int; watch flag
        next_rank int; next_gap money; present_needed money; reason_code text; rule_rank int
        override_from day; override_to day""",
        "The tier (等级) in force from the day after the last day counted. NULL held_rank: no tier, and reason_code says "
        "why (not_an_owner, no_balance, ...). `next_gap`: average still missing to the next line; `present_needed`: what "
        "to deposit today and keep to month end to reach it. `rule_rank`: the tier without what persons decided by hand; "
        "`override_from` and `override_to`: the days of that decision, in a month in which it counts.",
        monthly=True,
    ),
    table(
        "score.company_standing",
        "party_key month",
        """party_key key; month day; bucket bucket; scheme text; value money; volume money; months_active int
        variation number; value_score number; volume_score number; stability_score number; points DECIMAL(18,2)""",
        "Standing (0..100 points) of companies within their size class: value, volume and stability as percentiles.",
        monthly=True,
    ),
    table(
        "score.stage",
        "party_key month",
        """party_key key; month day; bucket bucket; stage text; reason_code text; base_average money
        now_average money; change_share number; tenure_days int; idle_days int; months_in_stage int; old_base money; was_lost flag""",
        "Life-cycle stage (生命周期): potential, trial, growing, mature, declining, lost, won_back with its evidence. "
        "`base_average`: what `now_average` is compared with; `old_base`: what a customer had before his "
        "balance fell; `was_lost`: lost and not won back since.",
        monthly=True,
    ),
    table(
        "score.value_card",
        "party_key month",
        """party_key key; month day; bucket bucket; segment text; contribution_12m money
        deposit_margin_12m money; loan_margin_12m money; fee_income_12m money; expected_loss_12m money
        costs_12m money; risk_points int; risk_level text; renown_points int; relations_count int
        employees_count int; family_count int; contribution_score number; risk_score number; renown_score number; relatedness_score number
        composite_score number; weight_contribution number; weight_risk number; weight_renown number
        weight_relatedness number""",
        "Value card (综合价值): four indicators as percentiles 0..100 within the segment and their weighted composite; "
        "risk runs the other way (lower is better). A score of nothing is NULL and its weight is spread over the rest.",
        monthly=True,
    ),
    table(
        "score.behaviour",
        "party_key month",
        """party_key key; month day; bucket bucket; preference text; recency_days int; frequency_days int
        recency_rank int; frequency_rank int; money_rank int; families_held int; age_band text; channel_profile text""",
        "Preference type (偏好), RFM on customer-initiated postings, multi-holding, age band, channel profile.",
        monthly=True,
    ),
    table(
        "score.scope",
        "party_key month",
        """party_key key; month day; bucket bucket; book text; measure money; in_scope flag; since day; months_in int
        months_below int; noticed_on day; kept_by text; turn text""",
        "Managed scope (管户范围): who is in it after the month, and who left in it. `book`: the keeper's number, or the "
        "outlet's where nobody keeps him. `turn`: entered, reached, watch, excepted (`kept_by` loan, business, family), "
        "noticed (told on `noticed_on`), waiting (for the notice to run, or for a place in the quarter), left, gone, kept.",
        monthly=True,
    ),
)
