"""What stands on the first page of each role: figures of one's reach, the three lists, what the last run changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from guanxi.crm.audit.models import ChangeLog, CustomerView, ExportLog
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import within
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import LargeChange, Maturity, NearLine, PartyScore, UnitDay, UnitTier
from guanxi.crm.scores.reports.words import retail_scheme
from guanxi.crm.scores.selectors import large_changes, maturities, scores_within
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.scores.words import STAGES
from guanxi.insight.policies.lists import ListsPolicy

FIRST_ROWS = 5
MEASURES = ("customers", "aum_fen", "deposits_fen", "loans_fen")
TODAY, YESTERDAY, MONTH = "today", "yesterday", "month_start"


@dataclass(frozen=True)
class Figure:
    """A sum over one's reach, with how it moved against yesterday and against the end of last month."""

    code: str
    label: str
    value: int | None
    day_change: int | None
    month_change: int | None


def figures(reach: Reach) -> list[Figure]:
    """Customers, AUM, deposits and loans within reach; one query."""
    rows = within(UnitDay.objects.filter(label__in=(TODAY, YESTERDAY, MONTH)), reach).values("label")
    sums = {row["label"]: row for row in rows.annotate(**{f"sum_{name}": Sum(name) for name in MEASURES})}
    labels = {
        "customers": _("Customers"),
        "aum_fen": _("AUM"),
        "deposits_fen": _("Deposits"),
        "loans_fen": _("Loans"),
    }
    return [
        Figure(
            name,
            labels[name],
            _of(sums, TODAY, name),
            _less(_of(sums, TODAY, name), _of(sums, YESTERDAY, name)),
            _less(_of(sums, TODAY, name), _of(sums, MONTH, name)),
        )
        for name in MEASURES
    ]


def _of(sums: Mapping[str, Mapping[str, Any]], label: str, name: str) -> int | None:
    value = sums.get(label, {}).get(f"sum_{name}")
    return None if value is None else int(value)


