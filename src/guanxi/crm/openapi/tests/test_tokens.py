"""Tokens: made by administrators, shown once, let work by a second person where lists could leave."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.assessments.services import NotAssessed
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.openapi import services
from guanxi.crm.openapi.models import Answer, Minute
from guanxi.crm.openapi.tests.bank import NOON
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff, Token
from guanxi.crm.organisation.tokens import token_of

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY


@pytest.fixture
def people(db) -> testing.People:  # noqa: ARG001
    return testing.make_people()


@pytest.fixture
def admins(people) -> list[Staff]:
    return [testing.make_staff("administrator", people.bank, name=name) for name in ("一", "二")]


def made(by: Staff, staff: Staff, *scopes: str, name: str = "手机银行") -> tuple[Token, str]:
    with acting_as(by, today=TODAY) as reach:
        return services.make(
            by=by, reach=reach, name=name, staff=staff, scopes=scopes, days=30, per_minute=60, now=NOON, today=TODAY
        )  # fmt: skip


def test_a_token_that_lists_customers_works_when_a_second_person_has_let_it(people, admins) -> None:
    token, told = made(admins[0], people.alice, "customers:list")
    header = f"Bearer {told}"
    assert token_of(header, now=NOON) is None
    for by, refused in ((admins[0], True), (admins[1], False)):
        with acting_as(by, today=TODAY) as reach:
            if refused:
                with pytest.raises(PermissionDenied):
                    services.approve(by=by, reach=reach, token=token, today=TODAY, now=NOON)
            else:
                services.approve(by=by, reach=reach, token=token, today=TODAY, now=NOON)
    assert token_of(header, now=NOON) == token
    with acting_as(admins[1], today=TODAY) as reach, pytest.raises(ValidationError):
        services.approve(by=admins[1], reach=reach, token=token, today=TODAY, now=NOON)


def test_one_that_looks_up_single_customers_works_at_once_until_it_is_stopped(people, admins) -> None:
    token, told = made(admins[0], people.alice, "customers:read")
    assert token_of(f"bearer {told}", now=NOON) == token
    with acting_as(admins[1], today=TODAY) as reach:
        services.stop(by=admins[1], reach=reach, token=token, now=NOON)
    assert token_of(f"bearer {told}", now=NOON) is None


def test_none_works_before_the_api_is_assessed(people, admins) -> None:
    token, _text = made(admins[0], people.alice, "customers:list")
    testing.make_policies("protection")
    with pytest.raises(NotAssessed):
        made(admins[0], people.alice, "customers:read", name="网点大屏")
    with acting_as(admins[1], today=TODAY) as reach:
        with pytest.raises(NotAssessed):
            services.approve(by=admins[1], reach=reach, token=token, today=TODAY, now=NOON)
        testing.make_assessments("interface.api")
        services.approve(by=admins[1], reach=reach, token=token, today=TODAY, now=NOON)


def test_a_token_ends_with_its_person(people, admins) -> None:
    _token, told = made(admins[0], people.alice, "customers:read")
    Staff.objects.filter(pk=people.alice.pk).update(is_active=False)
    assert token_of(f"Bearer {told}", now=NOON) is None


def test_only_administrators_make_them_and_never_for_somebody_who_could_make_more(people, admins) -> None:
    with pytest.raises(PermissionDenied):
        made(people.head, people.alice, "customers:read")
    for staff in admins:
        with pytest.raises(ValidationError):
            made(admins[0], staff, "customers:read")


@pytest.mark.parametrize("scopes", [(), ("everything",), ("counter:events",)])
def test_scopes_that_nobody_knows_or_the_person_could_not_use_are_refused(people, admins, scopes) -> None:
    with pytest.raises(ValidationError):
        made(admins[0], people.alice, *scopes)


def test_the_token_is_shown_once_and_stands_nowhere(people, admins) -> None:
    client = testing.client_of(admins[0])
    sent = {
        "name": "核心", "staff_no": people.alice.staff_no, "scopes": ["leads:write"], "days": "30", "per_minute": "60"
    }  # fmt: skip
    page = client.post("/open/tokens/new", sent)
    assert page.status_code == 200
    told = page.content.decode().split("<code>")[1].split("</code>")[0]
    found = token_of(f"Bearer {told}", now=Token.objects.get().made_at)
    assert found is not None
    assert told not in client.get("/open/tokens").content.decode()
    assert told not in str([vars(row) for row in [*Token.objects.all(), *ChangeLog.objects.all()]])


def test_counts_of_minutes_and_answers_are_forgotten_in_time(people, admins) -> None:
    token, _told = made(admins[0], people.alice, "leads:write")
    for days in (0, 1, 3):
        at = NOON - timedelta(days=days)
        Minute.objects.create(token=token, minute=at, calls=1)
        Answer.objects.create(token=token, key=str(days), request="x", at=at)
    services.forget(now=NOON)
    assert (Minute.objects.count(), Answer.objects.count()) == (2, 2)
