"""What the pages of figures say: units, pages, and a metric's texts in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.insight.metrics.registry import Metric

UNITS: Mapping[str, Promise] = {
    "money": _("yuan"),
    "customers": _("number of customers"),
    "accounts": _("number of accounts"),
}
PAGES: Mapping[str, tuple[Promise, str]] = {
    "customers": (_("Customers"), "desk:customers"),
    "customer": (_("Customer page"), ""),
    "structure": (_("Customer structure"), "reports:structure"),
    "daily": (_("Daily report"), "reports:daily"),
    "lists": (_("Lists"), "reports:large_changes"),
}


@dataclass(frozen=True)
class Said:
    """A metric in the reader's language."""

    id: str
    name: str
    definition: str
    owner: str
    unit: str


def said(metric: Metric) -> Said:
    """The texts of one metric; English where the reader's language is neither."""
    code = "zh" if (get_language() or "").startswith("zh") else "en"
    return Said(
        metric.id, metric.name[code], metric.definition[code], metric.owner[code], str(UNITS[metric.unit])
    )
