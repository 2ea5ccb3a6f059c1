"""The review of merges: who sees which pair, what a decision keeps, and where an old key leads."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers import selectors
from guanxi.crm.customers.identity import services
from guanxi.crm.customers.identity.models import (
    About,
    HouseholdHint,
    IdentityDecision,
    IdentityPair,
    PairState,
    PartySource,
    StoppedMember,
    Verdict,
)
from guanxi.crm.customers.identity.selectors import queue
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.selectors import reach_of

pytestmark = pytest.mark.django_db


def said_by(head: Staff, pair: IdentityPair, verdict: Verdict, reason: str = "同一证件复印件") -> None:
    with acting_as(head, today=testing.TODAY) as reach:
        services.decide(by=head, reach=reach, pair=pair, verdict=verdict, reason=reason, today=testing.TODAY)


def test_a_head_sees_the_pairs_of_the_own_outlet_alone() -> None:
    people = testing.make_people()
    own = testing.make_pair(people.customer)["identity_pair"]
    testing.make_pair(testing.make_party(people.elsewhere, keeper=people.charlie, name="陌生人"))
    with acting_as(people.head, today=testing.TODAY) as reach:
        assert [pair.pk for pair in queue(reach)] == [own]


def test_a_pair_across_outlets_belongs_to_whoever_sees_both_sides() -> None:
    people = testing.make_people()
    far = testing.make_party(people.elsewhere, name="王建国")
    above = testing.make_staff("supervisor", people.bank)
    left, right = sorted((people.customer, far), key=lambda party: party.customer_no)
    with testing.everything():
        IdentityPair.objects.create(
            left=left, right=right, posterior=0.95, weight=4, rule="model", state=PairState.REVIEW
        )
    with acting_as(people.head, today=testing.TODAY) as reach:
        assert not queue(reach)
        assert not IdentityPair.objects.exists()
    with acting_as(above, today=testing.TODAY) as reach:
        assert len(queue(reach)) == 1


def test_a_decision_is_kept_with_its_reason_and_leaves_the_queue() -> None:
    people = testing.make_people()
    pair = _pair(people.customer)
    said_by(people.head, pair, Verdict.MERGE)
    with acting_as(people.head, today=testing.TODAY) as reach:
        assert not queue(reach)
        word = IdentityDecision.objects.get()
        assert (word.verdict, word.about, word.staff_no) == (
            Verdict.MERGE,
            About.PERSON,
            people.head.staff_no,
        )
        assert word.left_no < word.right_no
    assert ChangeLog.objects.filter(verb="customers.identity_merge", staff_no=people.head.staff_no).exists()


def test_a_pair_put_off_stays_in_the_queue_behind_the_others() -> None:
    people = testing.make_people()
    first, second = _pair(people.customer), _pair(people.customer)
    said_by(people.head, first, Verdict.LATER)
    with acting_as(people.head, today=testing.TODAY) as reach:
        assert [pair.pk for pair in queue(reach)] == [second.pk, first.pk]


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_decided_without_a_reason(reason: str) -> None:
    people = testing.make_people()
    with pytest.raises(ValidationError):
        said_by(people.head, _pair(people.customer), Verdict.MERGE, reason)


def test_two_valid_identity_numbers_that_differ_are_never_merged_by_hand() -> None:
    people = testing.make_people()
    pair = _pair(people.customer, conflict=True)
    with pytest.raises(ValidationError):
        said_by(people.head, pair, Verdict.MERGE)
    said_by(people.head, pair, Verdict.APART)


def test_a_manager_may_not_decide_even_on_the_own_customer() -> None:
    people = testing.make_people()
    with pytest.raises(PermissionDenied):
        said_by(people.alice, _pair(people.customer), Verdict.MERGE)


def test_undoing_a_merge_parts_the_number_from_every_other_number_of_the_person() -> None:
    people = testing.make_people()
    head = people.customer
    second, third = (testing.make_party(people.outlet, name="王建国") for _ in range(2))
    with testing.everything():
        Party.objects.filter(pk__in=[second.pk, third.pk]).update(merged_into=head, merged_by="model")
        second.refresh_from_db()
        pair = IdentityPair.objects.create(
            left=head, right=second, posterior=1, weight=30, rule="model", state=PairState.MERGED
        )
    said_by(people.head, pair, Verdict.APART)
    with testing.everything():
        words = {
            frozenset((word.left_id, word.right_id)): word.verdict for word in IdentityDecision.objects.all()
        }
    assert words == {
        frozenset((second.pk, head.pk)): Verdict.APART,
        frozenset((second.pk, third.pk)): Verdict.APART,
    }


def test_the_key_of_a_merged_number_leads_to_the_person_and_lists_leave_it_out() -> None:
    screen = testing.make_screen()
    people = screen.people
    second = testing.make_party(people.outlet, keeper=people.alice, name="王建国")
    with testing.everything():
        Party.objects.filter(pk=second.pk).update(merged_into=people.customer)
    answer = testing.client_of(people.alice).get(f"/customers/{second.uuid}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, screen.address)
    with acting_as(people.alice, today=testing.TODAY) as reach:
        assert second not in selectors.visible_to(reach)
        assert selectors.find_by_number(reach, customer_no=second.customer_no) == [people.customer]


def test_the_key_of_a_merged_number_shows_nothing_to_whoever_may_not_see_the_person() -> None:
    people = testing.make_screen().people
    second = testing.make_party(people.outlet, keeper=people.alice, name="王建国")
    with testing.everything():
        Party.objects.filter(pk=second.pk).update(merged_into=people.customer)
    assert testing.client_of(people.charlie).get(f"/customers/{second.uuid}/").status_code == 404


def test_a_household_is_what_a_person_confirms() -> None:
    people = testing.make_people()
    hint = testing.make_pair(people.customer)["household"]
    client = testing.client_of(people.head)
    answer = client.post(f"/customers/identity/households/{hint}", {"verdict": "merge", "reason": "户口本"})
    assert answer.status_code == 302
    with testing.everything():
        assert IdentityDecision.objects.get().about == About.HOUSEHOLD
    assert b"identity-hint" not in client.get("/customers/identity/households").content


def test_the_pair_page_shows_masked_values_and_never_a_token() -> None:
    people = testing.make_people()
    testing.make_policies()
    with testing.everything():
        Party.objects.filter(pk=people.customer.pk).update(id_type="resident_id", id_masked="3******4")
    pair = _pair(people.customer)
    page = testing.client_of(people.head).get(f"/customers/identity/pairs/{pair.pk}").content.decode()
    assert "3******4" in page
    assert "王建国" in page


def _pair(customer: Party, **more: object) -> IdentityPair:
    key = testing.make_pair(customer, **more)["identity_pair"]
    with testing.everything():
        return IdentityPair.objects.select_related("left", "right").get(pk=key)


def test_reach_is_asked_again_when_a_decision_is_made() -> None:
    people = testing.make_people()
    pair = _pair(testing.make_party(people.elsewhere, keeper=people.charlie, name="陌生人"))
    with acting_as(people.head, today=testing.TODAY), pytest.raises(PermissionDenied):
        services.decide(
            by=people.head,
            reach=reach_of(people.head, testing.TODAY),
            pair=pair,
            verdict=Verdict.MERGE,
            reason="…",
            today=testing.TODAY,
        )
    with testing.everything():
        assert not IdentityDecision.objects.exists()
        assert HouseholdHint.objects.exists()


def test_what_was_merged_and_what_was_stopped_stands_on_its_own_page() -> None:
    people = testing.make_people()
    testing.make_policies()
    pair = _pair(people.customer, state=PairState.MERGED)
    with testing.everything():
        for party in (pair.left, pair.right):
            StoppedMember.objects.create(party=party, group_key=pair.left_id, reason="loose")
    client = testing.client_of(people.head)
    merged = client.get("/customers/identity/merged")
    assert merged.status_code == 200
    assert f"/customers/identity/pairs/{pair.pk}" in merged.content.decode()
    assert pair.right.customer_no in client.get("/customers/identity/stopped").content.decode()
    assert str(_("Undo the merge")) in client.get(f"/customers/identity/pairs/{pair.pk}").content.decode()


def test_the_customer_page_says_from_which_number_a_field_was_taken() -> None:
    screen = testing.make_screen()
    with testing.everything():
        PartySource.objects.create(party=screen.people.customer, field="occupation", customer_no="C-other")
    rest = testing.client_of(screen.people.alice).get(f"{screen.address}rest").content.decode()
    assert "C-other" in rest
