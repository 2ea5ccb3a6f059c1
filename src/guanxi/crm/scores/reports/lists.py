"""The three lists: 昨日大额变动, 近 30 天到期, 临界客户: their tabs, order, columns and rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Abs
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Holding
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import LargeChange, Maturity, NearLine, UnitDay
from guanxi.crm.scores.reports.keyset import By, ordered
from guanxi.crm.scores.reports.places import Place, rows_at
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.policies.lists import ListsPolicy
from guanxi.web import formats
from guanxi.web.lists import Column

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Tab:
    """A part of a list: its key in the address, its words, its condition."""

    key: str
    label: Promise
    where: Q


@dataclass(frozen=True)
class Kind:
    """One of the three lists: its table, tabs (the first is shown unasked), order, and the amount that is summed."""

    code: str
    title: Promise
    meaning: Promise
    limits: Promise
    model: type[Any]
    tabs: tuple[Tab, ...]
    order: tuple[By, ...]
    amount: str
    columns: Callable[[], list[Column]]
    values: Callable[[Any, TierNames], dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What the address asked for: which tab, which keeper (0: nobody's), which product family."""

    tab: str = ""
    keeper: int | None = None
    family: str = ""


@dataclass(frozen=True)
class Line:
    """A row as screen and workbook write it."""

    uuid: Any
    rank: int | None
    values: dict[str, Any]


def rows_of(kind: Kind, reach: Reach, place: Place | None, asked: Asked) -> Rows:
    """The rows of a list within reach, at a place, of all tabs, in the list's order."""
    rows = rows_at(kind.model.objects.all(), reach, place)
    if asked.keeper is not None:
        rows = rows.filter(keeper__isnull=True) if asked.keeper == 0 else rows.filter(keeper=asked.keeper)
    if asked.family and kind.model is Maturity:
        rows = rows.filter(family=asked.family)
    # A score's details are long, and no list shows any.
    told = rows.select_related("party__partyscore", "unit", "keeper").defer("party__partyscore__details")
    return ordered(told, kind.order)


@dataclass(frozen=True)
class Heading:
    """A list's title, and who stands on it by the limits of the policy in force."""

    title: str
    meaning: str


def heading(kind: Kind, today: date) -> Heading:
    """The words over a list; without a policy they give no limits."""
    try:
        policy = active("lists", today)
    except KeyError:
        return Heading(str(kind.title), str(kind.meaning))
    assert isinstance(policy, ListsPolicy)
    amount = formats.money_words(formats.fen_of(policy.large_change_amount), get_language() or "zh")
    told = {
        "amount": amount,
        "share": formats.percent(policy.large_change_share, 0),
        "days": policy.maturity_days,
        "below": formats.percent(policy.near_below_share, 0),
        "above": formats.percent(policy.near_above_share, 0),
    }
    title = _("Maturing within %(days)s days") % told if kind.code == "maturities" else str(kind.title)
    return Heading(title, str(kind.limits) % told)


def what_is_missing(kind: Kind, reach: Reach) -> str:
    """Why a list without any rows may be no good news: an input that it needs was not delivered. Empty when it was."""
    if kind is LARGE and not UnitDay.objects.filter(label="yesterday").exists():
        return _("There are no figures of the day before, so nothing can be compared.")
    if kind is DUE and not _some_maturity_is_known(reach):
        return _(
            "The accounts' file carries no maturity dates (matures_on), so nothing that matures can be listed."
        )
    return ""


def _some_maturity_is_known(reach: Reach) -> bool:
    """Whether any account of a customer within reach says when it ends; row security keeps it within."""
    return reach.sees_customers and Holding.objects.filter(matures_on__isnull=False).exists()


def tab_of(kind: Kind, key: str) -> Tab:
    """The tab with this key, else the first."""
    return next((tab for tab in kind.tabs if tab.key == key), kind.tabs[0])


def totals(kind: Kind, rows: Rows) -> dict[str, tuple[int, int]]:
    """For each tab how many rows and how much money (fen); one query."""
    wanted = {f"n_{tab.key}": Count("pk", filter=tab.where) for tab in kind.tabs}
    sums = {f"fen_{tab.key}": Sum(kind.amount, filter=tab.where) for tab in kind.tabs}
    found = rows.order_by().aggregate(**wanted, **sums)
    return {tab.key: (found[f"n_{tab.key}"], int(found[f"fen_{tab.key}"] or 0)) for tab in kind.tabs}


def lines_of(kind: Kind, rows: Sequence[Any], reach: Reach, names: TierNames) -> list[Line]:
    """The rows in words; names hidden as the reach demands."""
    return [_line(kind, row, reach, names) for row in rows]


def _line(kind: Kind, row: Any, reach: Reach, names: TierNames) -> Line:
    score = getattr(row.party, "partyscore", None)
    scheme = score.tier_scheme if score else None
    rank = score.tier_rank if score else None
    values = {
        "name": shown_name(row.party.name, hidden=reach.hides_names) or row.party.customer_no,
        "number": row.party.customer_no,
        "tier": names.label(scheme, rank),
        "unit": row.unit.name,
        "keeper": row.keeper.name if row.keeper else None,
        **kind.values(row, names),
    }
    return Line(row.party.uuid, rank, values)


