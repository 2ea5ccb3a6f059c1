"""What everybody does every day: the other language, the phone in the hand, the keyboard."""

import pytest
from tests.browser.person import plain

pytestmark = pytest.mark.browser

OWN = "SELECT uuid::text, name FROM customers_party WHERE keeper_id = %s AND kind = 'person' ORDER BY id LIMIT 1"


def test_the_customer_page_speaks_english_and_chinese_again(bank, signs_in):
    manager = signs_in("relationship_manager")
    uuid, name = bank.row(OWN, bank.staff("relationship_manager"))
    manager.opens(f"/customers/{uuid}/")
    chinese = panels(manager)
    assert "资产" in chinese
    manager.page.locator(".language button").click()
    manager.page.wait_for_function("document.documentElement.lang === 'en'")
    manager.settled()
    english = panels(manager)
    manager.picture("manager-customer-english")
    assert manager.words("h1") == name
    assert "Wealth" in english
    assert len(english) == len(chinese)
    assert not set(english) & set(chinese)
    assert manager.page.url == f"{bank.address}/customers/{uuid}/"
    assert bank.row(
        "SELECT language FROM organisation_staff WHERE id = %s", bank.staff("relationship_manager")
    ) == ("en",)
    manager.page.locator(".language button").click()
    manager.page.wait_for_function("document.documentElement.lang === 'zh-Hans'")
    manager.settled()
    assert panels(manager) == chinese


def panels(somebody) -> list[str]:
    """The headings of the panels, in order."""
    return [plain(heading) for heading in somebody.page.locator(".panel-head h2").all_inner_texts()]


def test_the_manager_works_on_a_phone_without_pushing_the_page_sideways(bank, signs_in):
    manager = signs_in("relationship_manager", phone=True)
    uuid, name = bank.row(OWN, bank.staff("relationship_manager"))
    assert manager.page.locator(".thumb").is_visible()
    assert not manager.page.locator(".rail").is_visible()
    manager.picture("phone-home")
    manager.clicks(manager.page.locator(".thumb").get_by_role("link", name="客户"))
    table = manager.page.locator("table[data-list]")
    assert table.locator("tbody tr").count() == bank.number(
        "SELECT COUNT(*) FROM scores_partyscore WHERE keeper_id = %s", bank.staff("relationship_manager")
    )
    manager.picture("phone-list")
    manager.opens(f"/customers/{uuid}/")
    assert manager.words("h1") == name
    assert manager.page.locator(".chart-box canvas").first.is_visible()
    manager.picture("phone-customer")


def test_the_keyboard_searches_walks_the_list_and_opens_a_customer(bank, signs_in):
    manager = signs_in("relationship_manager")
    staff = bank.staff("relationship_manager")
    book = bank.rows(
        "SELECT party.uuid::text, party.name FROM customers_party AS party "
        "JOIN scores_partyscore AS score ON score.party_id = party.id WHERE score.keeper_id = %s "
        "ORDER BY score.aum_fen DESC NULLS LAST, party.id",
        staff,
    )
    manager.opens("/customers/")
    for key in ("j", "j", "j", "k"):
        manager.page.keyboard.press(key)
    manager.page.keyboard.press("Enter")
    manager.page.wait_for_url(f"**/customers/{book[1][0]}/")
    manager.settled()
    manager.page.keyboard.press("/")
    assert manager.page.evaluate("document.activeElement.id") == "search"
    with manager.page.expect_response("**/search"):
        manager.page.keyboard.type(book[0][1])
    manager.page.locator("#search-results .search-result", has_text=book[0][1]).first.wait_for()
    manager.page.keyboard.press("ArrowDown")
    manager.page.keyboard.press("Enter")
    manager.page.wait_for_url("**/customers/**")
    manager.settled()
    assert manager.words("h1") == book[0][1]
