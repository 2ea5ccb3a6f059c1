"""The second wall: what the database shows to the app's login when a filter was forgotten."""

import pytest

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db


def seen_by(staff) -> set[int]:
    with acting_as(staff, today=testing.TODAY):
        return set(Party.objects.values_list("pk", flat=True))


def test_a_forgotten_filter_with_nobody_acting_shows_nothing() -> None:
    testing.make_people()
    assert Party.objects.count() == 0


def test_two_persons_through_one_connection_each_see_their_own() -> None:
    people = testing.make_people()
    hers = people.customer.pk
    assert [seen_by(who) for who in (people.alice, people.charlie, people.head, people.bob)] == [
        {hers}, set(), {hers}, set()
    ]  # fmt: skip
    assert Party.objects.count() == 0
