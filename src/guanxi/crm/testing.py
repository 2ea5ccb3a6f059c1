"""Makers of units, people and customers for tests of every room.

Customers are written by `everything()`, a made-up actor whose reach is the whole bank: tests use the app's own login,
to which a customer outside of anybody's reach cannot be written either.
"""

import itertools
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client

from guanxi.crm.assessments.models import Assessment
from guanxi.crm.customers.identity.models import HouseholdHint, IdentityPair, PairState
from guanxi.crm.customers.models import NameGram, Party
from guanxi.crm.customers.rules import grams_of
from guanxi.crm.organisation.acting import settings_of_transaction
from guanxi.crm.organisation.models import Licence, LicenceKind, Post, Staff, Unit, UnitKind
from guanxi.crm.organisation.services import rebuild_unit_scope
from guanxi.crm.policies.services import seed_from_bank
from guanxi.crm.processors.models import Processor
from guanxi.crm.scores.models import PartyScore, Run, RunState

TODAY = date(2026, 11, 1)
BUSINESS_DATE = date(2026, 10, 31)
_number = itertools.count(1)


@contextmanager
def everything(*, using: str = "default") -> Iterator[None]:
    """See and write every customer within this block."""
    with transaction.atomic(using=using), settings_of_transaction(("", "bank", "", ""), using=using):
        yield


def make_unit(
    name: str = "观前支行", *, parent: Unit | None = None, kind: str | None = None, **more: Any
) -> Unit:
    """A unit; without a parent it is a legal entity, with one an outlet."""
    told = kind or (UnitKind.OUTLET if parent else UnitKind.LEGAL_ENTITY)
    more.setdefault("unit_no", f"U{next(_number):04d}")
    unit = Unit.objects.create(name=name, parent=parent, kind=told, **more)
    rebuild_unit_scope()
    return unit


SELLERS = ("relationship_manager", "corporate_manager", "planner", "outlet_head", "supervisor")


def make_staff(
    role: str | None, unit: Unit, *, name: str = "李敏", since: date = date(2020, 1, 1), **more: Any
) -> Staff:
    """A person with one post at `unit`, in force from `since`; role None makes a person without any.

    Who sells holds every licence that selling asks for.
    """
    more.setdefault("staff_no", f"S{next(_number):05d}")
    staff = Staff.objects.create(name=name, **more)
    if role is not None:
        Post.objects.create(staff=staff, unit=unit, role=role, valid_from=since)
    if role in SELLERS:
        Licence.objects.bulk_create(
            Licence(staff=staff, kind=kind, number=f"Z{staff.pk}", issued_on=since)
            for kind in LicenceKind.values
        )
    return staff


def make_party(unit: Unit, *, keeper: Staff | None = None, name: str = "王建国", **more: Any) -> Party:
    """A customer of `unit`, found by name."""
    number = next(_number)
    more = {
        "id": 10_000_000 + number,
        "uuid": uuid.uuid4(),
        "customer_no": f"C{number:08d}",
        "kind": "person",
    } | more
    with everything():
        party = Party.objects.create(unit=unit, keeper=keeper, name=name, **more)
        NameGram.objects.bulk_create(
            NameGram(gram=gram, party=party, unit=unit, keeper=keeper) for gram in sorted(grams_of(name))
        )
    return party


def make_assessments(*activities: str, using: str = "default") -> None:
    """Let these activities begin: an approved impact assessment of all of them."""
    writer, approver = (
        Staff.objects.using(using).get_or_create(staff_no=number, defaults={"name": number})[0]
        for number in ("PIA1", "PIA2")
    )
    Assessment.objects.using(using).create(
        title="评估", activities=list(activities), data=["outreach"], purpose="为何", impact="影响", measures="措施",
        risk="low", state="approved", content_hash="0" * 64, written_by=writer, decided_by=approver,
        written_at=datetime(2026, 1, 1, tzinfo=UTC), decided_at=datetime(2026, 1, 1, tzinfo=UTC),
        valid_from=date(2000, 1, 1), valid_until=date(2199, 12, 31), kept_until=date(2199, 12, 31),
    )  # fmt: skip


def make_processors(*connectors: str, using: str = "default", **more: Any) -> None:
    """Let data leave through these channels: an entry of the register for each, still to be confirmed."""
    told = {
        "vendor": "短信平台",
        "contract_from": date(2000, 1, 1),
        "contract_until": date(2199, 12, 31),
        "state": "to_confirm",
        "written_at": datetime(2026, 1, 1, tzinfo=UTC),
    } | more
    for code in connectors:
        Processor.objects.using(using).create(connectors=[code], **told)


