"""F20, F21, F34: what people and files may type. Nothing reaches the database as SQL or the browser as a script."""

import os
import random
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, sync_playwright
from tests.chromium import ABSENT, CHROMIUM

from guanxi.crm import testing
from guanxi.crm.customers.models import Identifier, NameGram, Party
from guanxi.crm.customers.rules import grams_of
from guanxi.crm.organisation.models import Staff

pytestmark = pytest.mark.django_db
QUOTES = ("'", '"', "')", "';", "\\'", "%27", "＇", "' ", "'))", "$$")
TAILS = (
    "OR 1=1 --",
    "; DROP TABLE customers_party; --",
    "UNION SELECT NULL, NULL --",
    "AND 1=(SELECT 1/0)",
    "; SELECT pg_sleep(5) --",
    "|| (SELECT version()) ||",
    "; COPY customers_party TO PROGRAM 'id' --",
    "; SELECT set_config('guanxi.reach', 'bank', true) --",
    "{{7*7}}",
    "%s %(q)s {0} \x01",
    "); DELETE FROM audit_customerview; --",
    "/**/OR/**/TRUE",
    "\x00",
    "\ud7ff\uffff",
    "AND (SELECT COUNT(*) FROM customers_vaultentry) > 0",
    "::int",
    "LIKE '%'",
    "ORDER BY 99",
    "\n\r\t",
    "1e309",
)
INJECTIONS = [quote + tail for quote, tail in product(QUOTES, TAILS)]
LIST_FIELDS = ("text", "tier", "stage", "unit", "keeper", "aum_from", "aum_to", "family", "kind", "watch", "sort",
               "after", "before", "columns")  # fmt: skip
SCRIPTS = (
    "<script>hit()</script>",
    "<img src=x onerror=hit()>",
    '"><svg onload=hit()>',
    "'onmouseover='hit()",
    "</title><script>hit()</script>",
    "{{constructor.constructor('hit()')()}}",
    "<iframe srcdoc='<script>parent.hit()</script>'>",
    "<a href=javascript:hit()>王</a>",
    "<details open ontoggle=hit()>",
    "<div hx-get=/sign-out hx-trigger=load>",
    "<style>@import 'x'</style>",
    "<base href=//x>",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "<!--><script>hit()</script>",
    "\u2028<script>hit()</script>",
    "<math><mi xlink:href='javascript:hit()'>",
    "<input autofocus onfocus=hit()>",
    "${hit()}",
    "<video><source onerror=hit()>",
    "]]><script>hit()</script>",
)


@pytest.fixture
def screen() -> testing.Screen:
    return testing.make_screen()


def counted() -> list[int]:
    with testing.everything():
        return [
            Party.objects.count(),
            NameGram.objects.count(),
            Identifier.objects.count(),
            Staff.objects.count(),
        ]


def answers_to(client, text: str) -> Iterator[tuple[str, int]]:
    """The status of everything that takes text, asked with this text."""
    yield "search", client.post("/search", {"q": text}).status_code
    yield "quick search", client.post("/search", {"q": text}, HTTP_HX_REQUEST="true").status_code
    yield "arrival", client.post("/counter/", {"number": text}).status_code
    yield "filter", client.post("/customers/filter", {"text": text, "kept": text}).status_code
    for field in LIST_FIELDS:
        yield field, client.get(f"/customers/?{urlencode({field: text})}").status_code


def try_injections(screen, texts) -> int:
    client, before, asked = testing.client_of(screen.people.head), counted(), 0
    for text in texts:
        for place, status in answers_to(client, text):
            assert status < 500, f"{place} with {text!r}: {status}"
            asked += 1
    assert counted() == before
    return asked


def test_what_looks_like_sql_is_only_text_wherever_it_is_typed(screen) -> None:
    chance = random.Random(3)  # noqa: S311  # the same sample each time
    assert try_injections(screen, chance.sample(INJECTIONS, 12)) == 12 * (len(LIST_FIELDS) + 4)


@pytest.mark.faults
def test_two_hundred_injections_in_every_field_have_no_effect(screen) -> None:
    assert len(INJECTIONS) == 200
    assert try_injections(screen, INJECTIONS) > 2_000


