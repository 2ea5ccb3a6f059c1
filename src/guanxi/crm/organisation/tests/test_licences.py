"""Qualifications to sell: who holds which on a day, who records them, what an offer asks for."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation import licences
from guanxi.crm.organisation.models import Licence, Staff

pytestmark = pytest.mark.django_db
TODAY, DAY = testing.TODAY, timedelta(days=1)
NEEDS = {"fund": "fund", "wealth": "wealth"}


@pytest.fixture
def people(settings) -> testing.People:
    settings.GUANXI_TODAY = TODAY.isoformat()
    made = testing.make_people()
    Licence.objects.all().delete()
    return made


@pytest.fixture
def chief(people) -> Staff:
    return testing.make_staff("administrator", people.bank, name="顾祥")


def record(
    chief: Staff, staff: Staff, kind: str = "fund", first: date = TODAY, last: date | None = None
) -> Licence:
    return licences.record_licence(
        by=chief, staff=staff, kind=kind, number="F2026001", issued_on=first, expires_on=last, today=TODAY
    )


def test_a_licence_counts_on_both_of_its_days_and_on_none_beside_them(people, chief) -> None:
    record(chief, people.alice, first=TODAY, last=TODAY + DAY)
    held = [bool(licences.held_on(people.alice, TODAY + number * DAY)) for number in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]


def test_an_ended_licence_counts_no_longer_and_stays_on_record(people, chief) -> None:
    made = record(chief, people.alice)
    licences.end_licence(by=chief, licence=made, today=TODAY)
    assert licences.held_on(people.alice, TODAY) == frozenset()
    assert licences.held_on(people.alice, TODAY - DAY) == frozenset()
    assert list(licences.licences_of(people.alice)) == [made]
    verbs = set(ChangeLog.objects.values_list("verb", flat=True))
    assert {"organisation.licence_recorded", "organisation.licence_ended"} <= verbs


def test_what_is_lacking_is_named_and_families_without_a_need_ask_nothing(people, chief) -> None:
    record(chief, people.alice, "fund")
    licences.check(people.alice, ["fund", "time"], NEEDS, TODAY)
    licences.check(people.alice, ["wealth"], {}, TODAY)
    with pytest.raises(ValidationError, match="理财从业资格"):
        licences.check(people.alice, ["fund", "wealth"], NEEDS, TODAY)


def test_nobody_records_the_own_one_and_nobody_without_the_right(people, chief) -> None:
    with pytest.raises(ValidationError):
        record(chief, chief)
    with pytest.raises(PermissionDenied):
        record(people.head, people.alice)
    with pytest.raises(ValidationError):
        record(chief, people.alice, last=TODAY - DAY)
    record(chief, people.alice)
    with pytest.raises(ValidationError):
        record(chief, people.alice)


def test_the_page_of_a_person_shows_records_and_ends_them(people, chief) -> None:
    client = testing.client_of(chief)
    sent = {"kind": "insurance", "number": "B2026", "issued_on": "2026-01-01", "expires_on": ""}
    assert client.post(f"/people/staff/{people.alice.pk}/licence", sent).status_code == 302
    assert "B2026" in client.get(f"/people/staff/{people.alice.pk}").content.decode()
    made = Licence.objects.get()
    client.post(f"/people/licences/{made.pk}/end")
    assert "已失效" in client.get(f"/people/staff/{people.alice.pk}").content.decode()
    assert "B2026" in testing.client_of(people.head).get(f"/people/staff/{people.alice.pk}").content.decode()
