"""The counter's pages and the machine's door: what they show, and what they never repeat."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from guanxi.crm import testing
from guanxi.crm.counter import machines
from guanxi.crm.counter.models import CounterEvent, EntitlementUse, Reception
from guanxi.crm.counter.tests.bank import Hall, make_hall
from guanxi.crm.counter.tests.test_counter import make_promise, missing
from guanxi.crm.messaging import facts
from guanxi.crm.messaging.models import ConsentEntry
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.retention.models import Case
from guanxi.crm.retention.tests.bank import NOON
from guanxi.crm.worklist.models import Task
from guanxi.insight.contact.consent import standing

LATER = datetime(2099, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(settings, tmp_path) -> Hall:
    settings.GUANXI_BANK_HOME = tmp_path
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    return make_hall()


def look_up(hall: Hall, number: str, staff: Staff | None = None):
    client = testing.client_of(staff or hall.teller)
    return client, client.post("/counter/", {"number": number}, follow=True)


def test_a_customer_number_opens_the_one_customer_and_its_address_holds_no_number(hall) -> None:
    _client, page = look_up(hall, hall.customer.customer_no)
    assert page.status_code == 200
    where = page.redirect_chain[-1][0]
    assert hall.customer.customer_no not in where
    text = page.content.decode()
    assert "王先生" in text or "王建国" in text
    assert "金卡客户" in text
    assert "起身迎接" in text
    assert "523,118.42" not in text


def test_a_number_nobody_has_says_so_and_records_nothing(hall) -> None:
    _client, page = look_up(hall, "99999999")
    assert page.status_code == 200
    with testing.everything():
        assert not Reception.objects.exists()


def test_a_customer_of_another_outlet_is_not_found(hall) -> None:
    stranger = testing.make_party(hall.bench.people.elsewhere, name="陌生人")
    _client, page = look_up(hall, stranger.customer_no)
    assert "陌生人" not in page.content.decode()


def test_a_day_at_the_counter_in_taps(hall) -> None:
    with testing.everything():
        make_promise(hall, testing.TODAY)
        missing(hall, "village")
    client, page = look_up(hall, hall.customer.customer_no)
    here = page.redirect_chain[-1][0]
    assert "回复利率" in page.content.decode()
    client.post(f"{here}/answer", {"said": "interested"})
    client.post(f"{here}/use", {"code": "queue", "key": "0c1c9b34-7a8e-4c7a-8a44-000000000001"})
    client.post(f"{here}/fact", {"field": "village", "value": "观前社区"})
    client.post(f"{here}/refer", {"text": "想开公司账户"})
    number = "0c1c9b34-7a8e-4c7a-8a44-000000000002"
    client.post(
        f"{here}/event", {"number": number, "kind": "closing", "amount": "50,000", "said_place": "state_bank"}
    )
    text = client.get(here).content.decode()
    assert "照常受理" in text
    assert "观前社区" not in text
    with testing.everything():
        assert EntitlementUse.objects.count() == 1
        assert Case.objects.get().said_place == "state_bank"
        assert Task.objects.filter(party=hall.customer).count() == 3


def test_a_reception_is_not_shown_to_another_person_nor_on_another_day(hall, settings) -> None:
    _client, page = look_up(hall, hall.customer.customer_no)
    here = page.redirect_chain[-1][0]
    other = testing.make_staff("lobby", hall.bench.people.outlet)
    assert testing.client_of(other).get(here).status_code == 404
    settings.GUANXI_TODAY = "2026-11-02"
    assert testing.client_of(hall.teller).get(here).status_code == 404


def test_two_customers_with_one_phone_are_asked_about(hall) -> None:
    twin = testing.make_party(hall.bench.people.outlet, name="王小国", customer_no=hall.customer.customer_no)
    client, page = look_up(hall, hall.customer.customer_no)
    assert "王小国" in page.content.decode()
    assert client.post(f"/counter/customers/{twin.uuid}").status_code == 302


# --- the machine's door


@pytest.fixture
def token(hall) -> str:
    system = testing.make_staff("teller", hall.bench.people.bank, name="柜面系统")
    _machine, told = machines.make_machine(name="核心柜面", staff=system, now=NOON)
    return told


def send(token: str, **more):
    body = {"event_id": "A-1", "kind": "early_withdrawal", "number": "?", "amount": "30000.00"} | more
    return Client().post(
        "/counter/api/events", json.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip


def test_a_machine_tells_of_an_event_once(hall, token) -> None:
    answers = [send(token, number=hall.customer.customer_no, teller="柜员张") for _again in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert hall.customer.customer_no not in answers[0].content.decode()
    with testing.everything():
        assert CounterEvent.objects.get().amount_fen == 3_000_000
        assert [task.assignee_id for task in Task.objects.all()] == [hall.alice.pk]
        assert Task.objects.get().reason["author"] == "柜员张"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"number": "00000000"}, 404),
        ({"kind": "robbery"}, 422),
        ({"amount": "much"}, 422),
        ({"amount": "1.001"}, 422),
        ({"amount": "-5"}, 422),
        ({"amount": 5}, 422),
        ({"event_id": ""}, 422),
        ({"extra": "x"}, 422),
        ({"reason": "nonsense"}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused_without_repeating_it(hall, token, more, status) -> None:
    answer = send(token, **({"number": hall.customer.customer_no} | more))
    assert answer.status_code == status
    assert hall.customer.customer_no not in answer.content.decode()
    with testing.everything():
        assert not CounterEvent.objects.exists()


def test_the_same_number_with_another_amount_is_a_conflict(hall, token) -> None:
    send(token, number=hall.customer.customer_no)
    assert send(token, number=hall.customer.customer_no, amount="1").status_code == 409


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 3000, b"x" * 5000])
def test_a_body_that_is_no_object_is_refused(hall, token, body) -> None:  # noqa: ARG001  # makes the bank
    answer = Client().post(
        "/counter/api/events",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 422


def test_no_token_a_wrong_one_and_a_stopped_one_open_nothing(hall, token) -> None:
    number = hall.customer.customer_no
    machines.stop_machine(machine=machines.machine_of(f"Bearer {token}", now=NOON), now=NOON)
    answers = [send(told, number=number).status_code for told in (token, "wrong", "")]
    signed_in = testing.client_of(hall.teller).post(
        "/counter/api/events", {}, content_type="application/json"
    )
    assert [*answers, signed_in.status_code] == [401] * 4


def test_a_machine_sees_no_further_than_the_person_it_acts_as(hall) -> None:
    far = testing.make_staff("teller", hall.bench.people.elsewhere)
    weak = testing.make_staff("other", hall.bench.people.bank)
    answers = []
    for name, staff in (("far", far), ("weak", weak)):
        _machine, told = machines.make_machine(name=name, staff=staff, now=NOON)
        answers.append(send(told, number=hall.customer.customer_no).status_code)
    assert answers == [404, 404]


def test_the_token_itself_is_kept_nowhere(token) -> None:
    machine = machines.machine_of(f"bearer {token}", now=NOON)
    assert machine is not None
    assert token not in str(vars(machine))


# --- consent


def consent_of(hall: Hall) -> dict[str, str]:
    """What the message gate makes of the customer's words, by channel."""
    with testing.everything():
        known = facts.read([hall.customer.pk], at=LATER, policy=contact_policy(testing.TODAY))[
            hall.customer.pk
        ]
    return {
        name: standing(known.said, "marketing", name, LATER)[0] for name in ("sms", "call", "wecom", "email")
    }


