"""What customers do themselves: replies, the preference page, one-click unsubscribe; each stops what is queued."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from guanxi.channels.face import Reply
from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Consent, ContactPoint
from guanxi.crm.messaging import permission, replies, services
from guanxi.crm.messaging.filling import PREFERENCES, preference_link, unsubscribe_link
from guanxi.crm.messaging.models import Budget, ConsentEntry, Heard, Message, Suppression
from guanxi.crm.messaging.views import guest
from guanxi.web.signed import seal

pytestmark = pytest.mark.django_db
UNTIL = date(2099, 1, 1)
NUMBER = "13912345678"


@pytest.fixture
def customer():
    """Somebody who agreed to texts and e-mails and has one offer in the outbox."""
    testing.make_policies("contact", "tier")
    people = testing.make_people()
    party = testing.make_party(people.outlet, keeper=people.alice, id_type="resident_id", name="王建国")
    with testing.everything():
        for channel in ("sms", "email"):
            Consent.objects.create(
                party=party, purpose="marketing", channel=channel, agreed=True, given_on=date(2020, 1, 1)
            )
        for purpose, step in (("marketing", 1), ("service", 2)):
            services.queue(
                by=None, origin="manual", ref="t", step=step, channel="sms", template_version=None, purpose=purpose,
                parties=[(party.pk, {})], planned_at=now(), expires_at=now() + timedelta(days=2), now=now(),
            )  # fmt: skip
    return party


def now():
    return datetime.now(UTC)


def states(party):
    with testing.everything():
        return dict(Message.objects.filter(party=party).values_list("purpose", "state"))


def knock(address, data=None, **headers):
    client = Client(**headers)
    return client.get(address) if data is None else client.post(address, data)


def path_of(address):
    return "/" + address.split("/", 3)[3]


def test_a_reply_stops_everybody_who_has_that_number_and_what_is_queued(customer):
    told = Reply(NUMBER, "ＴＤ", now(), "10690002")
    with testing.everything():
        token = replies.tokens_of(NUMBER, "sms")[0]
        ContactPoint.objects.create(party=customer, kind="mobile", token=token, masked="139****5678")
        word = replies.hear(told, channel="sms", at=now())
        again = replies.hear(told, channel="sms", at=now())
        assert (word.asks, word.customers, word.stopped, again.stopped) == ("stop", 1, 1, 0)
        assert Suppression.objects.filter(token=token).count() == 1
        assert Heard.objects.count() == ConsentEntry.objects.count() == 1
    assert states(customer) == {"marketing": "stopped", "service": "planned"}


def test_talk_stops_nobody_and_waits_for_a_person(customer):
    with testing.everything():
        word = replies.hear(Reply(NUMBER, "请问利率多少", now(), "1"), channel="sms", at=now())
        assert (word.asks, word.customers) == ("talk", 0)
        assert Heard.objects.get().party is None
    assert states(customer)["marketing"] == "planned"


def test_one_tap_stops_everything_and_nothing_personal_is_shown(customer):
    address = path_of(preference_link(customer.pk, UNTIL))
    page = knock(address).content.decode()
    assert "王**" in page
    assert "王建国" not in page
    assert customer.customer_no not in page
    assert knock(f"{address}/stop", {}).status_code == 302
    assert states(customer) == {"marketing": "stopped", "service": "planned"}
    with testing.everything():
        verdict = permission.may_contact(
            parties=[customer.pk], channel="email", purpose="marketing", at=now()
        )
        assert verdict[customer.pk].code == "refused"
    assert ChangeLog.objects.filter(verb="messaging.refused", staff_no="").count() == 1


def test_what_is_chosen_is_kept_word_for_word(customer):
    address = path_of(preference_link(customer.pk, UNTIL))
    chosen = {"channel": ["email", "wecom", "pigeon"], "topic": ["deposits"], "often": "2", "language": "en"}
    assert knock(f"{address}/save", chosen).status_code == 302
    with testing.everything():
        said = {(one.purpose, one.channel, one.agreed) for one in ConsentEntry.objects.all()}
        assert said == {
            ("marketing", "sms", False),
            ("marketing", "wecom", True),
            ("profiling", "any", False),
        }
        assert ConsentEntry.objects.get(channel="wecom").text
        budget = Budget.objects.get(pk=customer.pk)
        assert (budget.most_a_month, budget.language) == (2, "en")
        assert "wealth" in budget.topics_off
        assert "deposits" not in budget.topics_off
    before = ConsentEntry.objects.count
    with testing.everything():
        kept = before()
    knock(f"{address}/save", chosen)
    with testing.everything():
        assert before() == kept


def test_the_mail_program_posts_once_without_a_cookie(customer):
    address = path_of(unsubscribe_link(customer.pk, UNTIL))
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert states(customer)["marketing"] == "stopped"
    assert client.get(address).status_code == 302  # looking at it does nothing


def test_a_forged_foreign_or_expired_link_opens_nothing(customer):
    good = seal(PREFERENCES, customer.pk, UNTIL)
    other_purpose = seal("salons.guest", customer.pk, UNTIL)
    expired = seal(PREFERENCES, customer.pk, date(2021, 1, 1))
    nobody = seal(PREFERENCES, 1, UNTIL)
    forged = ("a" if good[0] != "a" else "b") + good[1:]
    for token in (forged, other_purpose, expired, nobody, "x", good[:-1]):
        assert knock(reverse("messaging:preferences", args=[token])).status_code == 404
        assert knock(reverse("messaging:preferences_stop", args=[token]), {}).status_code == 404
        assert knock(reverse("messaging:unsubscribe", args=[token]), {}).status_code == 404
    assert states(customer)["marketing"] == "planned"


def test_who_knocks_too_often_waits(customer, monkeypatch):
    address = path_of(preference_link(customer.pk, UNTIL))
    limits = []
    monkeypatch.setattr(guest, "may_knock", lambda _door, _who, *, limit, now: limits.append((limit, now)))
    answer = knock(f"{address}/stop", {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert limits[0][0] == 20
    assert states(customer)["marketing"] == "planned"
