"""Disputed figures: whose, until when, who answers, and that no figure changes by it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.performance import disputes
from guanxi.crm.performance.models import Dispute, PersonFigure
from guanxi.crm.performance.tests import made_up
from guanxi.crm.performance.tests.made_up import TODAY
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def team():
    made = made_up.make_team()
    for person in (made.ann, made.ben):
        figure(made, person)
    return made


def figure(team, person, day=TODAY, measure="done"):
    with acting_as(team.head, today=TODAY):
        return PersonFigure.objects.create(
            staff=person,
            unit=team.outlet,
            role="relationship_manager",
            as_of=day,
            measure=measure,
            hits=3,
            cases=9,
        )


def doubt(person, *, measure="done", text="周三的三次回访没有计入", day=TODAY):
    with acting_as(person, today=day):
        return disputes.raise_dispute(by=person, measure=measure, text=text, today=day, now=NOW)


def answer(head, dispute, *, state="upheld", said="导入时漏了三条，已补录", day=TODAY):
    with acting_as(head, today=day):
        return disputes.answer_dispute(by=head, dispute=dispute, state=state, answer=said, today=day, now=NOW)


def test_a_dispute_freezes_the_figure_gives_the_head_a_task_and_the_answer_closes_it(team):
    made = doubt(team.ann)
    assert (made.hits, made.cases, made.as_of, made.state) == (3, 9, TODAY, "open")
    with testing.everything():
        task = Task.objects.get(subject=f"dispute:{made.pk}")
        assert (task.assignee_id, task.due_on) == (team.head.pk, made.due_on)
    told = answer(team.head, made)
    assert (told.state, told.answered_by_id) == ("upheld", team.head.pk)
    with testing.everything():
        assert Task.objects.get(pk=task.pk).state == "done"
        verbs = set(ChangeLog.objects.values_list("verb", flat=True))
    with acting_as(team.ann, today=TODAY):
        assert PersonFigure.objects.get().hits == 3  # the figure stays as it was counted
    assert {"performance.disputed", "performance.dispute_upheld"} <= verbs


def test_the_same_figure_is_disputed_once_and_without_words_never(team):
    made = doubt(team.ann)
    for told in ({}, {"text": "  "}, {"measure": "none"}, {"measure": "coverage"}):
        with pytest.raises(ValidationError):
            doubt(team.ann, **told)
    answer(team.head, made)
    with pytest.raises(ValidationError):
        doubt(team.ann)  # this night's figure had its answer


@pytest.mark.parametrize(("days", "allowed"), [(7, True), (8, False)])
def test_a_figure_may_be_disputed_for_the_policys_days(team, days, allowed):
    day = TODAY + timedelta(days=days)
    if allowed:
        assert doubt(team.ann, day=day).pk
    else:
        with pytest.raises(ValidationError):
            doubt(team.ann, day=day)


def test_only_a_head_of_the_unit_answers_and_nobody_the_own_dispute(team):
    made = doubt(team.ann)
    far = testing.make_staff("outlet_head", team.elsewhere, name="远行长")
    for person in (team.ann, team.ben, far):
        with pytest.raises((PermissionDenied, Dispute.DoesNotExist)):
            answer(person, made)
    answer(team.head, made, state="dismissed", said="三次均未接通，不计触达")
    with pytest.raises(ValidationError):
        answer(team.head, made)


def test_a_colleague_sees_nothing_of_it_even_where_a_filter_is_forgotten(team):
    doubt(team.ann)
    for person, seen in ((team.ann, 1), (team.ben, 0), (team.teller, 0), (team.head, 1), (team.far, 0)):
        with acting_as(person, today=TODAY):
            assert Dispute.objects.count() == seen, person.name


def test_the_pages_show_dispute_and_answer_to_both(team, settings):
    settings.GUANXI_TODAY = TODAY.isoformat()
    client = testing.client_of(team.ann)
    assert (
        client.post("/performance/disputes", {"measure": "done", "text": "少计三次回访"}).status_code == 302
    )
    assert "少计三次回访" in client.get("/performance/mine").content.decode()
    head = testing.client_of(team.head)
    assert "少计三次回访" in head.get("/performance/coaching").content.decode()
    with acting_as(team.head, today=TODAY):
        made = Dispute.objects.get()
    assert f"/disputes/{made.pk}/answer" in head.get(f"/performance/people/{team.ann.pk}").content.decode()
    head.post(f"/performance/disputes/{made.pk}/answer", {"state": "upheld", "answer": "已补录"})
    assert "已补录" in client.get("/performance/mine").content.decode()
    assert testing.client_of(team.ben).post(f"/performance/disputes/{made.pk}/answer").status_code == 403
