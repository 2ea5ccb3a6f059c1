"""The pictures of the README, from a served demo bank:

    make demo                                    (in another terminal; note the address it prints)
    .venv/bin/python -m tests.browser.pictures http://127.0.0.1:8000 var

The second word is the folder where that demo keeps what it made (GUANXI_HOME). All customers in it are made up.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.chromium import CHROMIUM, DESKTOP, ROOT

from guanxi.project.embedded import locate

IMAGES = ROOT / "docs" / "images"
TALLEST = 1560  # points of a picture that still reads well on a page
GOLD_WITH_A_STORY = """
SELECT party.uuid::text FROM customers_party AS party
JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.kind = 'person' AND score.tier_scheme = 'person' AND score.tier_rank = 4 AND score.next_gap_fen > 0
  AND score.accounts_open BETWEEN 4 AND 6 AND (score.details->'value'->>'family_count')::int > 0
  AND EXISTS (SELECT 1 FROM scores_maturity AS due WHERE due.party_id = party.id)
ORDER BY score.families_held DESC, score.composite_score DESC, party.id LIMIT 1
"""


def main(address: str, home: str) -> None:
    """Sign in as the people concerned and write docs/images/customer.png and daily.png."""
    told = json.loads((Path(home) / "demo" / "demo-logins.json").read_text(encoding="utf8"))
    logins = {login["role"]: login for login in told}
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, role, path in (
            ("customer", "supervisor", f"/customers/{gold_customer(Path(home))}/"),
            ("daily", "outlet_head", "/reports/daily"),
        ):
            width, height = DESKTOP
            page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
            sign_in(page, address, logins[role])
            take(page, address + path, IMAGES / f"{name}.png")
            page.close()
        browser.close()


def gold_customer(home: Path) -> str:
    """The uuid of a gold customer (金卡客户) whose page has something in every panel."""
    import psycopg

    with psycopg.connect(locate(home).url("pipeline", "guanxi_demo")) as store:
        found = store.execute(GOLD_WITH_A_STORY.encode()).fetchone()
    assert found is not None, "no gold customer with all of this; is the demo bank published?"
    return str(found[0])


def sign_in(page: Page, address: str, login: dict[str, str]) -> None:
    """Through the door."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=staff_no]", login["staff_no"])
    page.fill("[name=password]", login["password"])
    page.locator("main form").first.locator("button[type=submit]").click()
    page.wait_for_url(f"{address}/")


def take(page: Page, address: str, file: Path) -> None:
    """The page with all its parts, as tall as it is up to what reads well."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": DESKTOP[0], "height": height})
    page.wait_for_timeout(800)
    page.screenshot(path=file)
    print(f"{file}: {file.stat().st_size / 1024:.0f} KB")  # noqa: T201  # a script says what it made


if __name__ == "__main__":
    main(*sys.argv[1:3])
