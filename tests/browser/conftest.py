"""The bank of the journeys, and people who sign in to it; whatever their browsers complained about fails the test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.bank import Bank, served_bank
from tests.browser.person import Person
from tests.chromium import DESKTOP, PHONE, Complaints, browser, needs_chromium, picture

from guanxi.project.embedded import Cluster

__all__ = ["browser"]

SignsIn = Callable[..., Person]
PATIENCE = 60_000  # milliseconds, on a machine that others use too


@pytest.fixture(scope="session")
def bank(test_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """1,500 customers over six months, published in two nights, and the server in front of them."""
    needs_chromium()
    with served_bank(test_cluster, tmp_path_factory.mktemp("bank")) as bank:
        yield bank


@pytest.fixture
def signs_in(browser: Browser, bank: Bank, request: pytest.FixtureRequest) -> Iterator[SignsIn]:
    """Lets a person of a role sign in: `signs_in("teller")`, `signs_in("outlet_head", phone=True)`."""
    people: list[Person] = []

    def person(role: str, *, phone: bool = False) -> Person:
        width, height = PHONE if phone else DESKTOP
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai",
            has_touch=phone, is_mobile=phone, accept_downloads=True,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        # Chosen at the door, so that no journey depends on the language another one left behind.
        context.add_cookies([{"name": "guanxi_language", "value": "zh-hans", "url": bank.address}])
        complaints = Complaints()
        complaints.listen(context)
        made = Person(role, bank, context, context.new_page(), complaints)
        people.append(made)
        made.signs_in()
        return made

    yield person
    for one in people:
        # What was on the screen at the end: the first thing to look at where a journey fails.
        one.page.screenshot(path=picture(f"end-{request.node.name}-{one.role}"))
        one.context.close()
    assert [line for one in people for line in one.complaints.words()] == []


@pytest.fixture
def phone(browser: Browser, bank: Bank) -> Iterator[Page]:
    """A customer's own phone: nobody is signed in."""
    width, height = PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai", is_mobile=True,
        has_touch=True,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "guanxi_language", "value": "zh-hans", "url": bank.address}])
    yield context.new_page()
    context.close()
