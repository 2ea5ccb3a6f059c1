"""The same write by two at one moment is told from other failures."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from guanxi.crm import testing
from guanxi.crm.organisation.middleware import ActingPerson
from guanxi.crm.organisation.twice import was_done_already

pytestmark = pytest.mark.django_db


def failure(sql: str) -> Exception:
    with pytest.raises(Exception) as told, transaction.atomic(), connection.cursor() as cursor:  # noqa: PT011
        cursor.execute(sql)
    return told.value


def test_only_a_unique_rule_means_done_already() -> None:
    testing.make_unit()
    twice = failure("INSERT INTO organisation_unit SELECT * FROM organisation_unit LIMIT 1")
    empty = failure("UPDATE organisation_unit SET name = NULL")
    wrong = failure("SELECT 1 / 0")
    assert isinstance(twice, IntegrityError)
    assert isinstance(empty, IntegrityError)
    assert isinstance(wrong, DataError)
    assert [was_done_already(one, "/x") for one in (twice, empty, wrong, ValueError())] == [
        True, False, False, False,
    ]  # fmt: skip


def test_whoever_was_second_is_told_so_with_409_and_other_failures_go_on() -> None:
    testing.make_unit()
    twice = failure("INSERT INTO organisation_unit SELECT * FROM organisation_unit LIMIT 1")
    person, request = ActingPerson(lambda _request: HttpResponse()), RequestFactory().post("/x")
    assert person.process_exception(request, ValueError()) is None
    answer = person.process_exception(request, twice)
    assert answer is not None
    assert (answer.status_code, "已经办过" in answer.content.decode()) == (409, True)
