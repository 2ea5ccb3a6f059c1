"""A bank of two branches with two outlets each, and rows of every table of sums, kept as plain tuples for adding up."""

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from guanxi.crm import testing
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.scores.models import (
    AccountBand,
    AgeChannel,
    Attrition,
    Care,
    Concentration,
    HoldingCount,
    Migration,
    Run,
    UnitBand,
    UnitDay,
    UnitTier,
)
from guanxi.crm.scores.reports.parts import PARTS, Asked
from guanxi.crm.scores.reports.parts.below import units_below
from guanxi.crm.scores.reports.places import place_of
from guanxi.crm.scores.reports.views.structure import delivered
from guanxi.crm.scores.reports.words import retail_scheme
from guanxi.crm.scores.tiers import tier_names

DAYS = {
    "today": date(2026, 10, 31),
    "yesterday": date(2026, 10, 30),
    "month_start": date(2026, 9, 30),
    "year_start": date(2025, 12, 31),
    "last_year": date(2025, 10, 31),
}
MONTHS = (date(2025, 10, 1), date(2025, 12, 1), date(2026, 9, 1), date(2026, 10, 1))
LAST = MONTHS[-1]


@dataclass
class Bank:
    """The tree, a keeper for each outlet, the rows as written."""

    root: Unit
    branches: list[Unit]
    outlets: list[Unit]
    keepers: list[Staff]
    run: Run
    days: list[dict[str, Any]] = field(default_factory=list)
    tiers: list[dict[str, Any]] = field(default_factory=list)

    def below(self, unit: Unit) -> set[int]:
        """Ids of the outlets under a unit, itself included: by walking parents, not by the closure table."""
        return {
            outlet.pk
            for outlet in (self.root, *self.branches, *self.outlets)
            if unit in (outlet, outlet.parent, outlet.parent and outlet.parent.parent)
        }


def make_bank(seed: int = 7, *, delivered: tuple[str, ...] = ("channel_events", "ftp_rates")) -> Bank:
    """The bank with random figures."""
    testing.make_policies()
    root = testing.make_unit("演示银行")
    branches = [testing.make_unit(name, parent=root, kind="branch") for name in ("城区分行", "县域分行")]
    outlets = [
        testing.make_unit(f"{branch.name}{n}号网点", parent=branch) for branch in branches for n in (1, 2)
    ]
    keepers = [
        testing.make_staff("relationship_manager", outlet, name=f"客户经理{n}")
        for n, outlet in enumerate(outlets)
    ]
    run = testing.make_run(manifest={"extract": {"files": [{"name": name} for name in delivered]}})
    bank = Bank(root, branches, outlets, keepers, run)
    _fill(bank, random.Random(seed))  # noqa: S311  # figures to add up, no secret
    return bank


def _fill(bank: Bank, rng: random.Random) -> None:
    for outlet, keeper in zip(bank.outlets, bank.keepers, strict=True):
        for who in (keeper, None):
            for label, day in DAYS.items():
                _day(bank, rng, label=label, day=day, unit=outlet, keeper=who)
            for month in MONTHS:
                for kind, rank in (
                    ("person", -1),
                    ("person", 1),
                    ("person", 4),
                    ("sole_trader", 3),
                    ("company", 2),
                ):
                    _tier(bank, rng, month=month, unit=outlet, keeper=who, kind=kind, tier_rank=rank)
        for month in MONTHS:
            _month(rng, outlet, month)
    for unit in (bank.root, *bank.branches, *bank.outlets):
        _curve(unit)


def _day(bank: Bank, rng: random.Random, **where: Any) -> None:
    names = (
        "deposits_fen",
        "deposits_average_fen",
        "deposits_year_average_fen",
        "aum_fen",
        "wealth_fen",
        "loans_fen",
    )
    row = where | {name: rng.randrange(10**9) for name in names}
    row |= {"active_customers": rng.randrange(900), "customers": rng.randrange(1000)}
    bank.days.append(row)
    UnitDay.objects.create(**row)


def _tier(bank: Bank, rng: random.Random, **where: Any) -> None:
    row = where | {
        "customers": rng.randrange(1, 900),
        "aum_fen": rng.randrange(10**9),
        "daily_average_fen": 0,
    }
    bank.tiers.append(row)
    UnitTier.objects.create(**row)


def _month(rng: random.Random, unit: Unit, month: date) -> None:
    at = {"unit": unit, "month": month}
    for band in (1, 2, 3):
        UnitBand.objects.create(**at, band=band, customers=band * 10, aum_fen=rng.randrange(10**9))
        AccountBand.objects.create(**at, band=band, accounts=band * 7, balance_fen=band)
    for held in (1, 2):
        HoldingCount.objects.create(**at, families_held=held, customers=30 // held, aum_fen=held * 1000)
    Migration.objects.create(**at, from_rank=3, to_rank=4, customers=5, aum_fen=500)
    Migration.objects.create(**at, from_rank=4, to_rank=3, customers=2, aum_fen=200)
    Migration.objects.create(**at, from_rank=4, to_rank=4, customers=50, aum_fen=5000)
    Attrition.objects.create(**at, tier_rank=3, customers=100, lost=3, declining=4, lost_base_fen=900)
    for rank in (3, 4):
        Care.objects.create(
            **at, tier_rank=rank, customers=10 * rank, kept_days=300 * rank, contacts=12, reached_customers=10,
            entitlement_uses=2,
        )  # fmt: skip
    for age in ("18-30", "60+"):
        AgeChannel.objects.create(
            **at, area="urban", age_band=age, customers=20, aum_fen=2000, mobile_active=10, web_active=5
        )


def _curve(unit: Unit) -> None:
    for percent in range(1, 101):
        at = {"unit": unit, "month": LAST, "percent": percent, "customers": percent}
        Concentration.objects.create(
            **at, metric="aum", amount_fen=percent, share=min(1.0, 0.5 + percent / 200)
        )
        Concentration.objects.create(
            **at, metric="contribution", amount_fen=percent, share=1.3 if percent < 100 else 1.0
        )


def made(bank: Bank, code: str, unit=None, month=LAST):
    """A part as the supervisor of the bank gets it."""
    supervisor = testing.make_staff("supervisor", bank.root)
    with acting_as(supervisor, today=testing.TODAY) as reach:
        place = place_of(reach, str((unit or bank.root).pk))
        assert place is not None
        names = tier_names(testing.TODAY)
        files = delivered(Run.objects.get(is_current=True))
        asked = Asked(reach, place, month, testing.TODAY, names, retail_scheme(names), files)
        return units_below(asked) if code == "below" else PARTS[code][1](asked)
