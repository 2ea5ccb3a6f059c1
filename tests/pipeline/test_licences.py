"""从业资格到期: the night gives its holder one task, in time, and none once a renewal is recorded."""

from datetime import date, timedelta

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.organisation.models import Licence
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.words import sentence
from guanxi.pipeline.licences import warn_of_expiry

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 31)


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("suitability")
    made = testing.make_people()
    Licence.objects.all().delete()
    return made


def held(people, last: date | None, **more) -> Licence:
    told = {"staff": people.alice, "kind": "fund", "number": str(last), "issued_on": date(2024, 1, 1)} | more
    return Licence.objects.create(expires_on=last, **told)


def night(on: date = DAY) -> int:
    with testing.everything():
        return warn_of_expiry(connection.connection, on)


@pytest.mark.parametrize(("days", "told"), [(-1, 0), (0, 1), (60, 1), (61, 0)])
def test_a_task_is_opened_within_the_policys_days(people, days, told) -> None:
    held(people, DAY + timedelta(days=days))
    assert night() == told


def test_the_holder_has_one_task_that_says_which_and_until_when(people) -> None:
    held(people, DAY + timedelta(days=20))
    assert (night(), night(), night(DAY + timedelta(days=1))) == (1, 0, 0)
    with testing.everything():
        task = Task.objects.get()
    assert (task.assignee_id, task.due_on) == (people.alice.pk, DAY + timedelta(days=20))
    assert sentence(task.reason, "zh-hans").startswith("基金销售从业资格将于 2026-11-20 到期")


def test_nobody_is_told_of_what_is_renewed_ended_or_without_end(people) -> None:
    held(people, DAY + timedelta(days=20))
    held(people, DAY + timedelta(days=900), issued_on=DAY)
    held(people, DAY + timedelta(days=20), kind="wealth", ended_on=DAY)
    held(people, None, kind="insurance")
    assert night() == 0