def pages_of(screen, name: str) -> list[str]:
    """The list, the search and the whole customer page of a customer with this name."""
    party = testing.make_party(screen.people.outlet, keeper=screen.people.alice, name=name)
    testing.make_score(party, screen.run, aum_fen=1_000, tier_scheme="person", tier_rank=1, stage="growing")
    client = testing.client_of(screen.people.alice)
    customer = f"/customers/{party.uuid}/"
    panels = (
        "rest",
        "holdings",
        "relations",
        "contacts",
        "credit",
        "wealth",
        "value",
        "stage",
        "changes",
        "timeline",
    )
    asked = [client.get("/customers/"), client.get(customer), client.post("/search", {"q": name[:64]})]
    asked += [client.get(customer + panel) for panel in panels]
    return [answer.content.decode() for answer in asked if answer.status_code == 200]


def test_a_name_that_is_markup_stands_as_text_on_every_page_of_the_customer(screen) -> None:
    for name in SCRIPTS[:6]:
        pages = pages_of(screen, name)
        assert len(pages) >= 11
        for page in pages:
            assert "<script>hit()" not in page
            assert "<img src=x" not in page
            assert "<svg onload" not in page


def run_in_browser(pages: list[str]) -> list[str]:
    """Open the pages as they were sent, without the content policy that would stop a script: what ran anyway.

    The browser lives within this call: while Playwright runs, Django refuses its database.
    """
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(ABSENT)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            return _ran(browser.new_context(), pages)
        finally:
            browser.close()


def _ran(context: BrowserContext, pages: list[str]) -> list[str]:
    ran: list[str] = []
    context.expose_function("hit", lambda: ran.append("hit"))
    context.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    for html in pages:
        page.set_content(html, wait_until="domcontentloaded")
        page.wait_for_timeout(20)
    return ran


@pytest.mark.browser
def test_the_browser_would_tell_if_a_script_ran() -> None:
    assert run_in_browser(["<img src=x onerror=hit()>", "<script>hit()</script>"])


@pytest.fixture
def pages(screen, request) -> list[str]:
    return [page for name in SCRIPTS[: request.param] for page in pages_of(screen, name)]


@pytest.mark.browser
@pytest.mark.parametrize("pages", [2], indirect=True)
def test_no_script_in_a_name_runs_in_a_browser(pages) -> None:
    assert run_in_browser(pages) == []


@pytest.mark.browser
@pytest.mark.faults
@pytest.mark.parametrize("pages", [len(SCRIPTS)], indirect=True)
def test_no_script_of_twenty_kinds_runs_on_any_page(pages) -> None:
    assert len(pages) >= 200
    assert run_in_browser(pages) == []


RARE = ("𠮷", "䶮", "㛃", "𬭚", "\ue863", "欧阳", "·", "ё", "ا", "\u200b", "é", "ﾜ", "０", "𝐀")


def rare_names(count: int) -> list[str]:
    chance = random.Random(9)  # noqa: S311  # the same names each time
    made = {
        "𠮷",
        "阿卜杜热合曼·买买提依明·艾合买提江·吐尔逊",
        "王",
        "Ömer Özgür",
        "司徒䶮",
        "\u674e\u200b\u56db",
    }
    while len(made) < count:
        made.add(
            "".join(
                chance.choices([*RARE, "王", "李", "买", "提", "a", "B"], k=chance.randint(1, 30))
            ).strip()
        )
    return sorted(name for name in made if name.strip())[:count]


def check_names(screen, count: int) -> None:
    client = testing.client_of(screen.people.alice)
    for name in rare_names(count):
        party = testing.make_party(screen.people.outlet, keeper=screen.people.alice, name=name)
        with testing.everything():
            assert Party.objects.get(pk=party.pk).name == name
        answer = client.post("/search", {"q": name})
        assert answer.status_code in {200, 302}, repr(name)
        if len(grams_of(name)) > 1:
            found = answer.status_code == 302 or str(party.uuid) in answer.content.decode()
            assert found, repr(name)
        with testing.everything():
            NameGram.objects.filter(party=party).delete()


def test_rare_names_are_kept_exactly_and_found(screen) -> None:
    check_names(screen, 25)


@pytest.mark.faults
def test_many_rare_names_are_kept_exactly_and_found(screen) -> None:
    check_names(screen, int(os.environ.get("GUANXI_FAULT_TRIALS", "2000")))
