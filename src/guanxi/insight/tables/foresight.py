"""What is about to happen (流失预警): money that leaves, leading indicators, labels, the scorer's chance, warnings."""

from guanxi.insight.tables.shape import Table, table

SIGNAL_COLUMNS = """party_key key; month day; bucket bucket; signal text; amount money; usual money; share number
        times int; usual_times int; day day; place text; destination text"""
SIGNAL_ABOUT = (
    "`amount` is what moved, `usual` what is usual for this customer, `share` of what; `times` and `usual_times` count; "
    "`day` is when; `place` the bank, product or subject; `destination` the class of outflow."
)


def _signals(name: str, about: str) -> Table:
    return table(name, "party_key month signal", SIGNAL_COLUMNS, f"{about} {SIGNAL_ABOUT}", monthly=True)


FORESIGHT: tuple[Table, ...] = (
    table(
        "ops.model",
        "purpose",
        "purpose text; model_id text; body text; sha256 text",
        "Models switched on (模型登记), one a purpose: the label it foresees, its text and the text's hash.",
    ),
    table(
        "feature.outflow_day",
        "party_key day destination",
        """party_key key; day day; destination text; bucket bucket; amount money; postings big; place text""",
        "Money out of a customer's accounts by day and class of destination (流出去向), postings of at least the policy's "
        "amount only; `place` is the bank that got the largest posting.",
        monthly=True,
    ),
    table(
        "feature.salary_month",
        "party_key payer_no month",
        """party_key key; payer_no text; month day; bucket bucket; credits big; amount money; last_paid_on day""",
        "Salaries (代发工资) received in the month by payer ('' when the extract does not say who).",
        monthly=True,
    ),
    _signals("feature.signal_outflow", "Indicator (a): outflow to other banks against one's own baseline."),
    _signals("feature.signal_payroll", "Indicator (b): payroll stopped, employer batch first."),
    _signals("feature.signal_maturity", "Indicator (c): matured and not renewed."),
    _signals("feature.signal_habit", "Indicators (d) fewer log-ins and (g) AUM slope."),
    _signals(
        "feature.signal_service",
        "Indicators (e) complaint, (f) direct debit cancelled, (h) early withdrawal, closing.",
    ),
    _signals("score.signal", "Every leading indicator that speaks of a customer in the month."),
    table(
        "feature.leaving_month",
        "party_key month",
        """party_key key; month day; bucket bucket; base_average money; average money; tier_rank int; age_band text
        ln_average number; against_1 number; against_3 number; against_6 number; point_to_average number
        demand_share number; time_share number; wealth_share number; transit_share number; families number
        accounts number; tenure_years number; age number; rural number; has_loan number; initiated number
        initiated_against_3 number; idle_days number; log_ins number; log_ins_against_3 number; left_share number
        left_against_6 number; spent_share number; inflow_share number; paid number; pay_missed number
        signals number; s_outflow number; s_payroll number; s_matured number; s_log_ins number; s_complaint number
        s_debit number; s_slope number; s_early number; s_closing number""",
        "What the scorer knows of a customer at the month's last day counted; nothing later enters.",
        monthly=True,
    ),
    table(
        "score.churn_label",
        "party_key month",
        """party_key key; month day; bucket bucket; as_of day; base_average money; tier_rank int
        asset_loss int; exit int; dormant int; tier_drop int; fell_on day""",
        "Four labels of leaving (流失标签), side by side: what had come true by the end of `month` for features that end "
        "with `as_of`, four months before. NULL: the label does not apply. `fell_on`: the first month after `as_of` whose average is "
        "at most the policy's share of the base.",
        monthly=True,
    ),
    table(
        "score.leaving",
        "party_key month",
        """party_key key; month day; bucket bucket; as_of day; served_by text; fallback text; chance number; place big
        reason_1 text; weight_1 number; value_1 number; reason_2 text; weight_2 number; value_2 number
        reason_3 text; weight_3 number; value_3 number; drift number""",
        "The chance of leaving by the model switched on, or the rule's order when none is fit (`served_by` 'rule', "
        "`fallback` says why, `chance` is NULL). `place`: 1 is the likeliest. `as_of`: the closed month whose end the features describe.",
        monthly=True,
    ),
    table(
        "score.warning",
        "party_key month",
        """party_key key; month day; bucket bucket; signal text; signals int; urgency int; points int; amount money
        at_stake money; chance number; place big; priority DECIMAL(38,2)""",
        "One warning (预警) a customer: the most urgent indicator, how many speak, the money at stake and the order: money × "
        "points, where points are the highest urgency and one for each further indicator. Who is shown it, and what not, is "
        "decided where keepers are known (publishing).",
        monthly=True,
    ),
)
