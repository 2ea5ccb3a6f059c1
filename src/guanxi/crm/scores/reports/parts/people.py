"""Ages with assets and channels; how many product families customers hold."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.crm.scores.models import AgeChannel, HoldingCount
from guanxi.crm.scores.reports.parts.base import Asked, Part, Sums, Table, amount, percent, share, total_of
from guanxi.crm.scores.reports.parts.tiers import share_chart, shared_rows
from guanxi.web.lists import Column

CHANNELS = "channel_events"


def age(asked: Asked) -> Part:
    """Age × share of customers × share of AUM × channels used in the month, persons only."""
    rows: Sequence[Sums] = list(
        asked.of_month(AgeChannel.objects.all())
        .values("area", "age_band")
        .annotate(n=Sum("customers"), fen=Sum("aum_fen"), mobile=Sum("mobile_active"), web=Sum("web_active"))
    )
    if not rows:
        return Part(missing=_("No age is known: the customers' file carries no birth dates."))
    channels = CHANNELS in asked.delivered or any(row["mobile"] or row["web"] for row in rows)
    by_age: dict[str, list[Sums]] = defaultdict(list)
    for row in rows:
        by_age[row["age_band"]].append(row)
    ages = sorted(by_age, key=age_order)
    told = [(age_label(one), _sum(by_age[one], "n") or 0, _sum(by_age[one], "fen")) for one in ages]
    lines, total, people, fen = shared_rows(told)
    wide = [[*line, *_used(by_age[one], channels)] for line, one in zip(lines, ages, strict=True)]
    table = Table(_("Age and channels"), _columns(), wide, [*total, *_used(rows, channels)])
    notes = [] if channels else [
        _("Channel use is unknown: there is no file of channel events (channel_events). It is not zero.")
    ]  # fmt: skip
    oldest = max(range(len(ages)), key=lambda at: told[at][2] or 0)
    finding = _("%(age)s: %(people)s of customers hold %(aum)s of AUM.") % {
        "age": told[oldest][0],
        "people": percent(share(told[oldest][1], people)),
        "aum": percent(share(told[oldest][2], fen)),
    }
    chart = share_chart(_("Customers and AUM by age"), lines, kind="rows", height="l")
    return Part(finding, [chart], [table, *_areas(rows, channels)], notes)


def _areas(rows: Sequence[Sums], channels: bool) -> list[Table]:
    """The same, town and country apart, where both are told."""
    areas = sorted({str(row["area"]) for row in rows if row["area"]})
    if len(areas) < 2:
        return []
    words = {"urban": _("Town"), "rural": _("Country")}
    lines = []
    for area in areas:
        here = sorted(
            (row for row in rows if row["area"] == area), key=lambda row: age_order(str(row["age_band"]))
        )
        told = [(age_label(str(row["age_band"])), row["n"], row["fen"]) for row in here]
        shared, _total, _people, _fen = shared_rows(told)
        lines += [
            [f"{words.get(area, area)} · {line[0]}", *line[1:], *_used([row], channels)]
            for line, row in zip(shared, here, strict=True)
        ]
    return [Table(_("Town and country apart"), _columns(), lines)]


def _columns() -> list[Column]:
    return [
        Column("age", _("Age"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("customers_share", _("Share of customers"), "percent"),
        Column("aum", _("AUM"), "short"),
        Column("aum_share", _("Share of AUM"), "percent"),
        Column("each", _("AUM a customer"), "short"),
        Column("mobile", _("Used the mobile bank"), "percent"),
        Column("web", _("Used the online bank"), "percent"),
    ]


def _used(rows: Sequence[Sums], channels: bool) -> list[float | None]:
    if not channels:
        return [None, None]
    people = _sum(rows, "n")
    return [share(_sum(rows, name), people) for name in ("mobile", "web")]


def _sum(rows: Sequence[Sums], name: str) -> int | None:
    return total_of([row[name] for row in rows])


def age_order(band: str) -> tuple[bool, int]:
    """Sorts age bands by their first year, the unknown last."""
    digits = "".join(sign if sign.isdigit() else " " for sign in band).split()
    return (not band, int(digits[0]) if digits else 0)


def age_label(band: str) -> str:
    """What an age band is called; an empty one is unknown."""
    return _("%(age)s years") % {"age": band} if band else _("Age unknown")


def holding(asked: Asked) -> Part:
    """How many product families customers hold, and what those who hold several are worth."""
    rows = asked.of_month(HoldingCount.objects.all()).values("families_held").order_by("families_held")
    found: Sequence[Sums] = list(rows.annotate(n=Sum("customers"), fen=Sum("aum_fen")))
    if not found:
        return Part(missing=_("No customer of this unit held an open account in this month."))
    told = [(_families(row["families_held"]), row["n"], row["fen"]) for row in found]
    lines, total, people, _fen = shared_rows(told)
    columns = [Column("held", _("Product families held"), "name"), *_columns()[1:6]]
    chart = share_chart(_("Customers and AUM by families held"), lines)
    table = Table(_("Products held"), columns, lines, total)
    notes = [_("Companies are counted too; they have no AUM, which lowers the AUM a customer.")]
    return Part(_holding_finding(found, people), [chart], [table], notes)


def _families(count: int) -> str:
    return ngettext("%(n)s family", "%(n)s families", count) % {"n": count}


def _holding_finding(found: Sequence[Sums], people: int) -> str:
    several = [row for row in found if row["families_held"] > 1]
    if not several:
        return _("No customer holds more than one product family.")
    single = [row for row in found if row["families_held"] == 1]
    n = sum(row["n"] for row in several)
    average = sum(row["families_held"] * row["n"] for row in found)
    told = {
        "share": percent(share(n, people)),
        "average": f"{average / people:.2f}",
        "many": amount(_mean(several)),
        "one": amount(_mean(single)),
    }
    return (
        _(
            "%(share)s of customers hold two families or more, %(average)s on average; they hold %(many)s each, "
            "holders of one %(one)s."
        )
        % told
    )


def _mean(rows: Sequence[Sums]) -> int:
    people = sum(row["n"] for row in rows)
    return sum(row["fen"] or 0 for row in rows) // people if people else 0
