"""The day's list on the first page, one row slid in, the contact that closes it, and who may do what."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import ContactPoint
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.organisation.models import Staff
from guanxi.crm.testing import Screen
from guanxi.crm.worklist.models import Task

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
TODAY = testing.TODAY


@pytest.fixture(autouse=True)
def _bank_day(settings) -> None:
    settings.GUANXI_TODAY = TODAY.isoformat()


@pytest.fixture
def screen() -> Screen:
    testing.make_policies("worklist", "interaction", "access")
    return testing.make_screen()


def task_of(screen: Screen, assignee: Staff | None = None, **more: Any) -> Task:
    people = screen.people
    told = {
        "party": people.customer, "unit": people.outlet, "keeper_id": people.alice.pk, "origin": "maturity",
        "assignee": assignee or people.alice, "subject": str(uuid.uuid4()), "due_on": TODAY, "opened_on": TODAY,
        "value_fen": 30_000_000,
        "reason": {"code": "maturity", "product": "一年定期", "amount_fen": 30_000_000, "day_on": "2026-11-01"},
    } | more  # fmt: skip
    with testing.everything():
        return Task.objects.create(**told)


def text_of(client: Client, address: str, **more: Any) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == 200
    return answer.content.decode()


def sent(outcome: str = "reached_later", channel: str = "call", **more: Any) -> dict[str, Any]:
    told = {
        "channel": channel, "outcome": outcome, "at": "2026-11-01T09:30", "client_key": str(uuid.uuid4()),
        "source": "screen", "note": "已说明",
    }  # fmt: skip
    return told | more


def post(staff: Staff, address: str, told: dict[str, Any]) -> Any:
    return testing.client_of(staff).post(address, told, headers={"Accept": "application/json"})


def states() -> dict[int, str]:
    with testing.everything():
        return dict(Task.objects.values_list("pk", "state"))


def test_the_first_page_of_a_manager_is_the_days_list_with_a_full_sentence_and_the_money(screen) -> None:
    task_of(screen)
    page = text_of(testing.client_of(screen.people.alice), "/")
    assert "一年定期 30.00 万元 2026-11-01 到期，未约定转存。" in page.replace("\u2009", " ").replace(
        "\xa0", " "
    )
    assert "金卡" in page
    assert "0 / 1" in page or "已办 0" in page


def test_several_tasks_of_one_customer_are_one_row(screen) -> None:
    for _n in range(4):
        task_of(screen)
    page = text_of(testing.client_of(screen.people.alice), "/worklist/today")
    assert page.count("data-task=") == 1
    assert "另有 1 条" in page


def test_what_does_not_fit_is_told_with_why(screen) -> None:
    task_of(screen, state="snoozed", snoozed_until=TODAY + timedelta(days=2), snooze_reason="not_reached")
    task_of(screen, due_on=TODAY + timedelta(days=20))
    page = text_of(testing.client_of(screen.people.alice), "/worklist/rest")
    assert "未联系上" in page
    assert "2026-11-11" in page


def test_a_contact_closes_the_ticked_tasks_and_keeps_the_ticked_promise_in_one_step(screen) -> None:
    people = screen.people
    with testing.everything():
        promise = Promise.objects.create(
            party=people.customer, unit=people.outlet, keeper_id=people.alice.pk, staff=people.alice, step="other",
            text="回电", made_on=TODAY, due_on=TODAY,
        )  # fmt: skip
    one, two, three = task_of(screen), task_of(screen), task_of(screen)
    told = sent() | {f"close_{one.pk}": "on", f"close_{two.pk}": "on", f"kept_{promise.pk}": "on"}
    assert post(people.alice, f"/worklist/{one.pk}/log", told).status_code == 201
    assert states() == {one.pk: "done", two.pk: "done", three.pk: "open"}
    with testing.everything():
        contact = Contact.objects.get()
        assert set(Task.objects.filter(contact=contact).values_list("pk", flat=True)) == {one.pk, two.pk}
        assert Promise.objects.get().state == "kept"
    verbs = set(ChangeLog.objects.values_list("verb", flat=True))
    assert {"interactions.contact_logged", "worklist.done", "interactions.promise_kept"} <= verbs


def test_the_same_contact_sent_twice_is_done_once(screen) -> None:
    task = task_of(screen)
    told = sent() | {f"close_{task.pk}": "on"}
    for _n in range(2):
        assert post(screen.people.alice, f"/worklist/{task.pk}/log", told).status_code == 201
    with testing.everything():
        assert Contact.objects.count() == 1
    assert ChangeLog.objects.filter(verb="worklist.done").count() == 1


def test_who_was_not_reached_keeps_the_task_put_off_to_the_next_step(screen) -> None:
    task = task_of(screen)
    told = sent("not_reached") | {f"close_{task.pk}": "on", "next_step": "call_again", "due_on": "2026-11-04"}
    assert post(screen.people.alice, f"/worklist/{task.pk}/log", told).status_code == 201
    with testing.everything():
        task.refresh_from_db()
    assert (task.state, task.snoozed_until, task.snooze_reason) == (
        "snoozed",
        date(2026, 11, 4),
        "not_reached",
    )


def test_a_contact_that_cannot_be_kept_closes_nothing(screen) -> None:
    task = task_of(screen)
    answer = post(
        screen.people.alice,
        f"/worklist/{task.pk}/log",
        sent(at="2026-11-02T09:30") | {f"close_{task.pk}": "on"},
    )
    assert answer.status_code == 422
    assert states() == {task.pk: "open"}


def test_only_ones_own_tasks_can_be_closed_with_a_contact(screen) -> None:
    own = task_of(screen)
    others = task_of(screen, assignee=screen.people.head, subject="of the head")
    told = sent() | {f"close_{own.pk}": "on", f"close_{others.pk}": "on"}
    assert post(screen.people.alice, f"/worklist/{own.pk}/log", told).status_code == 201
    assert states() == {own.pk: "done", others.pk: "open"}


def test_one_row_shows_what_to_say_the_phone_one_tap_away_and_the_form(screen) -> None:
    with testing.everything():
        ContactPoint.objects.create(
            party=screen.people.customer, kind="mobile", token="t", masked="138****2210", is_primary=True
        )
    task = task_of(screen)
    page = text_of(
        testing.client_of(screen.people.alice), f"/worklist/{task.pk}/", headers={"HX-Request": "true"}
    )
    assert "问资金用途" in page
    assert "138****2210" in page
    assert f'name="close_{task.pk}"' in page
    assert "data-log=" in page


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 404), ("charlie", 404), ("head", 200)])
def test_a_task_opens_for_its_keeper_and_the_head_and_nobody_else(screen, who, status) -> None:
    task = task_of(screen)
    client = testing.client_of(getattr(screen.people, who))
    assert client.get(f"/worklist/{task.pk}/").status_code == status
    assert client.post(f"/worklist/{task.pk}/done").status_code == (302 if status == 200 else 404)


def test_a_teller_has_five_rows_and_the_card_question_above_them(screen) -> None:
    people = screen.people
    teller = testing.make_staff("teller", people.outlet)
    for number in range(8):
        party = testing.make_party(people.outlet, keeper=teller, name=f"张{number}")
        task_of(screen, assignee=teller, party=party, keeper_id=teller.pk)
    page = text_of(testing.client_of(teller), "/")
    assert page.count("data-task=") == 5
    assert "未列入今日" in page


def test_putting_off_and_handing_on_ask_first(screen) -> None:
    task = task_of(screen)
    teller = testing.make_staff("teller", screen.people.outlet, name="赵柜员")
    client = testing.client_of(screen.people.alice, headers={"HX-Request": "true"})
    assert "客户约改日" in text_of(client, f"/worklist/{task.pk}/snooze")
    assert (
        client.post(f"/worklist/{task.pk}/snooze", {"reason": "", "until": "2026-11-03"}).status_code == 422
    )
    assert (
        client.post(f"/worklist/{task.pk}/snooze", {"reason": "waiting", "until": "2027-11-03"}).status_code
        == 422
    )
    assert (
        client.post(f"/worklist/{task.pk}/snooze", {"reason": "waiting", "until": "2026-11-03"}).status_code
        == 204
    )
    assert "赵柜员" in text_of(client, f"/worklist/{task.pk}/hand")
    answer = client.post(f"/worklist/{task.pk}/hand", {"to": str(teller.pk)})
    assert (answer.status_code, "guanxi:worklist" in answer.headers["HX-Trigger"]) == (204, True)
    assert states()[task.pk] == "handed_on"


def test_a_task_by_hand_is_ones_own_or_from_the_head_the_keepers(screen) -> None:
    people = screen.people
    told = {"text": "送对账单", "due_on": "2026-11-02", "customer": str(people.customer.uuid)}
    testing.client_of(people.alice).post("/worklist/add", told)
    testing.client_of(people.alice).post("/worklist/add", told)
    testing.client_of(people.head).post("/worklist/add", told | {"text": "回访", "to_keeper": "on"})
    with testing.everything():
        rows = {(task.reason["text"], task.assignee, task.opened_by) for task in Task.objects.all()}
    assert rows == {("送对账单", people.alice, people.alice), ("回访", people.alice, people.head)}
    assert testing.client_of(people.charlie).post("/worklist/add", told).status_code == 404
    late = testing.client_of(people.alice).post("/worklist/add", {"text": "x", "due_on": "2026-10-31"})
    assert late.status_code == 422


def test_the_customer_page_says_why_today_opens_ones_own_task_and_names_a_colleagues(screen) -> None:
    people = screen.people
    own = task_of(screen)
    task_of(screen, people.head, reason={"code": "manual", "text": "送对账单"})
    task_of(screen, reason={"code": "manual", "text": "年底再约"}, due_on=TODAY + timedelta(days=60))
    panel = text_of(testing.client_of(people.alice), f"{screen.address}rest").split('id="part-why"')[1]
    panel = panel.split('id="part-promises"')[0]
    assert f'hx-get="/worklist/{own.pk}/"' in panel
    assert "2026-11-01 到期，未约定转存" in panel
    assert f'送对账单 <span class="muted">今日到期</span> <span class="muted">{people.head.name}' in panel
    assert "另有 1 项未到期或已暂缓" in panel
    assert "年底再约" not in panel
    assert f"/worklist/add?customer={people.customer.uuid}" in panel


def test_a_role_without_a_list_has_no_panel_of_reasons(screen) -> None:
    task_of(screen)
    analyst = testing.client_of(testing.make_staff("analyst", screen.people.bank))
    assert "part-why" not in text_of(analyst, screen.address) + text_of(analyst, f"{screen.address}rest")
