"""Tiers of persons, tiers of companies, and the mid and high end over time."""

from collections import defaultdict
from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.scores.models import UnitTier
from guanxi.crm.scores.reports.parts.base import (
    Asked,
    Chart,
    Part,
    Sums,
    Table,
    percent,
    share,
    total_of,
)
from guanxi.crm.scores.reports.words import UNRATED
from guanxi.crm.scores.tiers import TierNames
from guanxi.web import formats
from guanxi.web.lists import Column

SERIES = 6  # more lines than this and nobody can tell them apart


def share_columns(first: str) -> list[Column]:
    """The columns of rows with shares; `first` says what each row is."""
    return [
        Column("what", first, "name"),
        Column("customers", _("Customers"), "number"),
        Column("customers_share", _("Share of customers"), "percent"),
        Column("aum", _("AUM"), "short"),
        Column("aum_share", _("Share of AUM"), "percent"),
        Column("each", _("AUM a customer"), "short"),
    ]


def shared_rows(
    found: list[tuple[str, int, int | None]],
) -> tuple[list[list[object]], list[object], int, int | None]:
    """Rows of label, customers, share, AUM, share, AUM each; their total; both sums."""
    people, fen = sum(row[1] for row in found), total_of([row[2] for row in found])
    rows: list[list[object]] = [
        [label, n, share(n, people), held, share(held, fen), _each(held, n)] for label, n, held in found
    ]
    whole = share(people, people)
    return rows, [_("Total"), people, whole, fen, share(fen, fen), _each(fen, people)], people, fen


def _each(fen: int | None, customers: int) -> int | None:
    return None if fen is None or not customers else fen // customers


def share_chart(title: str, rows: list[list[object]], *, kind: str = "bars", height: str = "m") -> Chart:
    """Two bars for each row: the share of customers and the share of AUM; lying (`rows`) where names are long."""
    series = [
        {"name": _("Share of customers"), "code": "", "values": [row[2] for row in rows]},
        {"name": _("Share of AUM"), "code": "", "values": [row[4] for row in rows]},
    ]
    return Chart(kind, {"categories": [row[0] for row in rows], "series": series}, title, "percent", height)


def tiers(asked: Asked) -> Part:
    """Tier × customers × share × AUM × share, persons only; who has no tier is counted beside."""
    rows = asked.of_month(UnitTier.objects.filter(kind__in=asked.retail.kinds)).values("tier_rank")
    found = {row["tier_rank"]: row for row in rows.annotate(n=Sum("customers"), fen=Sum("aum_fen"))}
    unrated = found.pop(UNRATED, None)
    if not found:
        return Part(missing=_("No customer of this unit was rated in this month."))
    ranks = sorted(set(found) | set(asked.retail.ranks))
    told = [(asked.tier(rank), *held_in(found.get(rank))) for rank in ranks]
    lines, total, people, fen = shared_rows(told)
    best = asked.high_ranks or {ranks[-1]}  # a policy without managed tiers: its highest
    high = [found[rank] for rank in best if rank in found]
    finding = _("%(from)s and above: %(n)s customers, %(share)s of all, hold %(aum)s of AUM.") % {
        "from": asked.tier(min(best)),
        "n": formats.count(sum(row["n"] for row in high)),
        "share": percent(share(sum(row["n"] for row in high), people)),
        "aum": percent(share(total_of([row["fen"] for row in high]), fen)),
    }
    notes = []
    if unrated:
        notes.append(
            _("%(n)s persons are not rated and not counted: they own no account and only act for others.")
            % {"n": formats.count(unrated["n"])}
        )
    chart = share_chart(_("Customers and AUM by tier"), lines, kind="rows", height="l")
    table = Table(_("Tiers"), share_columns(_("Tier")), lines, total)
    return Part(finding, [chart], [table], notes)


def held_in(row: Sums | None) -> tuple[int, int | None]:
    """Customers and AUM of a row; nothing for a row that is not there."""
    return (row["n"], row["fen"]) if row else (0, 0)


