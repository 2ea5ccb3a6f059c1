"""The views analysts may ask (去标识化视图): a closed list of tables and columns of a run, and what is done to each.

A column that stands in no list here is not published, so a new column of a table stays inside until somebody decides.

- Keys of customers and accounts become pseudonyms: the same in all views, another in every bank, found on no screen.
- Days become the first of their month, a birth date an age band, the day a customer came a year.
- What several know of a customer (outlet, age, sex, …) is coarsened until at least `k` customers share it (`LEVELS`).
- Sums of fewer than `k` customers are left out; smaller counts beside them are NULL.

Amounts are exact: who knows a customer's balance to the fen can find the row. The data are pseudonymous, not anonymous.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from guanxi.insight.tables import TABLES


class How(StrEnum):
    """What is done to a column on its way out."""

    KEPT = "kept"
    PARTY = "party"  # a customer's key → pseudonym
    ACCOUNT = "account"  # an account's number → pseudonym
    MONTH = "month"  # a day → the first of its month
    FEW = "few"  # a count of customers: NULL from 1 to k - 1


@dataclass(frozen=True)
class Column:
    """One published column: its name, DuckDB type, what was done, and the column of the table it comes from."""

    name: str
    kind: str
    how: How = How.KEPT
    source: str = ""


@dataclass(frozen=True)
class View:
    """A published table. `counts`: the column that says how many customers a row sums up ('' for rows of customers)."""

    name: str
    columns: tuple[Column, ...]
    monthly: bool
    about: str
    counts: str = ""

    @property
    def schema(self) -> str:
        """The word before the dot."""
        return self.name.split(".")[0]

    @property
    def has_party(self) -> bool:
        """Whether its rows are of customers."""
        return any(column.how is How.PARTY for column in self.columns)


PARTY = "core.party"
AGE_FROM = ("score.behaviour", "age_band")
KNOWN = ("kind", "sex", "age_band", "since_year", "area", "resident_type", "size_class", "unit_no")
"""What others may know of a customer, and by which they could find one (准标识符)."""
LEVELS: tuple[tuple[str, ...], ...] = (
    KNOWN,
    ("kind", "sex", "age_band", "area", "unit_no"),
    ("kind", "age_band", "unit_no"),
    ("kind", "unit_no"),
    ("kind",),
    (),
)
"""What is left of it, level by level: a customer stands at the first where k customers not yet placed share it all."""

_ROWS: dict[str, str] = {
    "core.account": """account_no party_key product_code product_name family currency opened_on closed_on state
        started_on matures_on term_days rate rolls_over account_class loan_class overdue_days component
        in_aum holders""",
    "core.holding": "account_no party_key share is_primary",
    "core.unit_scope": "unit_no member_no depth",
    "feature.account_month": "account_no month balance_base balance_days_base days refused",
    "feature.wealth_month": """party_key month aum daily_average demand time structured wealth fund insurance other
        in_transit deposits deposits_average loans loans_average days days_in_month accounts_open families_held
        basis""",
    "feature.activity_month": """party_key month initiated_count active_days inflow outflow outflow_same_name
        salary_count salary_amount fee_count fee_amount mobile_log_ins web_log_ins mobile_active web_active
        channels_active counter_count self_service_count mobile_count web_count phone_count third_party_count""",
    "feature.contribution_month": """party_key month deposit_margin loan_margin fee_income expected_loss surtax
        service_cost contribution accounts_without_price""",
    "feature.behaviour_month": """party_key month online_events online_log_ins interests left_half_way
        redemptions_viewed loans_calculated""",
    "feature.contact_month": "party_key month contacts reached met intents promises_kept promises_broken",
    "score.tier": """party_key month scheme reached_rank held_rank past_rank months_below months_held watch next_rank
        next_gap reason_code rule_rank""",
    "score.stage": """party_key month stage reason_code base_average now_average change_share tenure_days idle_days
        months_in_stage was_lost""",
    "score.value_card": """party_key month segment contribution_12m contribution_score risk_score renown_score
        relatedness_score composite_score""",
    "score.behaviour": """party_key month preference recency_days frequency_days recency_rank frequency_rank money_rank
        families_held channel_profile""",
    "score.scope": "party_key month measure in_scope months_in months_below turn",
    "score.leaving": "party_key month served_by chance place drift",
    "score.churn_label": "party_key month base_average asset_loss exit dormant tier_drop",
    "score.warning": "party_key month signal signals urgency amount at_stake chance",
    "feature.family_held": "party_key family first_opened_on accounts_open",
    "score.lifetime": """party_key month segment tier_rank contribution_12m months_known expected_month loss_rate
        next_12m lifetime_value""",
    "score.potential": """party_key month aum peers peer_low peer_middle peer_high gap_low gap_middle gap_high
        sent_elsewhere""",
    "score.next_need": "party_key place family product_code product_name rate exposed takers own_reason chance",
    "score.credit": "party_key credit_rated credit_granted credit_line credit_used",
    "report.unit_band": "month unit_no band customers aum",
    "report.concentration": "month unit_no metric percent customers amount share",
    "report.migration": "month unit_no from_rank to_rank customers aum",
    "report.attrition": "month unit_no tier_rank customers lost declining lost_base",
    "report.age_channel": "month unit_no area age_band customers aum mobile_active web_active",
    "report.channel_use": """month unit_no kind age_band customers counter_count self_service_count mobile_count
        web_count phone_count third_party_count""",
    "report.holding": "month unit_no families_held customers aum",
    "report.problem": "month unit_no cause customers contribution aum",
    "report.lifetime_check": "month decile customers predicted last_year actual error_predicted error_last_year",
    "report.care": "month unit_no tier_rank customers kept_days contacts reached_customers entitlement_uses",
    "ops.campaign": """campaign name kind family measure unit horizon_days planned_n launched_on ended_on arms cost
        hoped""",
    "ops.contact": "customer_no day channel outcome intent_family intent_amount",
    "ops.case": "customer_no source opened_on tier_rank offers closed_on outcome reason",
}
_FEW = {"lost", "declining", "mobile_active", "web_active", "reached_customers"}


@cache
def views() -> dict[str, View]:
    """Every published view by its name, customers first."""
    made = [_party(), *(_view(name, columns.split()) for name, columns in _ROWS.items())]
    return {view.name: view for view in made}


def _party() -> View:
    kinds = dict(TABLES[PARTY].columns)
    texts = (
        "kind",
        "sex",
        "age_band",
        "area",
        "resident_type",
        "size_class",
        "unit_no",
        "risk_grade",
        "state",
    )
    made = (
        Column("party_key", "BIGINT", How.PARTY, "party_key"),
        *(Column(name, "VARCHAR", source=name if name in kinds else "") for name in texts),
        Column("since_year", "INTEGER", source="since"),
        *(Column(name, "BOOLEAN", source=name) for name in ("professional", "is_owner")),
    )
    return View(PARTY, made, monthly=False, about=TABLES[PARTY].about)


def _view(name: str, wanted: list[str]) -> View:
    table = TABLES[name]
    kinds = dict(table.columns)
    columns = [_column(name, column, kinds[column]) for column in wanted]
    if name == "feature.account_month":  # an account's holder, so that its rows count customers too
        columns.insert(0, Column("party_key", "BIGINT", How.PARTY, ""))
    counts = "customers" if name.startswith("report.") else ""
    return View(name, tuple(columns), table.monthly, table.about, counts)


def _column(view: str, name: str, kind: str) -> Column:
    if name in ("party_key", "customer_no"):
        return Column("party_key", "BIGINT", How.PARTY, name)
    if name == "account_no":
        return Column(name, "BIGINT", How.ACCOUNT, name)
    if kind == "DATE" and name != "month" and view != "ops.campaign":
        return Column(name, kind, How.MONTH, name)
    if view.startswith("report.") and name in _FEW:
        return Column(name, kind, How.FEW, name)
    return Column(name, kind, How.KEPT, name)
