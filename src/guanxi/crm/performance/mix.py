"""Output of people adjusted for the customers they keep (单位产出 · 按客户结构调整). Pure: sums in, standings out.

Customers are told apart by *cell*: what was known of them when the span began (tier, stage, age band, place), never who
keeps them. What is to be expected of a book is what customers of its cells did with everybody *else*, so that nobody
is held against himself. A cell of few is drawn towards its tier, a tier of few towards its scheme.

The rest, actual less expected, is partly luck. With per-customer noise s_e² and a true spread s_b² between people it is
shrunk by s_b² / (s_b² + s_e²/n) (empirical Bayes, Efron and Morris 1975); s_b² is estimated over all people by moments
(DerSimonian and Laird 1986, about zero). Where people differ by no more than chance s_b² is zero and nothing
is claimed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

Cell = tuple[str, int, str, str, str]
"""Tier scheme, tier rank, stage, age band, place."""
Z95 = 1.959964


@dataclass(frozen=True)
class Sums:
    """Customers of one cell in one book: how many, the sum of their outputs, the sum of the squares."""

    customers: int = 0
    total: float = 0.0
    squares: float = 0.0

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(self.customers + other.customers, self.total + other.total, self.squares + other.squares)

    def less(self, other: Sums) -> Sums:
        """These without the others, who are among them."""
        return Sums(self.customers - other.customers, self.total - other.total, self.squares - other.squares)


NONE = Sums()
Books = Mapping[int, Mapping[Cell, Sums]]
"""Person → cell → sums of the customers kept all the time; only cells with customers."""


@dataclass(frozen=True)
class Standing:
    """The output of one book in the unit of the sums: actual, expected of such customers, and what is left of the rest.

    `adjusted` is the rest shrunk, `low` and `high` its 95 % interval; `share` is how much of the rest is believed
    (0 none, 1 all). `adjusted` is None on fewer customers, or among fewer people, than was asked for.
    """

    customers: int
    actual: float
    expected: float
    adjusted: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None

    @property
    def verdict(self) -> str:
        """little (not enough data), above, below, or same: no difference that is more than chance."""
        if self.low is None or self.high is None:
            return "little"
        return "above" if self.low > 0 else "below" if self.high < 0 else "same"


@dataclass(frozen=True)
class _Rest:
    """Actual less expected of one customer on average, and the variance of that average."""

    mean: float
    variance: float


def standings(books: Books, *, prior: int, least_customers: int, least_people: int) -> dict[int, Standing]:
    """Everybody with a book whose customers somebody else has the like of.

    `prior`: a cell counts as much as the group above it once it has so many customers of others. People with fewer than
    `least_customers`, and everybody where fewer than `least_people` have enough, are given no adjusted figure.
    """
    bank = _Bank(books, prior)
    found: dict[int, Standing] = {}
    rests: dict[int, _Rest] = {}
    for person, book in books.items():
        customers, actual = sum(s.customers for s in book.values()), sum(s.total for s in book.values())
        expected = bank.expected(person)
        if expected is None or not customers:
            continue
        found[person] = Standing(customers, actual, expected)
        if customers >= least_customers and (variance := bank.variance(person)) > 0:
            rests[person] = _Rest((actual - expected) / customers, variance / customers**2)
    if len(rests) < least_people:
        return found
    between = spread_between(rests.values())
    return found | {person: _shrunk(found[person], rest, between) for person, rest in rests.items()}


def spread_between(rests: Iterable[_Rest]) -> float:
    """s_b², the variance of people's true means about zero; 0 where the means differ by no more than their noise."""
    found = list(rests)
    weights = [1 / one.variance for one in found]
    excess = sum(weight * one.mean**2 for weight, one in zip(weights, found, strict=True)) - len(found)
    return max(0.0, excess / sum(weights))


def _shrunk(raw: Standing, rest: _Rest, between: float) -> Standing:
    share = between / (between + rest.variance)
    middle, half = share * rest.mean, Z95 * sqrt(share * rest.variance)
    n = raw.customers
    return Standing(n, raw.actual, raw.expected, n * middle, n * (middle - half), n * (middle + half), share)


