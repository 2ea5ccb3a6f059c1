"""What the tests of this room start from: a customer with a warning, policies, and the deeds of a case."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from guanxi.crm import testing
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight.models import EarlyWarning, Signal
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.retention import offers, services
from guanxi.crm.retention.models import Case, CaseOffer, CaseSource

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
AT_STAKE, FLOWED = 30_000_000, 8_200_000


@dataclass(frozen=True)
class Bench:
    """Alice keeps the customer; the head stands at the same outlet, the supervisor above."""

    screen: testing.Screen
    supervisor: Staff

    @property
    def people(self) -> testing.People:
        return self.screen.people

    @property
    def customer(self) -> Party:
        return self.screen.people.customer


def make_bench(**score) -> Bench:
    screen = testing.make_screen(**score)
    testing.make_policies("retention", "counter", "interaction", "suitability", "need", "worklist")
    supervisor = testing.make_staff("supervisor", screen.people.bank, name="Supervisor")
    warn(screen.people.customer)
    return Bench(screen, supervisor)


def warn(party: Party, *, destination: str = "own_name_bank", place: str = "招商银行苏州分行") -> None:
    with testing.everything():
        EarlyWarning.objects.update_or_create(
            party=party,
            defaults={
                "unit_id": party.unit_id, "keeper_id": party.keeper_id, "signal": "outflow", "signals": 1,
                "urgency": 4, "points": 4, "amount_fen": FLOWED, "at_stake_fen": AT_STAKE, "priority": 1,
                "state": "listed", "raised_on": testing.BUSINESS_DATE,
            },
        )  # fmt: skip
        Signal.objects.update_or_create(
            party=party, signal="outflow",
            defaults={
                "amount_fen": FLOWED, "usual_fen": 100_000, "share": 0.16, "day": testing.BUSINESS_DATE,
                "place": place, "destination": destination,
            },
        )  # fmt: skip


def open_case(by: Staff, party: Party, *, today=testing.TODAY, event=None) -> Case:
    with acting_as(by, today=today):
        return services.open_case(
            by=by, party=party, source=CaseSource.WARNING, today=today, now=NOON, event=event
        )


def close(
    by: Staff, case: Case, ending="lost", reason="rate", place="joint_stock", today=testing.TODAY
) -> Case:
    with acting_as(by, today=today):
        return services.close_case(
            by=by, case=case, ending=ending, reason=reason, place=place, note="", today=today, now=NOON
        )


def offer(by: Staff, case: Case, kind="fee", amount=10_000, product: Product | None = None) -> CaseOffer:
    with acting_as(by, today=testing.TODAY):
        return offers.make_offer(
            by=by,
            case=case,
            kind=kind,
            amount=amount,
            text="",
            product=product,
            today=testing.TODAY,
            now=NOON,
        )


def decide(by: Staff, made: CaseOffer, *, approve=True, note="") -> CaseOffer:
    with acting_as(by, today=testing.TODAY):
        return offers.decide_offer(
            by=by, offer=made, approve=approve, note=note, today=testing.TODAY, now=NOON
        )


def counter_event(number: str = "1", **more) -> services.CounterFacts:
    told = {
        "key": f"api:{number}", "kind": "closing", "amount_fen": 5_000_000, "day": "2026-11-01", "author": "柜员王",
    } | more  # fmt: skip
    return services.CounterFacts(**told)


def step(by: Staff, case: Case, *, client_key=None):
    with acting_as(by, today=testing.TODAY):
        return services.log_step(
            by=by, case=case, channel="call", outcome="done", note="", client_key=client_key or uuid4(),
            today=testing.TODAY, now=NOON,
        )  # fmt: skip
