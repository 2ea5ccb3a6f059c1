"""Key people of a company: noted by who sees it, known to ours, one sponsor who hears of it when too long silent."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Relation
from guanxi.crm.customers.traces import look
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.visits.models import Acquaintance, KeyPerson, Sponsor
from guanxi.crm.visits.people import pictures, rules, selectors, services
from guanxi.crm.visits.people.services import PersonDraft

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
CFO = PersonDraft("沈晓燕", "finance", "advises", "neutral")


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("visit", "interaction", "tier")
    return testing.make_people()


@pytest.fixture
def firm(people):
    return testing.make_party(
        people.customer.unit, keeper=people.alice, name="太湖纺织有限公司", kind="company"
    )


@pytest.fixture
def head(people):
    return people.head


def noted(by, firm, draft=CFO) -> KeyPerson:
    with acting_as(by, today=TODAY):
        return services.note_person(by=by, party=firm, draft=draft, today=TODAY)


def known(by, person, staff, bond=2) -> Acquaintance:
    with acting_as(by, today=TODAY):
        return services.note_known(
            by=by, person=person, staff=staff, bond=bond, through="work", since_year=2019, today=TODAY
        )


def named(by, firm, staff, days=90, today=TODAY) -> Sponsor | None:
    with acting_as(by, today=today):
        return services.name_sponsor(by=by, party=firm, staff=staff, every_days=days, today=today)


def test_a_key_person_noted_twice_is_one_and_brought_up_to_date(people, firm) -> None:
    first = noted(people.alice, firm)
    again = noted(people.alice, firm, PersonDraft("沈晓燕", "finance", "decides", "supports"))
    assert (again.pk, again.weight, again.attitude) == (first.pk, "decides", "supports")
    verbs = list(ChangeLog.objects.filter(verb__startswith="visits.person").values_list("verb", flat=True))
    assert sorted(verbs) == ["visits.person_changed", "visits.person_noted"]


def test_whoever_does_not_see_the_company_neither_notes_nor_reads(people, firm) -> None:
    person = noted(people.alice, firm)
    with acting_as(people.charlie, today=TODAY) as reach:
        with pytest.raises(PermissionDenied):
            services.note_person(by=people.charlie, party=firm, draft=CFO, today=TODAY)
        assert selectors.people_of(reach, firm) == []
        assert not KeyPerson.objects.exists()  # a forgotten filter shows nothing
    client = testing.client_of(people.charlie)
    for name, key in (("people", {"uuid": firm.uuid}), ("person", {"number": person.pk})):
        assert client.get(reverse(f"visits:{name}", kwargs=key)).status_code == 404


def test_only_a_related_customer_within_reach_can_be_the_key_person_and_gives_the_name(people, firm) -> None:
    draft = PersonDraft("", "legal_person", "decides", "unknown", linked=people.customer)
    with pytest.raises(ValidationError):
        noted(people.alice, firm, draft)
    with testing.everything():
        Relation.objects.create(party=people.customer, other=firm, kind="legal_person")
    assert noted(people.alice, firm, draft).name == people.customer.name


def test_the_map_says_whom_nobody_knows_and_which_post_is_missing(people, firm, head) -> None:
    cfo, boss = (
        noted(people.alice, firm),
        noted(people.alice, firm, PersonDraft("陆建明", "chair", "decides", "supports")),
    )
    known(people.alice, boss, head, bond=3)
    with acting_as(people.alice, today=TODAY) as reach:
        told = pictures.chart(reach, firm, TODAY)
        look(firm, (KeyPerson,))
        panel = pictures.line(reach, firm, None)
    assert [one.name for one in told["people"]] == ["陆建明", cfo.name]  # who decides stands first
    assert [one.name for one in told["unknown"]] == [cfo.name]
    assert [str(post) for post in told["not_noted"]] == ["法定代表人"]  # a chair runs it without a manager
    assert [(line.bond, len(told["ours"])) for line in told["lines"]] == [(3, 1)]
    assert (panel["key_people"], [who for _, who in panel["key_unknown"]]) == (2, [cfo.name])


def test_who_leaves_the_map_takes_the_acquaintances_along_and_the_rows_stay(people, firm, head) -> None:
    person = noted(people.alice, firm)
    known(people.alice, person, head)
    with acting_as(people.alice, today=TODAY) as reach:
        services.person_left(by=people.alice, person=person, today=TODAY)
        assert selectors.people_of(reach, firm) == []
        assert Acquaintance.objects.get().ended_on == TODAY
        with pytest.raises(ValidationError):
            services.person_left(by=people.alice, person=person, today=TODAY)


def test_only_people_of_the_outlet_and_above_are_ours_and_no_year_lies_ahead(people, firm) -> None:
    person = noted(people.alice, firm)
    with pytest.raises(ValidationError):
        known(people.alice, person, people.charlie)
    with acting_as(people.alice, today=TODAY), pytest.raises(ValidationError):
        services.note_known(by=people.alice, person=person, staff=people.alice, bond=1, through="work",
                            since_year=TODAY.year + 1, today=TODAY)  # fmt: skip


def test_a_customer_has_one_sponsor_at_a_time_named_by_a_head(people, firm, head) -> None:
    with pytest.raises(PermissionDenied):
        named(people.alice, firm, head)
    with pytest.raises(ValidationError):
        named(head, firm, people.alice)  # a manager keeps the customer, and sponsors none
    first = named(head, firm, head)
    assert named(head, firm, head).pk == first.pk
    second = named(head, firm, head, days=30)
    with testing.everything():
        assert list(Sponsor.objects.filter(ended_on=None).values_list("pk", flat=True)) == [second.pk]
        with pytest.raises(IntegrityError), transaction.atomic():
            Sponsor.objects.create(
                party=firm, unit=firm.unit, staff=head, every_days=30, since_on=TODAY, named_by=head
            )
    assert named(head, firm, None) is None


def test_the_rows_follow_the_company_to_its_new_keeper(people, firm, head) -> None:
    noted(people.alice, firm)
    named(head, firm, head)
    with testing.everything():
        firm.keeper = people.bob
        firm.save()
        assert {row.keeper_id for model in (KeyPerson, Sponsor) for row in model.objects.all()} == {
            people.bob.pk
        }


def test_a_sponsor_is_due_counted_from_the_last_contact_else_from_the_naming() -> None:
    assert rules.due_on(None, date(2026, 1, 1), 30) == date(2026, 1, 31)
    assert rules.due_on(date(2026, 2, 1), date(2026, 1, 1), 30) == date(2026, 3, 3)
