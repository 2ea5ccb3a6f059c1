"""The shapes: name, grain and columns of every table on the way from the extracts to the screen.

A step keeps its promise when its rows have exactly these columns and types and one row per grain. Money is
DECIMAL(18,2) in the bank's base currency unless a column says otherwise; `month` is the first day of the month.
"""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.insight.staging.contract import FILES, staged_columns, staged_key

FAMILY_WORDS = (
    "raw",
    "staged",
    "quality",
    "core",
    "feature",
    "score",
    "report",
    "target",
    "ops",
    "effect",
    "policy",
)


@dataclass(frozen=True)
class Table:
    """A named table: `grain` columns are unique together and give the order rows are written in."""

    name: str
    grain: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    monthly: bool = False  # one part per month
    about: str = ""

    @property
    def family(self) -> str:
        """The word before the dot."""
        return self.name.split(".")[0]

    @property
    def noun(self) -> str:
        """The word after the dot."""
        return self.name.split(".")[1]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(name for name, _ in self.columns)


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.strip().split(" ", 1) for part in text.replace("\n", ";").split(";") if part.strip())
    short = {"money": "DECIMAL(18,2)", "key": "BIGINT", "text": "VARCHAR", "day": "DATE", "int": "INTEGER"}
    short |= {"big": "BIGINT", "bucket": "SMALLINT", "flag": "BOOLEAN", "number": "DOUBLE"}
    return tuple((name, short.get(kind, kind)) for name, kind in pairs)


def _table(name: str, grain: str, columns: str, about: str, *, monthly: bool = False) -> Table:
    return Table(name, tuple(grain.split()), _columns(columns), monthly, about)


DATED_FILES = (
    "balances",
    "transactions",
    "channel_events",
)  # staged by month of `day`, and kept from run to run
_STAGED = tuple(
    Table(f"staged.{file.name}", staged_key(file), staged_columns(file), file.name in DATED_FILES, file.about)
    for file in FILES
)

_QUALITY = (
    _table(
        "quality.violation",
        "extract file line column rule",
        "extract text; file text; line big; column text; rule text; severity text; value_masked text; detail text",
        "Values and rows that broke a quality rule (listed up to the policy's limit; the run's facts count them all). "
        "severity: refused (the row is in quarantine) or marked (let through).",
    ),
)

_CORE = (
    _table(
        "core.party",
        "party_key",
        """party_key key; party_uuid text; bucket bucket; customer_no text; kind text; name text; sex text
        birth_date day; since day; unit_no text; keeper_no text; area text; village text; occupation text
        employer_name text; resident_type text; size_class text; industry text; risk_grade text; risk_expires_on day
        renown_kind text; renown_source text; renown_on day; state text
        id_type text; id_token text; id_masked text; id_valid flag; is_owner flag""",
        "The single customer (客户). `is_owner`: holds at least one account as holder or joint holder, or none at all; "
        "false for authorised persons, agents and guardians only.",
    ),
    _table(
        "core.account",
        "account_no",
        """account_no text; bucket bucket; party_key key; product_code text; product_name text; family text
        unit_no text; currency text; opened_on day; closed_on day; state text; started_on day; matures_on day
        term_days big; rate DECIMAL(18,8); rolls_over flag; account_class text; acquired_by text
        loan_class text; overdue_days big; card_token text; card_masked text
        in_aum flag; aum_weight DECIMAL(9,8); component text; holders int""",
        "Accounts (账户) with their primary holder (the key wealth is bucketed by) and AUM membership by policy; "
        "`component`: the part of AUM it is shown under, `loan`, or NULL.",
    ),
    _table(
        "core.holding",
        "account_no party_key",
        "account_no text; party_key key; bucket bucket; share DECIMAL(9,8); is_primary flag",
        "Who owns which share of an account; shares of an account sum to 1.",
    ),
    _table(
        "core.account_role",
        "account_no party_key role",
        "account_no text; party_key key; role text",
        "Agents, guardians, authorised persons: relations to an account without wealth.",
    ),
    _table(
        "core.balance_change",
        "account_no day",
        "account_no text; bucket bucket; day day; balance money; in_transit money; balance_days money",
        "Day-end balances where they changed, in the account's currency; rebuilt from transactions when a bank "
        "has none.",
        monthly=True,
    ),
    _table(
        "core.unit_scope",
        "unit_no member_no",
        "unit_no text; member_no text; depth int",
        "Every unit with itself and all units below it, so that a report sums any level of the tree.",
    ),
    _table(
        "core.relation",
        "party_key other_key kind",
        "party_key key; other_key key; kind text; valid_from day; valid_to day; evidence text",
        "Declared relations, and employers seen in salary postings (evidence: declared | payroll).",
    ),
)

