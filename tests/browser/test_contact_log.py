"""Logging a contact with and without a network: three taps; two written down offline, each found once."""

import re

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

KEPT = "() => JSON.parse(localStorage.getItem('guanxi.contacts') || '[]').length"
NONE_KEPT = "() => localStorage.getItem('guanxi.contacts') === null"
SHELL_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const store = await caches.open('guanxi-form-1');
  return (await store.keys()).some((one) => one.url.endsWith('/interactions/form'))
    && (await store.keys()).some((one) => one.url.endsWith('/interactions/log.js'));
}"""
STALE_TOKEN = """() => document.body.setAttribute('hx-headers', '{"X-CSRFToken": "old"}')"""
NOTES = "SELECT note, source, count(*) FROM interactions_contact WHERE note LIKE %s GROUP BY 1, 2 ORDER BY 1"


def own_customers(bank, role: str, number: int) -> list[tuple[str, str]]:
    """Public keys and names of customers of the person's book."""
    return bank.rows(
        "SELECT uuid::text, name FROM customers_party WHERE keeper_id = %s AND kind = 'person' "
        "AND merged_into_id IS NULL ORDER BY id LIMIT %s",
        bank.staff(role), number,
    )  # fmt: skip


def writes(page: Page, note: str) -> None:
    """An outcome, a word of one's own, save."""
    page.locator(".pick", has_text="接通再联系").click()
    page.locator("textarea[name=note]").fill(note)
    page.locator("form[data-log] [type=submit]").click()


def test_a_contact_is_logged_in_three_taps_and_stands_on_the_line(bank, signs_in):
    manager = signs_in("relationship_manager")
    ((uuid, name),) = own_customers(bank, "relationship_manager", 1)
    manager.opens(f"/customers/{uuid}/")
    before = bank.number("SELECT count(*) FROM interactions_contact")
    manager.page.locator("[data-log-button]").click()
    slide = manager.page.locator("#dialog .log-form")
    assert name in slide.locator("h2").inner_text()
    slide.locator(".pick", has_text="接通有意向").click()
    assert slide.locator("[name=next_step]").input_value() == "invite"
    assert re.fullmatch(r"2026-11-0\d", slide.locator("[name=due_on]").input_value())
    manager.picture("manager-log-contact", whole=False)
    slide.locator("[type=submit]").click()
    manager.page.wait_for_function("() => !document.getElementById('dialog').open")
    manager.page.locator("#part-timeline", has_text="2026-11-01").first.wait_for()
    assert "接通有意向" in manager.words("#part-timeline")
    assert "约到网点面谈" in manager.words("#part-promises")
    assert bank.number("SELECT count(*) FROM interactions_contact") == before + 1
    manager.picture("manager-customer-line")


def test_the_letter_l_opens_the_form_and_an_outcome_of_another_channel_is_not_offered(bank, signs_in):
    manager = signs_in("relationship_manager")
    ((uuid, _name),) = own_customers(bank, "relationship_manager", 1)
    manager.opens(f"/customers/{uuid}/")
    manager.page.keyboard.press("l")
    slide = manager.page.locator("#dialog .log-form")
    slide.locator(".pick", has_text="未接通").wait_for()
    slide.locator(".pick", has_text="上门拜访").click()
    assert not slide.locator(".pick", has_text="未接通").is_visible()
    assert slide.locator(".pick", has_text="未遇到").is_visible()


def test_two_contacts_written_without_a_network_arrive_once_each_when_it_is_back(bank, signs_in):
    manager = signs_in("relationship_manager", phone=True)
    page, complaints = manager.page, manager.complaints
    (one, _), (other, _) = own_customers(bank, "relationship_manager", 2)
    manager.opens(f"/interactions/customers/{one}/log")
    page.wait_for_function(SHELL_KEPT)
    manager.picture("manager-phone-log")
    assert complaints.words() == []

    manager.context.set_offline(True)
    writes(page, "offline 1")
    page.locator(".waiting-chip", has_text="1 条待补传").wait_for()
    page.goto(f"{bank.address}/interactions/customers/{other}/log")  # opens from what the worker kept
    assert page.locator("form[data-shell]").count() == 1
    writes(page, "offline 2")
    page.locator(".waiting-chip", has_text="2 条待补传").click()
    assert "接通再联系" in page.locator("#waiting").inner_text()
    manager.picture("manager-phone-waiting", whole=False)
    page.locator("#waiting [data-close]").click()
    assert page.evaluate(KEPT) == 2
    assert bank.rows(NOTES, "offline%") == []
    copy = page.evaluate("localStorage.getItem('guanxi.contacts')")

    manager.context.set_offline(False)
    page.wait_for_function(NONE_KEPT)
    page.evaluate(STALE_TOKEN)
    writes(page, "offline 3")  # the token of a page kept for long: a fresh one is asked for
    page.wait_for_function(NONE_KEPT)
    expected = [("offline 1", "offline", 1), ("offline 2", "offline", 1), ("offline 3", "offline", 1)]
    assert bank.rows(NOTES, "offline%") == expected
    # A phone that did not hear the answers sends all of it again.
    page.evaluate("kept => localStorage.setItem('guanxi.contacts', kept)", copy)
    manager.opens(f"/customers/{other}/")
    page.wait_for_function(NONE_KEPT)
    assert bank.rows(NOTES, "offline%") == expected
    meant = ("ERR_INTERNET_DISCONNECTED", "403")
    complaints.said = [said for said in complaints.said if not any(word in said[1] for word in meant)]


def test_what_waits_is_sent_only_by_who_wrote_it(signs_in):
    head = signs_in("outlet_head")
    record = {"key": "6d1f2f3e-0000-4000-8000-000000000001", "who": "S-other", "url": "/x", "fields": {}}
    head.page.evaluate("kept => localStorage.setItem('guanxi.contacts', JSON.stringify([kept]))", record)
    head.opens("/")
    head.page.wait_for_load_state("networkidle")
    assert head.page.evaluate(KEPT) == 1
    assert head.page.locator(".waiting-chip").count() == 0
