"""Tasks are opened once, closed by who holds them, put off with a reason, handed on, and each deed leaves its trail."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Cover, Staff
from guanxi.crm.testing import TODAY, People
from guanxi.crm.worklist import selectors, services
from guanxi.crm.worklist.models import Task, TaskState

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def people() -> People:
    testing.make_policies("worklist", "tier")
    return testing.make_people()


def opened(people: People, by: Staff | None = None, **more: Any) -> Task:
    """A maturity task about Alice's customer, hers."""
    told = {
        "origin": "maturity", "assignee": people.alice, "party": people.customer, "unit": people.outlet,
        "subject": "A1", "due_on": TODAY, "reason": {"code": "maturity"}, "today": TODAY, "value_fen": 30_000_000,
    } | more  # fmt: skip
    with acting_as(by or people.alice, today=TODAY):
        return services.open_task(by=by or people.alice, **told)


def verbs() -> list[str]:
    return list(
        ChangeLog.objects.filter(verb__startswith="worklist.").order_by("pk").values_list("verb", flat=True)
    )


def test_opening_the_same_twice_makes_one_task_and_one_line_of_the_trail(people) -> None:
    first, second = opened(people), opened(people, due_on=TODAY + timedelta(days=3))
    assert first.pk == second.pk
    assert verbs() == ["worklist.opened"]


def test_a_closed_task_may_be_opened_again(people) -> None:
    first = opened(people)
    with acting_as(people.alice, today=TODAY):
        services.close_task(task=first, by=people.alice, now=NOON, outcome="done", today=TODAY)
    assert opened(people).pk != first.pk
    assert verbs() == ["worklist.opened", "worklist.done", "worklist.opened"]


def test_tasks_without_a_customer_are_one_for_each_subject_too(people) -> None:
    first = opened(people, party=None, origin="coaching")
    assert opened(people, party=None, origin="coaching").pk == first.pk
    assert opened(people, party=None, origin="coaching", subject="A2").pk != first.pk


def test_a_colleague_who_does_not_hold_the_task_cannot_close_it(people) -> None:
    task = opened(people)
    with acting_as(people.head, today=TODAY):
        clerk = testing.make_staff("teller", people.outlet)
        with pytest.raises(PermissionDenied):
            services.close_task(task=task, by=clerk, now=NOON, today=TODAY)
    assert verbs() == ["worklist.opened"]


def test_the_head_and_who_covers_may_close_it(people) -> None:
    one, two = opened(people), opened(people, subject="A2")
    day = {"first_day": TODAY, "last_day": TODAY}
    Cover.objects.create(absent=people.alice, covering=people.bob, **day)
    for task, person in ((one, people.head), (two, people.bob)):
        with acting_as(person, today=TODAY):
            closed = services.close_task(task=task, by=person, now=NOON, today=TODAY)
        assert (closed.state, closed.closed_by, closed.closed_on) == (TaskState.DONE, person, TODAY)


def test_putting_off_needs_a_reason_and_a_day_the_policy_allows(people) -> None:
    task = opened(people)
    with acting_as(people.alice, today=TODAY):
        for until, reason in (
            (TODAY, "x"),
            (TODAY + timedelta(days=15), "x"),
            (TODAY + timedelta(days=1), " "),
        ):
            with pytest.raises(ValidationError):
                services.snooze_task(task=task, by=people.alice, until=until, reason=reason, today=TODAY)
        until = TODAY + timedelta(days=14)
        services.snooze_task(task=task, by=people.alice, until=until, reason="not_reached", today=TODAY)
        day = selectors.today_of(people.alice, TODAY)
    assert [(row.why, row.until) for row in day.rest] == [("snoozed", until)]
    assert day.rows == ()


