"""今日必办 in the browser: a manager works down the list, a teller has five rows, both on a wide screen and a phone."""

import pytest
from tests.browser.person import Person, plain

pytestmark = pytest.mark.browser

PLACE = "`#today-list tr[data-task='${task}']`"
ROWS = "#today-list table[data-list] tr[data-task]"


def rows(person: Person) -> list[str]:
    """The tasks of the rows, in their order."""
    return [row.get_attribute("data-task") or "" for row in person.page.locator(ROWS).all()]


def log(person: Person, outcome: str) -> None:
    """The channel stands already, the outcome, everything there was to talk about, save."""
    form = person.page.locator("#dialog form.task-form")
    for box in form.locator("[name^=close_]").all():
        box.check()
    form.locator(".pick", has_text=outcome).first.click()
    form.locator("[type=submit]").click()


def about_somebody(person: Person) -> str:
    """The first row about a customer; others are about leads and meetings."""
    return person.page.locator(f"{ROWS}:has(.tier)").first.get_attribute("data-task") or ""


def test_a_manager_works_the_list_with_the_thumb(signs_in):
    manager = signs_in("relationship_manager", phone=True)
    manager.picture("today-manager-phone")
    manager.page.locator(f"{ROWS}:has(.tier)").first.locator(".today-why").click()
    manager.page.locator("#dialog form.task-form").wait_for()
    manager.picture("today-task-phone", whole=False)


def test_a_manager_logs_a_contact_and_stands_before_the_next_row(bank, signs_in):
    manager = signs_in("relationship_manager")
    before = rows(manager)
    assert 1 < len(before) <= 20
    manager.picture("today-manager")
    task = about_somebody(manager)
    manager.page.locator(f"tr[data-task='{task}'] .today-why").click()
    manager.page.locator("#dialog form.task-form").wait_for()
    manager.settled()
    manager.picture("today-task", whole=False)
    log(manager, "接通再联系")
    manager.page.wait_for_function(f"(task) => !document.querySelector({PLACE})", arg=task)
    state, contact = bank.row(
        "SELECT task.state, contact.outcome FROM worklist_task AS task "
        "JOIN interactions_contact AS contact ON contact.id = task.contact_id WHERE task.id = %s",
        int(task),
    )
    assert (state, contact) == ("done", "reached_later")
    left = rows(manager)
    next_one = left[min(before.index(task), len(left) - 1)]
    manager.page.locator(f"#dialog[open] .task-form[data-task='{next_one}']").wait_for()


def test_the_list_is_walked_with_the_keyboard(signs_in):
    manager = signs_in("relationship_manager")
    for key in ("j", "j", "k", "Enter"):
        manager.page.keyboard.press(key)
    manager.page.locator(f"#dialog[open] .task-form[data-task='{rows(manager)[0]}']").wait_for()


def test_a_row_is_done_put_off_with_a_reason_and_the_rest_is_told(bank, signs_in):
    manager = signs_in("relationship_manager")
    first, second, *_more = rows(manager)
    manager.page.locator(f"tr[data-task='{first}'] button", has_text="已办").click()
    manager.page.wait_for_function(f"(task) => !document.querySelector({PLACE})", arg=first)
    manager.page.locator(f"tr[data-task='{second}'] button", has_text="暂缓").click()
    dialog = manager.page.locator("#dialog")
    dialog.locator(".pick", has_text="客户外出").click()
    manager.picture("today-later", whole=False)
    dialog.locator("[type=submit]").click()
    manager.page.wait_for_function(f"(task) => !document.querySelector({PLACE})", arg=second)
    manager.page.locator(".today-rest summary").click()
    manager.page.locator(".today-rest table").wait_for()
    assert "客户外出" in plain(manager.page.locator(".today-rest").inner_text())
    manager.picture("today-rest")
    assert bank.row("SELECT state, snooze_reason FROM worklist_task WHERE id = %s", int(second)) == (
        "snoozed",
        "travelling",
    )


def test_a_teller_has_at_most_five_rows_on_the_phone_too(signs_in):
    teller = signs_in("teller", phone=True)
    assert 0 < len(rows(teller)) <= 5
    teller.picture("today-teller-phone")
