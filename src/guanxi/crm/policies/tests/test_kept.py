"""Which policy counts is asked once by a request that reads, anew by the next, every time by one that writes."""
# ruff: noqa: ARG001  # a fixture asked for by name does all its work by being there

from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from guanxi.crm import testing
from guanxi.crm.organisation.middleware import ActingPerson
from guanxi.crm.organisation.once import once, reading
from guanxi.crm.policies import selectors
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.tests.test_versions import LISTS, TODAY, other_lists, people
from guanxi.insight.policies import load_policy

__all__ = ["people"]
pytestmark = pytest.mark.django_db
OLD, NEW = (load_policy("lists", payload) for payload in (LISTS, other_lists()))


def let_another_count() -> None:
    PolicyVersion.objects.create(
        kind="lists", version=2, payload=NEW.to_payload(), content_hash=NEW.content_hash(),
        state=State.ACTIVE, valid_from=TODAY,
    )  # fmt: skip


def test_a_new_version_counts_from_the_next_request_on_though_the_old_one_was_read(people) -> None:
    with reading():
        assert selectors.active("lists", TODAY) == OLD
    let_another_count()
    with reading():
        assert selectors.active("lists", TODAY) == NEW
        assert selectors.active("lists", TODAY - timedelta(days=1)) == OLD


def test_one_reading_asks_once_for_all_kinds_and_days(people) -> None:
    selectors.active("lists", TODAY)
    with reading(), CaptureQueriesContext(connection) as asked:
        for day in (TODAY, TODAY - timedelta(days=90)):
            assert selectors.active("lists", day) == OLD
        assert selectors.known("tier", TODAY) is None
        assert selectors.hash_in_force("lists", TODAY) == OLD.content_hash()
    assert len(asked) == 1


def test_outside_a_reading_nothing_is_kept(people) -> None:
    assert selectors.active("lists", TODAY) == OLD
    let_another_count()
    assert selectors.active("lists", TODAY) == NEW


@pytest.mark.parametrize(
    ("method", "kept"), [("GET", True), ("HEAD", True), ("POST", False), ("DELETE", False)]
)
def test_only_a_request_that_reads_keeps_answers(people, method, kept) -> None:
    told = []

    def answer(_request):
        told.extend((once("number", lambda: 1), once("number", lambda: 2)))
        return HttpResponse()

    request = RequestFactory().generic(method, "/")
    request.user, request.today = people.alice, testing.TODAY
    ActingPerson(answer)(request)
    assert told == ([1, 1] if kept else [1, 2])
