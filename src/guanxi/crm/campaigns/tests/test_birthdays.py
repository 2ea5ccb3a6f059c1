"""Whom a birthday sets off: every day of birth has its day in every year."""

from datetime import date

import pytest

from guanxi.crm import testing
from guanxi.crm.campaigns.audience import _birthdays
from guanxi.crm.care.models import ImportantDate
from guanxi.crm.customers.models import Party

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("today", "greeted"), [(date(2027, 2, 26), "2027-02-28"), (date(2028, 2, 26), "2028-02-29")]
)
def test_who_was_born_on_a_leap_day_is_greeted_each_year(today, greeted) -> None:
    people = testing.make_people()
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(birth_date=date(1992, 2, 29))
        assert _birthdays(today, 5) == {people.customer.pk: {"day_on": greeted}}
        assert _birthdays(date(today.year, 3, 2), 5) == {}


def test_a_birthday_noted_by_the_lunar_calendar_sets_off_on_its_own_day() -> None:
    people = testing.make_people()
    party = people.customer
    with testing.everything():
        Party.objects.filter(pk=party.pk).update(birth_date=date(1992, 2, 29))
        ImportantDate.objects.create(
            party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=people.alice, kind="birthday",
            calendar="lunar", month=8, dom=15, source="customer", noted_on=date(2026, 11, 1),
        )  # fmt: skip
        assert _birthdays(date(2027, 2, 26), 5) == {}
        assert _birthdays(date(2027, 9, 12), 5) == {party.pk: {"day_on": "2027-09-15"}}
