"""Somebody at a browser: signs in, opens pages, reads what stands there, and keeps a picture of it."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page
from tests.browser.bank import Bank
from tests.chromium import Complaints, picture

# A part is there when it no longer shows the grey lines that stand for it; charts draw after their part.
SETTLED = """() => !document.querySelector('[data-part] .skeleton, [data-comes-with] .skeleton, .htmx-request')
  && [...document.querySelectorAll('.chart-box')]
    .every((box) => box.offsetParent === null || box.querySelector('canvas'))"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Person:
    """One signed-in person in a browser context of their own."""

    role: str
    bank: Bank
    context: BrowserContext
    page: Page
    complaints: Complaints

    def signs_in(self) -> None:
        """Through the door, as everybody does."""
        login = self.bank.logins[self.role]
        self.page.goto(f"{self.bank.address}/sign-in")
        self.page.fill("[name=staff_no]", login["staff_no"])
        self.page.fill("[name=password]", login["password"])
        self.page.locator("main form").first.locator("button[type=submit]").click()
        self.page.wait_for_url(f"{self.bank.address}/")
        self.settled()

    def opens(self, path: str) -> None:
        """A page of the workbench, until all its parts are there."""
        self.page.goto(self.bank.address + path)
        self.settled()

    def clicks(self, target: Locator) -> None:
        """Something that leads to another page."""
        before = self.page.url
        target.click()
        self.page.wait_for_url(lambda now: now != before)
        self.settled()

    def goes_to(self, area: str, page: str = "") -> None:
        """An area of the rail, and a page of its strip unless it opens with that one."""
        self.clicks(self.page.locator(".rail").get_by_role("link", name=area))
        strip = self.page.locator(".inner-places")
        if page and strip.get_by_role("link", name=page).get_attribute("aria-current") is None:
            self.clicks(strip.get_by_role("link", name=page))

    def settled(self) -> None:
        """Wait until every part has loaded and every chart is drawn."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function(SETTLED)

    def refused(self, path: str) -> int:
        """The status of an address that this person must not reach; what the browser says about it is meant."""
        answer = self.page.goto(self.bank.address + path)
        assert answer is not None
        self.complaints.forget(self.bank.address + path)
        return answer.status

    def words(self, place: str = "main") -> str:
        """What stands there, with no-break spaces as plain ones."""
        return plain(self.page.locator(place).first.inner_text())

    def panel(self, title: str) -> Locator:
        """The panel under this heading."""
        heading = self.page.locator(".panel-head h2", has_text=re.compile(rf"^{re.escape(title)}$"))
        return self.page.locator(".panel", has=heading)

    def figures(self) -> dict[str, str]:
        """The figures of the page by their labels."""
        found = self.page.locator("main .figure").all()
        return {
            plain(one.locator(".figure-label").inner_text()): plain(one.locator(".figure-value").inner_text())
            for one in found
        }

    def cells(self, table: Locator) -> list[list[str]]:
        """The body of a table, row by row."""
        return [
            [plain(cell) for cell in row.locator("th, td").all_inner_texts()]
            for row in table.locator("tbody > tr").all()
        ]

    def searches(self, typed: str) -> list[str]:
        """Type into the box at the top; the titles of what it offers."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/search")):
            self.page.fill("#search", "")
            self.page.locator("#search").press_sequentially(typed)
        self.page.wait_for_load_state("networkidle")
        return [
            plain(title)
            for title in self.page.locator("#search-results .search-result-title").all_inner_texts()
        ]

    def takes(self, link: Locator) -> Path:
        """The file behind a download button."""
        with self.page.expect_download() as taken:
            link.click()
        return Path(taken.value.path())

    def picture(self, name: str, *, whole: bool = True) -> None:
        """Keep what is seen; a page that must be pushed sideways to be read is a fault wherever it is seen."""
        assert not self.page.evaluate(SIDEWAYS), f"{name} is wider than the screen"
        # A taller screen and no stitching: the bar under the thumb stays at the foot.
        width, height = self.page.viewport_size["width"], self.page.viewport_size["height"]
        tall = max(height, self.page.evaluate("document.documentElement.scrollHeight")) if whole else height
        self.page.set_viewport_size({"width": width, "height": tall})
        self.page.screenshot(path=picture(name))
        self.page.set_viewport_size({"width": width, "height": height})


def plain(text: str) -> str:
    """Words as a reader compares them: no-break spaces are spaces, no blanks around."""
    return text.replace("\u00a0", " ").strip()
