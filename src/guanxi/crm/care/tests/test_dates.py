"""Important dates: by which day they are kept, whose book shows them, and one birthday a customer."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.care import dates, selectors
from guanxi.crm.care.dates import DateDraft
from guanxi.crm.care.models import ImportantDate
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.selectors import reach_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 1)
MID_AUTUMN = DateDraft("birthday", "lunar", 8, 15, "customer", year=1966)
NEXT = date(2027, 9, 15)


@pytest.fixture
def people():
    people = testing.make_people()
    people.customer.birth_date = date(1966, 9, 29)
    with testing.everything():
        people.customer.save(update_fields=["birth_date"])
    testing.make_score(people.customer, testing.make_run())
    return people


def note(people, draft=MID_AUTUMN, *, by=None):
    return dates.note(by=by or people.alice, party=people.customer, draft=draft, today=TODAY)


def test_a_birthday_kept_by_the_lunar_calendar_is_greeted_on_that_day_and_not_on_the_one_of_the_papers(
    people,
):
    with acting_as(people.alice, today=TODAY):
        reach = reach_of(people.alice, TODAY)
        papers = date(2027, 9, 29)
        assert [one.day for one in selectors.birthdays(reach, papers, papers)] == [papers]
        note(people)
        (one,) = selectors.birthdays(reach, NEXT - timedelta(days=3), papers)
        assert (one.day, one.age, one.noted.dom) == (NEXT, 61, 15)
        assert [done.what for done in selectors.done_for(reach, people.customer, TODAY)] == ["date"]
        _party, (found,) = dates.dates_of(reach, people.customer.uuid, TODAY)
        assert (found.day, found.years) == (NEXT, 61)


def test_a_customer_has_one_birthday_and_what_ended_comes_no_more(people):
    with acting_as(people.alice, today=TODAY):
        first = note(people)
        assert note(people) == first
        second = note(people, DateDraft("birthday", "leap", 6, 30, "papers"))
        assert list(ImportantDate.objects.filter(ended_on=None)) == [second]
        dates.end(by=people.alice, found=second, today=TODAY)
        reach = reach_of(people.alice, TODAY)
        assert dates.of_book(reach, TODAY, TODAY + timedelta(days=366)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        DateDraft("birthday", "lunar", 8, 31, "customer"), DateDraft("birthday", "solar", 2, 30, "customer"),
        DateDraft("wedding", "solar", 13, 1, "customer"), DateDraft("other", "solar", 5, 1, "customer"),
        DateDraft("wedding", "solar", 5, 1, "customer", year=2027), DateDraft("feast", "solar", 5, 1, "customer"),
    ],
)  # fmt: skip
def test_a_day_that_no_year_has_is_refused(people, wrong):
    with acting_as(people.alice, today=TODAY), pytest.raises(ValidationError):
        note(people, wrong)


def test_who_does_not_see_the_customer_neither_notes_nor_sees_a_date(people):
    with acting_as(people.alice, today=TODAY):
        note(people)
    with acting_as(people.charlie, today=TODAY):
        assert not ImportantDate.objects.exists()
        with pytest.raises(PermissionDenied):
            note(people, by=people.charlie)
