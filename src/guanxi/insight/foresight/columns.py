"""Which columns of feature.leaving_month the scorer reads, and what reason each of them stands for."""

from __future__ import annotations

from guanxi.insight.tables import TABLES

_KNOWN = ("party_key", "month", "bucket", "base_average", "average", "tier_rank", "age_band")
COLUMNS = tuple(name for name in TABLES["feature.leaving_month"].column_names if name not in _KNOWN)

REASONS = {
    "ln_average": "size",
    "against_1": "balance_falling",
    "against_3": "balance_falling",
    "against_6": "balance_falling",
    "point_to_average": "below_average",
    "demand_share": "lies_on_demand",
    "time_share": "little_put_away",
    "wealth_share": "little_put_away",
    "transit_share": "in_transit",
    "families": "few_products",
    "accounts": "few_products",
    "tenure_years": "tenure",
    "age": "age",
    "rural": "area",
    "has_loan": "loan",
    "initiated": "less_active",
    "initiated_against_3": "less_active",
    "idle_days": "less_active",
    "log_ins": "fewer_log_ins",
    "log_ins_against_3": "fewer_log_ins",
    "s_log_ins": "fewer_log_ins",
    "left_share": "money_leaving",
    "left_against_6": "money_leaving",
    "s_outflow": "money_leaving",
    "spent_share": "spending",
    "inflow_share": "inflow",
    "paid": "payroll",
    "pay_missed": "payroll",
    "s_payroll": "payroll",
    "signals": "several_signals",
    "s_matured": "matured",
    "s_complaint": "complaint",
    "s_debit": "debit_cancelled",
    "s_slope": "balance_falling",
    "s_early": "early_withdrawal",
    "s_closing": "closing_request",
}


def rule_score(against_6: float) -> float:
    """The one-line rule: the present balance against one's own history; 1 when all is gone, below 0 when it grew."""
    return 1 - against_6
