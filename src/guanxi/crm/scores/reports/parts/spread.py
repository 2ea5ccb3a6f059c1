"""二八曲线: how much of AUM and of profit the best customers hold. Rows exist for every unit, so nothing is summed."""

from collections import defaultdict

from django.utils.translation import gettext as _

from guanxi.crm.scores.models import Concentration
from guanxi.crm.scores.reports.parts.base import Asked, Chart, Part, Table, percent
from guanxi.web.lists import Column

MARK, PROFIT_MARK = 20, 10  # 二八定律; "10% 的客户创造 130% 的利润"
SHOWN = (1, 2, 5, 10, 20, 30, 50, 70, 80, 90, 100)


def concentration(asked: Asked) -> Part:
    """Lorenz curves of AUM and of twelve months' contribution; that of profit may pass 100 %."""
    rows = asked.of_month(Concentration.objects.filter(unit=asked.place.unit)).order_by("percent")
    curves: dict[str, dict[int, Concentration]] = defaultdict(dict)
    for row in rows:
        curves[row.metric][row.percent] = row
    names = {"aum": _("AUM"), "contribution": _("Profit of 12 months")}
    there = [metric for metric in names if any(row.share is not None for row in curves[metric].values())]
    if not there:
        return Part(missing=_("No AUM is known for this unit and month."))
    series = [
        {
            "name": names[metric],
            "code": "",
            "points": [[0, 0], *([row.percent / 100, row.share] for row in curves[metric].values())],
        }
        for metric in there
    ]
    chart = Chart(
        "lorenz", {"series": series, "mark": MARK / 100}, _("What the best customers hold"), "percent", "l"
    )
    lines = [_line(curves, there, step) for step in range(1, 101)]
    table = Table(
        _("Concentration"), _columns(names, there), [lines[step - 1] for step in SHOWN], whole=lines
    )
    return Part(_finding(curves), [chart], [table], _notes(asked, there))


def _line(curves: dict[str, dict[int, Concentration]], there: list[str], step: int) -> list[object]:
    line: list[object] = [_("Top %(n)s%%") % {"n": step}]
    for metric in there:
        row = curves[metric].get(step)
        line += [row.customers, row.amount_fen, row.share] if row else [None, None, None]
    return line


def _columns(names: dict[str, str], there: list[str]) -> list[Column]:
    columns = [Column("top", _("Customers, best first"), "name")]
    for metric in there:
        columns += [
            Column(f"{metric}_customers", _("Customers"), "number"),
            Column(f"{metric}_amount", names[metric], "short"),
            Column(f"{metric}_share", _("%(what)s, share") % {"what": names[metric]}, "percent"),
        ]
    return columns


def _finding(curves: dict[str, dict[int, Concentration]]) -> str:
    said = []
    if aum := curves["aum"].get(MARK):
        said.append(
            _("the best %(n)s%% of customers hold %(share)s of AUM")
            % {"n": MARK, "share": percent(aum.share)}
        )
    profit = curves["contribution"].get(PROFIT_MARK)
    if profit is not None and profit.share is not None:
        told = {"n": PROFIT_MARK, "share": percent(profit.share)}
        said.append(_("the most profitable %(n)s%% bring %(share)s of profit") % told)
    sentence = _("; ").join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}{_('.')}" if said else ""


def _notes(asked: Asked, there: list[str]) -> list[str]:
    if "contribution" in there:
        return [_("Profit passes 100% where some customers cost more than they bring.")]
    if "ftp_rates" not in asked.delivered:
        return [_("There is no curve of profit: the file of transfer prices (ftp_rates) was not delivered.")]
    return [_("There is no curve of profit: the customers of this unit bring none in all.")]
