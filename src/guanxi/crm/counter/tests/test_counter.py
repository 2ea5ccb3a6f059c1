"""The counter: one prompt in order, answers remembered, entitlements never overdrawn, events that reach the keeper."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, CustomerView
from guanxi.crm.counter import entitlements, events, rules, services
from guanxi.crm.counter.models import CounterEvent, EntitlementBook, EntitlementUse, Reception, ToldFact
from guanxi.crm.counter.policy import needed
from guanxi.crm.counter.tests.bank import Hall, answered, make_hall, received, told, used
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight.models import Signal
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.retention.models import Case
from guanxi.crm.retention.tests.bank import NOON, open_case
from guanxi.crm.scores.models import Maturity
from guanxi.crm.worklist.models import Task
from guanxi.insight.policies.counter import period_start

database = pytest.mark.django_db


@pytest.fixture
def hall(db) -> Hall:  # noqa: ARG001  # makes the database first
    return make_hall()


def make_complaint(hall: Hall, open_ones: int = 1) -> None:
    Signal.objects.create(
        party=hall.customer, signal="complaint", usual_times=open_ones, day=date(2026, 10, 20), place="排队久"
    )


def make_promise(hall: Hall, due_on: date) -> None:
    Promise.objects.create(
        party=hall.customer, unit_id=hall.customer.unit_id, keeper=hall.alice, staff=hall.alice, step="other",
        text="回复利率", made_on=testing.BUSINESS_DATE, due_on=due_on,
    )  # fmt: skip


def make_maturity(hall: Hall, day: date, *, rolls_over: bool | None = False) -> None:
    Maturity.objects.create(
        account_no=uuid4().hex, party=hall.customer, unit_id=hall.customer.unit_id, keeper=hall.alice, family="time",
        amount_fen=31_234_567, matures_on=day, days_left=1, rolls_over=rolls_over,
    )  # fmt: skip


def missing(hall: Hall, field: str) -> None:
    Party.objects.filter(pk=hall.customer.pk).update(**{field: None})
    hall.customer.refresh_from_db()


SAID = {
    "retention": lambda hall: open_case(hall.alice, hall.customer),
    "complaint": make_complaint,
    "promise": lambda hall: make_promise(hall, testing.TODAY),
    "maturity": lambda hall: make_maturity(hall, testing.TODAY + timedelta(days=7)),
    "gap": lambda hall: missing(hall, "village"),
}


def test_of_everything_there_is_to_say_the_first_in_the_policys_order_is_said(hall) -> None:
    found = []
    for kind in reversed(SAID):
        with testing.everything():
            SAID[kind](hall)
        found.append(received(hall).kind)
    assert found == list(reversed(SAID))


def test_nothing_to_say_is_no_prompt(hall) -> None:
    assert received(hall).kind == ""


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda hall: make_complaint(hall, 0), ""),
        (lambda hall: make_promise(hall, testing.TODAY + timedelta(days=3)), "promise"),
        (lambda hall: make_promise(hall, testing.TODAY + timedelta(days=4)), ""),
        (lambda hall: make_maturity(hall, testing.TODAY + timedelta(days=30)), "maturity"),
        (lambda hall: make_maturity(hall, testing.TODAY + timedelta(days=31)), ""),
        (lambda hall: make_maturity(hall, testing.TODAY - timedelta(days=1)), ""),
        (lambda hall: make_maturity(hall, testing.TODAY, rolls_over=True), ""),
    ],
)
def test_a_prompt_appears_on_the_policys_day_and_not_beyond(hall, make, shown) -> None:
    with testing.everything():
        make(hall)
    assert received(hall).kind == shown


def test_what_the_customer_waved_off_stays_quiet_and_the_next_thing_is_said(hall) -> None:
    with testing.everything():
        make_complaint(hall)
        make_promise(hall, testing.TODAY)
    answered(hall, received(hall), "never")
    assert received(hall).kind == "promise"
    answered(hall, received(hall), "later")
    assert received(hall).kind == ""
    assert received(hall, today=testing.TODAY + timedelta(days=15)).kind == "promise"


@given(st.integers(0, 800), st.integers(0, 400), st.integers(0, 400))
def test_never_is_quiet_at_least_as_long_as_not_now(days, later, more) -> None:
    said, today = date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days)
    quiet = {
        answer: rules.is_quiet(answer, said, today, later_days=later, never_days=later + more)
        for answer in ("interested", "later", "never")
    }
    assert not quiet["interested"]
    assert quiet["never"] or not quiet["later"]


@given(st.integers(-(10**13), 10**13))
def test_an_amount_said_roughly_has_one_figure_and_is_near(fen) -> None:
    said = rules.roughly(fen)
    assert len(str(abs(said)).rstrip("0")) <= 1 or str(abs(said)).startswith("10")
    assert abs(said - fen) * 2 <= 10 ** max(0, len(str(abs(fen))) - 1) or abs(said - fen) * 3 <= abs(fen)


def test_interested_is_one_contact_and_one_task_of_the_keeper_however_often_it_is_tapped(hall) -> None:
    with testing.everything():
        make_promise(hall, testing.TODAY)
    reception = received(hall)
    for _again in range(2):
        answered(hall, reception, "interested")
    with testing.everything():
        contact = Contact.objects.get()
        assert (contact.channel, contact.outcome, contact.staff_id) == (
            "branch",
            "met_interested",
            hall.teller.pk,
        )
        assert [task.assignee_id for task in Task.objects.filter(origin="lead")] == [hall.alice.pk]


def test_a_reception_is_answered_only_by_who_received(hall) -> None:
    with testing.everything():
        make_promise(hall, testing.TODAY)
    reception, other = received(hall), testing.make_staff("lobby", hall.bench.people.outlet)
    with acting_as(other, today=testing.TODAY), pytest.raises(PermissionDenied):
        services.answer(by=other, reception=reception, said="never", today=testing.TODAY, now=NOON)


def test_receiving_is_in_the_trail_twice_as_a_view_and_as_a_deed(hall) -> None:
    received(hall)
    assert CustomerView.objects.filter(what="arrival", party_key=hall.customer.pk).count() == 1
    assert ChangeLog.objects.filter(verb="counter.received").count() == 1


def test_a_teller_of_another_outlet_serves_nobody_here(hall) -> None:
    far = testing.make_staff("teller", hall.bench.people.elsewhere)
    for deed in (lambda: received(hall, by=far), lambda: used(hall, by=far), lambda: told(hall, by=far)):
        with pytest.raises(PermissionDenied):
            deed()


def test_a_relationship_manager_does_not_serve_the_counter(hall) -> None:
    with pytest.raises(PermissionDenied):
        received(hall, by=hall.alice)


# --- missing entries and referrals


def test_at_most_one_missing_entry_is_asked_for_and_never_again_once_told(hall) -> None:
    with testing.everything():
        missing(hall, "village")
        missing(hall, "occupation")
    reception = received(hall)
    assert reception.prompt == {"field": "occupation"}
    with acting_as(hall.teller, today=testing.TODAY):
        services.tell_fact(
            by=hall.teller,
            reception=reception,
            field="occupation",
            value=" 护士 ",
            now=NOON,
            today=testing.TODAY,
        )
        assert ToldFact.objects.get().value == "护士"
    assert received(hall).prompt == {"field": "village"}


@pytest.mark.parametrize(("field", "value"), [("name", "x"), ("occupation", "医生"), ("village", " ")])
def test_what_is_known_not_asked_or_empty_is_not_kept(hall, field, value) -> None:
    with testing.everything():
        missing(hall, "village")
    reception = received(hall)
    with acting_as(hall.teller, today=testing.TODAY), pytest.raises(ValidationError):
        services.tell_fact(
            by=hall.teller, reception=reception, field=field, value=value, now=NOON, today=testing.TODAY
        )


def test_a_referral_becomes_a_task_of_the_keeper(hall) -> None:
    reception = received(hall)
    with acting_as(hall.teller, today=testing.TODAY):
        services.refer(by=hall.teller, reception=reception, text="想办企业贷款", today=testing.TODAY)
        task = Task.objects.get(origin="lead")
    assert (task.assignee_id, task.reason["text"]) == (hall.alice.pk, "想办企业贷款")


# --- entitlements


def left(hall: Hall, code: str = "queue", today=testing.TODAY) -> int:
    with acting_as(hall.teller, today=today):
        rows = entitlements.standings(reach_of(hall.teller, today), hall.customer, today, needed(today))
    return next(row.left for row in rows if row.code == code)


def test_entitlements_are_used_up_and_come_back_with_the_next_period(hall) -> None:
    for _tap in range(2):
        used(hall, "cash")
    assert left(hall, "cash") == 0
    with pytest.raises(ValidationError):
        used(hall, "cash")
    assert left(hall, "cash", testing.TODAY.replace(month=12)) == 2


def test_the_same_tap_sent_twice_is_one_use(hall) -> None:
    key = uuid4()
    assert used(hall, key=key).pk == used(hall, key=key).pk
    assert left(hall) == 7


def test_another_persons_key_is_refused(hall) -> None:
    key, other = uuid4(), testing.make_staff("lobby", hall.bench.people.outlet)
    used(hall, key=key)
    with pytest.raises(PermissionDenied):
        used(hall, key=key, by=other)


def test_a_tap_by_mistake_is_taken_back_once(hall) -> None:
    made = used(hall)
    for _again in range(2):
        with acting_as(hall.teller, today=testing.TODAY):
            entitlements.take_back(by=hall.teller, made=made, now=NOON, today=testing.TODAY)
    assert left(hall) == 8


@pytest.mark.parametrize("code", ["nonsense", ""])
def test_what_is_no_entitlement_cannot_be_used(hall, code) -> None:
    with pytest.raises(ValidationError):
        used(hall, code)


@database
def test_a_tier_without_a_quota_has_nothing_to_use() -> None:
    plain = make_hall(tier_rank=1)
    with pytest.raises(ValidationError):
        used(plain)


@given(st.sampled_from(["month", "quarter", "year"]), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_a_period_begins_on_the_first_of_a_month_and_holds_its_day(period, day) -> None:
    start = period_start(period, day)
    assert start <= day
    assert start.day == 1
    assert period_start(period, start) == start


# --- events


def test_an_event_opens_a_case_and_tells_the_keeper_for_today(hall) -> None:
    made, is_new = told(hall, said_reason="rate", said_place="state_bank")
    with testing.everything():
        case = Case.objects.get()
        task = Task.objects.get(party=hall.customer)
    assert is_new
    assert (made.case_id, case.source, case.due_on) == (case.pk, "counter", testing.TODAY)
    assert (case.said_reason, case.said_place, case.amount_fen) == ("rate", "state_bank", 5_000_000)
    assert (task.assignee_id, task.due_on, task.urgency) == (hall.alice.pk, testing.TODAY, 3)
    assert task.reason["author"] == "柜员王"
    assert task.value_fen == 52_311_842


def test_an_event_told_again_changes_nothing(hall) -> None:
    first, _new = told(hall)
    again, is_new = told(hall)
    assert (again.pk, is_new) == (first.pk, False)
    with testing.everything():
        assert (Case.objects.count(), Task.objects.count(), CounterEvent.objects.count()) == (1, 1, 1)
        assert len(Case.objects.get().events) == 1


def test_the_same_number_for_something_else_is_refused(hall) -> None:
    told(hall)
    with pytest.raises(events.AnotherEvent):
        told(hall, amount_fen=1)


def test_a_second_event_joins_the_open_case_with_a_task_of_its_own(hall) -> None:
    told(hall)
    told(hall, "2", kind="large_cash", amount_fen=9_000_000)
    with testing.everything():
        case = Case.objects.get()
        assert [event["kind"] for event in case.events] == ["closing", "large_cash"]
        assert case.amount_fen == 9_000_000
        assert Task.objects.filter(party=hall.customer).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "robbery"},
        {"amount_fen": 0},
        {"said_reason": "x"},
        {"said_place": "x"},
        {"number": " "},
        {"number": "9" * 81},
    ],
)
def test_an_event_that_makes_no_sense_leaves_no_trace(hall, wrong) -> None:
    with pytest.raises(ValidationError):
        told(hall, **wrong)
    with testing.everything():
        assert not Case.objects.exists()
        assert not CounterEvent.objects.exists()


# --- row security


@pytest.mark.parametrize("model", [Reception, EntitlementBook, EntitlementUse, CounterEvent, ToldFact, Case])
def test_a_forgotten_filter_shows_nothing_to_another_outlet_and_to_nobody(hall, model) -> None:
    with testing.everything():
        missing(hall, "village")
    used(hall)
    told(hall)
    reception = received(hall)
    with acting_as(hall.teller, today=testing.TODAY):
        services.tell_fact(
            by=hall.teller, reception=reception, field="village", value="x", now=NOON, today=testing.TODAY
        )
    far = testing.make_staff("outlet_head", hall.bench.people.elsewhere)
    seen = []
    for staff in (hall.teller, hall.bench.people.bob, far):
        with acting_as(staff, today=testing.TODAY):
            seen.append(model.objects.count())
    assert (seen, model.objects.count()) == ([1, 0, 0], 0)
