"""Whom a birthday sets off: every day of birth has its day in every year."""

from datetime import date

import pytest

from guanxi.crm import testing
from guanxi.crm.campaigns.audience import _birthdays
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
