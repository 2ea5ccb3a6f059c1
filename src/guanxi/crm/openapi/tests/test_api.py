"""The API as its callers see it: never more than the person's pages, each write once, errors in one form."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView, ExportLog
from guanxi.crm.interactions.models import Contact
from guanxi.crm.leads.models import Lead
from guanxi.crm.openapi.models import Answer
from guanxi.crm.openapi.tests.bank import NOON, Gate, make_gate
from guanxi.crm.organisation.rules import ROLE_RULES, Right, Sight
from guanxi.crm.organisation.tokens import stop_token
from guanxi.crm.scores.models import PartyScore

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(settings, monkeypatch) -> None:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    monkeypatch.setattr("guanxi.project.clock.now", lambda: NOON)


@pytest.fixture
def gate(db, settings, tmp_path) -> Gate:  # noqa: ARG001
    settings.GUANXI_BANK_HOME = tmp_path
    return make_gate()


def contact(**more):
    return {
        "channel": "call", "at": "2026-11-01T10:00:00+08:00", "outcome": "reached_later", "client_key": str(uuid4()),
    } | more  # fmt: skip


# --- who comes in


def test_no_token_a_wrong_a_stopped_and_an_expired_one_open_nothing(gate) -> None:
    stopped, told = gate.token(gate.people.alice)
    stop_token(token=stopped, now=NOON)
    _old, expired = gate.token(gate.people.alice, expires_at=NOON)
    _new, waiting = gate.token(gate.people.alice, approved=False)
    for each in ("", "wrong", told, expired, waiting):
        answer = gate.ask(each, "segments")
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_without_the_scope_and_a_person_without_the_right_are_refused_before_the_body_is_read(
    gate,
) -> None:
    _one, narrow = gate.token(gate.people.alice, "segments:read")
    weak = testing.make_staff("other", gate.people.outlet)
    for who in (narrow, weak):
        answer = gate.ask(who, "customers/find", {"nonsense": 1})
        assert answer.status_code == 403


def test_a_token_that_asks_too_often_is_told_to_wait_and_others_are_not(gate) -> None:
    _slow, told = gate.token(gate.people.alice, per_minute=2)
    answers = [gate.ask(told, "segments") for _again in range(3)]
    assert [answer.status_code for answer in answers][:2] == [200, 200]
    assert answers[2].status_code == 429
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert gate.ask(gate.people.bob, "segments").status_code == 200


def test_a_persons_session_opens_nothing_of_the_api(gate) -> None:
    client = testing.client_of(gate.people.alice)
    assert client.get("/open/v1/segments").status_code == 401


# --- errors


@pytest.mark.parametrize(
    ("language", "title"), [("en-GB,zh;q=0.5", "Nothing here"), ("zh-CN", "未找到"), ("", "未找到")]
)
def test_errors_speak_the_language_asked_for(gate, language, title) -> None:
    answer = gate.ask(gate.people.alice, f"customers/{uuid4()}", Accept_Language=language)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(answer.content)["title"] == title


@pytest.mark.parametrize("path", ["customers?teir=gold", "leads?=true", "customers?limit=1&limt=2"])
def test_a_parameter_that_nobody_named_is_refused_by_name(gate, path) -> None:
    answer = gate.ask(gate.people.head, path)
    (told,) = answer.json()["errors"]
    assert (answer.status_code, told["where"][0], told["what"]) == (422, "query", "extra_forbidden")
    assert told["where"][1] in path.partition("?")[2]


def test_an_address_that_no_key_fits_is_a_problem_too(gate) -> None:
    for path in ("customers/%0A", "customers/x%0Ay/scores", "%0A"):
        answer = gate.ask(gate.people.head, path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_an_unknown_address_and_a_wrong_method_are_problems_too(gate) -> None:
    assert gate.ask(gate.people.alice, "nowhere").status_code == 404
    answer = gate.ask(gate.people.alice, "segments", method="delete")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


def test_what_does_not_fit_is_named_and_never_repeated(gate) -> None:
    answer = gate.ask(
        gate.people.alice, "customers/find", {"number": ["6222021234567890123"], "more": "6222021"}
    )
    assert answer.status_code == 422
    assert {error["where"][-1] for error in answer.json()["errors"]} == {"number", "more"}
    assert "6222021" not in answer.content.decode()


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null", b'{"number": "a\\u0000"}', b"[" * 9000])
def test_a_body_that_is_none_is_a_problem_and_no_failure(gate, body) -> None:
    from django.test import Client

    told = gate.token(gate.people.alice)[1]
    answer = Client().post(
        "/open/v1/customers/find", body, content_type="application/json", headers={"Authorization": f"Bearer {told}"}
    )  # fmt: skip
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


# --- customers


def test_a_customer_is_found_by_number_and_the_look_is_in_the_trail(gate) -> None:
    alice, customer = gate.people.alice, gate.people.customer
    found = gate.ask(alice, "customers/find", {"number": customer.customer_no})
    assert (found.status_code, found.json()["uuid"], found.json()["name"]) == (
        200,
        str(customer.uuid),
        customer.name,
    )
    look = CustomerView.objects.latest("id")
    assert (look.party_key, look.staff_no, look.what) == (customer.pk, alice.staff_no, "api")
    assert customer.customer_no not in look.reason


def test_the_customer_of_another_outlet_is_not_there_for_any_operation(gate) -> None:
    customer = gate.people.customer
    for path in ("", "/scores", "/interactions"):
        asked = gate.ask(gate.people.charlie, f"customers/{customer.uuid}{path}")
        never = gate.ask(gate.people.charlie, f"customers/{uuid4()}{path}")
        assert (asked.status_code, asked.content) == (404, never.content)
    assert (
        gate.ask(gate.people.charlie, f"customers/{customer.uuid}/interactions", contact()).status_code == 404
    )
    assert (
        gate.ask(gate.people.charlie, "customers/find", {"number": customer.customer_no}).status_code == 404
    )


def test_customers_are_listed_page_by_page_each_once_and_each_page_is_an_export(gate) -> None:
    parties = [testing.make_party(gate.people.outlet, keeper=gate.people.alice) for _each in range(6)]
    seen, after = [], ""
    while after is not None:
        page = gate.ask(gate.people.alice, f"customers?limit=3{after and '&after=' + after}").json()
        seen += [one["uuid"] for one in page["items"]]
        after = page["next"]
    assert sorted(seen) == sorted(str(party.uuid) for party in [*parties, gate.people.customer])
    assert list(ExportLog.objects.values_list("rows", flat=True).order_by("id")) == [3, 3, 1]


def test_who_sees_no_names_on_the_page_sees_none_here(gate) -> None:
    analyst = testing.make_staff("analyst", gate.people.bank)
    told = gate.ask(analyst, f"customers/{gate.people.customer.uuid}").json()
    assert (told["name"], told["customer_no"], told["id_masked"]) == ("王**", None, None)


def test_the_scores_are_those_the_last_run_published(gate) -> None:
    with testing.everything():
        PartyScore.objects.filter(party=gate.people.customer).update(aum_fen=12_345_678, composite_score=77.5)
    told = gate.ask(gate.people.alice, f"customers/{gate.people.customer.uuid}/scores").json()
    assert (told["aum_fen"], told["value_score"], told["business_date"]) == (12_345_678, 77.5, "2026-10-31")


def test_a_failure_of_ours_is_a_problem_and_undone(gate, monkeypatch) -> None:
    def fail(*_told, **_more):
        raise RuntimeError("6222021234567890123")

    monkeypatch.setattr("guanxi.crm.openapi.routes.customers.score_of", fail)
    seen = CustomerView.objects.count()
    answer = gate.ask(gate.people.alice, f"customers/{gate.people.customer.uuid}/scores")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "6222021" not in answer.content.decode()
    assert CustomerView.objects.count() == seen


# --- writes


def test_a_contact_is_written_once_however_often_it_is_sent(gate) -> None:
    path, body = f"customers/{gate.people.customer.uuid}/interactions", contact(note="问理财")
    first, second = (gate.ask(gate.people.alice, path, body) for _again in range(2))
    assert [answer.status_code for answer in (first, second)] == [201, 201]
    assert first.json() == second.json()
    with testing.everything():
        assert Contact.objects.get().author_name == "Alice"
    listed = gate.ask(gate.people.alice, path).json()["items"]
    assert [one["note"] for one in listed] == ["问理财"]


@pytest.mark.parametrize(
    "wrong",
    [{"at": "2026-11-01T10:00:00"}, {"at": "2027-01-01T10:00:00+08:00"}, {"outcome": "x"}, {"intent_fen": 5},
     {"intent_fen": -1}, {"channel": ""}, {"client_key": "x"}, {"staff": "S1"}, {"at": "0001-01-01T00:00:00+14:00"}],
)  # fmt: skip
def test_a_contact_that_does_not_fit_is_refused_and_nothing_is_written(gate, wrong) -> None:
    answer = gate.ask(
        gate.people.alice, f"customers/{gate.people.customer.uuid}/interactions", contact(**wrong)
    )
    assert answer.status_code == 422
    with testing.everything():
        assert not Contact.objects.exists()


def lead(gate: Gate, **more):
    return {
        "kind": "person",
        "name": "陈先生",
        "contact": "13800138000",
        "unit_no": gate.people.outlet.unit_no,
    } | more


def test_a_write_with_a_key_is_done_once_and_answered_alike(gate) -> None:
    alice = gate.people.alice
    first, second = (gate.ask(alice, "leads", lead(gate), Idempotency_Key="a-1") for _again in range(2))
    assert [answer.status_code for answer in (first, second)] == [201, 201]
    assert (first.json(), second["Idempotency-Replayed"]) == (second.json(), "true")
    with testing.everything():
        assert Lead.objects.count() == 1
    other = gate.ask(alice, "leads", lead(gate, name="李先生"), Idempotency_Key="a-1")
    assert other.status_code == 422
    assert gate.ask(gate.people.bob, "leads", lead(gate), Idempotency_Key="a-1").status_code == 201


def test_a_key_of_a_write_that_failed_may_be_used_again(gate) -> None:
    wrong = gate.ask(gate.people.alice, "leads", lead(gate, contact="1"), Idempotency_Key="b")
    assert (wrong.status_code, Answer.objects.count()) == (422, 0)
    assert gate.ask(gate.people.alice, "leads", lead(gate), Idempotency_Key="b").status_code == 201


def test_no_customer_is_kept_for_a_key(gate) -> None:
    number = {"number": gate.people.customer.customer_no}
    assert gate.ask(gate.people.alice, "customers/find", number, Idempotency_Key="c").status_code == 200
    assert not Answer.objects.exists()


def test_whether_a_lead_is_a_customer_already_is_not_told(gate) -> None:
    with testing.everything():
        from guanxi.crm.customers import protected
        from guanxi.insight.staging.identifiers import Protected

        (shown,), _rows = protected.door().protect(Protected.MOBILE, ["13800138000"])
        gate.people.customer.contact_points.create(kind="mobile", token=shown.token, masked=shown.masked)
    known = gate.ask(gate.people.charlie, "leads", lead(gate))
    unknown = gate.ask(gate.people.charlie, "leads", lead(gate, contact="13900139000"))
    assert (
        (known.status_code, set(known.json())) == (unknown.status_code, {"id"}) == (201, set(unknown.json()))
    )


def test_events_are_taken_as_at_the_channels_own_door(gate) -> None:
    head = testing.make_staff("supervisor", gate.people.bank)
    event = {
        "key": "e1", "kind": "page_viewed", "at": NOON.isoformat(), "source": "mobile",
        "customer": gate.people.customer.customer_no, "properties": {"page": "home"},
    }  # fmt: skip
    answer = gate.ask(head, "events", [event, {}])
    assert (answer.status_code, answer.json()["new"], answer.json()["refused"]) == (200, 1, 1)
    for wrong in ({}, {"events": [event]}, "x", []):
        assert gate.ask(head, "events", wrong).status_code == 422, wrong


# --- every operation, every role (F23)

CUSTOMER = ["customers/{customer}", "customers/{customer}/scores", "customers/{customer}/interactions"]
RIGHTS = {
    "customers": Right.EXPORT_CUSTOMERS,
    "segments": Right.USE_SEGMENTS,
    "leads": Right.HAND_IN_LEADS,
    "campaigns": Right.SEE_CAMPAIGNS,
}


@pytest.mark.parametrize("role", sorted(ROLE_RULES))
def test_each_role_reaches_by_a_token_what_its_posts_reach_and_nothing_of_a_sibling_outlet(
    gate, role
) -> None:
    rule = ROLE_RULES[role]
    people = gate.people
    wide = rule.sight in (Sight.BANK, Sight.NONE)
    person = testing.make_staff(role, people.bank if wide else people.outlet)
    here = testing.make_party(people.outlet, keeper=person if rule.sight is Sight.BOOK else None)
    there = testing.make_party(people.elsewhere, keeper=people.charlie)
    sees = Right.SEE_CUSTOMERS in rule.rights
    for pattern in CUSTOMER:
        own, far = (gate.ask(person, pattern.format(customer=one.uuid)).status_code for one in (here, there))
        assert own == (200 if sees else 403)
        assert far == (403 if not sees else 200 if rule.sight is Sight.BANK else 404)
    for path, right in RIGHTS.items():
        assert gate.ask(person, path).status_code == (200 if right in rule.rights else 403), path
    if Right.EXPORT_CUSTOMERS in rule.rights and rule.sight is not Sight.BANK:
        listed = {one["uuid"] for one in gate.ask(person, "customers").json()["items"]}
        assert str(there.uuid) not in listed


@pytest.mark.parametrize("role", ["relationship_manager", "teller", "outlet_head", "supervisor", "analyst"])
def test_the_api_shows_no_value_that_the_persons_page_does_not(gate, role) -> None:
    people = gate.people
    person = testing.make_staff(role, people.bank if role == "analyst" else people.outlet)
    customer = testing.make_party(
        people.outlet, keeper=person, name="欧阳明月", id_masked="320***********1234", risk_grade="C3"
    )  # fmt: skip
    with testing.everything():
        customer.contact_points.create(kind="mobile", token="t" * 64, masked="138****5678")
    client = testing.client_of(person)
    page = b"".join(
        client.get(reverse(name, args=[customer.uuid])).content for name in ("desk:customer", "desk:rest")
    ).decode()
    told = gate.ask(person, f"customers/{customer.uuid}").json()
    shown = [told["name"], told["risk_grade"], *(one["masked"] for one in told["contacts"])]
    assert [value for value in shown if value and value not in page] == []
    if told["id_masked"]:
        assert "欧阳明月" in page
