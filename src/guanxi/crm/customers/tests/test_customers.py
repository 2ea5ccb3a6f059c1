"""Finding customers, unmasking a value, handing a customer over: by the owner, a colleague, and one without a right."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from guanxi.crm import testing
from guanxi.crm.audit.selectors import history_of, views_of_customer
from guanxi.crm.customers import protected, selectors, services
from guanxi.crm.customers.models import ContactPoint, Identifier, KeeperTerm, SavedView, VaultEntry
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.insight.staging.identifiers import Protected

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
PHONE = "13812342210"


@pytest.fixture
def people(settings, tmp_path) -> testing.People:
    settings.GUANXI_BANK_HOME = tmp_path
    return testing.make_people()


def give_phone(party) -> str:
    """The customer's phone as the run leaves it: a token, a masked form, and the value in the vault."""
    (shown,), (row,) = protected.door().protect(Protected.MOBILE, [PHONE])
    with testing.everything():
        ContactPoint.objects.create(party=party, kind="mobile", token=shown.token, masked=shown.masked)
        VaultEntry.objects.create(
            token=row.token, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id
        )
    return shown.token


def turn(staff):
    return acting_as(staff, today=TODAY)


def test_part_of_a_name_finds_customers_within_reach(people) -> None:
    testing.make_party(people.outlet, keeper=people.alice, name="王国建")
    testing.make_party(people.elsewhere, keeper=people.charlie, name="王建国")
    for staff, names in ((people.alice, ["王建国"]), (people.head, ["王建国"]), (people.bob, [])):
        with turn(staff) as reach:
            assert [party.name for party in selectors.find_by_name(reach, "建国")] == names


def test_the_exact_name_comes_first(people) -> None:
    for name in ("王建国强", "王建国", "王建国安"):
        testing.make_party(people.outlet, keeper=people.bob, name=name)
    with turn(people.bob) as reach:
        assert selectors.find_by_name(reach, "王建国")[0].name == "王建国"
        assert len(selectors.find_by_name(reach, "王建国", limit=2)) == 2


def test_a_phone_or_customer_number_finds_exactly_its_customer(people) -> None:
    give_phone(people.customer)
    number = people.customer.customer_no
    for staff, found in ((people.alice, [people.customer]), (people.charlie, [])):
        with turn(staff) as reach:
            assert selectors.find_by_number(reach, tokens=protected.tokens_of("138 1234 2210")) == found
            assert selectors.find_by_number(reach, customer_no=number) == found
            assert selectors.find_by_number(reach, tokens=protected.tokens_of("13812342211")) == []


@pytest.mark.parametrize("typed", ["", "12345", "王建国", "abcdefgh"])
def test_what_can_be_no_number_has_no_token(people, typed) -> None:
    assert protected.tokens_of(typed) == ()


def test_a_customer_out_of_reach_answers_as_one_that_is_not_there(people) -> None:
    with turn(people.charlie) as reach:
        assert selectors.by_uuid(reach, people.customer.uuid) is None
    with turn(people.alice) as reach:
        assert selectors.by_uuid(reach, people.customer.uuid) == people.customer


def test_without_a_reach_no_selector_shows_anything(people) -> None:
    give_phone(people.customer)
    nobody = Reach(people.charlie.pk)
    with testing.everything():
        party = people.customer
        assert not selectors.visible_to(nobody).exists()
        assert not selectors.holdings_of(nobody, party).exists()
        assert not selectors.contact_points_of(nobody, party).exists()
        assert not selectors.keeper_terms_of(nobody, party).exists()
        assert selectors.relations_of(nobody, party) == []
        assert selectors.find_by_name(nobody, "王建国") == []
        assert selectors.parties_by_id(nobody, [party.pk]) == {}


def test_only_the_latest_word_of_consent_counts(people) -> None:
    with testing.everything():
        for day, agreed in ((1, True), (2, False)):
            people.customer.consents.create(
                purpose="marketing", channel="sms", agreed=agreed, given_on=date(2026, 1, day)
            )
    with turn(people.alice) as reach:
        assert [consent.agreed for consent in selectors.consents_of(reach, people.customer)] == [False]


def test_the_keeper_unmasks_with_a_reason_and_the_trail_says_so(people) -> None:
    token = give_phone(people.customer)
    with turn(people.alice) as reach:
        shown = services.reveal(
            by=people.alice, reach=reach, party=people.customer, token=token, reason="回电"
        )
    view = views_of_customer(people.customer.pk).get()
    assert shown == PHONE
    assert (view.staff_no, view.what, view.reason) == (people.alice.staff_no, "reveal:mobile", "回电")


