"""Customers of other outlets at the counter: by a whole number, masked, recorded, limited, and to nobody else."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.counter import guests
from guanxi.crm.counter.tests.bank import Hall, make_hall
from guanxi.crm.customers.models import Identifier, Party
from guanxi.crm.customers.protected import tokens_of
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Post
from guanxi.crm.retention.tests.bank import NOON

pytestmark = pytest.mark.django_db
ID, CARD, PHONE = "320504197001011239", "6222021001112223334", "13800138000"


@pytest.fixture
def hall(settings) -> Hall:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    made = make_hall()
    far = testing.make_party(made.bench.people.elsewhere, name="陌生人")
    testing.make_score(far, made.bench.screen.run, tier_scheme="person", tier_rank=4, aum_fen=1)
    numbered(far, id=ID, card=CARD, mobile=PHONE)
    return made


def numbered(party: Party, **numbers: str) -> None:
    with testing.everything():
        for kind, number in numbers.items():
            for token in tokens_of(number):
                Identifier.objects.get_or_create(party=party, kind=kind, token=token)


def look(hall: Hall, number: str, *, by=None, now=NOON):
    staff = by or hall.teller
    with acting_as(staff, today=testing.TODAY):
        return guests.guest_of(by=staff, number=number, today=testing.TODAY, now=now)


@pytest.mark.parametrize("number", [ID, CARD])
def test_a_customer_of_another_outlet_is_recognised_masked_and_the_look_recorded(hall, number) -> None:
    found = look(hall, number)
    assert found is not None
    assert (found.name, found.outlet, found.rank) == ("陌**", hall.bench.people.elsewhere.name, 4)
    assert CustomerView.objects.filter(staff_no=hall.teller.staff_no, what="guest_arrival").count() == 1


@pytest.mark.parametrize("number", [PHONE, ID[:-1], "陌生人", "", "0" * 18])
def test_a_phone_part_of_a_number_or_a_name_finds_nobody_elsewhere(hall, number) -> None:
    assert look(hall, number) is None


def test_two_customers_with_one_number_are_no_list(hall) -> None:
    twin = testing.make_party(hall.bench.people.elsewhere, name="另一人")
    numbered(twin, id=ID)
    assert look(hall, ID) is None


def test_who_serves_no_counter_gets_nothing_whatever_the_application_forgot(hall) -> None:
    alice = hall.alice
    with pytest.raises(PermissionDenied):
        look(hall, ID, by=alice)
    for staff, rows in ((alice, 0), (hall.teller, 1)):
        with acting_as(staff, today=testing.TODAY), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM counter_guest(%s, %s)", [list(tokens_of(ID)), testing.TODAY])
            assert len(cursor.fetchall()) == rows


@pytest.mark.parametrize(("days", "rows"), [(-1, 1), (0, 0), (1, 0)])
def test_a_post_serves_until_its_last_day_by_the_banks_calendar(hall, days, rows) -> None:
    """The day is the bank's, whatever day the database server has."""
    end = testing.TODAY + timedelta(days=30)
    Post.objects.filter(staff=hall.teller).update(valid_to=end)
    with acting_as(hall.teller, today=testing.TODAY), connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM counter_guest(%s, %s)", [list(tokens_of(ID)), end + timedelta(days=days)]
        )
        assert len(cursor.fetchall()) == rows


def test_the_looks_of_a_day_are_limited(hall, monkeypatch) -> None:
    monkeypatch.setattr(guests, "looks_of", lambda _by, _now: 30)
    with pytest.raises(ValidationError, match="30"):
        look(hall, ID)


def test_the_page_shows_tier_and_outlet_and_no_way_further(hall) -> None:
    text = testing.client_of(hall.teller).post("/counter/", {"number": ID}).content.decode()
    assert "陌**" in text
    assert "陌生人" not in text
    assert "/customers/" not in text.split("<main", 1)[-1].split("</main", 1)[0]