def _less(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


@dataclass(frozen=True)
class Row:
    """A customer in one of the home page's short lists."""

    uuid: Any
    name: str
    text: str
    fen: int | None
    on: date | None = None
    mark: str = ""


@dataclass(frozen=True)
class Short:
    """A list cut to its first rows: how many there are in all, and where the whole stands (a route's name)."""

    title: str
    count: int
    rows: list[Row]
    route: str
    kind: str  # change, money
    hint: str


def three_lists(reach: Reach, today: date) -> list[Short]:
    """昨日大额变动, 近 30 天到期 and 临界客户 within reach, each with its first rows; two queries a list."""
    large, due = large_changes(reach), maturities(reach)
    near = within(NearLine.objects.select_related("party"), reach).order_by("-side", "gap_fen", "party")
    return [
        Short(_("Large changes yesterday"), large.order_by().count(),
              [_large(row, reach) for row in large[:FIRST_ROWS]], "reports:large_changes", "change",
              _("Customers whose wealth moved much from one day to the next appear here the morning after.")),
        Short(_maturing(today), due.order_by().count(),
              [_due(row, reach) for row in due[:FIRST_ROWS]], "reports:maturities", "money",
              _("Deposits, wealth products and policies that end soon appear here, the soonest first.")),
        Short(_("Near a tier's line"), near.order_by().count(),
              [_near(row, reach) for row in near[:FIRST_ROWS]], "reports:near_lines", "money",
              _("Customers just below the next tier, or just above their own, appear here.")),
    ]  # fmt: skip


def _maturing(today: date) -> str:
    """The title of the second list with the policy's days in it: 近 30 天到期."""
    try:
        policy = active("lists", today)
    except KeyError:
        return _("Maturing soon")
    assert isinstance(policy, ListsPolicy)
    return _("Maturing within %(days)s days") % {"days": policy.maturity_days}


def _large(row: LargeChange, reach: Reach) -> Row:
    share = f"{row.change_share:+.0%}" if row.change_share is not None else ""
    return Row(row.party.uuid, shown_name(row.party.name, hidden=reach.hides_names), share, row.change_fen)


def _due(row: Maturity, reach: Reach) -> Row:
    name = shown_name(row.party.name, hidden=reach.hides_names)
    mark = "" if row.rolls_over else _("does not roll over")
    return Row(row.party.uuid, name, row.product_name or "", row.amount_fen, row.matures_on, mark)


def _near(row: NearLine, reach: Reach) -> Row:
    name = shown_name(row.party.name, hidden=reach.hides_names)
    below = row.side == "below"
    text = _("short of the next tier") if below else _("above the line of its tier")
    return Row(row.party.uuid, name, text, row.gap_fen, mark="" if below else _("may fall"))


@dataclass(frozen=True)
class Turn:
    """A customer whose tier or stage the last run changed; `rose` is None where it is neither better nor worse."""

    uuid: Any
    name: str
    text: str
    rose: bool | None


def turns(reach: Reach, names: TierNames) -> tuple[int, list[Turn]]:
    """How many customers changed tier or stage in the last run, and the largest of them."""
    changed = scores_within(reach).filter(_turned())
    rows = changed.select_related("party")[: FIRST_ROWS + 3]
    return changed.order_by().count(), [_turn(row, reach, names) for row in rows]


def _turned() -> Q:
    tier = Q(tier_before__isnull=False) & ~Q(tier_before=F("tier_rank"))
    stage = Q(stage_before__isnull=False) & ~Q(stage_before=F("stage"))
    return tier | stage


def _turn(row: PartyScore, reach: Reach, names: TierNames) -> Turn:
    name = shown_name(row.party.name, hidden=reach.hides_names)
    if row.tier_before is not None and row.tier_before != row.tier_rank:
        before, now = (names.label(row.tier_scheme, rank) for rank in (row.tier_before, row.tier_rank))
        rose: bool | None = (row.tier_rank or 0) > row.tier_before
    else:
        before, now = (str(STAGES.get(code or "", code or "")) for code in (row.stage_before, row.stage))
        rose = False if row.stage in {"declining", "lost"} else None
    return Turn(row.party.uuid, name, f"{before} → {now}", rose)


@dataclass(frozen=True)
class TierCount:
    """Customers and AUM of one tier."""

    label: str
    rank: int | None
    customers: int
    aum_fen: int | None


def tier_counts(reach: Reach, names: TierNames) -> list[TierCount]:
    """Private customers (sole traders too) by tier in the latest month within reach, the highest first."""
    retail = retail_scheme(names)
    month = UnitTier.objects.order_by("-month").values_list("month", flat=True).first()
    if month is None:
        return []
    rows = within(UnitTier.objects.filter(month=month, kind__in=retail.kinds), reach).values("tier_rank")
    summed = rows.annotate(n=Sum("customers"), fen=Sum("aum_fen")).order_by("-tier_rank")
    return [
        TierCount(names.label(retail.scheme, rank), rank, row["n"], row["fen"])
        for row in summed
        for rank in [row["tier_rank"] if row["tier_rank"] >= 0 else None]
    ]


def people_counts(today: date) -> dict[str, int]:
    """For the administrator: people, posts in force, people without a post."""
    active = Staff.objects.filter(is_active=True)
    held = posts_on(today).order_by()
    return {
        "people": active.count(),
        "posts": held.count(),
        "without": active.exclude(pk__in=held.values("staff")).count(),
    }


def trail_counts(since: datetime) -> dict[str, int]:
    """For compliance: what the trail got since an instant."""
    return {
        "views": CustomerView.objects.filter(at__gte=since).count(),
        "reveals": CustomerView.objects.filter(at__gte=since, what__startswith="reveal").count(),
        "changes": ChangeLog.objects.filter(at__gte=since).count(),
        "exports": ExportLog.objects.filter(at__gte=since).count(),
    }


def own_book(reach: Reach, staff: Staff) -> QuerySet[PartyScore]:
    """The customers this person keeps, the wealthiest first."""
    return scores_within(reach).filter(keeper=staff).select_related("party")


def book_rows(rows: Iterable[PartyScore], reach: Reach, names: TierNames) -> list[Row]:
    """Customers of a book for a short list: tier in words, AUM."""
    return [
        Row(
            row.party.uuid,
            shown_name(row.party.name, hidden=reach.hides_names),
            names.label(row.tier_scheme, row.tier_rank),
            row.aum_fen,
        )
        for row in rows
    ]
