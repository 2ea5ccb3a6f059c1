"""Restricted processing: two people, gone for everybody at once, back when lifted; the wall stands on every table."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.compliance.restrictions import erasures, services
from guanxi.crm.compliance.restrictions.models import Restricted, Restriction
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.customers.documents.models import Document
from guanxi.crm.customers.models import Party, Relation
from guanxi.crm.messaging.models import Hold
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Cover
from guanxi.crm.scores.models import PartyScore

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)


class Bank:
    """A manager's customer with scores, and two of compliance."""

    def __init__(self) -> None:
        testing.make_policies("compliance")
        self.screen = testing.make_screen()
        self.people, self.party = self.screen.people, self.screen.people.customer
        self.one, self.two = (
            testing.make_staff("compliance", self.people.bank, name=name) for name in ("一", "二")
        )

    def asked(self) -> Restriction:
        with whole_store(self.one):
            return services.ask(
                by=self.one,
                party=self.party,
                reason="法定保存期内，停止其他处理",
                request=None,
                kept_until=None,
                today=TODAY,
                now=NOW,
            )

    def restricted(self) -> Restriction:
        asked = self.asked()
        with whole_store(self.two):
            return services.approve(by=self.two, restriction=asked, today=TODAY, now=NOW)

    def lifted(self, restriction: Restriction) -> Restriction:
        with whole_store(self.one):
            services.ask_to_lift(by=self.one, restriction=restriction, reason="客户撤回", today=TODAY)
        with whole_store(self.two):
            return services.lift(
                by=self.two, restriction=restriction, today=TODAY, now=NOW + timedelta(hours=1)
            )


@pytest.fixture
def bank() -> Bank:
    return Bank()


def seen_by(bank: Bank, staff) -> tuple[int, int]:
    with acting_as(staff, today=TODAY):
        return (
            Party.objects.filter(pk=bank.party.pk).count(),
            PartyScore.objects.filter(party=bank.party).count(),
        )


def test_nobody_sees_a_restricted_customer_and_everybody_does_again_when_it_is_lifted(bank: Bank) -> None:
    people = bank.people
    analyst = testing.make_staff("analyst", people.bank, name="分析")
    for staff in (people.alice, people.head, analyst):
        assert seen_by(bank, staff) == (1, 1)
    asked = bank.asked()
    assert seen_by(bank, people.alice) == (1, 1), "asking restricts nobody"
    with whole_store(bank.two):
        made = services.approve(by=bank.two, restriction=asked, today=TODAY, now=NOW)
    for staff in (people.alice, people.head, analyst):
        assert seen_by(bank, staff) == (0, 0)
    with whole_store(bank.one):
        assert Party.objects.filter(pk=bank.party.pk).exists()
    assert seen_by(bank, people.alice) == (0, 0), "compliance leaves no door open"
    bank.lifted(made)
    assert seen_by(bank, people.alice) == (1, 1)
    with whole_store(bank.one):
        assert Hold.objects.get().released_at is not None


def test_pages_lists_and_search_answer_as_for_one_who_is_not_there(bank: Bank) -> None:
    client, party = testing.client_of(bank.people.alice), bank.party
    address = f"/customers/{party.uuid}/"
    assert client.get(address).status_code == 200
    assert str(party.uuid) in client.get("/customers/").content.decode()
    bank.restricted()
    assert client.get(address).status_code == 404
    assert str(party.uuid) not in client.get("/customers/").content.decode()
    assert str(party.uuid) not in client.post("/search", {"q": party.name}, follow=True).content.decode()


def test_a_relation_to_a_restricted_customer_goes_with_it(bank: Bank) -> None:
    with testing.everything():
        other = testing.make_party(unit=bank.people.outlet, keeper=bank.people.alice)
        Relation.objects.create(party=other, other=bank.party, kind="spouse")
    bank.restricted()
    with acting_as(bank.people.alice, today=TODAY):
        assert Party.objects.filter(pk=other.pk).exists()
        assert not Relation.objects.exists()


def test_one_asks_and_another_approves_and_lifts(bank: Bank) -> None:
    made = bank.asked()
    with whole_store(bank.one):
        with pytest.raises(ValidationError):
            services.ask(
                by=bank.one, party=bank.party, reason="x", request=None, kept_until=None, today=TODAY, now=NOW
            )
        with pytest.raises(PermissionDenied):
            services.approve(by=bank.one, restriction=made, today=TODAY, now=NOW)
        Cover.objects.create(absent=bank.one, covering=bank.two, first_day=TODAY, last_day=TODAY)
        with pytest.raises(ValidationError):
            services.approve(by=bank.two, restriction=made, today=TODAY, now=NOW)
        Cover.objects.all().delete()
        made = services.approve(by=bank.two, restriction=made, today=TODAY, now=NOW)
        services.ask_to_lift(by=bank.one, restriction=made, reason="客户撤回", today=TODAY)
        with pytest.raises(PermissionDenied):
            services.lift(by=bank.one, restriction=made, today=TODAY, now=NOW)
        assert Restricted.objects.filter(party=bank.party).exists()


