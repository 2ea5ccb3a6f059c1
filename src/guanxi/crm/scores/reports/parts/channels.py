"""Channel substitution (电子渠道替代率): what customers do without the counter, by age, by unit and over time."""

from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.scores.models import ChannelUse
from guanxi.crm.scores.reports.parts.base import (
    Asked,
    Chart,
    Part,
    Sums,
    Table,
    added,
    grouped,
    percent,
    share,
)
from guanxi.crm.scores.reports.parts.people import age_label, age_order
from guanxi.web import formats
from guanxi.web.lists import Column

SUMS = ("n", "counter", "machines", "mobile", "web", "phone", "third")
MONTHS_SHOWN = 13
COMPANIES = "companies"
AGELESS = ("company", "government", "interbank")


def channels(asked: Asked) -> Part:
    """Share of own postings not made at the counter: of the month by age and unit, and month by month."""
    rows: Sequence[Sums] = list(
        asked.sums(ChannelUse.objects.filter(month__lte=asked.month))
        .values("month", "unit_id", "kind", "age_band")
        .annotate(
            n=Sum("customers"), counter=Sum("counter_count"), machines=Sum("self_service_count"),
            mobile=Sum("mobile_count"), web=Sum("web_count"), phone=Sum("phone_count"),
            third=Sum("third_party_count"),
        )
    )  # fmt: skip
    here = [row for row in rows if row["month"] == asked.month]
    if not here:
        return Part(missing=_("No customer of this unit made a posting on a known channel in this month."))
    whole = added(here, SUMS)
    ages = _ages(here, whole)
    months = _months(rows)
    tables = [ages, *_units(asked, here, whole), months]
    return Part(_finding(ages, whole), [_chart(months)], tables, _notes(), wide=True)


def _ages(rows: Sequence[Sums], whole: dict[str, int]) -> Table:
    by_age = grouped(rows, SUMS, lambda row: COMPANIES if row["kind"] in AGELESS else row["age_band"])
    order = sorted(by_age, key=lambda one: (one == COMPANIES, age_order(str(one))))
    lines = [
        [_("Companies") if one == COMPANIES else age_label(str(one)), *_cells(by_age[one])] for one in order
    ]
    return Table(_("Substitution by age"), _columns(_("Age")), lines, [_("Total"), *_cells(whole)])


def _units(asked: Asked, rows: Sequence[Sums], whole: dict[str, int]) -> list[Table]:
    if not asked.place.children:
        return []
    branch = asked.place.branch_of
    by_unit = grouped(rows, SUMS, lambda row: branch[row["unit_id"]])
    names = {unit.pk: unit.name for unit in (*asked.place.children, asked.place.unit)}
    lines = [[names[unit], *_cells(by_unit[unit])] for unit in names if unit in by_unit]
    return [Table(_("Substitution by unit"), _columns(_("Unit")), lines, [_("Total"), *_cells(whole)])]


def _months(rows: Sequence[Sums]) -> Table:
    by_month = grouped(rows, SUMS, lambda row: row["month"])
    shown = sorted({row["month"] for row in rows})[-MONTHS_SHOWN:]
    lines = [[formats.month(month), *_cells(by_month[month])] for month in shown]
    return Table(_("Substitution by month"), _columns(_("Month")), lines)


def _columns(first: str) -> list[Column]:
    return [
        Column("what", first, "name"),
        Column("customers", _("Customers"), "number"),
        Column("rate", _("Substitution"), "percent"),
        Column("counter", _("At the counter"), "number"),
        Column("machines", _("At machines"), "number"),
        Column("mobile", _("Mobile bank"), "number"),
        Column("web", _("Online bank"), "number"),
        Column("phone", _("Telephone bank"), "number"),
        Column("third", _("Third-party payments"), "number"),
    ]


def _rate(one: dict[str, int]) -> float | None:
    away = one["machines"] + one["mobile"] + one["web"] + one["phone"]
    return share(away, away + one["counter"])


def _cells(one: dict[str, int]) -> list[object]:
    return [
        one["n"], _rate(one), one["counter"], one["machines"], one["mobile"], one["web"], one["phone"], one["third"],
    ]  # fmt: skip


def _chart(months: Table) -> Chart:
    series = [{"name": _("Substitution"), "code": "", "values": [line[2] for line in months.rows]}]
    data = {"categories": [line[0] for line in months.rows], "series": series}
    return Chart("bars", data, _("Share not done at the counter, month by month"), "percent")


def _finding(ages: Table, whole: dict[str, int]) -> str:
    told = _("%(rate)s of what customers did was done without the counter.") % {"rate": percent(_rate(whole))}
    known = [line for line in ages.rows if line[2] is not None]
    if len(known) < 2:
        return told
    least = min(known, key=lambda line: float(line[2]))
    return _("%(said)s Least among: %(group)s, %(rate)s.") % {
        "said": told,
        "group": least[0],
        "rate": percent(least[2]),
    }


def _notes() -> list[str]:
    return [_("ATMs count as without the counter; payments through third parties are in neither sum.")]
