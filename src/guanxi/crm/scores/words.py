"""What published codes are called on the screen; sentences with figures are in reasons."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STAGES: Mapping[str, Promise] = {
    "potential": _("Prospective"),
    "trial": _("On trial"),
    "growing": _("Growing"),
    "mature": _("Mature"),
    "declining": _("Declining"),
    "lost": _("Lost"),
    "won_back": _("Won back"),
}
STAGE_KINDS: Mapping[str, str] = {
    "declining": "amber",
    "lost": "red",
    "won_back": "green",
    "growing": "accent",
}
PREFERENCES: Mapping[str, Promise] = {
    "deposit_reliant": _("Leans on deposits"),
    "fee_reliant": _("Leans on services"),
    "loan_reliant": _("Leans on loans"),
    "balanced": _("Balanced"),
    "unsettled": _("Not settled yet"),
}
CHANNELS: Mapping[str, Promise] = {
    "mobile": _("Mobile bank"),
    "web": _("Online bank"),
    "third_party": _("Third-party payment"),
    "counter": _("Counter"),
    "self_service": _("Self-service machines"),
    "phone": _("Phone bank"),
    "mixed": _("Several channels"),
    "silent": _("No channel used"),
}
COMPONENTS: Mapping[str, Promise] = {
    "demand": _("Demand"),
    "time": _("Time"),
    "structured": _("Structured"),
    "wealth": _("Wealth products"),
    "fund": _("Funds"),
    "insurance": _("Insurance"),
    "other": _("Other"),
    "in_transit": _("In transit"),
}
INDICATORS: Mapping[str, Promise] = {
    "contribution": _("Contribution"),
    "risk": _("Risk"),
    "renown": _("Renown"),
    "relatedness": _("Relatedness"),
}
