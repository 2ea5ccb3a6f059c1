"""The system's Chromium for tests: where it is, started once a module, and what it complained about.

Fixtures are taken up by name: `from tests.chromium import browser`.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("GUANXI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(os.environ.get("GUANXI_SCREENSHOTS") or ROOT / "var" / "screenshots")
DESKTOP = (1440, 900)
PHONE = (390, 844)
ABSENT = "no Chromium here: install Debian's chromium, or set GUANXI_CHROMIUM"


def needs_chromium() -> None:
    """Without Chromium skip what asks for it, and fail it where CI promises to have run it."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(ABSENT)


# For one module and no longer: while Playwright runs, its event loop would make Django refuse the tests after it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running browser."""
    needs_chromium()
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@dataclass
class Complaints:
    """What went wrong in a browser's context, as address and words: console, scripts, requests, content policy."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        """Hear every page of this context."""
        context.on("console", self._console)
        context.on(
            "weberror",
            lambda error: self.said.append((error.page.url if error.page else "", str(error.error))),
        )
        context.on("requestfailed", self._request)
        context.on("response", self._response)

    def forget(self, address: str) -> None:
        """Leave out what was said about one address: an answer that a test asked for knowing it is a refusal."""
        self.said = [(where, words) for where, words in self.said if where != address]

    def words(self) -> list[str]:
        """Everything said, one line each."""
        return [f"{words} [{where}]" for where, words in self.said]

    def _console(self, message: ConsoleMessage) -> None:
        # Violations of the content security policy are said here too, as errors.
        if message.type in {"error", "warning"}:
            self.said.append((message.location["url"], message.text))

    def _request(self, request: Request) -> None:
        # The browser itself gives a request up when a newer one replaces it, or when it becomes a download.
        if request.failure != "net::ERR_ABORTED":
            self.said.append((request.url, request.failure or "failed"))

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.said.append((response.url, f"answered {response.status}"))


def picture(name: str) -> Path:
    """Where the screenshot of this name belongs."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS / f"{name}.png"
