"""The parts of 客户分析 in the order of the page: each from sums of one place and month."""

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.scores.reports.parts import bands, care, channels, credit, moves, people, spread, tiers, worth
from guanxi.crm.scores.reports.parts.base import Asked, Part, Table

PARTS: Mapping[str, tuple[Promise, Callable[[Asked], Part]]] = {
    "tiers": (_("Tiers"), tiers.tiers),
    "bands": (_("Month-end bands"), bands.bands),
    "concentration": (_("Concentration"), spread.concentration),
    "problem": (_("Problem customers"), worth.problem),
    "high_end": (_("Mid and high end over time"), tiers.high_end),
    "age": (_("Age and channels"), people.age),
    "channels": (_("Channel substitution"), channels.channels),
    "holding": (_("Products held"), people.holding),
    "credit": (_("Rating and credit coverage"), credit.credit),
    "migration": (_("Tier migration"), moves.migration),
    "attrition": (_("Attrition"), moves.attrition),
    "care": (_("Care given"), care.care),
    "lifetime": (_("Lifetime value, checked"), worth.lifetime),
    "companies": (_("Companies by tier"), tiers.companies),
}

__all__ = ["PARTS", "Asked", "Part", "Table"]
