"""The gate at the store: what was said, held and taken counts at the instant; merged numbers are one person."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from guanxi.crm import testing
from guanxi.crm.customers.models import Consent, ContactPoint
from guanxi.crm.interactions.models import Contact
from guanxi.crm.messaging import permission
from guanxi.crm.messaging.models import Budget, ConsentEntry, Hold, Touch
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 4, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
TODAY = date(2026, 11, 4)


@pytest.fixture
def people():
    testing.make_policies("contact", "tier")
    return testing.make_people()


@pytest.fixture
def customer(people):
    """A customer who lives here and has agreed to text messages."""
    party = testing.make_party(people.outlet, keeper=people.alice, id_type="resident_id")
    agree(party)
    return party


def agree(party, channel="sms", agreed=True, on=date(2026, 1, 5), purpose="marketing"):
    with testing.everything():
        Consent.objects.create(party=party, purpose=purpose, channel=channel, agreed=agreed, given_on=on)


def asked(party, at=NOON, channel="sms", purpose="marketing", **more):
    with testing.everything():
        return permission.may_contact(parties=[party.pk], channel=channel, purpose=purpose, at=at, **more)[
            party.pk
        ]


def take(*parties, at=NOON, channel="sms", purpose="marketing"):
    messages = [SimpleNamespace(party_id=party.pk, channel=channel, purpose=purpose) for party in parties]
    with testing.everything():
        return permission.take(messages=messages, at=at)


def test_who_agreed_is_reached_with_the_word_it_rests_on_and_what_is_left(customer):
    verdict = asked(customer)
    assert (verdict.allowed, verdict.code, verdict.remaining) == (True, "ok", 1)
    assert verdict.word > 0


def test_without_a_word_there_is_no_marketing_but_a_service_notice_goes(people):
    silent = testing.make_party(people.outlet, keeper=people.alice, id_type="resident_id")
    assert asked(silent).code == "no_consent"
    assert asked(silent, purpose="service").allowed


def test_an_unknown_zone_is_refused_whatever_the_hour(people):
    abroad = testing.make_party(people.outlet, keeper=people.alice, id_type="passport")
    agree(abroad)
    assert {asked(abroad, at=NOON + timedelta(hours=hour)).code for hour in range(24)} == {"zone"}
    with testing.everything():
        Budget.objects.create(party=abroad, zone="Asia/Shanghai")
    assert asked(abroad).allowed


def test_a_refusal_counts_at_once_and_stands_over_a_word_of_the_bank_of_the_same_day(customer):
    with testing.everything():
        permission.refuse_all(party=customer, source="reply", at=NOON, text="TD")
    agree(customer, on=TODAY)
    verdict = asked(customer, at=NOON + timedelta(seconds=1))
    assert verdict.code == "refused"
    assert verdict.word < 0
    agree(customer, on=TODAY + timedelta(days=1))
    # A later word on the channel answers a refusal of everything.
    assert asked(customer, at=NOON + timedelta(days=1)).code == "ok"
    assert ConsentEntry.objects.count() == 0  # and nobody sees the ledger without reach


def test_taking_counts_and_the_second_one_of_the_day_must_wait(customer):
    assert [verdict.code for verdict in take(customer, customer)] == ["ok", "cap_day"]
    later = take(customer)[0]
    assert (later.allowed, later.passing) == (False, True)
    assert later.next_at == datetime(2026, 11, 5, 0, tzinfo=UTC)  # 08:00 in Shanghai
    assert take(customer, at=later.next_at)[0].allowed
    third = take(customer, at=later.next_at + timedelta(days=1))[0]
    assert (third.code, third.next_at) == ("cap_week", datetime(2026, 11, 9, 0, tzinfo=UTC))


def test_what_was_surely_not_sent_is_given_back(customer):
    message = SimpleNamespace(party_id=customer.pk, channel="sms", purpose="marketing")
    assert take(customer)[0].allowed
    with testing.everything():
        permission.give_back(messages=[message], taken_at=NOON)
    assert take(customer)[0].allowed


def test_a_call_logged_by_the_manager_takes_from_the_same_budget(people, customer):
    with testing.everything():
        Contact.objects.create(
            party=customer, unit=customer.unit, keeper=people.alice, staff=people.alice, author_name="Alice",
            channel="call", at=NOON, day=TODAY, outcome="care", client_key="0" * 32, logged_at=NOON,
        )  # fmt: skip
    assert asked(customer).code == "cap_day"


def test_service_notices_take_nothing(customer):
    assert [verdict.allowed for verdict in take(customer, customer, purpose="service")] == [True, True]
    with testing.everything():
        assert not Touch.objects.exists()


def test_a_hold_stands_until_its_day_or_its_release_and_restriction_stops_notices_too(people, customer):
    with testing.everything():
        held = permission.hold(
            party=customer, reason="complaint", at=NOON, by=people.alice, until=NOON + timedelta(days=2)
        )
    assert (asked(customer).code, asked(customer).why) == ("hold", "complaint")
    assert asked(customer, purpose="service").allowed
    assert asked(customer, at=NOON + timedelta(days=2)).allowed
    with testing.everything():
        permission.release(held=held, by=people.alice, at=NOON)
        permission.hold(party=customer, reason="restricted", at=NOON, by=None, subject="law:1")
        permission.hold(party=customer, reason="restricted", at=NOON, by=None, subject="law:1")
        assert Hold.objects.filter(reason="restricted").count() == 1
    assert asked(customer, purpose="service").code == "stopped"


def test_a_suppressed_number_is_off_for_messages_and_for_calls_to_it(customer):
    agree(customer, "phone")
    with testing.everything():
        ContactPoint.objects.create(party=customer, kind="mobile", token="t1", masked="138****0001")
        permission.suppress(token="t1", source="reply", at=NOON)
        permission.suppress(token="t1", source="reply", at=NOON)
    assert (asked(customer).code, asked(customer, channel="call").code) == ("suppressed", "suppressed")


def test_what_was_said_under_a_merged_number_is_said_by_the_person(people, customer):
    other = testing.make_party(
        people.outlet, keeper=people.alice, id_type="resident_id", merged_into=customer
    )
    agree(other, agreed=False, on=date(2026, 3, 1))
    assert (asked(customer).code, asked(other).code) == ("refused", "refused")
    agree(customer, on=date(2026, 4, 1))
    assert asked(other).allowed
    assert [verdict.allowed for verdict in take(other, customer)] == [True, False]


def test_who_wants_no_profiling_gets_the_general_message_only(customer):
    with testing.everything():
        permission.refuse_profiling(party=customer, source="link", at=NOON)
    chosen = permission.Choice(personal=True)
    assert asked(customer).allowed
    assert asked(customer, choice=chosen).code == "no_profiling"


def test_an_agreement_keeps_the_words_that_were_agreed_to(customer):
    with testing.everything():
        permission.refuse_all(party=customer, source="link", at=NOON)
        with pytest.raises(permission.ValidationError):
            permission.agree(party=customer, source="link", at=NOON, text=" ")
        permission.agree(
            party=customer, source="link", at=NOON + timedelta(minutes=1), text="愿意接收营销短信"
        )
    assert asked(customer, at=NOON + timedelta(minutes=2)).allowed


def test_out_of_reach_there_is_nobody(people, customer):
    with acting_as(people.charlie, today=TODAY):
        told = permission.may_contact(parties=[customer.pk], channel="sms", purpose="marketing", at=NOON)
    assert told[customer.pk].code == "unknown"


@pytest.mark.parametrize(
    "verb", ["UPDATE messaging_consententry SET agreed = true", "DELETE FROM messaging_consententry"]
)
def test_the_ledger_only_grows(customer, verb):
    with testing.everything():
        permission.refuse_all(party=customer, source="reply", at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)


def test_without_rules_nobody_is_reached():
    party = testing.make_people().customer
    assert asked(party).code == "no_policy"
