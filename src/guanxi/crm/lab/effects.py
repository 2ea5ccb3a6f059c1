"""After a version counts: the published figures beside those foretold, and beside the version and months before.

Tiers and managed scope are followed by standing; the value card by tenth within a segment, of which the money tells:
each tenth has as many customers as another by its making.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.lab import words
from guanxi.crm.lab.models import Attachment
from guanxi.crm.lab.selectors import counted_until
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.scores.models import Standing, UnitTier
from guanxi.crm.scores.selectors import current_business_date
from guanxi.insight.months import month_end, month_of, previous_month
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.tier import Scheme, TierPolicy
from guanxi.web import formats
from guanxi.web.lists import Column

MONTHS_BEFORE = 3
MOST_MONTHS = 12
Sums = Mapping[int, tuple[int, int]]  # by standing: customers, AUM in fen


@dataclass(frozen=True)
class Effect:
    """Rows by standing: the version before and this one as simulated, and what came; `missing`: why there are none."""

    columns: list[Column]
    rows: list[list[Any]]
    chart: dict[str, Any] | None
    finding: str = ""
    missing: str = ""
    chart_title: str = ""
    unit: str = "count"
    schemes: list[tuple[str, str]] = field(default_factory=list)
    scheme: str = ""
    running: str = ""  # said of a month that is not over and in which nobody moves yet


@dataclass(frozen=True)
class Seen:
    """What is compared: simulated under the version before and this, the months before it counted, those since."""

    before: Sums
    foretold: Sums
    earlier: Mapping[date, Sums]
    since: Mapping[date, Sums]

    @property
    def last(self) -> Sums:
        """The latest month published since."""
        return self.since[max(self.since)]


def effect_of(version: PolicyVersion, attachment: Attachment | None, scheme: str = "") -> Effect:
    """The months since the version counts, at most twelve, beside the draft's last simulated month."""
    if attachment is None:
        return _nothing(_("No simulation was laid under this version, so nothing was foretold."))
    schemes = _schemes(version, attachment)
    chosen = scheme if scheme in dict(schemes) else schemes[0][0]
    published = _published(version, chosen)
    starts = month_of(version.valid_from) if version.valid_from else None
    since = {month: found for month, found in published.items() if starts and month >= starts}
    if not since:
        return _nothing(_("No month has been published since it counts."))
    seen = Seen(
        before=_simulated(attachment.simulation.result["active"]["months"], chosen),
        foretold=_simulated(attachment.simulation.result["drafts"][attachment.draft]["months"], chosen),
        earlier={month: found for month, found in published.items() if month not in since},
        since=dict(list(since.items())[-MOST_MONTHS:]),
    )
    return _told(version, chosen, seen, schemes)


def _nothing(why: str) -> Effect:
    return Effect([], [], None, missing=why)


def _tier_scheme(version: PolicyVersion) -> Scheme:
    """The scheme that rates persons by their money."""
    policy = load_policy("tier", version.payload)
    assert isinstance(policy, TierPolicy)
    return next((one for one in policy.schemes if one.basis != "standing"), policy.schemes[0])


def _schemes(version: PolicyVersion, attachment: Attachment) -> list[tuple[str, str]]:
    """(code, name): the scheme of persons, managed scope, or the segments of the value card, the largest first."""
    if version.kind == "tier":
        code = _tier_scheme(version).code
        return [(code, words.scheme_name("tier", code, version.payload))]
    if version.kind == "scope":
        return [("scope", words.scheme_name("scope", "scope", version.payload))]
    size: dict[str, int] = defaultdict(int)
    for of, _standing, customers, _aum in attachment.simulation.result["active"]["months"][-1]["ranks"]:
        size[of] += customers
    codes = sorted(size, key=lambda code: (-size[code], code)) or [""]
    return [(code, words.scheme_name(version.kind, code, version.payload)) for code in codes]


def _simulated(months: list[dict[str, Any]], scheme: str) -> dict[int, tuple[int, int]]:
    return {standing: (n, aum) for of, standing, n, aum in months[-1]["ranks"] if of == scheme}


