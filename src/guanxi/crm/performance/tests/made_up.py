"""A made-up team: two keepers and a teller at one outlet, one keeper at another; contacts and tasks by hand."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight.models import EarlyWarning, Listing
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.keeping.models import PoolEntry
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.scores.models import Run
from guanxi.crm.worklist.models import Task, TaskState

TODAY = testing.TODAY
NOTE = "客户表示月底资金到位后再谈续存"
_clock = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Team:
    """The outlet with its head, two keepers and a teller; `far` keeps customers elsewhere."""

    bank: Unit
    outlet: Unit
    elsewhere: Unit
    run: Run
    head: Staff
    ann: Staff
    ben: Staff
    teller: Staff
    far: Staff


def make_team() -> Team:
    """The people with the policies of the demo bank and a current run."""
    testing.make_policies("tier", "access", "lists", "scope", "interaction", "performance", "worklist")
    bank = testing.make_unit("演示银行")
    outlet, elsewhere = (testing.make_unit(name, parent=bank) for name in ("观前支行", "平江支行"))
    return Team(
        bank, outlet, elsewhere, testing.make_run(),
        head=testing.make_staff("outlet_head", outlet, name="周行长"),
        ann=testing.make_staff("relationship_manager", outlet, name="安然"),
        ben=testing.make_staff("relationship_manager", outlet, name="毕成"),
        teller=testing.make_staff("teller", outlet, name="陈柜"),
        far=testing.make_staff("relationship_manager", elsewhere, name="方远"),
    )  # fmt: skip


def make_customer(
    team: Team, keeper: Staff | None, *, rank: int = 4, unit: Unit | None = None, **more: Any
) -> Party:
    """A customer of a tier (4: gold) with a score, kept by this person."""
    party = testing.make_party(unit or team.outlet, keeper=keeper)
    figures = {"aum_fen": 50_000_000, "tier_scheme": "person", "tier_rank": rank} | more
    testing.make_score(party, team.run, **figures)
    return party


def make_waiting(party: Party, since: date) -> PoolEntry:
    """The customer in the pool of those who wait for a keeper."""
    with testing.everything():
        return PoolEntry.objects.create(
            party=party, unit_id=party.unit_id, since=since, due_on=since + timedelta(days=7), why="entered"
        )


def make_contact(party: Party, staff: Staff, day: date = TODAY, *, minute: int = 0, **more: Any) -> Contact:
    """A call in which the customer was reached, at eight in the morning and `minute` minutes, written down at once."""
    at = datetime(day.year, day.month, day.day, 0, tzinfo=UTC) + timedelta(minutes=minute)
    told: dict[str, Any] = {
        "channel": "call", "outcome": "reached_later", "note": NOTE, "at": at, "day": day, "logged_at": at,
        "client_key": uuid.uuid4(), "author_name": staff.name,
    } | more  # fmt: skip
    with testing.everything():
        return Contact.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=staff, **told
        )


def make_promise(party: Party, staff: Staff, due_on: date, **more: Any) -> Promise:
    """A promise, open unless told."""
    told: dict[str, Any] = {
        "step": "call_again",
        "text": "再次联系",
        "made_on": due_on - timedelta(days=5),
    } | more
    with testing.everything():
        return Promise.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=staff, due_on=due_on, **told
        )


def make_task(
    party: Party, assignee: Staff, due_on: date, *, done_on: date | None = None, **more: Any
) -> Task:
    """A task, done when a day is told."""
    closed = {} if done_on is None else {"state": TaskState.DONE, "closed_on": done_on, "closed_at": _clock}
    told: dict[str, Any] = (
        {"origin": "manual", "subject": uuid.uuid4().hex, "opened_on": due_on} | closed | more
    )
    with testing.everything():
        return Task.objects.create(
            party=party,
            unit_id=party.unit_id,
            keeper_id=party.keeper_id,
            assignee=assignee,
            due_on=due_on,
            **told,
        )


def make_warning(party: Party, listed_on: date, **more: Any) -> EarlyWarning:
    """A warning on the list since a day, with the row that says so."""
    told: dict[str, Any] = {
        "signal": "outflow", "signals": 1, "urgency": 4, "points": 40, "at_stake_fen": 10_000_000, "priority": 1,
        "state": "listed",
    } | more  # fmt: skip
    with testing.everything():
        Listing.objects.create(
            party=party,
            listed_on=listed_on,
            signal=told["signal"],
            urgency=4,
            at_stake_fen=told["at_stake_fen"],
        )
        return EarlyWarning.objects.create(
            party=party,
            unit_id=party.unit_id,
            keeper_id=party.keeper_id,
            raised_on=listed_on,
            listed_on=listed_on,
            **told,
        )
