"""Visits as the services keep them: within reach, audited, one contact each, evidence by rule, the week by another."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.interactions.services import PromiseDraft
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.visits import plans, selectors, services
from guanxi.crm.visits.models import Companion, MaintenancePlan, Visit, WeekPlan
from guanxi.crm.visits.plans import StepDraft
from guanxi.crm.visits.services import Record, VisitDraft
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NINE = datetime(2026, 11, 1, 1, tzinfo=UTC)  # nine in the morning in Shanghai
LONG = "谈了下月到期的三十万元定期，客户倾向续存一年，孩子明年结婚要用一部分。"
MONDAY = date(2026, 11, 2)


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("visit", "interaction", "tier")
    return testing.make_people()


def draft(at=NINE, **more) -> VisitDraft:
    return VisitDraft(**{"starts_at": at, "minutes": 45, "place": "平望村", "aims": ["maturity"]} | more)


def planned(people, by=None, **more) -> Visit:
    who = by or people.alice
    with acting_as(who, today=TODAY):
        return services.plan_visit(by=who, party=people.customer, draft=draft(**more), today=TODAY)


def closed(people, visit, by=None, today=TODAY, **more) -> Visit:
    who = by or people.alice
    told = {
        "began_at": NINE,
        "outcome": "met_interested",
        "minutes": LONG,
        "place": "客户家中",
        "reached": ["maturity"],
    }
    with acting_as(who, today=today):
        record = Record(**told | more)
        return services.close_visit(
            by=who, visit=visit, record=record, today=today, now=NINE + timedelta(hours=2)
        )


def verbs() -> list[str]:
    rows = ChangeLog.objects.filter(verb__startswith="visits").order_by("id")
    return list(rows.values_list("verb", flat=True))


def test_a_planned_visit_stands_on_the_list_of_its_day_and_in_the_trail(people) -> None:
    visit = planned(people, companions=[people.head])
    with acting_as(people.alice, today=TODAY) as reach:
        (task,) = Task.objects.filter(origin="visit")
        assert (task.due_on, task.assignee_id, task.reason["place"]) == (TODAY, people.alice.pk, "平望村")
        assert [row.pk for row in selectors.visits_of(reach, people.customer)] == [visit.pk]
    assert verbs() == ["visits.planned"]


def test_closing_logs_one_contact_with_its_promise_and_ends_the_task(people) -> None:
    visit = closed(
        people, planned(people), promise=PromiseDraft("周五前报续存利率", TODAY + timedelta(days=5))
    )
    with testing.everything():
        (contact,) = Contact.objects.all()
        assert (contact.channel, contact.outcome, contact.note) == ("visit", "met_interested", LONG)
        assert visit.contact_id == contact.pk
        assert Promise.objects.get().text == "周五前报续存利率"
        task = Task.objects.get(origin="visit")
        assert (task.state, task.contact_id) == ("done", contact.pk)
    assert (visit.evidence, visit.is_proven) == (["minutes", "place"], True)
    assert verbs() == ["visits.planned", "visits.closed"]


def test_a_visit_closed_twice_is_refused_and_stays_one_contact(people) -> None:
    visit = closed(people, planned(people))
    with pytest.raises(ValidationError):
        closed(people, visit)
    with testing.everything():
        assert Contact.objects.count() == 1


def test_when_the_trail_cannot_be_written_nothing_is(people, monkeypatch) -> None:
    visit = planned(people)

    def fail(**_told):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(services.audit, "record", fail)
    with pytest.raises(RuntimeError):
        closed(people, visit)
    with testing.everything():
        assert not Contact.objects.exists()
        assert Visit.objects.get().state == "planned"


def test_a_visit_without_enough_evidence_counts_for_nothing_until_a_companion_speaks(people) -> None:
    visit = closed(people, planned(people, companions=[people.head]), place="")
    assert (visit.evidence, visit.is_proven) == (["minutes"], False)
    with acting_as(people.head, today=TODAY):
        services.join(by=people.head, number=visit.pk, today=TODAY, now=NINE)
        services.join(by=people.head, number=visit.pk, today=TODAY, now=NINE)
    with testing.everything():
        visit = Visit.objects.get()
    assert (visit.evidence, visit.is_proven) == (["minutes", "companion"], True)
    assert verbs().count("visits.joined") == 1


def test_minutes_written_after_the_policys_days_are_no_evidence(people) -> None:
    visit = closed(people, planned(people), today=TODAY + timedelta(days=4))
    assert (visit.evidence, visit.is_proven) == (["place"], False)


def test_nobody_confirms_for_a_companion_and_none_before_the_day(people) -> None:
    visit = planned(people, at=NINE + timedelta(days=2), companions=[people.head])
    with acting_as(people.alice, today=TODAY), pytest.raises(PermissionDenied):
        services.join(by=people.alice, number=visit.pk, today=TODAY, now=NINE)
    with acting_as(people.head, today=TODAY), pytest.raises(ValidationError):
        services.join(by=people.head, number=visit.pk, today=TODAY, now=NINE)


def test_a_companion_who_does_not_see_the_customer_sees_the_visit_and_nothing_else(people) -> None:
    visit = planned(people, companions=[people.bob])
    with acting_as(people.bob, today=TODAY) as reach:
        assert Visit.objects.count() == 1
        assert list(selectors.visits(reach)) == []
        assert not type(people.customer).objects.filter(pk=people.customer.pk).exists()
        services.join(by=people.bob, number=visit.pk, today=TODAY, now=NINE)


def test_only_people_of_the_own_outlet_and_above_come_along(people) -> None:
    with pytest.raises(ValidationError):
        planned(people, companions=[people.charlie])


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_whoever_does_not_keep_the_customer_plans_no_visit(people, who) -> None:
    with pytest.raises(PermissionDenied):
        planned(people, by=getattr(people, who))


def test_a_teller_plans_no_visit(people) -> None:
    teller = testing.make_staff("teller", people.outlet)
    with pytest.raises(PermissionDenied):
        planned(people, by=teller)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": NINE - timedelta(days=1)}, {"at": NINE + timedelta(days=61)}, {"minutes": 181}, {"minutes": 0},
        {"place": "  "}, {"aims": []}, {"aims": ["nothing"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_the_policy_has_no_place_for_is_refused(people, wrong) -> None:
    with pytest.raises(ValidationError):
        planned(people, **wrong)


@pytest.mark.parametrize("days", [0, 60])
def test_the_first_and_the_last_day_of_planning_are_allowed(people, days) -> None:
    assert planned(people, at=NINE + timedelta(days=days)).day == TODAY + timedelta(days=days)


def test_another_person_changes_no_visit_even_the_head(people) -> None:
    visit = planned(people)
    with acting_as(people.head, today=TODAY), pytest.raises(PermissionDenied):
        services.cancel_visit(by=people.head, visit=visit, why="x", today=TODAY, now=NINE)


def test_two_visits_at_once_are_flagged_and_one_after_the_other_is_not(people) -> None:
    first, second = planned(people), planned(people, at=NINE + timedelta(minutes=44))
    third = planned(people, at=NINE + timedelta(minutes=44 + 45))
    with acting_as(people.alice, today=TODAY) as reach:
        flagged = {row.pk: row.clashes for row in selectors.with_clashes(selectors.visits(reach))}
        assert flagged == {first.pk: True, second.pk: True, third.pk: False}
        services.cancel_visit(by=people.alice, visit=second, why="改期", today=TODAY, now=NINE)
        flagged = {row.pk: row.clashes for row in selectors.with_clashes(selectors.visits(reach))}
        assert not any(flagged[one.pk] for one in (first, third))


def test_a_moved_visit_has_one_task_on_its_new_day(people) -> None:
    visit = planned(people)
    with acting_as(people.alice, today=TODAY):
        later = draft(at=NINE + timedelta(days=3))
        services.move_visit(by=people.alice, visit=visit, draft=later, today=TODAY, now=NINE)
        (task,) = Task.objects.filter(origin="visit", state="open")
    assert task.due_on == TODAY + timedelta(days=3)


def test_a_hand_over_takes_visits_and_plans_along(people) -> None:
    closed(people, planned(people, companions=[people.head]))
    with acting_as(people.head, today=TODAY) as reach:
        told = {"by": people.head, "reach": reach, "party": people.customer, "today": TODAY}
        assign_keeper(keeper=people.bob, reason="换人", **told)
    for who, seen in ((people.alice, 0), (people.bob, 1), (people.charlie, 0), (people.head, 1)):
        with acting_as(who, today=TODAY):
            assert Visit.objects.count() == seen


def test_a_forgotten_filter_shows_nothing_without_an_acting_person(people) -> None:
    visit = closed(people, planned(people, companions=[people.head]))
    with acting_as(people.alice, today=TODAY):
        _plan(people, visit)
        plans.submit_week(by=people.alice, monday=MONDAY, focus="", today=TODAY, now=NINE)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("visit", "companion", "maintenanceplan", "planstep", "weekplan"):
            cursor.execute(f"SELECT count(*) FROM visits_{table}")
            assert cursor.fetchone() == (0,), table


def _plan(people, visit) -> MaintenancePlan:
    steps = [
        StepDraft("call", "致谢", TODAY + timedelta(days=3)),
        StepDraft("visit", "再访", TODAY + timedelta(days=90)),
    ]
    return plans.make_plan(
        by=people.alice, visit=visit, aim="稳住到期资金", steps=steps, today=TODAY, now=NINE
    )


def test_a_maintenance_plan_puts_each_task_on_the_list_once(people) -> None:
    visit = closed(people, planned(people))
    with acting_as(people.alice, today=TODAY):
        plan = _plan(people, visit)
        assert [(row.task.due_on, row.task.reason["text"]) for row in selectors.steps_of(plan)] == [
            (TODAY + timedelta(days=3), "致谢"), (TODAY + timedelta(days=90), "再访")
        ]  # fmt: skip
        with pytest.raises(ValidationError):
            _plan(people, visit)
    assert verbs()[-1] == "visits.plan_made"


def test_no_plan_before_the_visit_and_none_without_tasks(people) -> None:
    visit = planned(people)
    with acting_as(people.alice, today=TODAY), pytest.raises(ValidationError):
        _plan(people, visit)
    visit = closed(people, visit)
    with acting_as(people.alice, today=TODAY), pytest.raises(ValidationError):
        plans.make_plan(by=people.alice, visit=visit, aim="", steps=[], today=TODAY, now=NINE)


def test_a_customer_of_a_class_gets_its_template_counted_from_the_visit(people) -> None:
    testing.make_score(people.customer, testing.make_run(), tier_scheme="person", tier_rank=4, stage="mature")
    visit = closed(people, planned(people))
    with acting_as(people.alice, today=TODAY):
        assert plans.template_for(visit, TODAY).code == "gold"
        proposed = plans.steps_proposed(visit, TODAY + timedelta(days=5), "zh")
    assert proposed[0].due_on == TODAY + timedelta(days=5)  # its own day has gone by
    assert [step.due_on for step in proposed] == sorted(step.due_on for step in proposed)


def test_a_week_is_confirmed_by_the_head_and_handed_in_again_after_a_change(people) -> None:
    visit = planned(people, at=NINE + timedelta(days=2))
    with acting_as(people.alice, today=TODAY):
        plan = plans.submit_week(by=people.alice, monday=MONDAY, focus="到期承接", today=TODAY, now=NINE)
    assert [key for key, _start in plan.content] == [visit.pk]
    with acting_as(people.alice, today=TODAY), pytest.raises(PermissionDenied):
        plans.decide_week(by=people.alice, plan=plan, confirm=True, word="", today=TODAY, now=NINE)
    with acting_as(people.head, today=TODAY):
        with pytest.raises(ValidationError):
            plans.decide_week(by=people.head, plan=plan, confirm=False, word=" ", today=TODAY, now=NINE)
        plan = plans.decide_week(by=people.head, plan=plan, confirm=True, word="好", today=TODAY, now=NINE)
        with pytest.raises(ValidationError):
            plans.decide_week(by=people.head, plan=plan, confirm=False, word="晚了", today=TODAY, now=NINE)
    with acting_as(people.alice, today=TODAY):
        again = plans.submit_week(by=people.alice, monday=MONDAY, focus="", today=TODAY, now=NINE)
    assert (again.state, again.decided_by_id) == ("submitted", None)
    assert verbs()[-3:] == ["visits.week_submitted", "visits.week_confirmed", "visits.week_submitted"]


def test_a_head_elsewhere_and_the_person_themselves_decide_on_no_week(people) -> None:
    stranger = testing.make_staff("outlet_head", people.elsewhere)
    with acting_as(people.head, today=TODAY):
        plan = plans.submit_week(by=people.head, monday=MONDAY, focus="", today=TODAY, now=NINE)
    for who in (stranger, people.head):
        with acting_as(who, today=TODAY), pytest.raises(PermissionDenied):
            plans.decide_week(by=who, plan=plan, confirm=True, word="", today=TODAY, now=NINE)
    with testing.everything(), pytest.raises(IntegrityError), transaction.atomic():
        WeekPlan.objects.filter(pk=plan.pk).update(state="confirmed", decided_by=people.head)


def test_a_week_that_is_over_and_a_day_that_is_no_monday_are_refused(people) -> None:
    with acting_as(people.alice, today=TODAY):
        for wrong in (date(2026, 10, 19), TODAY):
            with pytest.raises(ValidationError):
                plans.submit_week(by=people.alice, monday=wrong, focus="", today=TODAY, now=NINE)


@given(deeds=st.lists(st.sampled_from(["close", "cancel", "move", "check", "plan"]), max_size=6))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_tried_in_whatever_order_a_visit_ends_once_with_one_contact(people, deeds) -> None:
    with transaction.atomic():
        visit = planned(people)
        ended = None
        for deed in deeds:
            try:
                with transaction.atomic():
                    _do(deed, people, visit)
            except ValidationError:
                continue
            if deed in ("close", "cancel"):
                assert ended is None
                ended = deed
        with testing.everything():
            now = Visit.objects.get(pk=visit.pk)
            assert now.state == {None: "planned", "close": "done", "cancel": "cancelled"}[ended]
            assert Contact.objects.filter(party=people.customer).count() == (ended == "close")
            assert Task.objects.filter(subject=f"visit:{visit.pk}", state="open").count() == (ended is None)
        transaction.set_rollback(True)


def _do(deed: str, people, visit) -> None:
    told = {"by": people.alice, "visit": visit, "today": TODAY, "now": NINE}
    with acting_as(people.alice, today=TODAY):
        if deed == "close":
            services.close_visit(record=Record(NINE, "met_interested", LONG), **told)
        elif deed == "cancel":
            services.cancel_visit(why="改期", **told)
        elif deed == "move":
            services.move_visit(draft=draft(at=NINE + timedelta(hours=1)), **told)
        elif deed == "check":
            services.prepare(checked=["time", "nothing"], **told)
        else:
            _plan(people, visit)


def test_who_is_due_follows_from_the_tier_and_the_last_meeting_and_ends_with_a_plan(people) -> None:
    from guanxi.crm.scores.tiers import tier_names
    from guanxi.crm.visits.policy import visit_policy

    testing.make_score(people.customer, testing.make_run(), tier_scheme="person", tier_rank=4)

    def due() -> list[date]:
        with acting_as(people.alice, today=TODAY) as reach:
            told = {"until": TODAY + timedelta(days=400), "today": TODAY}
            rows = selectors.due_visits(reach, people.alice, visit_policy(TODAY), tier_names(TODAY), **told)
            return [row.due.due_on for row in rows]

    assert due() == [TODAY]
    visit = planned(people)
    assert due() == []
    closed(people, visit)
    assert due() == [TODAY + timedelta(days=180)]


def test_ticks_of_the_checklist_are_those_of_its_aims(people) -> None:
    visit = planned(people)
    with acting_as(people.alice, today=TODAY):
        kept = services.prepare(
            by=people.alice, visit=visit, checked=["options", "site", "x"], today=TODAY, now=NINE
        )
    assert kept.checked == ["options"]
    assert kept.prepared_at == NINE


def test_a_companion_once_confirmed_stays_when_the_visit_is_moved(people) -> None:
    visit = planned(people, companions=[people.head, people.bob])
    with acting_as(people.head, today=TODAY):
        services.join(by=people.head, number=visit.pk, today=TODAY, now=NINE)
    with acting_as(people.alice, today=TODAY):
        services.move_visit(by=people.alice, visit=visit, draft=draft(), today=TODAY, now=NINE)
        assert list(Companion.objects.values_list("staff", flat=True)) == [people.head.pk]


def test_a_companion_who_confirms_while_the_minutes_are_written_counts_as_evidence(
    people, monkeypatch
) -> None:
    visit = planned(people, companions=[people.head])
    read = selectors.joined_or_404

    def read_and_then_closed(*told):
        found = read(*told)
        closed(people, visit, place="")
        return found

    monkeypatch.setattr(selectors, "joined_or_404", read_and_then_closed)
    with acting_as(people.head, today=TODAY):
        services.join(by=people.head, number=visit.pk, today=TODAY, now=NINE)
    with testing.everything():
        found = Visit.objects.get()
    assert (found.state, found.evidence) == ("done", ["minutes", "companion"])
