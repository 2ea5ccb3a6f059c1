"""A manager's visit in the browser: planned from the customer page, prepared, minutes written, plan on paper.

Every request of the browser is answered by Django's own test client in the test's transaction: no server, no port.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route
from tests.chromium import DESKTOP, PHONE, browser, picture

from guanxi.crm import testing
from guanxi.crm.customers.models import Holding, Relation
from guanxi.crm.foresight.models import EarlyWarning, Signal
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.visits.models import MaintenancePlan, Visit

__all__ = ["browser"]
pytestmark = pytest.mark.django_db
HOST = "https://guanxi.test"
ONWARD = '<meta http-equiv="refresh" content="0;url={}">'
HERE = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def within_the_browsers_loop() -> Iterator[None]:
    """Playwright's loop runs in this thread; the database is asked by nobody else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


def make_story() -> testing.Screen:
    """A gold customer about whom there is something to say."""
    testing.make_policies("visit", "interaction", "suitability", "need", "worklist", "retention")
    screen = testing.make_screen()
    party, people, today = screen.people.customer, screen.people, timezone.localdate()
    copies = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id}
    with testing.everything():
        for number, (family, name, fen, matures) in enumerate((
            ("time", "整存整取一年", 30_000_000, today + timedelta(days=20)), ("demand", "活期储蓄", 4_311_842, None),
            ("wealth", "安心理财 90 天", 18_000_000, today + timedelta(days=71)),
        )):  # fmt: skip
            Holding.objects.create(
                party=party, account_no=f"A{number}", product_name=name, family=family, currency="CNY",
                balance_fen=fen, balance_base_fen=fen, matures_on=matures, rolls_over=False if matures else None,
            )  # fmt: skip
        contact = Contact.objects.create(
            staff=people.alice, author_name="Alice", channel="call", at=HERE - timedelta(days=20),
            day=date(2026, 10, 12), outcome="reached_later", note="客户说下月到期再定。",
            client_key="6b0e4b1c-0000-4000-8000-000000000001", logged_at=HERE, **copies,
        )  # fmt: skip
        Promise.objects.create(
            staff=people.alice, contact=contact, step="other", text="到期前三天电话提醒", made_on=date(2026, 10, 12),
            due_on=today + timedelta(days=17), **copies,
        )  # fmt: skip
        spouse = testing.make_party(people.outlet, keeper=people.alice, name="陈桂芳")
        Relation.objects.create(party=spouse, other=party, kind="spouse")
        EarlyWarning.objects.create(
            signal="outflow", signals=1, urgency=4, points=5, amount_fen=8_190_000, at_stake_fen=52_311_842,
            priority=1, state="listed", rank=1, listed_on=date(2026, 10, 31), **copies,
        )  # fmt: skip
        Signal.objects.create(
            party=party, signal="outflow", amount_fen=8_190_000, usual_fen=0, share=0.16, day=date(2026, 10, 23),
            place="农业银行", destination="own_name_bank", first_on=date(2026, 10, 30),
        )  # fmt: skip
    return screen


@pytest.fixture
def screen() -> testing.Screen:
    return make_story()


class Answering:
    """Answers a browser's requests through a signed-in test client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._connection = connections["default"]
        self.failed: list[str] = []

    def __call__(self, route: Route) -> None:
        # Playwright answers in a context of its own, in which Django would open another connection.
        connections["default"] = self._connection
        asked = route.request
        parts = urlsplit(asked.url)
        if parts.path.startswith("/static/"):
            route.fulfill(path=finders.find(parts.path.removeprefix("/static/")))
            return
        body = asked.post_data_buffer or b""
        headers = {name: value for name, value in asked.headers.items() if name.startswith("hx-")}
        where = f"{parts.path}?{parts.query}"
        kind = asked.headers.get("content-type", "application/octet-stream")
        answer = self._client.generic(asked.method, where, body, content_type=kind, headers=headers)
        if answer.status_code >= 400:
            self.failed.append(f"{answer.status_code} {where}")
        if 300 <= answer.status_code < 400:
            # What the browser follows by itself would leave for the network.
            self.failed += [f"sent to {answer['Location']}"] if "sign-in" in answer["Location"] else []
            route.fulfill(content_type="text/html", body=ONWARD.format(answer["Location"]))
            return
        told = {name: value for name, value in answer.items() if name.lower() != "content-length"}
        route.fulfill(status=answer.status_code, headers=told, body=answer.content)


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request, browser, screen) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", service_workers="block"
    )
    made = context.new_page()
    answering = Answering(testing.client_of(screen.people.alice, headers={"accept-language": "zh-hans"}))
    context.route("**/*", answering)
    complaints: list[str] = []
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []
    assert answering.failed == []


def shot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=picture(f"visit-{name}-{width}"), full_page=True)


def test_a_visit_from_the_customer_page_to_the_plan_on_paper(page, screen) -> None:
    page.goto(HOST + screen.address)
    page.get_by_role("link", name="预约拜访").first.click()
    today = page.get_attribute("[name=day]", "min") or ""
    page.fill("[name=day]", today)
    page.fill("[name=place]", "客户家中")
    shot(page, "new")
    page.get_by_role("button", name="预约").click()
    page.wait_for_url(re.compile(r"/visits/\d+/"))
    assert "农业银行" in page.inner_text("main")
    assert "到期前三天电话提醒" in page.inner_text("main")
    shot(page, "before")
    page.fill("[name=minutes]", "谈了三十万元定期到期的安排，客户倾向续存一年，留三成随时可取。")
    page.fill("[name=place]", "客户家中")
    page.check("[name=reached] >> nth=0")
    page.get_by_role("button", name="保存纪要").click()
    page.wait_for_url(re.compile("follow"))
    shot(page, "follow")
    page.get_by_role("button", name="制定方案").click()
    page.wait_for_url(re.compile("plans"))
    shot(page, "plan")
    with testing.everything():
        plan = MaintenancePlan.objects.get()
        assert Visit.objects.get().is_proven
    page.goto(f"{HOST}/visits/{plan.visit_id}/")
    shot(page, "after")
    page.goto(f"{HOST}/visits/?day={today}")
    shot(page, "week")


@pytest.mark.parametrize("sheet", ["prep.pdf", "plan.pdf"])
def test_the_sheets_are_files_and_taking_one_is_in_the_trail(screen, sheet) -> None:
    from tests.house.rooms.visits import things_of

    from guanxi.crm.audit.models import ExportLog

    people = screen.people
    things = things_of(people.customer, people.alice)
    address = (
        f"/visits/{things['visit']}/" if sheet == "prep.pdf" else f"/visits/plans/{things['maintenance']}/"
    )
    answer = testing.client_of(people.alice).get(address + sheet)
    assert answer.content.startswith(b"%PDF-")
    picture(sheet.removesuffix(".pdf")).with_suffix(".pdf").write_bytes(answer.content)
    (line,) = ExportLog.objects.all()
    assert (line.rows, len(line.content_hash), line.staff_no) == (1, 64, people.alice.staff_no)
    assert testing.client_of(people.bob).get(address + sheet).status_code == 404
