"""What the pages draw: who a segment's customers are, and who is in two segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.segments.counting import Portrait, Slice

MOST_UNITS = 10
Chart = dict[str, Any]


def portrait_charts(portrait: Portrait, names: TierNames) -> list[tuple[str, Chart, str]]:
    """Title, data and kind of each chart: the segment's share beside everybody's, by tier, age and outlet."""
    units = portrait.units[:MOST_UNITS]
    called = dict(Unit.objects.filter(pk__in=[key for key, _n, _all in units]).values_list("pk", "name"))
    tiers = [one for one in portrait.tiers if one[1]]
    tiers.sort(key=lambda one: (str(one[0][0]), -(one[0][1] or 0)))
    ages = sorted((one for one in portrait.ages if one[0] is not None), key=lambda one: _age(one[0]))
    known_units = [one for one in units if one[1]]
    return [
        (
            _("By tier"),
            _beside(tiers, [names.label(*key) for key, _n, _all in tiers], portrait.tiers),
            "rows",
        ),
        (_("By age"), _beside(ages, [str(key) for key, _n, _all in ages], portrait.ages), "bars"),
        (
            _("By outlet"),
            _beside(known_units, [called.get(key, "—") for key, _n, _all in known_units], portrait.units),
            "rows",
        ),
    ]


def _age(band: str) -> int:
    digits = "".join(letter if letter.isdigit() else " " for letter in band).split()
    return int(digits[0]) if digits else 0


def _beside(shown: Sequence[Slice], labels: list[str], everything: Sequence[Slice]) -> Chart:
    """Two bars each: the share of the segment's customers, and of everybody within reach."""
    these, all_of_them = (sum(one[at] for one in everything) or 1 for at in (1, 2))
    series = [
        {"name": _("This segment"), "code": "", "values": [round(one[1] / these, 6) for one in shown]},
        {
            "name": _("All within reach"),
            "code": "",
            "values": [round(one[2] / all_of_them, 6) for one in shown],
        },
    ]
    return {"categories": labels, "series": series}


def overlap_chart(labels: Sequence[str], counts: Sequence[int]) -> Chart:
    """Three bars: in the first only, in both, in the second only."""
    series = [{"name": _("Customers"), "code": "", "values": list(counts)}]
    return {"categories": list(labels), "series": series}
