"""The night brings customers onto playbooks, opens the steps that are due within limits, and ends them."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.policies.selectors import in_force
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.segments.models import Enrolment, Segment, SegmentKind, SegmentVersion
from guanxi.crm.segments.tests.facts_bank import OLD, write_facts_of
from guanxi.crm.testing import Screen
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.words import own_words, sentence
from guanxi.insight.policies.playbook import Playbook, PlaybookPolicy, PlaybookStep
from guanxi.pipeline import playbooks
from guanxi.pipeline.demo.past import playbooks as past
from guanxi.pipeline.opening import run_statements, told_by

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
SEGMENT = "6c0f4c1e-2b7d-4e52-9a31-5d1f0c7e9b20"


@pytest.fixture
def screen(db: None) -> Iterator[Screen]:  # noqa: ARG001  # the test's transactions are open before
    """Alice's gold customer, opened long ago; everything is written by the pipeline's login, in one transaction."""
    app = connections["default"]
    connections["default"] = connections["pipeline"]
    testing.make_policies("worklist", "visit", "interaction")
    made = testing.make_screen()
    with testing.everything():
        Party.objects.update(occupation="教师", since=date(2020, 5, 4), birth_date=date(1970, 6, 15))
    yield made
    connections["default"] = app


def book(code: str, **more: Any) -> Playbook:
    told: dict[str, Any] = {"customer_kinds": ("person",), "opened_within": 0, "runs_days": 0} | more
    return Playbook(code, f"方案{code}", f"Plan {code}", expect_zh="留住", expect_en="Stays", **told)


def step(of: str, code: str, on_day: int, every: int = 0, **more: Any) -> PlaybookStep:
    told = {"urgency_level": 1, "minutes_each": 7} | more
    return PlaybookStep(of, code, on_day, every, f"做{code}", f"Do {code}", "您好", "Good day", **told)


def policy(*parts: Playbook | PlaybookStep, entries: int = 3, tasks: int = 6) -> PlaybookPolicy:
    made = PlaybookPolicy(
        entries, tasks, 180, tuple(one for one in parts if isinstance(one, Playbook)),
        tuple(one for one in parts if isinstance(one, PlaybookStep)),
    )  # fmt: skip
    assert made.problems() == []
    return made


def night(
    plan: PlaybookPolicy, today: date = TODAY, members: Mapping[str, list[int]] | None = None
) -> dict[str, int]:
    """The statements of one night with these playbooks; what they did."""
    policies = {**in_force(today), PlaybookPolicy.kind: plan}
    told = told_by(policies, today) | {"now": NOON, "members": members or {}}
    with testing.everything(), connections["pipeline"].cursor() as cursor:
        done = run_statements(cursor, told)
        cursor.execute("DROP TABLE kept; DROP TABLE due_task")
    return done


def tasks() -> list[tuple[str, str, date]]:
    with testing.everything():
        rows = Task.objects.filter(origin="playbook").order_by("due_on", "pk")
        return [(row.subject.split(":")[1], row.state, row.due_on) for row in rows]


def stage(of: Party, said: str) -> None:
    with testing.everything():
        PartyScore.objects.filter(party=of).update(stage=said)


def on(code: str) -> list[tuple[date, date | None]]:
    with testing.everything():
        return list(
            Enrolment.objects.filter(playbook=code).order_by("pk").values_list("entered_on", "left_on")
        )


def test_a_stage_is_entered_its_steps_come_on_their_days_and_end_when_the_stage_does(screen) -> None:
    plan = policy(book("a", life_stage="mature"), step("a", "first", 3), step("a", "again", 30, 60))
    night(plan)
    assert on("a") == [(TODAY, None)]
    assert tasks() == [("first", "open", TODAY + timedelta(3))]
    assert night(plan) == {"lapsed": 0, "refreshed": 0, "woken": 0, "opened": 0}
    with testing.everything():
        task = Task.objects.get(origin="playbook")
    assert (task.assignee, task.minutes, task.urgency) == (screen.people.alice, 7, 1)
    assert sentence(task.reason, "zh") == "方案a，第 3 天：做first。"
    assert own_words(task.reason, "en") == "Good day"
    night(plan, TODAY + timedelta(95))
    assert tasks()[0][1] == "lapsed"  # nobody came to it
    assert tasks()[1:] == [("again", "open", TODAY + timedelta(90))]
    stage(screen.people.customer, "declining")
    night(plan, TODAY + timedelta(96))
    assert on("a") == [(TODAY, TODAY + timedelta(96))]
    assert {state for _code, state, _due in tasks()} == {"lapsed"}
    stage(screen.people.customer, "mature")
    night(plan, TODAY + timedelta(100))
    assert on("a") == [(TODAY, None)]  # back soon: goes on where it stood
    assert [state for code, state, _ in tasks() if code == "again"] == ["lapsed", "open"]


def test_a_step_that_was_done_is_not_opened_again(screen) -> None:
    plan = policy(book("a", life_stage="mature"), step("a", "first", 3))
    night(plan)
    with testing.everything():
        Task.objects.filter(origin="playbook").update(state="done", closed_at=NOON, closed_on=TODAY)
    night(plan, TODAY + timedelta(1))
    assert [state for _code, state, _due in tasks()] == ["done"]
    assert screen.people.customer.pk


@pytest.mark.parametrize(
    ("opened", "entered"), [(0, True), (43, True), (103, True), (104, False), (400, False)]
)
def test_new_customers_begin_on_the_day_they_opened(screen, opened, entered) -> None:
    since = TODAY - timedelta(opened)
    with testing.everything():
        Party.objects.update(since=since)
    plan = policy(
        book("n", opened_within=104, runs_days=90), step("n", "welcome", 3), step("n", "second", 45),
        step("n", "review", 90),
    )  # fmt: skip
    night(plan)
    assert on("n") == ([(since, None)] if entered else [])
    due = {0: [3], 43: [45], 103: [90]}.get(opened, [])
    assert [day for _code, _state, day in tasks()] == [max(since + timedelta(day), TODAY) for day in due]
    assert screen.people.customer.pk


def test_one_keeper_gets_no_more_customers_and_tasks_a_night_than_the_policy_says(screen) -> None:
    people = screen.people
    for number in range(7):
        party = testing.make_party(people.outlet, keeper=people.alice, name=f"客户{number}")
        testing.make_score(party, screen.run, stage="growing", aum_fen=1_000 * (number + 1))
    theirs = testing.make_party(people.outlet, keeper=people.bob, name="另一位")
    testing.make_score(theirs, screen.run, stage="growing", aum_fen=1)
    plan = policy(
        book("g", life_stage="growing"), step("g", "one", 0), step("g", "two", 1), entries=3, tasks=4,
    )  # fmt: skip
    night(plan)
    with testing.everything():
        richest = Enrolment.objects.filter(keeper=people.alice).values_list("party__name", flat=True)
        assert set(richest) == {"客户6", "客户5", "客户4"}
        given = Counter(Task.objects.filter(origin="playbook").values_list("assignee__name", flat=True))
    assert given == {people.alice.name: 4, people.bob.name: 2}
    assert sum(night(plan).values()) == 0  # the same night again
    for later in (1, 2, 3):
        night(plan, TODAY + timedelta(later))
    with testing.everything():
        assert Enrolment.objects.filter(keeper=people.alice).count() == 7
        opened = Counter(
            Task.objects.filter(origin="playbook", assignee=people.alice).values_list("opened_on", flat=True)
        )
    assert sum(opened.values()) == 14
    assert max(opened.values()) == 4


def test_only_customers_of_the_kinds_and_with_a_keeper_enter(screen) -> None:
    people = screen.people
    for kind, keeper in (("company", people.alice), ("person", None)):
        party = testing.make_party(people.outlet, keeper=keeper, kind=kind)
        testing.make_score(party, screen.run, stage="mature")
    plan = policy(book("a", life_stage="mature"), step("a", "first", 3))
    night(plan)
    with testing.everything():
        assert list(Enrolment.objects.values_list("party_id", flat=True)) == [people.customer.pk]
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(keeper=None)
    night(plan, TODAY + timedelta(1))
    assert on("a") == [(TODAY, TODAY + timedelta(1))]


def test_a_segment_is_asked_in_the_version_approved_and_one_not_counted_moves_nobody(
    screen, settings, tmp_path: Path
) -> None:
    settings.GUANXI_BANK_HOME = tmp_path
    people, pk = screen.people, screen.people.customer.pk
    write_facts_of(tmp_path, screen.run, {pk: {"age": 70}})
    with testing.everything():
        segment = Segment.objects.create(
            uuid=SEGMENT, kind=SegmentKind.RULE, name="老年", owner=people.alice, made_at=NOON
        )
        young = {"fact": "age", "is": "at_most", "values": [30]}
        for number, rule in ((1, OLD), (2, young)):
            SegmentVersion.objects.create(
                segment=segment,
                number=number,
                rule=rule,
                content_hash=str(number),
                made_by=people.alice,
                made_at=NOON,
            )
    plan = policy(book("s", segment=f"{SEGMENT}@1", segment_name="老年"), step("s", "call", 2))
    members = playbooks.members_of({PlaybookPolicy.kind: plan}, screen.run.pk)
    assert members == {"s": [pk]}
    night(plan, members=members)
    night(plan, TODAY + timedelta(1))
    assert on("s") == [(TODAY, None)]
    assert [code for code, _state, _due in tasks()] == ["call"]
    newer = policy(book("s", segment=f"{SEGMENT}@2", segment_name="老年"), step("s", "call", 2))
    now = playbooks.members_of({PlaybookPolicy.kind: newer}, screen.run.pk)
    assert now == {"s": []}
    night(newer, TODAY + timedelta(2), now)
    assert on("s") == [(TODAY, TODAY + timedelta(2))]
    assert playbooks.members_of({PlaybookPolicy.kind: plan}, "no-such-run") == {}


def test_the_demo_banks_past_is_told_once_and_in_its_own_time(screen) -> None:
    testing.make_policies("playbook")
    people = screen.people
    for number in range(12):
        party = testing.make_party(people.outlet, keeper=people.alice, since=TODAY - timedelta(20 + number))
        testing.make_score(party, screen.run, stage="trial", aum_fen=number)
    with testing.everything():
        assert past.tell(today=TODAY) > 12
        assert past.tell(today=TODAY) == 0
        assert set(Segment.objects.values_list("uuid", flat=True)) <= {uuid.UUID(SEGMENT)}
        assert Enrolment.objects.filter(playbook="new_person").count() == 12
        closed = list(Task.objects.filter(origin="playbook").exclude(state="open"))
    assert {task.state for task in closed} == {"done", "lapsed"}
    assert all(task.opened_on <= task.closed_on < TODAY for task in closed)
