"""Rating and credit coverage (评级授信面): how many customers are rated and have a line, by unit, village and kind."""

from collections.abc import Mapping, Sequence

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.scores.models import CreditCoverage
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
from guanxi.web import formats
from guanxi.web.lists import Column

FILE = "credit"
SUMS = ("n", "rated", "granted", "drawing", "expired", "line", "used")
KINDS: Mapping[str, Promise] = {
    "person": gettext_lazy("Persons"),
    "sole_trader": gettext_lazy("Sole traders"),
    "company": gettext_lazy("Companies"),
}
VILLAGES_SHOWN = 20  # on the page; the workbook has all of them


def credit(asked: Asked) -> Part:
    """Coverage of the last month by kind, by unit and by village, the widest gap first."""
    if FILE not in asked.delivered:
        return Part(missing=_("There is no file of ratings and credit lines (credit): coverage is unknown."))
    rows: Sequence[Sums] = list(
        asked.of_month(CreditCoverage.objects.filter(kind__in=KINDS))
        .values("unit_id", "village", "kind")
        .annotate(
            n=Sum("customers"), rated=Sum("rated"), granted=Sum("granted"), drawing=Sum("drawing"),
            expired=Sum("expired"), line=Sum("credit_line_fen"), used=Sum("credit_used_fen"),
        )
    )  # fmt: skip
    if not rows:
        return Part(missing=_("Known for the last month only: the bank's file tells today's lines."))
    whole = added(rows, SUMS)
    villages = _villages([row for row in rows if row["kind"] != "company"])
    tables = [_kinds(rows, whole), *_units(asked, rows, whole), *([villages] if villages else [])]
    chart = _chart(tables[1 if asked.place.children else 0])
    return Part(_finding(whole, villages), [chart], tables, _notes(), wide=True)


def _kinds(rows: Sequence[Sums], whole: dict[str, int]) -> Table:
    by_kind = grouped(rows, SUMS, lambda row: row["kind"])
    lines = [[str(word), *_cells(by_kind[kind])] for kind, word in KINDS.items() if kind in by_kind]
    return Table(_("Coverage by kind of customer"), _columns(_("Kind")), lines, [_("Total"), *_cells(whole)])


def _units(asked: Asked, rows: Sequence[Sums], whole: dict[str, int]) -> list[Table]:
    if not asked.place.children:
        return []
    branch = asked.place.branch_of
    by_unit = grouped(rows, SUMS, lambda row: branch[row["unit_id"]])
    names = {unit.pk: unit.name for unit in (*asked.place.children, asked.place.unit)}
    lines = [[names[unit], *_cells(by_unit[unit])] for unit in names if unit in by_unit]
    return [Table(_("Coverage by unit"), _columns(_("Unit")), lines, [_("Total"), *_cells(whole)])]


def _villages(rows: Sequence[Sums]) -> Table | None:
    """Villages and communities of persons and sole traders; most customers without a line first."""
    by_village = grouped([row for row in rows if row["village"]], SUMS, lambda row: row["village"])
    if not by_village:
        return None
    order = sorted(by_village, key=lambda name: (by_village[name]["granted"] - by_village[name]["n"], name))
    lines = [[name, *_cells(by_village[name])] for name in order]
    return Table(
        _("Coverage by village or community"), _columns(_("Village or community")), lines[:VILLAGES_SHOWN],
        whole=lines,
    )  # fmt: skip


def _columns(first: str) -> list[Column]:
    return [
        Column("what", first, "name"),
        Column("customers", _("Customers"), "number"),
        Column("rated_share", _("Share rated"), "percent"),
        Column("granted", _("With a line"), "number"),
        Column("granted_share", _("Share with a line"), "percent"),
        Column("without", _("Without a line"), "number"),
        Column("drawing_share", _("Of them drawing on it"), "percent"),
        Column("expired", _("Line expired"), "number"),
        Column("line", _("Credit lines"), "short"),
        Column("used", _("Drawn"), "short"),
    ]


def _cells(one: dict[str, int]) -> list[object]:
    return [
        one["n"], share(one["rated"], one["n"]), one["granted"], share(one["granted"], one["n"]),
        one["n"] - one["granted"], share(one["drawing"], one["granted"]), one["expired"], one["line"], one["used"],
    ]  # fmt: skip


def _chart(table: Table) -> Chart:
    series = [
        {"name": _("Share rated"), "code": "", "values": [line[2] for line in table.rows]},
        {"name": _("Share with a line"), "code": "", "values": [line[4] for line in table.rows]},
    ]
    data = {"categories": [line[0] for line in table.rows], "series": series}
    return Chart("rows", data, _("Rated, and with a standing line"), "percent")


def _finding(whole: dict[str, int], villages: Table | None) -> str:
    said = _(
        "%(rated)s of %(n)s customers are rated, %(granted)s have a standing line; %(expired)s lines have expired."
    ) % {
        "rated": percent(share(whole["rated"], whole["n"])),
        "n": formats.count(whole["n"]),
        "granted": percent(share(whole["granted"], whole["n"])),
        "expired": formats.count(whole["expired"]),
    }
    if villages is None:
        return said
    widest = villages.rows[0]
    return _("%(said)s The widest gap is %(village)s: %(n)s without a line.") % {
        "said": said,
        "village": widest[0],
        "n": formats.count(widest[5]),
    }


def _notes() -> list[str]:
    return [
        _(
            "Counted are customers with an open account, or named in the credit file; nobody is left out by age."
        ),
        _("By name: a segment with “Has a credit line: no” and the village, handed out as a list."),
        _("Villages as declared to the bank; who declared none is in the other tables only."),
    ]