def together(found: Iterable[Standing]) -> Standing | None:
    """The books of several people as one: those with an adjusted figure, summed; None where nobody has one.

    What is left of each is shrunk alone and independent of the others', so half widths add by their squares. What a
    whole outlet has in common (a town that grows) is in everybody's rest and shrunk with it: the sum understates it.
    """
    told = [one for one in found if one.adjusted is not None]
    if not told:
        return None
    middle = sum(one.adjusted or 0.0 for one in told)
    half = sqrt(sum((((one.high or 0.0) - (one.low or 0.0)) / 2) ** 2 for one in told))
    return Standing(
        sum(one.customers for one in told),
        sum(one.actual for one in told),
        sum(one.expected for one in told),
        middle,
        middle - half,
        middle + half,
        max(one.share or 0.0 for one in told),
    )


class _Bank:
    """All books together, by cell and by the groups above cells; asked for everybody but one person."""

    def __init__(self, books: Books, prior: int) -> None:
        self._books, self._prior = books, prior
        self._all: dict[tuple[object, ...], Sums] = defaultdict(Sums)
        self._mine: dict[int, dict[tuple[object, ...], Sums]] = {}
        for person, book in books.items():
            mine: dict[tuple[object, ...], Sums] = defaultdict(Sums)
            for cell, sums in book.items():
                for group in groups_of(cell):
                    mine[group] = mine[group].plus(sums)
                    self._all[group] = self._all[group].plus(sums)
            self._mine[person] = mine
        self._noise = self._noises()

    def others(self, person: int, group: tuple[object, ...]) -> Sums:
        """The customers of a group whom somebody else keeps."""
        return self._all[group].less(self._mine[person].get(group, NONE))

    def mean(self, person: int, cell: Cell) -> float | None:
        """What a customer of this cell did with the others; None where nobody else has one of the scheme."""
        mean: float | None = None
        for group in reversed(groups_of(cell)):  # from the scheme down to the cell
            others = self.others(person, group)
            if mean is None:
                if others.customers <= 0:
                    return None
                mean = others.total / others.customers
            else:
                mean = (others.total + self._prior * mean) / (others.customers + self._prior)
        return mean

    def expected(self, person: int) -> float | None:
        """The output of the others' customers of the same cells, as many of each; None without a like of them."""
        means = {cell: self.mean(person, cell) for cell in self._books[person]}
        if not means or any(mean is None for mean in means.values()):
            return None
        return sum(sums.customers * (means[cell] or 0.0) for cell, sums in self._books[person].items())

    def variance(self, person: int) -> float:
        """Of actual less expected: the noise of one's own customers and that of the means they are held against."""
        found = 0.0
        for cell, sums in self._books[person].items():
            others = self.others(person, cell).customers + self._prior
            found += self._noise[cell[:2]] * (sums.customers + sums.customers**2 / others)
        return found

    def _noises(self) -> dict[tuple[object, ...], float]:
        """The variance of one customer about the mean of the cell, pooled over the cells of a tier."""
        squares: dict[tuple[object, ...], float] = defaultdict(float)
        freedom: dict[tuple[object, ...], int] = defaultdict(int)
        for cell in {cell for book in self._books.values() for cell in book}:
            sums = self._all[cell]
            about = sums.squares - sums.total**2 / sums.customers
            for above in (cell[:2], cell[:1]):
                squares[above] += max(0.0, about)
                freedom[above] += sums.customers - 1
        scheme = {group: squares[group] / freedom[group] for group in squares if freedom[group]}
        return {group: scheme.get(group, scheme.get(group[:1], 0.0)) for group in squares}


def groups_of(cell: Cell) -> tuple[tuple[object, ...], ...]:
    """A cell and the groups it is drawn towards: the cell, its tier, its scheme."""
    return cell, cell[:2], cell[:1]
