"""What the scorer knows of a customer and month (feature.leaving_month), as a model's card names it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FEATURES: Mapping[str, Promise] = {
    "ln_average": _("Daily average of wealth"),
    "against_1": _("Daily average against the month before"),
    "against_3": _("Daily average against three months before"),
    "against_6": _("Daily average against six months before"),
    "point_to_average": _("Wealth at the end against its daily average"),
    "demand_share": _("Share on demand"),
    "time_share": _("Share of time deposits"),
    "wealth_share": _("Share of wealth products, funds and insurance"),
    "transit_share": _("Share in transit"),
    "families": _("Product families held"),
    "accounts": _("Open accounts"),
    "tenure_years": _("Years as a customer"),
    "age": _("Years of age"),
    "rural": _("Lives in the country"),
    "has_loan": _("Has a loan"),
    "initiated": _("Own postings"),
    "initiated_against_3": _("Own postings against three months before"),
    "idle_days": _("Days since the last own posting"),
    "log_ins": _("Log-ins"),
    "log_ins_against_3": _("Log-ins against three months before"),
    "left_share": _("Share that left the bank"),
    "left_against_6": _("Left the bank, against six months before"),
    "spent_share": _("Share spent"),
    "inflow_share": _("Share that came in"),
    "paid": _("Pay came"),
    "pay_missed": _("Pay used to come and did not"),
    "signals": _("Warning signals"),
    "s_outflow": _("Signals of money leaving"),
    "s_payroll": _("Signals of pay stopped"),
    "s_matured": _("Signals of money matured and not renewed"),
    "s_log_ins": _("Signals of fewer log-ins"),
    "s_complaint": _("Signals of complaints"),
    "s_debit": _("Signals of direct debits cancelled"),
    "s_slope": _("Signals of wealth falling"),
    "s_early": _("Signals of early withdrawal"),
    "s_closing": _("Signals of wanting to close"),
}


def feature_name(code: str) -> str:
    """A column of the scorer in words; a card of another program's version keeps what it wrote."""
    return str(FEATURES.get(code, code))