def _head() -> list[Column]:
    return [Column("name", _("Customer"), "name"), Column("tier", _("Tier"))]


def _foot() -> list[Column]:
    return [Column("keeper", _("Keeper")), Column("unit", _("Outlet"))]


def _large_columns() -> list[Column]:
    return [
        *_head(),
        Column("change", _("Moved"), "change_money"),
        Column("share", _("Share of the day before"), "change"),
        Column("before", _("AUM the day before"), "money"),
        Column("after", _("AUM now"), "money"),
        *_foot(),
    ]


def _large_values(row: LargeChange, _names: TierNames) -> dict[str, Any]:
    return {
        "change": row.change_fen,
        "share": row.change_share,
        "before": row.aum_before_fen,
        "after": row.aum_after_fen,
    }


def _due_columns() -> list[Column]:
    return [
        *_head(),
        Column("amount", _("Amount"), "money"),
        Column("on", _("Matures on"), "day"),
        Column("days", _("Days left"), "number"),
        Column("rolls", _("Roll-over")),
        Column("family", _("Product family")),
        Column("product", _("Product")),
        *_foot(),
    ]


def _due_values(row: Maturity, _names: TierNames) -> dict[str, Any]:
    rolls = {True: _("Rolls over"), False: _("Does not roll over")}
    return {
        "amount": row.amount_fen,
        "on": row.matures_on,
        "days": row.days_left,
        "rolls": None if row.rolls_over is None else rolls[row.rolls_over],
        "family": str(Family(row.family).label) if row.family in Family.values else row.family,
        "product": row.product_name,
    }


def _near_columns() -> list[Column]:
    return [
        *_head(),
        Column("gap", _("To the line"), "money"),
        Column("toward", _("Which line")),
        Column("line", _("Line"), "money"),
        Column("average", _("Measured now"), "money"),
        *_foot(),
    ]


def _near_values(row: NearLine, names: TierNames) -> dict[str, Any]:
    score = getattr(row.party, "partyscore", None)
    rank = row.held_rank if row.side == "above" or score is None else score.next_rank
    label = names.label(score.tier_scheme if score else None, rank)
    toward = _("below the line of %(tier)s") if row.side == "below" else _("above the line of %(tier)s")
    return {
        "gap": row.gap_fen,
        "toward": toward % {"tier": label},
        "line": row.line_fen,
        "average": row.daily_average_fen,
    }


LARGE = Kind(
    "large_changes",
    gettext_lazy("Large changes yesterday"),
    gettext_lazy(
        "Households whose AUM moved much from one day to the next. A deposit turned into one of our own wealth "
        "products stays in AUM and is not listed."
    ),
    gettext_lazy(
        "AUM moved by at least %(amount)s and %(share)s from one day to the next. A deposit turned into one of our "
        "own wealth products stays in AUM and is not listed."
    ),
    LargeChange,
    (
        Tab("out", gettext_lazy("Went out"), Q(change_fen__lt=0)),
        Tab("in", gettext_lazy("Came in"), Q(change_fen__gt=0)),
    ),
    (By(Abs("change_fen"), descending=True), By("pk")),
    "change_fen",
    _large_columns,
    _large_values,
)
DUE = Kind(
    "maturities",
    gettext_lazy("Maturing soon"),
    gettext_lazy(
        "What ends in the coming days, account by account; what does not roll over by itself comes first."
    ),
    gettext_lazy(
        "What ends within %(days)s days, account by account. What does not roll over by itself may leave: it stands on "
        "the first tab."
    ),
    Maturity,
    (
        Tab("open", gettext_lazy("Does not roll over"), Q(rolls_over=False) | Q(rolls_over__isnull=True)),
        Tab("rolls", gettext_lazy("Rolls over"), Q(rolls_over=True)),
        Tab("all", gettext_lazy("All"), Q()),
    ),
    (By("amount_fen", descending=True), By("matures_on", kind=date), By("account_no", kind=str)),
    "amount_fen",
    _due_columns,
    _due_values,
)
NEAR = Kind(
    "near_lines",
    gettext_lazy("Near a tier's line"),
    gettext_lazy(
        "Customers just below the next tier, and customers just above the line of the tier they hold."
    ),
    gettext_lazy(
        "Within %(below)s below the line of the next tier, or within %(above)s above the line of the tier they hold."
    ),
    NearLine,
    (
        Tab("below", gettext_lazy("Nearly there"), Q(side="below")),
        Tab("above", gettext_lazy("May fall"), Q(side="above")),
    ),
    (By("line_fen", descending=True), By("gap_fen"), By("pk")),
    "gap_fen",
    _near_columns,
    _near_values,
)
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (LARGE, DUE, NEAR)}
