"""Customer-month and account-month facts that scores are made of."""

from guanxi.insight.tables.shape import Table, table

FEATURES: tuple[Table, ...] = (
    table(
        "feature.account_month",
        "account_no month",
        """account_no text; month day; bucket bucket; balance money; in_transit money; balance_days DECIMAL(38,2)
        balance_base money; in_transit_base money; balance_days_base DECIMAL(38,2)
        in_transit_days_base DECIMAL(38,2); days int; last_change_on day; refused text""",
        "An account's month: last balance (account currency and base), Σ balance × days including money in transit "
        "(base), days counted to month end or the business date. `refused` (no_balance, no_rate): base amounts are "
        "NULL.",
        monthly=True,
    ),
    table(
        "feature.joint_month",
        "account_no party_key month",
        """account_no text; party_key key; month day; bucket bucket; family text; component text; in_aum flag
        aum_weight DECIMAL(9,8); opened_on day; closed_on day; balance_base money; in_transit_base money
        balance_days_base DECIMAL(38,2); in_transit_days_base DECIMAL(38,2); refused text""",
        "Accounts with several holders split by share, the residual to the primary holder; bucketed by the holder.",
        monthly=True,
    ),
    table(
        "feature.wealth_month",
        "party_key month",
        """party_key key; month day; bucket bucket; aum money; daily_average money; weighted_average money
        demand money; time money; structured money; wealth money; fund money; insurance money; other money
        in_transit money; deposits money; deposits_average money; loans money; loans_average money
        days int; days_in_month int; accounts_open int; families_held int; basis text
        aum_days DECIMAL(38,2); deposits_days DECIMAL(38,2); accounts_refused int""",
        "Wealth (AUM) per customer: at the last day counted, by component (they sum to aum), and its daily average "
        "(MDA 月日均; running while days < days_in_month). `basis`: daily | month_end (then no average: NULL). "
        "AUM is NULL for customer kinds that have none (companies) and when a balance is missing.",
        monthly=True,
    ),
    table(
        "feature.wealth_day",
        "label party_key",
        """label text; day day; party_key key; bucket bucket; aum money; wealth money; deposits money
        deposits_days DECIMAL(38,2); deposits_year_days DECIMAL(38,2); loans money; accounts_open int; active flag""",
        "Each owner's position at the run's reference days (today, yesterday, month_start, year_start, last_year), with "
        "the deposits' sums of balance × days since the first of the month and of the year.",
    ),
    table(
        "feature.activity_month",
        "party_key month",
        """party_key key; month day; bucket bucket; initiated_count big; active_days big; first_initiated_on day
        last_initiated_on day
        inflow money; outflow money; outflow_same_name money; salary_count big; salary_amount money
        fee_count big; fee_amount money; mobile_log_ins big; web_log_ins big; mobile_active flag; web_active flag
        channels_active int; counter_count big; self_service_count big; mobile_count big; web_count big
        phone_count big; third_party_count big""",
        "What the customer did in the month, customer-initiated postings only unless said otherwise.",
        monthly=True,
    ),
    table(
        "feature.contribution_month",
        "party_key month",
        """party_key key; month day; bucket bucket; deposit_margin money; loan_margin money; fee_income money
        expected_loss money; surtax money; service_cost money; contribution money; accounts_without_price big""",
        "Contribution (贡献度) of the month: FTP margins on average balances plus fees minus expected loss, surtax and "
        "the cost to serve. NULL when an account has no transfer price: refused, not zero.",
        monthly=True,
    ),
    table(
        "feature.account_margin",
        "account_no month",
        """account_no text; month day; bucket bucket; party_key key; holders int; side text; family text; currency text
        tenor_days big; price_day day; rate DECIMAL(18,8); ftp_rate DECIMAL(18,8); covers_days big
        balance_days DECIMAL(38,2); margin money; expected_loss money; without text""",
        "What a deposit or loan account earned in the month against the transfer price (FTP) matched at origination. "
        "`without` names what is missing (price, rate, balance); the margin is then NULL, never zero.",
        monthly=True,
    ),
    table(
        "feature.joint_margin",
        "account_no party_key month",
        """account_no text; party_key key; month day; bucket bucket; side text; margin money; expected_loss money
        without text""",
        "Margin and expected loss of accounts with several holders, split by share, the residual to the primary holder.",
        monthly=True,
    ),
    table(
        "feature.indicator_month",
        "party_key month",
        """party_key key; month day; bucket bucket; segment text; in_concentration flag; contribution_12m money
        deposit_margin_12m money; loan_margin_12m money; fee_income_12m money; expected_loss_12m money
        costs_12m money; risk_points int; renown_points int; relatedness_points int; relations_count int
        employees_count int; family_count int; recency_days int; frequency_days int; value_average money
        contribution_bin money; average_bin money""",
        "The inputs that value card and RFM rank: 12-month contribution, risk, renown and relatedness points, days since "
        "the last customer-initiated posting, active days, average. NULL: nothing known, so nothing ranked.",
        monthly=True,
    ),
    table(
        "feature.indicator_rank",
        "segment indicator bin month",
        """segment text; indicator text; bin DECIMAL(18,2); month day; customers big; percentile number""",
        "Mid-rank percentile 0..100 of each value (bin) of an indicator within its segment; ties share one.",
        monthly=True,
    ),
    table(
        "feature.tier_hold",
        "party_key month",
        "party_key key; month day; bucket bucket; scheme text; criterion text; tier_rank int",
        "Who meets a condition that holds a tier up to `tier_rank` whatever the balance (等级保持条件): payroll | loan | "
        "business. Customers who meet none have no row.",
        monthly=True,
    ),
)
