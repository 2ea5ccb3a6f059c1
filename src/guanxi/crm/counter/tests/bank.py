"""What the tests of this room start from: the retention bench with a teller at the outlet."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from guanxi.crm import testing
from guanxi.crm.counter import entitlements, events, services
from guanxi.crm.counter.models import CounterEvent, EntitlementUse, Reception
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight.models import EarlyWarning, Signal
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.retention.tests.bank import NOON, Bench, make_bench


@dataclass(frozen=True)
class Hall:
    """The teller serves Alice's customer, a gold one without any warning."""

    bench: Bench
    teller: Staff

    @property
    def customer(self) -> Party:
        return self.bench.customer

    @property
    def alice(self) -> Staff:
        return self.bench.people.alice


def make_hall(**score) -> Hall:
    bench = make_bench(**score)
    with testing.everything():
        EarlyWarning.objects.all().delete()
        Signal.objects.all().delete()
        Party.objects.filter(pk=bench.customer.pk).update(
            occupation="教师", employer_name="一中", village="观前社区"
        )
        bench.customer.refresh_from_db()
    return Hall(bench, testing.make_staff("teller", bench.people.outlet, name="柜员王"))


def received(hall: Hall, *, by: Staff | None = None, today=testing.TODAY) -> Reception:
    staff = by or hall.teller
    with acting_as(staff, today=today):
        return services.receive(by=staff, party=hall.customer, today=today, now=NOON)


def answered(hall: Hall, reception: Reception, said: str) -> Reception:
    with acting_as(hall.teller, today=testing.TODAY):
        return services.answer(by=hall.teller, reception=reception, said=said, today=testing.TODAY, now=NOON)


def used(
    hall: Hall, code: str = "queue", *, key: UUID | None = None, by: Staff | None = None
) -> EntitlementUse:
    staff = by or hall.teller
    with acting_as(staff, today=testing.TODAY):
        return entitlements.use(
            by=staff, party=hall.customer, code=code, client_key=key or uuid4(), today=testing.TODAY, now=NOON
        )


def told(hall: Hall, number: str = "1", *, by: Staff | None = None, **more) -> tuple[CounterEvent, bool]:
    staff = by or hall.teller
    facts = {"source": "page", "number": number, "kind": "closing", "amount_fen": 5_000_000} | more
    with acting_as(staff, today=testing.TODAY):
        return events.take_event(
            by=staff, party=hall.customer, draft=events.EventDraft(**facts), today=testing.TODAY, now=NOON
        )
