"""The life-cycle rules of a banker, written from their wording alone and without a look at the SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")


@dataclass
class Account:
    """One account of the customer."""

    family: str
    opened_on: date
    closed_on: date | None = None
    matures_on: date | None = None

    def is_open(self, today: date) -> bool:
        return self.opened_on <= today and (self.closed_on is None or self.closed_on > today)


@dataclass
class Life:
    """What is known of a customer: accounts, average per month number (None: none), days of own postings."""

    since: date | None
    accounts: list[Account]
    averages: list[Decimal | None]
    postings: list[date] = field(default_factory=list)


@dataclass
class Memory:
    """What the month before left behind."""

    stage: str | None = None
    months: int = 0
    old_base: Decimal | None = None
    was_lost: bool = False
    idle: int | None = None


def mean(values: list[Decimal | None]) -> Decimal | None:
    """The mean of three months, none when one is missing."""
    if len(values) < 3 or any(value is None for value in values):
        return None
    return (sum(value for value in values if value is not None) / 3).quantize(CENT, ROUND_HALF_UP)


def at(averages: list[Decimal | None], month: int) -> Decimal | None:
    return averages[month] if 0 <= month < len(averages) else None


def window(averages: list[Decimal | None], first: int, last: int) -> list[Decimal | None]:
    return [averages[m] for m in range(first, last + 1) if 0 <= m < len(averages)]


@dataclass
class Facts:
    """What the rules look at, at the end of one day."""

    policy: Any
    memory: Memory
    had: list[Account]
    held: list[Account]
    averages: list[Decimal | None]
    now: int  # number of the last closed month
    today: date
    idle: int | None
    tenure: int | None

    @property
    def present(self) -> Decimal | None:
        return at(self.averages, self.now)

    @property
    def before(self) -> Decimal | None:
        return at(self.averages, self.now - 1)

    @property
    def base(self) -> Decimal | None:
        return mean(window(self.averages, self.now - 6, self.now - 4))

    @property
    def base_before(self) -> Decimal | None:
        return mean(window(self.averages, self.now - 7, self.now - 5))

    @property
    def lost_base(self) -> Decimal | None:
        return self.base if self.memory.old_base is None else self.memory.old_base


def judge(
    life: Life, memory: Memory, policy: Any, now: int, today: date, days: int
) -> tuple[str, str, Memory]:
    """(stage, reason, memory) at the end of `today`; `now` is the number of the last closed month."""
    had = [account for account in life.accounts if account.opened_on <= today]
    held = [account for account in had if account.is_open(today)]
    first = min((account.opened_on for account in had), default=None)
    idle = _idle([day for day in life.postings if day <= today], memory, first, today, days)
    begun = life.since or first
    tenure = (today - begun).days if begun else None
    facts = Facts(policy, memory, had, held, life.averages, now, today, idle, tenure)
    stage, reason = next((stage, reason) for stage, reason, holds in RULES if holds(facts))
    months = memory.months + 1 if stage == memory.stage else 1
    was_lost = stage in ("lost", "won_back") or (memory.was_lost and memory.stage != "won_back")
    return stage, reason, Memory(stage, months, _old_base(stage, reason, facts), was_lost, idle)


def _old_base(stage: str, reason: str, facts: Facts) -> Decimal | None:
    memory = facts.memory
    if stage == "lost" or reason == "balance_fell":
        return facts.lost_base
    if stage == "won_back" or memory.old_base is None:
        return memory.old_base
    if memory.stage == "won_back":
        return None
    most = memory.old_base * facts.policy.declining_share
    back = facts.present is not None and facts.present >= most
    return None if back and not memory.was_lost else memory.old_base


def _idle(own: list[date], memory: Memory, first: date | None, today: date, days: int) -> int | None:
    if own:
        return (today - max(own)).days
    if memory.idle is not None:
        return memory.idle + days
    return None if first is None else min((today - first).days, days)


def _newest_family_days(had: list[Account], held: list[Account], today: date) -> int:
    first_of = {f: min(a.opened_on for a in had if a.family == f) for f in {a.family for a in had}}
    newest = max(first_of[account.family] for account in held)
    return (today - newest).days if newest > min(first_of.values()) else 10**6


def _never_had_an_account(f: Facts) -> bool:
    return not f.had and f.memory.stage in (None, "potential")


def _all_closed(f: Facts) -> bool:
    return not f.held


def _balance_gone(f: Facts) -> bool:
    if f.lost_base is None or f.present is None or f.before is None or f.lost_base < f.policy.base_floor:
        return False
    most = max(f.present, f.before)
    return most < f.lost_base * f.policy.lost_share and most < f.policy.lost_ceiling


def _returned(f: Facts) -> bool:
    old = f.memory.old_base
    if not f.memory.was_lost or old is None or f.present is None or old < f.policy.base_floor:
        return False
    kept_long_enough = f.memory.stage == "won_back" and f.memory.months >= f.policy.won_back_months
    return f.present >= old * f.policy.won_back_share and not kept_long_enough


def _balance_fell(f: Facts) -> bool:
    if None in (f.present, f.before, f.base, f.base_before) or f.base < f.policy.base_floor:
        return False
    share = f.policy.declining_share
    return f.present <= f.base * share and f.before <= f.base_before * share


def _asleep(f: Facts) -> bool:
    resting = [
        account
        for account in f.held
        if account.family in f.policy.resting_families
        and (account.matures_on is None or account.matures_on > f.today)
    ]
    return f.idle is not None and f.idle >= f.policy.asleep_days and not resting


def _new_customer(f: Facts) -> bool:
    return f.tenure is not None and f.tenure <= f.policy.trial_days


def _first_year(f: Facts) -> bool:
    return f.tenure is not None and f.tenure <= f.policy.growing_days


def _balance_grew(f: Facts) -> bool:
    quarter = at(f.averages, f.now - 3)
    if f.present is None or quarter is None:
        return False
    more = f.present - quarter
    return more >= f.policy.growth_amount and more >= quarter * f.policy.growth_share


def _new_family(f: Facts) -> bool:
    return _newest_family_days(f.had, f.held, f.today) <= f.policy.new_family_days


RULES = (
    ("potential", "no_account", _never_had_an_account),
    ("lost", "all_closed", _all_closed),
    ("lost", "balance_gone", _balance_gone),
    ("won_back", "returned", _returned),
    ("declining", "balance_fell", _balance_fell),
    ("declining", "asleep", _asleep),
    ("trial", "new_customer", _new_customer),
    ("growing", "first_year", _first_year),
    ("growing", "balance_grew", _balance_grew),
    ("growing", "new_family", _new_family),
    ("mature", "steady", lambda f: True),  # noqa: ARG005
)