AGREES = {"channels": ["sms", "phone"], "proof": "signed", "proof_no": "SQ-0001", "read_out": "on"}


def test_consent_taken_at_the_counter_is_what_the_gate_reads_and_is_taken_back_with_one_tap(hall) -> None:
    testing.make_policies("contact")
    client, page = look_up(hall, hall.customer.customer_no)
    here = page.redirect_chain[-1][0]
    assert "YX-2026-01" in page.content.decode()
    client.post(f"{here}/consent", AGREES)
    assert consent_of(hall) == {
        "sms": "agreed",
        "call": "agreed",
        "wecom": "no_consent",
        "email": "no_consent",
    }
    with testing.everything():
        row = ConsentEntry.objects.get(channel="phone")
        assert (row.by_id, row.basis, row.wording) == (hall.teller.pk, "consent", "YX-2026-01")
        assert (row.proof, row.proof_no, row.text[:4]) == ("signed", "SQ-0001", "本人同意")
    client.post(f"{here}/no-consent", {"channel": "phone"})
    assert consent_of(hall)["call"] == "refused"
    assert consent_of(hall)["sms"] == "agreed"
    client.post(f"{here}/no-consent", {"channel": ""})
    assert set(consent_of(hall).values()) == {"refused"}


@pytest.mark.parametrize(
    "wrong",
    [{"read_out": ""}, {"proof_no": " "}, {"channels": []}, {"proof": "hearsay"}, {"channels": ["fax"]}],
)
def test_consent_without_words_proof_or_channel_is_not_kept(hall, wrong) -> None:
    testing.make_policies("contact")
    client, page = look_up(hall, hall.customer.customer_no)
    client.post(f"{page.redirect_chain[-1][0]}/consent", AGREES | wrong)
    with testing.everything():
        assert not ConsentEntry.objects.exists()