def test_a_task_is_handed_only_to_who_sees_the_customer(people) -> None:
    task = opened(people)
    teller = testing.make_staff("teller", people.outlet)
    with acting_as(people.alice, today=TODAY):
        for stranger in (people.bob, people.charlie, people.alice):
            with pytest.raises(ValidationError):
                services.hand_on(task=task, to=stranger, by=people.alice, now=NOON, today=TODAY)
        taken = services.hand_on(task=task, to=teller, by=people.alice, now=NOON, today=TODAY)
    with acting_as(teller, today=TODAY):
        assert [row.first.key for row in selectors.today_of(teller, TODAY).rows] == [taken.pk]
    with testing.everything():
        task.refresh_from_db()
    assert (task.state, taken.handed_from_id, taken.value_fen) == (
        TaskState.HANDED_ON,
        task.pk,
        task.value_fen,
    )


def test_a_room_closes_what_it_had_opened_and_no_other(people) -> None:
    one, other = opened(people), opened(people, subject="A2")
    with acting_as(people.alice, today=TODAY):
        assert (
            services.close_for(origin="maturity", subject="A1", by=people.alice, now=NOON, lapsed=True) == 1
        )
        states = dict(Task.objects.values_list("pk", "state"))
    assert states == {one.pk: TaskState.LAPSED, other.pk: TaskState.OPEN}


def test_what_is_done_counts_once_a_customer_and_shortens_the_day(people) -> None:
    other = testing.make_party(people.outlet, keeper=people.alice, name="李建国")
    tasks = [
        opened(people),
        opened(people, subject="A2"),
        opened(people, party=other),
        opened(people, party=other, subject="A2"),
    ]
    with acting_as(people.alice, today=TODAY):
        for task in tasks[:2]:
            services.close_task(task=task, by=people.alice, now=NOON, today=TODAY)
        day = selectors.today_of(people.alice, TODAY)
    assert (day.done, day.done_minutes, len(day.rows)) == (1, 8, 1)
    assert {item.key for item in day.rows[0].items} == {tasks[2].pk, tasks[3].pk}


def test_a_task_follows_its_customer_to_the_new_keeper(people) -> None:
    task, closed = opened(people), opened(people, subject="A2")
    with acting_as(people.alice, today=TODAY):
        services.close_task(task=closed, by=people.alice, now=NOON, today=TODAY)
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(keeper=people.charlie, unit=people.elsewhere)
        rows = {row.pk: (row.assignee_id, row.keeper_id, row.unit_id) for row in Task.objects.all()}
    moved = (people.charlie.pk, people.elsewhere.pk)
    assert rows[task.pk] == (people.charlie.pk, *moved)
    assert rows[closed.pk] == (people.alice.pk, *moved)


def test_the_database_itself_shows_a_task_to_its_own_people_only(people) -> None:
    task = opened(people)
    own = opened(people, by=people.bob, party=None, origin="coaching", assignee=people.bob, subject="bob")
    compliance = testing.make_staff("compliance", people.bank)
    assert connection.settings_dict["USER"]
    seen: dict[str, set[int]] = {}
    for person in (people.alice, people.bob, people.charlie, people.head, compliance):
        with acting_as(person, today=TODAY):
            seen[person.name] = set(Task.objects.values_list("pk", flat=True))
    assert seen == {
        "Alice": {task.pk},
        "Bob": {own.pk},
        "Charlie": set(),
        "Head": {task.pk, own.pk},
        "李敏": set(),
    }
    assert set(Task.objects.values_list("pk", flat=True)) == set()


def test_nobody_opens_a_task_about_a_customer_out_of_reach(people) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="row-level security"):
        opened(people, by=people.charlie)


def test_a_day_of_a_person_without_a_list_is_empty(people) -> None:
    analyst = testing.make_staff("analyst", people.bank)
    opened(people)
    assert date(2026, 11, 1) == TODAY
    with acting_as(analyst, today=TODAY):
        day = selectors.today_of(analyst, TODAY)
    assert (day.rows, day.rest, day.capacity.tasks) == ((), (), 0)
