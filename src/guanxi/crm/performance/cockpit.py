"""团队驾驶舱: what a team owes and has done, what nobody touched, who has too much; every figure with its list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count as Number
from django.db.models import QuerySet, Sum

from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance import selectors
from guanxi.crm.performance.measuring import Book, By, Measuring, Tier, summed, tiers_together
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import NOTHING, Count, Span, balance, week_of
from guanxi.crm.performance.team import Member, team_of
from guanxi.crm.scores.models import UnitDay
from guanxi.crm.scores.reports.places import Place, rows_at

RESULTS = ("deposits_fen", "aum_fen", "loans_fen", "customers")
TODAY, YESTERDAY, MONTH = "today", "yesterday", "month_start"


@dataclass(frozen=True)
class Line:
    """One row of the cockpit: a person, or all people of a unit below."""

    member: Member | None
    unit: Unit
    today: Count = NOTHING
    week: Count = NOTHING
    untouched: int = 0
    broken: int = 0
    coverage: Count = NOTHING
    book: Book = field(default_factory=Book)
    capacity: int = 0
    balance: str = ""
    out_of_balance: int = 0

    @property
    def load(self) -> float | None:
        """Minutes of the book as a share of the keepers' minutes; None where no capacity is known."""
        return self.book.minutes / self.capacity if self.capacity else None

    def plus(self, other: "Line") -> "Line":
        """Both together, as figures of this one's unit."""
        return Line(
            None,
            self.unit,
            self.today.plus(other.today),
            self.week.plus(other.week),
            self.untouched + other.untouched,
            self.broken + other.broken,
            self.coverage.plus(other.coverage),
            Book(self.book.customers + other.book.customers, self.book.minutes + other.book.minutes),
            self.capacity + other.capacity,
            "",
            self.out_of_balance + other.out_of_balance,
        )


@dataclass(frozen=True)
class Board:
    """The cockpit of a place on a day. `lines` are the units just below, or the people where there are none."""

    place: Place
    total: Line
    lines: list[Line]
    people: list[Line]
    tiers: Mapping[Tier, Count]
    untouched: int
    broken: int
    pool: int
    pool_late: int
    oldest_in_pool: date | None


def board_of(reach: Reach, place: Place, terms: Terms) -> Board:
    """The whole cockpit; the same number of queries for any team."""
    team = team_of(place.members, terms.on)
    measuring = Measuring([one.key for one in team], terms)
    by_tier = measuring.coverage()
    untouched = _by_person(selectors.untouched_warnings(reach, place, terms), "keeper")
    broken = _by_person(selectors.broken_promises(reach, place, terms), "staff")
    people = _people(team, measuring, terms.capacity, untouched, broken, summed(by_tier))
    total = _together(place.unit, people)
    below = _by_unit(place, people) if place.children else people
    pool = selectors.unassigned(reach, place)
    oldest = pool.order_by("since").values_list("since", flat=True).first()
    return Board(
        place,
        total,
        below,
        people,
        tiers_together(by_tier),
        sum(untouched.values()),
        sum(broken.values()),
        pool.order_by().count(),
        pool.order_by().filter(due_on__lt=terms.on).count(),
        oldest,
    )


def _people(
    team: list[Member],
    measuring: Measuring,
    capacity: int,
    untouched: Mapping[int | None, int],
    broken: Mapping[int | None, int],
    coverage: By,
) -> list[Line]:
    today = measuring.on
    done, week = measuring.done(Span(today, today)), measuring.done(week_of(today))
    books = measuring.books()
    lines = []
    for member in team:
        key = member.key
        book = books.get(key, Book())
        room = capacity if book.minutes else 0  # a book of tiers without minutes says nothing about load
        stands = balance(book.minutes / room if room else None, measuring.policy)
        lines.append(
            Line(
                member,
                member.unit,
                done.get(key, NOTHING),
                week.get(key, NOTHING),
                untouched.get(key, 0),
                broken.get(key, 0),
                coverage.get(key, NOTHING),
                book,
                room,
                stands,
                int(stands in {"over", "under"}),
            )
        )
    return lines


def _by_person(rows: QuerySet[Any], column: str) -> dict[int | None, int]:
    return dict(rows.order_by().values_list(column).annotate(number=Number("pk")))


def _together(unit: Unit, lines: Iterable[Line]) -> Line:
    total = Line(None, unit)
    for line in lines:
        total = total.plus(line)
    return total


def _by_unit(place: Place, people: Iterable[Line]) -> list[Line]:
    """One line for each unit below, and one for the people of the place itself, where there are any."""
    heads = {unit.pk: unit for unit in (*place.children, place.unit)}
    found: dict[int, list[Line]] = {unit.pk: [] for unit in place.children}
    for line in people:
        found.setdefault(place.branch_of[line.unit.pk], []).append(line)
    return [_together(heads[key], lines) for key, lines in found.items()]


@dataclass(frozen=True)
class Result:
    """One figure of the place: now, and how it moved against yesterday and against the end of last month."""

    code: str
    value: int | None
    day_change: int | None
    month_change: int | None


def results_of(reach: Reach, place: Place) -> list[Result]:
    """Deposits, AUM, loans and customers of the place; one query."""
    rows = rows_at(UnitDay.objects.filter(label__in=(TODAY, YESTERDAY, MONTH)), reach, place).values("label")
    sums: dict[str, Mapping[str, Any]] = {
        row["label"]: row for row in rows.annotate(**{f"sum_{name}": Sum(name) for name in RESULTS})
    }

    def of(label: str, name: str) -> int | None:
        value = sums[label][f"sum_{name}"] if label in sums else None
        return None if value is None else int(value)

    def less(name: str, label: str) -> int | None:
        now, before = of(TODAY, name), of(label, name)
        return None if now is None or before is None else now - before

    return [Result(name, of(TODAY, name), less(name, YESTERDAY), less(name, MONTH)) for name in RESULTS]


def stuck_since(today: date, days: int) -> date:
    """Tasks due by this day are stuck today."""
    return today - timedelta(days=days + 1)


def away_of(team: Iterable[Member]) -> list[Member]:
    """Who is on leave."""
    return [one for one in team if one.away_until is not None]