def test_without_a_reason_nothing_is_unmasked(people) -> None:
    token = give_phone(people.customer)
    with turn(people.alice) as reach, pytest.raises(ValidationError):
        services.reveal(by=people.alice, reach=reach, party=people.customer, token=token, reason=" ")
    assert not views_of_customer(people.customer.pk).exists()


@pytest.mark.parametrize("role", ["teller", "lobby", "analyst", "administrator", "compliance"])
def test_masked_roles_unmask_nothing(people, role) -> None:
    token = give_phone(people.customer)
    staff = testing.make_staff(role, people.outlet)
    with turn(staff) as reach, pytest.raises(PermissionDenied):
        services.reveal(by=staff, reach=reach, party=people.customer, token=token, reason="x")


def test_nobody_unmasks_somebody_elses_customer_even_through_ones_own(people) -> None:
    token = give_phone(people.customer)
    own = testing.make_party(people.elsewhere, keeper=people.charlie)
    with turn(people.charlie) as reach:
        for party in (people.customer, own):
            with pytest.raises(PermissionDenied):
                services.reveal(by=people.charlie, reach=reach, party=party, token=token, reason="x")


def assign(by, people, keeper, today=TODAY):
    with acting_as(by, today=today) as reach:
        return services.assign_keeper(
            by=by, reach=reach, party=people.customer, keeper=keeper, today=today, reason="调整"
        )


def test_a_hand_over_closes_one_term_and_opens_the_next(people) -> None:
    first = date(2026, 10, 1)
    assign(people.head, people, people.alice, today=first)
    assign(people.head, people, people.bob)
    with turn(people.head) as reach:
        terms = selectors.keeper_terms_of(reach, people.customer)
        assert [(term.staff, term.valid_from, term.valid_to) for term in terms] == [
            (people.bob, TODAY, None),
            (people.alice, first, TODAY),
        ]
    with turn(people.bob) as reach:
        assert selectors.visible_to(reach).get() == people.customer
    assert history_of(people.customer).first().details["keeper"] == people.bob.staff_no


def test_two_hand_overs_on_one_day_leave_the_last(people) -> None:
    assign(people.head, people, people.alice)
    assign(people.head, people, people.bob)
    with testing.everything():
        assert KeeperTerm.objects.get().staff == people.bob


def test_a_customer_goes_back_to_the_pool(people) -> None:
    assign(people.head, people, people.bob)
    assert assign(people.head, people, None) is None
    with testing.everything():
        people.customer.refresh_from_db()
        assert people.customer.keeper is None


def test_only_a_head_of_that_outlet_assigns(people) -> None:
    elsewhere = testing.make_staff("outlet_head", people.elsewhere)
    for by in (people.alice, people.bob, elsewhere):
        with pytest.raises(PermissionDenied):
            assign(by, people, people.bob)


def test_a_keeper_has_a_post_at_the_customers_outlet(people) -> None:
    for keeper in (people.charlie, testing.make_staff("compliance", people.outlet)):
        with pytest.raises(ValidationError):
            assign(people.head, people, keeper)


def test_the_database_allows_one_open_primary_keeper(people) -> None:
    with testing.everything():
        KeeperTerm.objects.create(party=people.customer, staff=people.alice, valid_from=TODAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            KeeperTerm.objects.create(party=people.customer, staff=people.bob, valid_from=TODAY)
        KeeperTerm.objects.create(party=people.customer, staff=people.bob, valid_from=TODAY, is_primary=False)


def test_a_tab_is_kept_replaced_and_removed_by_its_maker(people) -> None:
    with turn(people.alice):
        services.save_view(by=people.alice, page="customers", name="金卡", query={"tier": 3})
        view = services.save_view(by=people.alice, page="customers", name="金卡", query={"tier": 4})
        assert [tab.query for tab in selectors.saved_views_of(people.alice)] == [{"tier": 4}]
    with turn(people.bob):
        services.remove_view(by=people.bob, view_id=view.pk)
    with turn(people.alice):
        assert SavedView.objects.exists()
        services.remove_view(by=people.alice, view_id=view.pk)
        assert not SavedView.objects.exists()


def test_a_list_of_units_holds_every_customer_of_them_whoever_keeps_it(people) -> None:
    free = testing.make_party(people.outlet)
    with turn(people.head) as reach:
        assert reach.sight is Sight.UNITS
        listed = selectors.within(selectors.Party.objects.all(), reach)
        assert set(listed) == {people.customer, free}
    assert not Identifier.objects.exists()
