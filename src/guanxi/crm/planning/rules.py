"""Wealth planning as plain rules: what was shared, how money is spread, what matures when, what may be proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from guanxi.insight.policies.planning import GROUPS, PlanningPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import Investor, Offer, Verdict, customer_grade, suitable

ASKED, OPEN, PROPOSED, AGREED, DECLINED, WITHDRAWN = (
    "asked",
    "open",
    "proposed",
    "agreed",
    "declined",
    "withdrawn",
)
_MOVES = {
    ASKED: frozenset({OPEN, DECLINED, WITHDRAWN}),
    OPEN: frozenset({PROPOSED, WITHDRAWN}),
    PROPOSED: frozenset({PROPOSED, AGREED, WITHDRAWN}),
}
DEPOSITS = frozenset({"demand", "time", "cd"})
LOAN = "loan"


def may_move(state: str, to: str) -> bool:
    """Whether a case in this state may take that one; what has ended stays so."""
    return to in _MOVES.get(state, frozenset())


@dataclass(frozen=True)
class SharedHolding:
    """One contract as it was shared: no account number. `fen` in the base currency."""

    family: str
    product: str
    fen: int
    matures_on: date | None
    rolls_over: bool | None


@dataclass(frozen=True)
class Shared:
    """What a planner is told of a customer: nothing by which to reach or find them elsewhere in the bank."""

    name: str
    age: int | None
    tier: str
    risk_grade: str | None
    risk_expires_on: date | None
    professional: bool
    as_of: date | None
    holdings: tuple[SharedHolding, ...]
    offers_paused: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the case keeps it."""
        return {
            "name": self.name, "age": self.age, "tier": self.tier, "risk_grade": self.risk_grade,
            "risk_expires_on": _text(self.risk_expires_on), "professional": self.professional,
            "offers_paused": self.offers_paused, "as_of": _text(self.as_of),
            "holdings": [
                [one.family, one.product, one.fen, _text(one.matures_on), one.rolls_over] for one in self.holdings
            ],
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Shared:
        """Back from the case."""
        held = (
            SharedHolding(family, product, fen, _day(matures), rolls)
            for family, product, fen, matures, rolls in kept["holdings"]
        )
        return cls(
            name=kept["name"], age=kept["age"], tier=kept["tier"], risk_grade=kept["risk_grade"],
            risk_expires_on=_day(kept["risk_expires_on"]), professional=kept["professional"],
            offers_paused=kept.get("offers_paused", False), as_of=_day(kept["as_of"]), holdings=tuple(held),
        )  # fmt: skip

    def investor(self, day: date) -> Investor:
        """As suitability asks: somebody of exactly this age. The day of birth itself is not shared."""
        born = None if self.age is None else date(day.year - self.age, day.month, min(day.day, 28))
        return Investor(self.risk_grade, self.risk_expires_on, born, self.professional, self.offers_paused)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Part:
    """One group of the allocation: its money, its share, and the range for the risk grade (None without one)."""

    code: str
    fen: int
    share: Decimal
    low: Decimal | None
    high: Decimal | None

    @property
    def stands(self) -> str:
        """below, within or above its range; unknown without one."""
        if self.low is None or self.high is None:
            return "unknown"
        return "below" if self.share < self.low else "above" if self.share > self.high else "within"


def allocation(shared: Shared, day: date, policy: PlanningPolicy) -> list[Part]:
    """How the customer's money is spread over the groups against the grade that counts on this day."""
    grade = customer_grade(shared.investor(day), day)
    ranges = policy.ranges(grade)
    sums = dict.fromkeys(GROUPS, 0)
    for one in shared.holdings:
        if group := policy.group_of(one.family):
            sums[group] += one.fen
    total = sum(sums.values())
    return [
        Part(code, fen, Decimal(fen) / total if total else Decimal(0), *ranges.get(code, (None, None)))
        for code, fen in sums.items()
    ]


@dataclass(frozen=True)
class Concentrated:
    """Too much in one place: a product with its share, or deposits above what is insured (product empty)."""

    product: str
    fen: int
    share: Decimal | None


def concentration(shared: Shared, policy: PlanningPolicy) -> list[Concentrated]:
    """Products above the policy's share of the wealth, the largest first, then deposits above the insured amount."""
    wealth = [one for one in shared.holdings if policy.group_of(one.family)]
    total = sum(one.fen for one in wealth)
    by_product: dict[str, int] = {}
    for one in wealth:
        by_product[one.product] = by_product.get(one.product, 0) + one.fen
    found = [
        Concentrated(product, fen, Decimal(fen) / total)
        for product, fen in sorted(by_product.items(), key=lambda pair: (-pair[1], pair[0]))
        if total and Decimal(fen) > policy.one_product_share * total
    ]
    deposits = sum(one.fen for one in wealth if one.family in DEPOSITS)
    over = deposits > policy.insured_amount * 100
    return [*found, *([Concentrated("", deposits, None)] if over else [])]


@dataclass(frozen=True)
class Rung:
    """What matures within so many days (and not within the rung before): contracts and money that rolls over or not."""

    days: int
    count: int
    free_fen: int
    rolling_fen: int


def ladder(shared: Shared, day: date, steps: Sequence[int]) -> list[Rung]:
    """The maturity ladder from `day` on; what matures on the last day of a rung belongs to it, debts to none."""
    found = []
    before = -1
    for days in steps:
        due = [
            one for one in shared.holdings
            if one.matures_on and one.family != LOAN and before < (one.matures_on - day).days <= days
        ]  # fmt: skip
        rolling = sum(one.fen for one in due if one.rolls_over)
        found.append(Rung(days, len(due), sum(one.fen for one in due) - rolling, rolling))
        before = days
    return found


@dataclass(frozen=True)
class Line:
    """One product of a proposal with its amount; `offer` as the library has it today."""

    code: str
    name: str
    fen: int
    offer: Offer


@dataclass(frozen=True)
class ProposalDraft:
    """What is proposed: products with amounts, what it rests on, and the next step with its day."""

    lines: Sequence[Line]
    assumptions: Sequence[str]
    next_step: str
    next_due: date
    recording_no: str = ""  # of the sale's recording in sound and picture (双录)


def verdicts(
    lines: Iterable[Line], shared: Shared, day: date, rule: SuitabilityPolicy
) -> list[tuple[Line, Verdict]]:
    """Each line with the answer of the suitability check on this day."""
    investor = shared.investor(day)
    return [(line, suitable(investor, line.offer, day, rule)) for line in lines]


GRADE, AGE = "grade", "age"


def recording_asked(lines: Iterable[Line], shared: Shared, policy: PlanningPolicy) -> str:
    """Why this sale is to be recorded in sound and picture (双录): grade, age, or empty when it need not be.

    A customer of unknown age is treated as one of that age, a product of unknown grade as of the highest.
    """
    asked = [line for line in lines if line.offer.family in policy.recording_families]
    if policy.recording_grade and any(
        (line.offer.risk_grade or "R5") >= policy.recording_grade for line in asked
    ):
        return GRADE
    old = shared.age is None or shared.age >= policy.recording_age
    return AGE if asked and policy.recording_age and old else ""


def is_recording(number: str, policy: PlanningPolicy, today: date) -> bool:
    """Whether this has the form of a recording's number: the prefix, a day not after `today`, and the serial."""
    rest = number.removeprefix(policy.recording_prefix)
    if not number.startswith(policy.recording_prefix) or len(rest) != 8 + policy.recording_serial:
        return False
    if not (rest.isascii() and rest.isdigit()):
        return False
    try:
        return date(int(rest[:4]), int(rest[4:6]), int(rest[6:8])) <= today
    except ValueError:
        return False


def room(shared: Shared, policy: PlanningPolicy) -> int:
    """How much can be proposed at all: the wealth there is."""
    return sum(one.fen for one in shared.holdings if policy.group_of(one.family))
