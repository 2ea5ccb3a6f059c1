"""What gifts come to and which limit one more would break. Money in whole fen of the base currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from guanxi.insight.policies.care import CarePolicy


@dataclass(frozen=True)
class Sums:
    """What counts so far in the calendar year of a gift: to the customer, by the giver, from the outlet's budget."""

    customer_fen: int = 0
    giver_fen: int = 0
    budget_fen: int = 0


@dataclass(frozen=True)
class Limit:
    """One limit of a year: its name, what it is, what is used."""

    code: str  # customer, giver or budget
    limit_fen: int
    used_fen: int

    @property
    def left_fen(self) -> int:
        """What is left; none when more than the limit was given under an older policy."""
        return max(0, self.limit_fen - self.used_fen)


def fen(amount: Decimal) -> int:
    """Yuan of a policy in fen."""
    return int(amount * 100)


def limits(
    policy: CarePolicy, sums: Sums, *, scheme: str | None, tier: str | None, budget: str
) -> Iterator[Limit]:
    """The three limits that a gift must keep; a tier or a budget without a line has none to give."""
    line, money = policy.tier(scheme, tier), policy.budget(budget)
    yield Limit("customer", fen(line.customer_year) if line else 0, sums.customer_fen)
    yield Limit("giver", fen(policy.giver_year), sums.giver_fen)
    yield Limit("budget", fen(money.outlet_year) if money else 0, sums.budget_fen)


def broken(
    policy: CarePolicy, sums: Sums, value_fen: int, *, scheme: str | None, tier: str | None, budget: str
) -> list[Limit]:
    """The limits that a gift of this value would pass; the limit itself may be reached."""
    told = limits(policy, sums, scheme=scheme, tier=tier, budget=budget)
    return [one for one in told if one.used_fen + value_fen > one.limit_fen]


def needs_second(policy: CarePolicy, value_fen: int) -> bool:
    """Whether another person must approve a gift of this value."""
    return value_fen >= fen(policy.second_person_from)