def companies(asked: Asked) -> Part:
    """Companies by tier; they have no AUM, so only counts."""
    rows = asked.of_month(UnitTier.objects.exclude(kind__in=asked.retail.kinds)).values("tier_rank")
    found = [(row["tier_rank"], row["n"]) for row in rows.annotate(n=Sum("customers")).order_by("-tier_rank")]
    rated = sum(n for rank, n in found if rank != UNRATED)
    if not rated:
        return Part(missing=_("No company of this unit was rated in this month."))
    lines = [
        [
            company_tier(asked.names, asked.retail.scheme, rank),
            n,
            None if rank == UNRATED else share(n, rated),
        ]
        for rank, n in found
    ]
    finding = _("%(n)s of %(all)s rated companies stand in the highest tier of their size.") % {
        "n": formats.count(found[0][1]),
        "all": formats.count(rated),
    }
    columns = [
        Column("what", _("Tier within size"), "name"),
        Column("customers", _("Customers"), "number"),
        Column("share", _("Share of the rated"), "percent"),
    ]
    named = [row for row, (rank, _n) in zip(lines, found, strict=True) if rank != UNRATED]
    data = {
        "categories": [row[0] for row in named],
        "series": [{"name": _("Customers"), "code": "", "values": [row[1] for row in named]}],
    }
    chart = Chart("bars", data, _("Companies by tier"), "count", "m")
    notes = [
        _(
            "Companies are rated within their size by points; they have no AUM. Public bodies and banks are not rated."
        )
    ]
    return Part(finding, [chart], [Table(_("Companies by tier"), columns, lines)], notes)


def company_tier(names: TierNames, retail: str, rank: int) -> str:
    """What a rank is called in the schemes of companies, without the size where the sizes differ."""
    if rank == UNRATED:
        return _("Not rated")
    labels = [each.label for each in names.choices() if each.scheme != retail and each.rank == rank]
    if len(set(labels)) == 1:
        return labels[0]
    words = {"low": _("Low"), "middle": _("Middle"), "high": _("High")}
    bands = [names.band(each.scheme, rank) for each in names.choices() if each.scheme != retail]
    codes = {band.code for band in bands if band is not None}
    code = codes.pop() if len(codes) == 1 else ""
    return words.get(code, _("Tier %(rank)s") % {"rank": rank})


def high_end(asked: Asked) -> Part:
    """The share of mid and high-end customers month by month: the unit, and the units just below it."""
    high = asked.high_ranks
    if not high:
        return Part(
            missing=_("The tier policy names no managed tiers, so there is no mid and high end to follow.")
        )
    counts = _high_counts(asked, high)
    months = sorted({month for _unit, month in counts})
    if not months:
        return Part(missing=_("No customer of this unit was rated in this month."))
    place = asked.place
    names = {0: place.unit.name, **{unit.pk: unit.name for unit in place.children}}
    shown = [unit for unit in names if any((unit, month) in counts for month in months)]
    shares = {unit: [share(*counts.get((unit, month), (None, None))) for month in months] for unit in shown}
    series = [{"name": names[unit], "code": "", "values": shares[unit]} for unit in shown[:SERIES]]
    data = {"categories": [formats.month(month) for month in months], "series": series, "zero": False}
    columns = [
        Column("month", _("Month"), "month"),
        Column("high", _("Mid and high end"), "number"),
        Column("rated", _("Rated customers"), "number"),
        *(Column(f"u{unit}", names[unit], "percent") for unit in shown),
    ]
    table = [
        [month, *counts.get((0, month), (None, None)), *(shares[unit][at] for unit in shown)]
        for at, month in enumerate(months)
    ]
    chart = Chart("line", data, _("Share of mid and high-end customers"), "percent")
    lines = list(reversed(table))
    notes = [_("Mid and high end: the tiers that the policy gives a keeper, %(from)s and above.")
             % {"from": asked.tier(min(high))}]  # fmt: skip
    return Part(_high_finding(counts, months), [chart], [Table(_("Share by unit"), columns, lines)], notes)


def _high_counts(asked: Asked, high: frozenset[int]) -> dict[tuple[int, date], tuple[int, int]]:
    """(customers of high tiers, rated customers) by child unit and month; unit 0 is the whole place."""
    wanted = UnitTier.objects.filter(kind__in=asked.retail.kinds, month__lte=asked.month).exclude(
        tier_rank=UNRATED
    )
    rows = asked.sums(wanted).values("month", "unit_id", "tier_rank").annotate(n=Sum("customers"))
    counts: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for unit in {0, asked.place.branch_of[row["unit_id"]]}:
            held = counts[unit, row["month"]]
            held[1] += row["n"]
            if row["tier_rank"] in high:
                held[0] += row["n"]
    return {key: (held[0], held[1]) for key, held in counts.items()}


def _high_finding(counts: dict[tuple[int, date], tuple[int, int]], months: list[date]) -> str:
    now = counts[0, months[-1]]
    told = {
        "share": formats.percent(share(*now), 2),
        "n": formats.count(now[0]),
        "month": formats.month(months[-1]),
    }
    before = next(
        (month for month in months if (month.year, month.month) == (months[-1].year - 1, months[-1].month)),
        None,
    )
    if before is None:
        return _("Mid and high-end customers are %(share)s of all in %(month)s: %(n)s customers.") % told
    past = counts[0, before]
    told |= {"before": formats.percent(share(*past), 2), "past": formats.count(past[0])}
    return (
        _("Mid and high-end customers are %(share)s of all (%(n)s), a year ago %(before)s (%(past)s).") % told
    )