_FEATURE = (
    _table(
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
    _table(
        "feature.joint_month",
        "account_no party_key month",
        """account_no text; party_key key; month day; bucket bucket; family text; component text; in_aum flag
        aum_weight DECIMAL(9,8); opened_on day; closed_on day; balance_base money; in_transit_base money
        balance_days_base DECIMAL(38,2); in_transit_days_base DECIMAL(38,2); refused text""",
        "Accounts with several holders split by share, the residual to the primary holder; bucketed by the holder.",
        monthly=True,
    ),
    _table(
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
    _table(
        "feature.wealth_day",
        "label party_key",
        """label text; day day; party_key key; bucket bucket; aum money; wealth money; deposits money
        deposits_days DECIMAL(38,2); deposits_year_days DECIMAL(38,2); loans money; accounts_open int; active flag""",
        "Each owner's position at the run's reference days (today, yesterday, month_start, year_start, last_year), with "
        "the deposits' sums of balance × days since the first of the month and of the year.",
    ),
    _table(
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
    _table(
        "feature.contribution_month",
        "party_key month",
        """party_key key; month day; bucket bucket; deposit_margin money; loan_margin money; fee_income money
        expected_loss money; surtax money; service_cost money; contribution money; accounts_without_price big""",
        "Contribution (贡献度) of the month: FTP margins on average balances plus fees minus expected loss, surtax and "
        "the cost to serve. NULL when an account has no transfer price: refused, not zero.",
        monthly=True,
    ),
    _table(
        "feature.account_margin",
        "account_no month",
        """account_no text; month day; bucket bucket; party_key key; holders int; side text; family text; currency text
        tenor_days big; price_day day; rate DECIMAL(18,8); ftp_rate DECIMAL(18,8); covers_days big
        balance_days DECIMAL(38,2); margin money; expected_loss money; without text""",
        "What a deposit or loan account earned in the month against the transfer price (FTP) matched at origination. "
        "`without` names what is missing (price, rate, balance); the margin is then NULL, never zero.",
        monthly=True,
    ),
    _table(
        "feature.joint_margin",
        "account_no party_key month",
        """account_no text; party_key key; month day; bucket bucket; side text; margin money; expected_loss money
        without text""",
        "Margin and expected loss of accounts with several holders, split by share, the residual to the primary holder.",
        monthly=True,
    ),
    _table(
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
    _table(
        "feature.indicator_rank",
        "segment indicator bin month",
        """segment text; indicator text; bin DECIMAL(18,2); month day; customers big; percentile number""",
        "Mid-rank percentile 0..100 of each value (bin) of an indicator within its segment; ties share one.",
        monthly=True,
    ),
)

_SCORE = (
    _table(
        "score.tier",
        "party_key month",
        """party_key key; month day; bucket bucket; scheme text; reached_rank int; held_rank int; past_rank int
        months_below int; best_below_rank int; months_held int; months_at_or_above int; watch flag
        next_rank int; next_gap money; present_needed money; reason_code text""",
        "The tier (等级) in force from the day after the last day counted. NULL held_rank: no tier, and reason_code says "
        "why (not_an_owner, no_balance, ...). `next_gap`: average still missing to the next line; `present_needed`: what "
        "to deposit today and keep to month end to reach it.",
        monthly=True,
    ),
    _table(
        "score.company_standing",
        "party_key month",
        """party_key key; month day; bucket bucket; scheme text; value money; volume money; months_active int
        variation number; value_score number; volume_score number; stability_score number; points DECIMAL(18,2)""",
        "Standing (0..100 points) of companies within their size class: value, volume and stability as percentiles.",
        monthly=True,
    ),
    _table(
        "score.stage",
        "party_key month",
        """party_key key; month day; bucket bucket; stage text; reason_code text; base_average money
        now_average money; change_share number; tenure_days int; idle_days int; months_in_stage int; old_base money; was_lost flag""",
        "Life-cycle stage (生命周期): potential, trial, growing, mature, declining, lost, won_back with its evidence. "
        "`base_average`: what `now_average` is compared with; `old_base`: what a customer had before his "
        "balance fell; `was_lost`: lost and not won back since.",
        monthly=True,
    ),
    _table(
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
    _table(
        "score.behaviour",
        "party_key month",
        """party_key key; month day; bucket bucket; preference text; recency_days int; frequency_days int
        recency_rank int; frequency_rank int; money_rank int; families_held int; age_band text; channel_profile text""",
        "Preference type (偏好), RFM on customer-initiated postings, multi-holding, age band, channel profile.",
        monthly=True,
    ),
)

_REPORT = (
    _table(
        "report.unit_day",
        "label unit_no keeper_no",
        """label text; day day; unit_no text; keeper_no text; deposits money; deposits_average money
        deposits_year_average money; aum money; wealth money; loans money; active_customers big; customers big""",
        "Daily report (业务日报) by managing outlet and keeper ('' when none), for each reference day: today, "
        "yesterday, month_start (last month's end), year_start, last_year.",
    ),
    _table(
        "report.unit_tier",
        "month unit_no keeper_no kind tier_rank",
        """month day; unit_no text; keeper_no text; kind text; tier_rank int; customers big; aum money
        daily_average money""",
        "Customers and AUM per tier by managing outlet and keeper; tier_rank -1 stands for 未评级.",
        monthly=True,
    ),
    _table(
        "report.unit_band",
        "month unit_no band",
        "month day; unit_no text; band int; customers big; aum money",
        "Month-end AUM bands by managing outlet, apart from tiers (no hysteresis).",
        monthly=True,
    ),
    _table(
        "report.account_band",
        "month unit_no band",
        "month day; unit_no text; band int; accounts big; balance money",
        "Month-end balance bands of accounts by account outlet.",
        monthly=True,
    ),
    _table(
        "report.concentration",
        "month unit_no metric percent",
        """month day; unit_no text; metric text; percent int; customers big; amount money; share number""",
        "Cumulative share (二八曲线) of a metric (aum, contribution) held by the top `percent` % of customers, for every "
        "unit of the tree; profit may pass 100 %.",
        monthly=True,
    ),
    _table(
        "report.migration",
        "month unit_no from_rank to_rank",
        "month day; unit_no text; from_rank int; to_rank int; customers big; aum money",
        "Tier migration month to month by managing outlet.",
        monthly=True,
    ),
    _table(
        "report.attrition",
        "month unit_no tier_rank",
        "month day; unit_no text; tier_rank int; customers big; lost big; declining big; lost_base money",
        "Customers who went to lost or declining in the month, by outlet and the tier held the month before.",
        monthly=True,
    ),
    _table(
        "report.age_channel",
        "month unit_no area age_band",
        """month day; unit_no text; area text; age_band text; customers big; aum money; mobile_active big
        web_active big""",
        "Age bands: share of count, share of assets and channel use by outlet.",
        monthly=True,
    ),
    _table(
        "report.holding",
        "month unit_no families_held",
        "month day; unit_no text; families_held int; customers big; aum money",
        "Product holding: how many customers hold how many product families.",
        monthly=True,
    ),
    _table(
        "report.large_change",
        "party_key",
        """party_key key; unit_no text; keeper_no text; day day; aum_before money; aum_after money; change money
        change_share number""",
        "昨日大额变动: AUM moved by at least the policy's amount and share of AUM from the day before.",
    ),
    _table(
        "report.maturity",
        "account_no",
        """account_no text; party_key key; unit_no text; keeper_no text; product_name text; family text; amount money
        matures_on day; days_left int; rolls_over flag""",
        "近 30 天到期: time deposits, CDs, wealth, structured deposits, insurance that mature within the policy's days.",
    ),
    _table(
        "report.near_line",
        "party_key",
        """party_key key; unit_no text; keeper_no text; held_rank int; side text; line money; daily_average money
        gap money""",
        "临界客户: average just below the next line (side below) or just above the present one (side above).",
    ),
    _table(
        "report.reconciliation",
        "view_name component currency",
        """view_name text; component text; currency text; amount DECIMAL(38,2); difference DECIMAL(38,2)""",
        "The same total seen by customers, account outlets, managing outlets and the extract; difference to the first.",
    ),
)

TABLES: dict[str, Table] = {t.name: t for t in (*_STAGED, *_QUALITY, *_CORE, *_FEATURE, *_SCORE, *_REPORT)}
