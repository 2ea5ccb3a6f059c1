"""A small outlet for the tests of this room: a head, a supervisor above, two managers, a teller, customers."""

from dataclasses import dataclass
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.keeping.models import ExitProposal, PoolEntry
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.scores.models import Run

TODAY = testing.TODAY
KINDS = ("keeping", "scope")


@dataclass(frozen=True)
class Bank:
    """`supervisor` sits at the bank's root and sees all outlets; `ann` and `ben` are managers at `outlet`."""

    root: Unit
    outlet: Unit
    elsewhere: Unit
    head: Staff
    supervisor: Staff
    ann: Staff
    ben: Staff
    far: Staff
    run: Run

    def reach(self, staff: Staff) -> Reach:
        """How far somebody sees today."""
        return reach_of(staff, TODAY)


def make_bank() -> Bank:
    """The outlet with its people, policies and a current run."""
    testing.make_policies()
    testing.make_policies(*KINDS)
    root = testing.make_unit("演示银行")
    outlet, elsewhere = testing.make_unit("观前支行", parent=root), testing.make_unit("平江支行", parent=root)
    return Bank(
        root,
        outlet,
        elsewhere,
        head=testing.make_staff("outlet_head", outlet, name="行长"),
        supervisor=testing.make_staff("supervisor", root, name="主管"),
        ann=testing.make_staff("relationship_manager", outlet, name="安"),
        ben=testing.make_staff("relationship_manager", outlet, name="本"),
        far=testing.make_staff("relationship_manager", elsewhere, name="远"),
        run=testing.make_run(),
    )


def make_customer(
    bank: Bank, keeper: Staff | None, *, rank: int = 3, fen: int = 30_000_000, **more: Any
) -> Party:
    """A customer of the outlet with a tier and, when kept, an open term."""
    party = testing.make_party(more.pop("unit", bank.outlet), keeper=keeper, **more)
    testing.make_score(
        party, bank.run, aum_fen=fen, daily_average_fen=fen, tier_scheme="person", tier_rank=rank,
        age_band="51-60",
    )  # fmt: skip
    if keeper is not None:
        with testing.everything():
            KeeperTerm.objects.create(party=party, staff=keeper, valid_from=TODAY.replace(year=2025))
    return party


def make_waiting(bank: Bank, **hints: Any) -> PoolEntry:
    """A customer in the pool."""
    party = make_customer(bank, None)
    with testing.everything():
        return PoolEntry.objects.create(
            party=party, unit=party.unit, since=TODAY, due_on=TODAY, why="entered", hints=hints
        )


def make_exit(bank: Bank, keeper: Staff, **more: Any) -> ExitProposal:
    """A customer whom the rule proposes to leave the book of `keeper`."""
    party = make_customer(bank, keeper)
    with testing.everything():
        return ExitProposal.objects.create(
            party=party, unit=party.unit, keeper=keeper, book=keeper, proposed_on=TODAY, months_below=6,
            measure_fen=12_000_000, age_band="51-60", **more,
        )  # fmt: skip
