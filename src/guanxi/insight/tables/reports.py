"""Sums over customers and lists of them, by unit and keeper."""

from guanxi.insight.tables.shape import Table, table

REPORTS: tuple[Table, ...] = (
    table(
        "report.unit_day",
        "label unit_no keeper_no",
        """label text; day day; unit_no text; keeper_no text; deposits money; deposits_average money
        deposits_year_average money; aum money; wealth money; loans money; active_customers big; customers big""",
        "Daily report (业务日报) by managing outlet and keeper ('' when none), for each reference day: today, "
        "yesterday, month_start (last month's end), year_start, last_year.",
    ),
    table(
        "report.unit_tier",
        "month unit_no keeper_no kind tier_rank",
        """month day; unit_no text; keeper_no text; kind text; tier_rank int; customers big; aum money
        daily_average money""",
        "Customers and AUM per tier by managing outlet and keeper; tier_rank -1 stands for 未评级.",
        monthly=True,
    ),
    table(
        "report.unit_band",
        "month unit_no band",
        "month day; unit_no text; band int; customers big; aum money",
        "Month-end AUM bands by managing outlet, apart from tiers (no hysteresis).",
        monthly=True,
    ),
    table(
        "report.account_band",
        "month unit_no band",
        "month day; unit_no text; band int; accounts big; balance money",
        "Month-end balance bands of accounts by account outlet.",
        monthly=True,
    ),
    table(
        "report.concentration",
        "month unit_no metric percent",
        """month day; unit_no text; metric text; percent int; customers big; amount money; share number""",
        "Cumulative share (二八曲线) of a metric (aum, contribution) held by the top `percent` % of customers, for every "
        "unit of the tree; profit may pass 100 %.",
        monthly=True,
    ),
    table(
        "report.migration",
        "month unit_no from_rank to_rank",
        "month day; unit_no text; from_rank int; to_rank int; customers big; aum money",
        "Tier migration month to month by managing outlet.",
        monthly=True,
    ),
    table(
        "report.attrition",
        "month unit_no tier_rank",
        "month day; unit_no text; tier_rank int; customers big; lost big; declining big; lost_base money",
        "Customers who went to lost or declining in the month, by outlet and the tier held the month before.",
        monthly=True,
    ),
    table(
        "report.age_channel",
        "month unit_no area age_band",
        """month day; unit_no text; area text; age_band text; customers big; aum money; mobile_active big
        web_active big""",
        "Age bands: share of count, share of assets and channel use by outlet.",
        monthly=True,
    ),
    table(
        "report.channel_use",
        "month unit_no kind age_band",
        """month day; unit_no text; kind text; age_band text; customers big; counter_count big; self_service_count big
        mobile_count big; web_count big; phone_count big; third_party_count big""",
        "Postings that customers made in the month by channel, for the share that left the counter (电子渠道替代率).",
        monthly=True,
    ),
    table(
        "report.holding",
        "month unit_no families_held",
        "month day; unit_no text; families_held int; customers big; aum money",
        "Product holding: how many customers hold how many product families.",
        monthly=True,
    ),
    table(
        "report.large_change",
        "party_key",
        """party_key key; unit_no text; keeper_no text; day day; aum_before money; aum_after money; change money
        change_share number""",
        "昨日大额变动: AUM moved by at least the policy's amount and share of AUM from the day before.",
    ),
    table(
        "report.maturity",
        "account_no",
        """account_no text; party_key key; unit_no text; keeper_no text; product_name text; family text; amount money
        matures_on day; days_left int; rolls_over flag""",
        "近 30 天到期: time deposits, CDs, wealth, structured deposits, insurance that mature within the policy's days.",
    ),
    table(
        "report.reminder",
        "account_no kind",
        """account_no text; kind text; party_key key; unit_no text; keeper_no text; product_name text; family text
        due_on day; days_left int; currency text; amount money; paid_from_no text; available money; short money""",
        "账户提醒: `card` a card that expires within the policy's days, `short` a debit its paying account does not "
        "cover; amounts in the account's currency.",
    ),
    table(
        "report.near_line",
        "party_key",
        """party_key key; unit_no text; keeper_no text; held_rank int; side text; line money; daily_average money
        gap money""",
        "临界客户: average just below the next line (side below) or just above the present one (side above).",
    ),
    table(
        "report.reconciliation",
        "view_name component currency",
        """view_name text; component text; currency text; amount DECIMAL(38,2); difference DECIMAL(38,2)""",
        "The same total seen by customers, account outlets, managing outlets and the extract; difference to the first.",
    ),
)
