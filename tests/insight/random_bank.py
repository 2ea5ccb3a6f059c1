"""A small random bank, and the same figures counted day by day in plain Python: the oracle of the money steps."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from harness import Bench

FEN = Decimal("0.01")
FAMILIES = ("demand", "time", "cd", "wealth", "fund", "loan")
COMPONENT = {
    "demand": "demand",
    "time": "time",
    "cd": "time",
    "wealth": "wealth",
    "fund": "fund",
    "loan": "loan",
}
DEPOSITS = ("demand", "time")
UNITS = ("U1", "U2", None)


def half_up(amount: Decimal) -> Decimal:
    """To the fen, half away from zero."""
    return amount.quantize(FEN, ROUND_HALF_UP)


@dataclass
class Account:
    """One account with what it held at the end of each day it changed."""

    number: str
    family: str
    currency: str
    opened_on: date
    closed_on: date | None
    owners: dict[str, Decimal]  # customer → share; the first is the primary holder
    unit_no: str | None
    changes: dict[date, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def held(self, day: date) -> tuple[Decimal, Decimal]:
        """(balance, in transit) at day end in the account's currency; nothing from the day of closing."""
        if self.closed_on is not None and day >= self.closed_on:
            return Decimal(0), Decimal(0)
        known = [on for on in self.changes if on <= day]
        return self.changes[max(known)] if known else (Decimal(0), Decimal(0))


@dataclass
class RandomBank:
    """Customers, accounts and rates made from one seed."""

    seed: int
    first: date
    last: date
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    rates: dict[date, Decimal] = field(default_factory=dict)  # of USD

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)  # noqa: S311 - a bank made again from its seed, no secret
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        for number in range(12):
            kind = "company" if number % 6 == 5 else "person"
            self.customers[f"C{number}"] = {
                "kind": kind,
                "unit_no": dice.choice(UNITS),
                "party_key": 1000 + number,
            }
        self.rates = {day: Decimal(dice.randint(70000, 74000)) / 10000 for day in days if day.day % 3 == 1}
        self.accounts = [self._account(dice, number, days) for number in range(24)]

    def _account(self, dice: random.Random, number: int, days: list[date]) -> Account:
        opened = dice.choice([self.first, *days[: len(days) // 2]])
        closed = dice.choice([None, None, None, *days])
        account = Account(
            number=f"A{number}",
            family=dice.choice(FAMILIES),
            currency=dice.choice(("CNY", "CNY", "CNY", "USD")),
            opened_on=opened,
            closed_on=closed if closed and closed > opened else None,
            owners=self._owners(dice),
            unit_no=dice.choice(UNITS),
        )
        for day in sorted({opened, *dice.sample(days, 12)}):
            if day >= opened and (account.closed_on is None or day < account.closed_on):
                account.changes[day] = (
                    self._amount(dice),
                    self._amount(dice) if dice.random() < 0.2 else Decimal(0),
                )
        return account

    def _owners(self, dice: random.Random) -> dict[str, Decimal]:
        names = dice.sample(sorted(self.customers), dice.choice((1, 1, 1, 2, 3)))
        share = Decimal("0.33333333") if len(names) == 3 else Decimal("0.37")
        rest = dict.fromkeys(names[1:], share)
        return {names[0]: 1 - sum(rest.values(), Decimal(0)), **rest}

    @staticmethod
    def _amount(dice: random.Random) -> Decimal:
        return Decimal(dice.choice((dice.randint(-500, 500), dice.randint(0, 300_000_00)))) / 100

    def lay(self, bench: Bench) -> None:
        """The staged tables of this bank."""
        bench.put(
            "staged.customers",
            [
                {"customer_no": n, "bucket": said["party_key"] % 256} | said
                for n, said in self.customers.items()
            ],
        )
        bench.put(
            "staged.accounts",
            [
                {
                    "account_no": a.number,
                    "family": a.family,
                    "currency": a.currency,
                    "opened_on": a.opened_on,
                    "closed_on": a.closed_on,
                    "unit_no": a.unit_no,
                }
                for a in self.accounts
            ],
        )
        bench.put("staged.account_parties", [row for account in self.accounts for row in _links(account)])
        bench.put(
            "staged.balances",
            [
                {"account_no": a.number, "day": day, "balance": balance, "in_transit": transit}
                for a in self.accounts
                for day, (balance, transit) in a.changes.items()
            ],
        )
        bench.put(
            "staged.fx_rates",
            [{"currency": "USD", "day": day, "mid": mid} for day, mid in self.rates.items()],
        )

    def base(self, account: Account, day: date) -> tuple[Decimal, Decimal]:
        """(balance, in transit) of an account at day end in the base currency."""
        balance, transit = account.held(day)
        if account.currency == "CNY":
            return balance, transit
        mid = self.rates[max(on for on in self.rates if on <= day)]
        return half_up(balance * mid), half_up(transit * mid)

    def parts(self, account: Account, amount: Decimal) -> dict[str, Decimal]:
        """An amount split among the owners, the residual to the first."""
        primary, *others = account.owners
        given = {name: half_up(amount * account.owners[name]) for name in others}
        return {primary: amount - sum(given.values(), Decimal(0)), **given}

    def aum(self, customer: str, day: date) -> Decimal:
        """A customer's AUM at day end, money in transit included."""
        total = Decimal(0)
        for account in self.accounts:
            if account.family != "loan" and customer in account.owners:
                balance, transit = self.base(account, day)
                total += self.parts(account, balance)[customer] + self.parts(account, transit)[customer]
        return total

    def component(self, customer: str, component: str, day: date) -> Decimal:
        """What a customer holds of one component at day end, without money in transit."""
        mine = (a for a in self.accounts if customer in a.owners and COMPONENT[a.family] == component)
        return sum((self.parts(a, self.base(a, day)[0])[customer] for a in mine), Decimal(0))

    def average(self, customer: str, days: list[date]) -> Decimal:
        """Daily average AUM: each account's sum of days is split among its owners, then divided once."""
        total = Decimal(0)
        for account in self.accounts:
            if account.family != "loan" and customer in account.owners:
                amount = sum((sum(self.base(account, day), Decimal(0)) for day in days), Decimal(0))
                total += self.parts(account, amount)[customer]
        return half_up(total / len(days))


def _links(account: Account) -> list[dict[str, Any]]:
    alone = len(account.owners) == 1
    return [
        {
            "account_no": account.number,
            "customer_no": name,
            "role": "holder" if number == 0 else "joint",
            "share": None if alone else share,
        }
        for number, (name, share) in enumerate(account.owners.items())
    ]
