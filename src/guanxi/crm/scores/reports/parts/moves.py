"""Who changed tier and who left, month to month."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from guanxi.crm.scores.models import Attrition, Migration
from guanxi.crm.scores.reports.parts.base import Asked, Chart, Part, Sums, Table, amount, known, share
from guanxi.crm.scores.reports.words import UNRATED
from guanxi.web import formats
from guanxi.web.lists import Column


def migration(asked: Asked) -> Part:
    """From which tier to which, with the AUM of those who went; empty in the first month known."""
    rows = asked.of_month(Migration.objects.all()).values("from_rank", "to_rank")
    found = {
        (known(row["from_rank"]), known(row["to_rank"])): (row["n"], row["fen"])
        for row in rows.annotate(n=Sum("customers"), fen=Sum("aum_fen"))
    }
    if not found:
        return Part(missing=_("This is the first month known: there is no month before to compare with."))
    ranks = sorted(set(asked.retail.ranks) | {rank for pair in found for rank in pair})
    data = {
        "rows": [asked.tier(rank) for rank in ranks],
        "columns": [asked.tier(rank) for rank in ranks],
        "cells": [[found.get((a, b), (0, 0))[0] for b in ranks] for a in ranks],
        "extra": {
            "name": _("AUM"),
            "unit": "money",
            "cells": [[found.get((a, b), (0, None))[1] for b in ranks] for a in ranks],
        },
        "row_name": _("Last month"),
        "column_name": _("This month"),
    }
    chart = Chart("matrix", data, _("From the tier of last month (rows) to that of this month"), "count", "l")
    moved = sorted(
        ((pair, held) for pair, held in found.items() if pair[0] != pair[1]), key=lambda one: -one[1][0]
    )
    lines = [[asked.tier(a), asked.tier(b), _way(a, b), n, fen] for (a, b), (n, fen) in moved]
    columns = [
        Column("from", _("Last month"), "name"),
        Column("to", _("This month")),
        Column("way", _("Way")),
        Column("customers", _("Customers"), "number"),
        Column("aum", _("AUM"), "short"),
    ]
    return Part(_migration_finding(found), [chart], [Table(_("Who moved"), columns, lines)], wide=True)


def _way(before: int, after: int) -> str:
    if before == UNRATED:
        return _("rated for the first time")
    if after == UNRATED:
        return _("no longer rated")
    return _("up") if after > before else _("down")


def _migration_finding(found: dict[tuple[int, int], tuple[int, int | None]]) -> str:
    rated = {pair: held for pair, held in found.items() if UNRATED not in pair}
    up = [held for (before, after), held in rated.items() if after > before]
    down = [held for (before, after), held in rated.items() if after < before]
    return _(
        "%(up)s customers rose (now %(up_aum)s) and %(down)s fell (now %(down_aum)s); %(stayed)s kept their tier."
    ) % {
        "up": formats.count(sum(n for n, _fen in up)),
        "up_aum": amount(sum(fen or 0 for _n, fen in up)),
        "down": formats.count(sum(n for n, _fen in down)),
        "down_aum": amount(sum(fen or 0 for _n, fen in down)),
        "stayed": formats.count(sum(n for (a, b), (n, _fen) in rated.items() if a == b)),
    }


def attrition(asked: Asked) -> Part:
    """Who became lost or began to decline: by the tier held the month before, by unit, and month by month."""
    now: Sequence[Sums] = list(_summed(asked.of_month(Attrition.objects.all()), "unit_id", "tier_rank"))
    if not now:
        return Part(missing=_("This is the first month known: there is no month before to compare with."))
    known_months = asked.sums(Attrition.objects.filter(month__lte=asked.month))
    trend: Sequence[Sums] = list(_summed(known_months, "month").order_by("month"))
    months = [one["month"] for one in trend]
    series = [
        {"name": _("Lost"), "code": "", "values": [share(one["gone"], one["n"]) for one in trend]},
    ]
    data = {"categories": [f"{month:%Y-%m}" for month in months], "series": series}
    chart = Chart("line", data, _("Share of customers lost in the month"), "percent")
    by_tier = _grouped(now, lambda row: row["tier_rank"])
    tiers = [[asked.tier(rank), *_cells(by_tier[rank])] for rank in sorted(by_tier, reverse=True)]
    total = [_("Total"), *_cells(_sums(now))]
    tables = [Table(_("By the tier held the month before"), _columns(_("Tier")), tiers, total)]
    if asked.place.children:
        branch = asked.place.branch_of
        by_unit = _grouped(now, lambda row: branch[row["unit_id"]])
        names = {unit.pk: unit.name for unit in (*asked.place.children, asked.place.unit)}
        units = [[names[unit], *_cells(by_unit[unit])] for unit in names if unit in by_unit]
        tables.append(Table(_("By unit"), _columns(_("Unit")), units, total))
    return Part(_attrition_finding(_sums(now), trend), [chart], tables)


def _summed(rows: QuerySet[Attrition], *by: str) -> Any:
    return rows.values(*by).annotate(
        n=Sum("customers"), gone=Sum("lost"), less=Sum("declining"), fen=Sum("lost_base_fen")
    )


def _grouped(rows: Sequence[Sums], key: Callable[[Sums], int]) -> dict[int, dict[str, int]]:
    groups: dict[int, list[Sums]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: _sums(group) for name, group in groups.items()}


def _sums(rows: Sequence[Sums]) -> dict[str, int]:
    return {name: sum(row[name] or 0 for row in rows) for name in ("n", "gone", "less", "fen")}


def _columns(first: str) -> list[Column]:
    return [
        Column("what", first, "name"),
        Column("customers", _("Customers the month before"), "number"),
        Column("lost", _("Lost"), "number"),
        Column("lost_share", _("Loss rate"), "percent"),
        Column("base", _("What the lost used to hold"), "short"),
        Column("declining", _("Began to decline"), "number"),
        Column("declining_share", _("Rate of decline"), "percent"),
    ]


def _cells(one: dict[str, int]) -> list[object]:
    n = one["n"]
    return [n, one["gone"], share(one["gone"], n), one["fen"], one["less"], share(one["less"], n)]


def _attrition_finding(now: dict[str, int], trend: Sequence[Sums]) -> str:
    year = trend[-12:]
    return _(
        "%(n)s customers were lost this month (%(share)s), who used to hold %(aum)s; %(year)s in %(months)s months. "
        "%(less)s began to decline."
    ) % {
        "n": formats.count(now["gone"]),
        "share": formats.percent(share(now["gone"], now["n"]), 2),
        "aum": amount(now["fen"]),
        "year": formats.count(sum(one["gone"] for one in year)),
        "months": len(year),
        "less": formats.count(now["less"]),
    }