def _published(version: PolicyVersion, scheme: str) -> dict[date, dict[int, tuple[int, int]]]:
    """Published sums from some months before the version counts until another took its place, in order."""
    if version.valid_from is None:
        return {}
    first = month_of(version.valid_from)
    for _month in range(MONTHS_BEFORE):
        first = previous_month(first)
    until = counted_until(version)
    found: dict[date, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in _rows(version, scheme, first):
        if until is None or row["month"] < month_of(until):
            found[row["month"]][row["at"]] = (row["n"], int(row["fen"] or 0))
    return dict(sorted(found.items()))


def _rows(version: PolicyVersion, scheme: str, first: date) -> list[dict[str, Any]]:
    if version.kind == "tier":
        kinds = _tier_scheme(version).customer_kinds
        rated = UnitTier.objects.filter(kind__in=kinds, tier_rank__gt=words.NONE, month__gte=first)
        grouped = rated.values("month", "tier_rank").annotate(n=Sum("customers"), fen=Sum("aum_fen"))
        return [{**row, "at": row["tier_rank"]} for row in grouped]
    stood = Standing.objects.filter(kind=version.kind, scheme=scheme, month__gte=first)
    return [
        {"month": row.month, "at": row.standing, "n": row.customers, "fen": row.aum_fen}
        for row in stood.exclude(standing=words.NONE)
    ]


def _told(version: PolicyVersion, scheme: str, seen: Seen, schemes: list[tuple[str, str]]) -> Effect:
    standings = words.Standings(version.kind, version.payload)
    last = max(seen.since)
    ranks = {*seen.foretold, *seen.before, *(at for found in seen.since.values() for at in found)} - {
        words.NONE
    }
    rows = [[standings.label(scheme, rank), *_row(rank, seen)] for rank in sorted(ranks, reverse=True)]
    title, unit, chart = _chart(version, standings, scheme, seen)
    return Effect(
        _columns(version, last),
        rows,
        chart,
        _finding(version, seen, last),
        chart_title=title,
        unit=unit,
        schemes=schemes,
        scheme=scheme,
        running=_running(version, last),
    )


def _running(version: PolicyVersion, last: date) -> str:
    """Tiers and managed scope move when a month closes; ranks of the value card are drawn every night."""
    as_of = current_business_date()
    if version.kind == "value" or as_of is None or as_of >= month_end(last):
        return ""
    told = {"month": formats.month(last), "day": formats.day(month_end(last))}
    return _("%(month)s is not over: nobody moves before %(day)s, so this version does not show yet.") % told


def _row(rank: int, seen: Seen) -> list[int]:
    nobody = (0, 0)
    before, foretold, actual = (sums.get(rank, nobody) for sums in (seen.before, seen.foretold, seen.last))
    return [before[0], foretold[0], actual[0], actual[0] - foretold[0], before[1], foretold[1], actual[1]]


def _columns(version: PolicyVersion, last: date) -> list[Column]:
    month = {"month": formats.month(last)}
    first = {"tier": _("Tier"), "scope": _("Managed scope"), "value": _("Value card")}[version.kind]
    return [
        Column("tier", first, "name"),
        Column("before", _("Version before, simulated"), "number"),
        Column("foretold", _("Simulated"), "number"),
        Column("actual", _("Actual, %(month)s") % month, "number"),
        Column("apart", _("Apart"), "change_number"),
        Column("before_aum", _("AUM, version before"), "short"),
        Column("foretold_aum", _("AUM, simulated"), "short"),
        Column("actual_aum", _("AUM, actual"), "short"),
    ]


def _chart(
    version: PolicyVersion, standings: words.Standings, scheme: str, seen: Seen
) -> tuple[str, str, dict[str, Any]]:
    """The months before, the simulated figure, the months since; of the value card the money of the upper tenths."""
    money = version.kind == "value"
    title = {
        "tier": _("Customers who are given a keeper"),
        "scope": _("Customers in managed scope, and who left it"),
        "value": _("AUM of the three upper tenths"),
    }[version.kind]
    if version.kind == "tier":
        shown = [rank for rank in standings.ranks(scheme) if standings.managed(scheme, rank)]
    else:
        shown = [8, 9, 10] if money else [0, 1]
    at = int(money)
    told = [*seen.earlier.values(), seen.foretold, *seen.since.values()]
    names = [*map(formats.month, seen.earlier), _("Simulated"), *map(formats.month, seen.since)]
    series = [
        {
            "name": str(standings.label(scheme, rank)),
            "code": f"tier-{rank}" if version.kind == "tier" else "",
            "values": [sums.get(rank, (0, 0))[at] for sums in told],
        }
        for rank in shown
    ]
    return title, "money" if money else "count", {"categories": names, "series": series}


def _finding(version: PolicyVersion, seen: Seen, last: date) -> str:
    if version.kind == "value":
        return _("The top tenth held %(foretold)s of the wealth when simulated, %(actual)s in %(month)s.") % {
            "foretold": formats.percent(_top(seen.foretold), 1),
            "actual": formats.percent(_top(seen.last), 1),
            "month": formats.month(last),
        }
    if version.kind == "scope":
        said = _("In scope: %(foretold)s simulated, %(actual)s in %(month)s; %(left)s left it that month.")
        return said % {
            "foretold": formats.count(seen.foretold.get(1, (0, 0))[0]),
            "actual": formats.count(seen.last.get(1, (0, 0))[0]),
            "left": formats.count(seen.last.get(0, (0, 0))[0]),
            "month": formats.month(last),
        }
    everyone = sum(n for n, _aum in seen.last.values())
    ranks = {*seen.last, *seen.foretold}
    apart = (
        sum(abs(_row(rank, seen)[3]) for rank in ranks) / 2
    )  # whoever misses in one tier stands in another
    return _("In %(month)s the tiers differ from the simulation by %(share)s of the customers.") % {
        "month": formats.month(last),
        "share": formats.percent(apart / everyone if everyone else None, 2),
    }


def _top(sums: Sums) -> float | None:
    whole = sum(aum for _n, aum in sums.values())
    return sums.get(10, (0, 0))[1] / whole if whole else None