def make_pair(party: Party, **more: Any) -> dict[str, int]:
    """Somebody at the same outlet who may be the same person as `party`, or of one household; the keys of both rows."""
    other = make_party(party.unit, keeper=party.keeper, name=party.name)
    left, right = sorted((party, other), key=lambda one: one.customer_no)
    told = {
        "posterior": 0.97,
        "weight": 5.0,
        "rule": "model",
        "state": PairState.REVIEW,
        "evidence": {"name": ["exact", 9.5], "birth": ["differs", -4.0], "id": ["unknown", 0.0]},
    } | more
    with everything():
        pair = IdentityPair.objects.create(left=left, right=right, **told)
        hint = HouseholdHint.objects.create(left=left, right=right, family=party.name[:1], members=2)
    return {"identity_pair": pair.pk, "household": hint.pk}


def make_run(business_date: date = BUSINESS_DATE, **more: Any) -> Run:
    """A finished run that is the current one."""
    Run.objects.filter(is_current=True).update(is_current=False)
    more = {
        "id": f"{business_date:%Y%m%d}-{next(_number)}",
        "state": RunState.DONE,
        "is_current": True,
    } | more
    return Run.objects.create(business_date=business_date, **more)


def make_score(party: Party, run: Run, **more: Any) -> PartyScore:
    """The present scores of a customer; figures by keyword, in fen."""
    with everything():
        return PartyScore.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, run=run, kind=party.kind, **more
        )


@dataclass(frozen=True)
class People:
    """Three people for the tests of a page: its owner, a colleague of the same branch, and one without any right.

    `alice` keeps `customer` at `outlet`; `bob` is relationship manager at the same outlet with his own book;
    `charlie` is relationship manager at another outlet; `head` is outlet head of `outlet`.
    """

    bank: Unit
    outlet: Unit
    elsewhere: Unit
    alice: Staff
    bob: Staff
    charlie: Staff
    head: Staff
    customer: Party


def make_people() -> People:
    """The three people with their outlets and one customer of Alice's."""
    bank = make_unit("演示银行")
    outlet, elsewhere = make_unit("观前支行", parent=bank), make_unit("平江支行", parent=bank)
    alice = make_staff("relationship_manager", outlet, name="Alice")
    return People(
        bank=bank,
        outlet=outlet,
        elsewhere=elsewhere,
        alice=alice,
        bob=make_staff("relationship_manager", outlet, name="Bob"),
        charlie=make_staff("relationship_manager", elsewhere, name="Charlie"),
        head=make_staff("outlet_head", outlet, name="Head"),
        customer=make_party(outlet, keeper=alice),
    )


def client_of(staff: Staff, **headers: Any) -> Client:
    """A browser in which `staff` is signed in."""
    client = Client(**headers)
    client.force_login(staff)
    return client


def make_policies(*kinds: str) -> None:
    """Version 1 of these kinds (tier, access and lists when none is named) as the demo bank's folder has them."""
    folder = Path(__file__).resolve().parents[3] / "banks" / "demo" / "policies"
    wanted = kinds or ("tier", "access", "lists")
    payloads = {kind: tomllib.loads((folder / f"{kind}.toml").read_text(encoding="utf8")) for kind in wanted}
    seed_from_bank(payloads, valid_from=date(2020, 1, 1))


@dataclass(frozen=True)
class Screen:
    """The three people with a customer that has scores, in a bank with policies and a current run."""

    people: People
    run: Run
    score: PartyScore

    @property
    def address(self) -> str:
        """Where the customer's page stands."""
        return f"/customers/{self.people.customer.uuid}/"


def make_screen(**more: Any) -> Screen:
    """What the tests of customer pages start from; scores by keyword over a gold customer of 518,000 yuan average."""
    make_policies()
    people, run = make_people(), make_run()
    figures = {
        "aum_fen": 52_311_842,
        "daily_average_fen": 51_800_000,
        "deposits_fen": 40_000_000,
        "loans_fen": 0,
        "tier_scheme": "person",
        "tier_rank": 4,
        "tier_since": date(2026, 7, 1),
        "tier_reason": "reached",
        "months_held": 4,
        "months_at_or_above": 4,
        "months_below": 0,
        "next_rank": 5,
        "next_gap_fen": 48_200_000,
        "stage": "mature",
        "stage_reason": "steady",
        "months_in_stage": 9,
        "details": {"stage": {"tenure_days": 800}},
    }
    return Screen(people, run, make_score(people.customer, run, **(figures | more)))
