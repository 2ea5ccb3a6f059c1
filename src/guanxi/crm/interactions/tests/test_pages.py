"""The contact form, the list of promises and the customer's line, as people see them."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from guanxi.crm import testing
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.interactions.services import PromiseDraft
from guanxi.crm.interactions.tests.test_services import TODAY, written
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _today(settings) -> None:
    settings.GUANXI_TODAY = TODAY.isoformat()
    settings.LANGUAGE_CODE = "zh-hans"


@pytest.fixture
def screen() -> testing.Screen:
    testing.make_policies("interaction")
    return testing.make_screen()


def filled(**more) -> dict[str, str]:
    return {
        "channel": "call",
        "outcome": "reached_later",
        "at": "2026-11-01T09:30",
        "client_key": str(uuid.uuid4()),
    } | more


def address(screen: testing.Screen) -> str:
    return f"/interactions{screen.address}log"


def test_the_form_offers_the_outcomes_of_the_policy_and_slides_in_for_htmx(screen) -> None:
    client = testing.client_of(screen.people.alice)
    page = client.get(address(screen)).content.decode()
    part = client.get(address(screen), headers={"HX-Request": "true"}).content.decode()
    assert "接通有意向" in page
    assert "<html" in page
    assert "接通有意向" in part
    assert "<html" not in part
    assert 'data-step="invite"' in part


def test_a_contact_sent_by_hand_leads_back_to_the_customer_and_stands_on_the_line(screen) -> None:
    client = testing.client_of(screen.people.alice)
    told = filled(
        next_step="call_again",
        due_on="2026-11-05",
        intent_family="time",
        intent_wan="30",
        note="儿子年底结婚",
    )
    answer = client.post(address(screen), told)
    assert (answer.status_code, answer.headers["Location"]) == (302, screen.address)
    with acting_as(screen.people.alice, today=TODAY):
        contact = Contact.objects.get()
        promise = Promise.objects.get()
    assert contact.intent_fen == 30_000_000
    assert (promise.text, promise.due_on.isoformat(), promise.contact_id) == (
        "再次联系",
        "2026-11-05",
        contact.pk,
    )
    line = client.get(f"{screen.address}timeline").content.decode()
    assert "电话 · 接通再联系 · 约定：定期存款 30.00\xa0万元 · 儿子年底结婚" in line


def test_a_script_gets_its_answer_as_json_and_the_same_key_twice_is_one_contact(screen) -> None:
    client = testing.client_of(screen.people.alice)
    told = filled()
    first, again = (client.post(address(screen), told, headers=JSON) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    with testing.everything():
        assert Contact.objects.count() == 1


def test_what_does_not_fit_is_said_in_words_with_the_fields_name(screen) -> None:
    client = testing.client_of(screen.people.alice)
    wrong = filled(outcome="not_met", next_step="visit")
    answer = client.post(address(screen), wrong, headers=JSON)
    assert answer.status_code == 422
    assert json.loads(answer.content)["errors"] == ["到期日：请填写到期日。"]
    answer = client.post(address(screen), filled(outcome="not_met"), headers=JSON)
    assert json.loads(answer.content)["errors"] == ["该结果不适用于此联系方式。"]
    page = client.post(address(screen), wrong)
    assert page.status_code == 422
    assert "请填写到期日" in page.content.decode()


def test_a_phone_whose_clock_runs_ahead_has_meant_now(screen) -> None:
    client = testing.client_of(screen.people.alice)
    ahead = filled(at="2026-11-02T09:30", source="offline")
    assert client.post(address(screen), ahead, headers=JSON).status_code == 201
    assert client.post(address(screen), filled(at="2026-11-02T09:30"), headers=JSON).status_code == 422
    with testing.everything():
        assert Contact.objects.get().day == TODAY


def test_the_shell_that_a_browser_keeps_names_no_customer(screen) -> None:
    client = testing.client_of(screen.people.alice)
    shell = client.get("/interactions/form").content.decode()
    assert screen.people.customer.name not in shell
    assert str(screen.people.customer.uuid) not in shell
    assert "data-shell" in shell


def test_the_queue_asks_who_is_signed_in_and_gets_a_token_that_works(screen) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(screen.people.alice)
    told = client.get("/interactions/standing").json()
    assert told["who"] == screen.people.alice.staff_no
    headers = JSON | {"X-CSRFToken": told["token"]}
    assert client.post(address(screen), filled(), headers=headers).status_code == 201
    assert client.post(address(screen), filled(), headers=JSON).status_code == 403


def test_the_worker_is_served_as_a_script_from_its_own_folder(screen) -> None:
    answer = testing.client_of(screen.people.alice).get("/interactions/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_the_queue_runs_on_every_page_of_who_may_log_and_on_no_other(screen) -> None:
    manager = testing.client_of(screen.people.alice).get("/").content.decode()
    analyst = testing.client_of(testing.make_staff("analyst", screen.people.bank)).get("/").content.decode()
    assert "interactions/log.js" in manager
    assert "interactions/log.js" not in analyst


def promised(screen: testing.Screen, *days: int) -> list[Promise]:
    for number in days:
        written(screen.people, promise=PromiseDraft(f"承诺{number}", TODAY + timedelta(days=max(0, number))))
    with testing.everything():
        made = list(Promise.objects.order_by("pk"))
        for number, promise in zip(days, made, strict=True):
            Promise.objects.filter(pk=promise.pk).update(due_on=TODAY + timedelta(days=number))
    return made


def test_the_tabs_of_promises_part_due_overdue_and_open(screen) -> None:
    promised(screen, -2, 0, 3, 4)
    client = testing.client_of(screen.people.alice)
    due = client.get("/interactions/promises").content.decode()
    overdue = client.get("/interactions/promises?state=overdue").content.decode()
    everything = client.get("/interactions/promises?state=open").content.decode()
    assert [f"承诺{n}" in due for n in (-2, 0, 3, 4)] == [False, True, True, False]
    assert [f"承诺{n}" in overdue for n in (-2, 0, 3, 4)] == [True, False, False, False]
    assert [f"承诺{n}" in everything for n in (-2, 0, 3, 4)] == [False, True, True, True]
    assert "逾期 2 天" in overdue


def test_a_head_sees_the_teams_promises_and_a_colleague_none_of_them(screen) -> None:
    promised(screen, 1)
    people = screen.people
    head = testing.client_of(people.head)
    assert "承诺1" in head.get("/interactions/promises").content.decode()
    assert "承诺1" not in head.get("/interactions/promises?own=1").content.decode()
    assert "承诺1" not in testing.client_of(people.bob).get("/interactions/promises").content.decode()


def test_one_tap_keeps_a_promise_and_the_line_says_so(screen) -> None:
    (promise,) = promised(screen, 1)
    client = testing.client_of(screen.people.alice)
    answer = client.post(f"/interactions/promises/{promise.pk}/keep", {"back": screen.address})
    assert (answer.status_code, answer.headers["Location"]) == (302, screen.address)
    with testing.everything():
        promise.refresh_from_db()
    assert promise.state == "kept"
    assert "承诺兑现：承诺1" in client.get(f"{screen.address}timeline").content.decode()


def test_taking_a_promise_back_needs_a_reason_and_never_leads_away_from_the_program(screen) -> None:
    (promise,) = promised(screen, 1)
    client = testing.client_of(screen.people.alice)
    place = f"/interactions/promises/{promise.pk}/withdraw"
    assert client.post(place, {"note": ""}).status_code == 422
    answer = client.post(place, {"note": "客户改期", "back": "https://elsewhere.example/"})
    assert answer.headers["HX-Redirect"] == "/interactions/promises"


def test_an_analyst_reads_neither_notes_nor_what_was_promised(screen) -> None:
    written(screen.people, note="儿子结婚", promise=PromiseDraft("带婚庆贷资料", TODAY))
    analyst = testing.client_of(testing.make_staff("analyst", screen.people.bank))
    page = analyst.get(f"{screen.address}rest").content.decode()
    assert "电话 · 接通再联系" in page
    assert "儿子结婚" not in page
    assert "婚庆贷" not in page


def test_the_customer_page_has_the_button_for_who_may_log(screen) -> None:
    manager = testing.client_of(screen.people.alice).get(screen.address).content.decode()
    analyst = testing.client_of(testing.make_staff("analyst", screen.people.bank))
    assert "data-log-button" in manager
    # On the phone the head's actions are the bar under the thumb.
    assert "data-log-button" in manager.partition("page-actions main-actions")[2].partition("</header>")[0]
    assert "data-log-button" not in analyst.get(screen.address).content.decode()
