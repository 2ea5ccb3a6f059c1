"""The style page in a real browser: both languages, both widths, no violation, the keyboard, what loads later."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from tests.chromium import ROOT, browser, picture

__all__ = ["browser"]

# The page shows on purpose what a part looks like that fails; the browser reports that answer.
MEANT = ("500 (Internal Server Error)", "Response Status Error Code 500 from /style/part/broken")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "django", "runserver", "--noreload", address]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.web.site"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(f"http://{address}/sign-in", server)
            yield f"http://{address}"
        finally:
            server.terminate()


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _attempt in range(150):
        assert server.poll() is None, "the site of the style page did not start"
        try:
            with urllib.request.urlopen(address):  # noqa: S310  # our own address
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail("the site of the style page does not answer")


def opened(browser, site, path, language="zh-hans", width=1440):
    """A page with its complaints: errors, warnings and policy violations on the console."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "guanxi_language", "value": language, "url": site}])
    page = context.new_page()
    complaints = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site + path)
    page.wait_for_load_state("networkidle")
    return page, complaints


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_style_page_is_drawn_without_a_complaint_and_without_sideways_scrolling(
    browser, site, language, width
):
    page, complaints = opened(browser, site, "/style", language, width)
    page.locator(".chart-box canvas").nth(5).wait_for()
    page.screenshot(path=picture(f"style-{language}-{width}"), full_page=True)
    assert [said for said in complaints if not any(meant in said for meant in MEANT)] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("html").get_attribute("lang") == {"zh-hans": "zh-Hans", "en": "en"}[language]


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/403", "/400", "/500"])
def test_the_pages_outside_the_frame_are_drawn_without_a_violation(browser, site, path):
    page, complaints = opened(browser, site, path)
    assert page.locator("main").is_visible()
    assert [said for said in complaints if "Failed to load resource" not in said] == []


def test_the_keyboard_searches_moves_opens_and_helps(browser, site):
    page, _complaints = opened(browser, site, "/style")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("wang")
    page.locator("#search-results .search-result").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator('#search-results [aria-selected="true"]').count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    assert "at" in page.locator("table[data-list] tbody tr").nth(1).get_attribute("class")
    page.keyboard.press("x")
    assert page.locator("[data-selection]").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/style?open=2")


def test_l_opens_the_dialog_and_an_answer_from_the_eye_too(browser, site):
    page, complaints = opened(browser, site, "/style")
    page.keyboard.press("l")
    page.locator("#dialog textarea").wait_for()
    page.locator("#dialog [data-close]").first.click()
    assert not page.locator("#dialog").is_visible()
    page.locator(".eye").first.click()
    page.locator("#dialog textarea").wait_for()
    assert [said for said in complaints if "broken" not in said and "500" not in said] == []


def test_a_part_that_cannot_be_loaded_says_so_and_offers_to_try_again(browser, site):
    page, _complaints = opened(browser, site, "/style", "en")
    failed = page.locator(".part-failed")
    failed.wait_for()
    assert "could not be loaded" in failed.inner_text()
    failed.locator("button").click()
    page.locator(".part-failed").wait_for()


def test_on_the_phone_what_is_pressed_is_big_enough_for_a_thumb(browser, site):
    page, _complaints = opened(browser, site, "/style", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn, .thumb > a, .thumb summary, .tabs a, .quiet, .eye, .me summary')]
        .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 43.5)
        .map((one) => one.outerHTML)"""
    )
    assert small == []


def test_the_rail_folds_and_stays_folded(browser, site):
    page, _complaints = opened(browser, site, "/style")
    page.locator("[data-fold-rail]").click()
    assert page.locator(".rail").bounding_box()["width"] == 56
    page.reload()
    assert page.locator(".rail").bounding_box()["width"] == 56


@pytest.mark.parametrize(("language", "redder"), [("zh-hans", "rise"), ("en", "fall")])
def test_red_rises_in_chinese_and_falls_in_english(browser, site, language, redder):
    page, _complaints = opened(browser, site, "/style", language)
    colours = {
        way: page.locator(f".change.{way}").first.evaluate("(one) => getComputedStyle(one).color")
        for way in ("rise", "fall")
    }
    red, green = (int(part) for part in colours[redder].removeprefix("rgb(").rstrip(")").split(",")[:2])
    assert red > green


def test_words_on_their_ground_can_be_read(browser, site):
    page, _complaints = opened(browser, site, "/style")
    faint = page.evaluate(CONTRAST)
    assert faint == []


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => [r, g, b].map((v) => linear(v / 255))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const out = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || one.offsetParent === null || one.closest(".disabled, .visually-hidden, svg, option")) continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(ground(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) out.push(`${ratio.toFixed(2)} ${one.className} ${one.textContent.trim().slice(0, 30)}`);
  }
  return out;
}"""