def test_the_pages_from_asking_to_lifting_tell_a_number_and_no_name(bank: Bank) -> None:
    one, two = testing.client_of(bank.one), testing.client_of(bank.two)
    one.post("/compliance/restrictions/ask", {"customer_no": bank.party.customer_no, "reason": "依法保存"})
    made = Restriction.objects.using("default")
    with whole_store(bank.one):
        number = made.get().pk
    page = two.get("/compliance/restrictions").content.decode()
    assert bank.party.customer_no in page
    assert bank.party.name not in page
    address = f"/compliance/restrictions/{number}"
    assert "其他合规人员" in one.post(address, {"word": "approve"}, follow=True).content.decode()
    assert "限制中" in two.post(address, {"word": "approve"}, follow=True).content.decode()
    one.post(address, {"word": "ask_to_lift", "reason": "客户撤回"})
    assert "已解除" in two.post(address, {"word": "lift"}, follow=True).content.decode()
    assert testing.client_of(bank.people.alice).get("/compliance/restrictions").status_code == 403


def test_every_table_with_rows_about_customers_has_the_wall() -> None:
    """A table made later without `hides_restricted` is found here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE permissive = 'RESTRICTIVE'")
        walled = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        secured = {row[0] for row in cursor.fetchall()}
    about = {
        model._meta.db_table
        for model in apps.get_models()
        if model is Party or any(field.related_model is Party for field in model._meta.local_fields)
    }
    of_compliance = {name for name in about if name.startswith("compliance_")}
    assert (about & secured) - of_compliance - walled == set()


def until(bank: Bank, made: Restriction, day: date) -> Restriction:
    with whole_store(bank.one):
        return erasures.keep_until(by=bank.one, restriction=made, day=day, today=TODAY)


def test_nothing_is_erased_before_retention_is_over_or_by_one_person_alone(bank: Bank) -> None:
    made = bank.restricted()
    told = {"today": TODAY, "now": NOW}
    with whole_store(bank.one), pytest.raises(ValidationError):
        erasures.ask(by=bank.one, restriction=made, **told)
    made = until(bank, made, TODAY)
    with whole_store(bank.one), pytest.raises(ValidationError):
        erasures.ask(by=bank.one, restriction=made, **told)
    tomorrow = {"today": TODAY + timedelta(days=1), "now": NOW + timedelta(days=1)}
    with whole_store(bank.one):
        asked = erasures.ask(by=bank.one, restriction=made, **tomorrow)
        with pytest.raises(ValidationError):
            erasures.ask(by=bank.one, restriction=made, **tomorrow)
        with pytest.raises(PermissionDenied):
            erasures.approve(by=bank.one, erasure=asked, **tomorrow)
        with pytest.raises(ValidationError):
            services.ask_to_lift(by=bank.one, restriction=made, reason="x", today=tomorrow["today"])
        with pytest.raises(ValidationError):
            erasures.keep_until(
                by=bank.one, restriction=made, day=TODAY + timedelta(days=9), today=tomorrow["today"]
            )
        Cover.objects.create(absent=bank.one, covering=bank.two, first_day=TODAY, last_day=tomorrow["today"])
        with pytest.raises(ValidationError):
            erasures.approve(by=bank.two, erasure=asked, **tomorrow)
        Cover.objects.all().delete()
        erasures.turn_down(by=bank.two, erasure=asked, **tomorrow)
        again = erasures.ask(by=bank.two, restriction=made, **tomorrow)
        assert erasures.approve(by=bank.one, erasure=again, **tomorrow).state == "approved"


def test_retention_moves_on_and_never_back(bank: Bank) -> None:
    made = until(bank, bank.restricted(), TODAY)
    with pytest.raises(ValidationError):
        until(bank, made, TODAY - timedelta(days=1))
    assert until(bank, made, TODAY + timedelta(days=1)).kept_until == TODAY + timedelta(days=1)


def test_a_document_that_is_kept_longer_stands_against_erasing(bank: Bank) -> None:
    with testing.everything():
        Document.objects.create(
            uuid=uuid4(), thread=uuid4(), party=bank.party, kind="id_copy", mime="image/png", size=1, sha256="0" * 64,
            is_latest=False, added_by=bank.people.alice, added_on=TODAY, added_at=NOW, kept_until=TODAY,
        )  # fmt: skip
    made = until(bank, bank.restricted(), TODAY - timedelta(days=1))
    with whole_store(bank.one), pytest.raises(ValidationError, match=TODAY.isoformat()):
        erasures.ask(by=bank.one, restriction=made, today=TODAY, now=NOW)


def test_the_page_leads_from_the_end_of_retention_to_erasing(bank: Bank) -> None:
    one, two = testing.client_of(bank.one), testing.client_of(bank.two)
    made = bank.restricted()
    address = f"/compliance/restrictions/{made.pk}"
    assert "申请删除" not in one.get("/compliance/restrictions").content.decode()
    one.post(address, {"word": "keep_until", "kept_until": "no day"})
    said = one.post(
        address, {"word": "keep_until", "kept_until": (TODAY - timedelta(days=1)).isoformat()}, follow=True
    )
    assert "已登记法定保存截止日" in said.content.decode()
    page = one.get("/compliance/restrictions").content.decode()
    assert "法定保存期已届满" in page
    assert "申请删除" in page
    assert "须另一人批准" in one.post(address, {"word": "ask_to_erase"}, follow=True).content.decode()
    assert 'value="erase"' not in one.get("/compliance/restrictions").content.decode()
    assert 'value="erase"' in two.get("/compliance/restrictions").content.decode()
    assert "今晚删除" in two.post(address, {"word": "erase"}, follow=True).content.decode()
    assert two.post(address, {"word": "keep"}, follow=True).status_code == 200
