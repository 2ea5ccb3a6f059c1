"""Customers who cost more than they bring, and whether the lifetime value of a year ago came true."""

from collections.abc import Mapping, Sequence

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.scores.models import LifetimeCheck, Problem
from guanxi.crm.scores.reports.parts.base import Asked, Chart, Part, Sums, Table, amount, percent, share
from guanxi.web import formats
from guanxi.web.lists import Column

CAUSES: Mapping[str, Promise] = {
    "service": gettext_lazy("The cost to serve"),
    "margin": gettext_lazy("A negative margin"),
    "loss": gettext_lazy("Expected loss"),
}


def problem(asked: Asked) -> Part:
    """Customers with a negative contribution of 12 months, by the largest cause; the last month only."""
    rows: Sequence[Sums] = list(
        asked.of_month(Problem.objects.all())
        .values("cause")
        .annotate(n=Sum("customers"), fen=Sum("contribution_fen"), aum=Sum("aum_fen"))
    )
    if not rows:
        return Part(
            missing=_("Known for the last month only, and only where every account has its transfer price.")
        )
    people, cost = sum(row["n"] for row in rows), -sum(row["fen"] for row in rows)
    order = sorted(rows, key=lambda row: row["fen"])
    lines = [
        [
            str(CAUSES[row["cause"]]),
            row["n"],
            share(row["n"], people),
            -row["fen"],
            share(-row["fen"], cost),
            row["aum"],
        ]
        for row in order
    ]
    total = [
        _("Total"),
        people,
        share(people, people),
        cost,
        share(cost, cost),
        sum(row["aum"] or 0 for row in rows),
    ]
    columns = [
        Column("cause", _("Largest cause"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("customers_share", _("Share of customers"), "percent"),
        Column("cost", _("Cost in 12 months"), "short"),
        Column("cost_share", _("Share of the cost"), "percent"),
        Column("aum", _("AUM"), "short"),
    ]
    finding = _(
        "%(n)s customers cost %(cost)s more than they brought in 12 months; %(share)s of it is: %(cause)s."
    ) % {
        "n": formats.count(people),
        "cost": amount(cost),
        "share": percent(share(-order[0]["fen"], cost)),
        "cause": lines[0][0],
    }
    series = [
        {"name": _("Share of customers"), "code": "", "values": [line[2] for line in lines]},
        {"name": _("Share of the cost"), "code": "", "values": [line[4] for line in lines]},
    ]
    data = {"categories": [line[0] for line in lines], "series": series}
    chart = Chart("rows", data, _("Problem customers by cause"), "percent")
    notes = [_("Costs to serve are an average of the policy, not measured customer by customer.")]
    return Part(finding, [chart], [Table(_("Problem customers"), columns, lines, total)], notes)


def lifetime(asked: Asked) -> Part:
    """Deciles of what was expected a year ago beside what came and beside last year again; the whole bank only."""
    rows = list(LifetimeCheck.objects.filter(month=asked.month).order_by("decile"))
    if asked.place.unit.parent_id is not None:
        return Part(missing=_("Judged for the whole bank, not unit by unit."))
    if not rows:
        return Part(missing=_("Needs 25 months: a year to expect from, and a year to see what came."))
    lines = [
        [str(row.decile), row.customers, row.predicted_fen, row.last_year_fen, row.actual_fen,
         row.error_predicted_fen, row.error_last_year_fen]
        for row in rows
    ]  # fmt: skip
    sums = [sum(int(line[at] or 0) for line in lines) for at in range(1, 7)]
    columns = [
        Column("decile", _("Tenth, the least first"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("predicted", _("Expected"), "short"),
        Column("last_year", _("Last year again"), "short"),
        Column("actual", _("Came"), "short"),
        Column("error_predicted", _("Error of the expectation"), "short"),
        Column("error_last_year", _("Error of last year again"), "short"),
    ]
    series = [
        {"name": str(column.label), "code": "", "values": [line[at] for line in lines]}
        for at, column in ((2, columns[2]), (3, columns[3]), (4, columns[4]))
    ]
    data = {"categories": [line[0] for line in lines], "series": series}
    chart = Chart("bars", data, _("Contribution of the year by tenth of what was expected"), "money", "l")
    table = Table(_("Lifetime value, checked"), columns, lines, [_("Total"), *sums])
    return Part(_verdict(sums), [chart], [table], [_("For analysis; not shown on a customer's page.")])


def _verdict(sums: Sequence[int]) -> str:
    _people, predicted, _again, actual, error, error_again = sums
    told = {"predicted": amount(predicted), "actual": amount(actual)}
    told |= {"error": amount(error), "again": amount(error_again)}
    better = _(
        "Expected %(predicted)s, came %(actual)s; errors %(error)s, of last year again %(again)s: better."
    )
    worse = _(
        "Expected %(predicted)s, came %(actual)s; errors %(error)s, of last year again %(again)s: no better."
    )
    return (better if error < error_again else worse) % told
