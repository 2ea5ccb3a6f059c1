"""The relationship manager (客户经理): the own book from the first page to one customer, a number, a file."""

import re

import pytest
from python_calamine import CalamineWorkbook
from tests.browser.person import Person, plain
from tests.browser.sums import short, words

from guanxi.web import formats

pytestmark = pytest.mark.browser

# The overview says what the night found; whom somebody took over since counts from the next night on.
BOOK = (
    "SELECT SUM(customers), SUM(aum_fen), SUM(deposits_fen), SUM(loans_fen) FROM scores_unitday "
    "WHERE label = 'today' AND keeper_id = %s"
)


def own_customer(bank, manager: int) -> tuple[int, str, str, str]:
    """Key, uuid, name and number of the wealthiest person of the book who has a phone, a card and a next tier."""
    return bank.rows(
        "SELECT party.id, party.uuid::text, party.name, party.customer_no FROM customers_party AS party "
        "JOIN scores_partyscore AS score ON score.party_id = party.id "
        "WHERE party.keeper_id = %s AND party.kind = 'person' AND score.next_gap_fen > 0 "
        "AND EXISTS (SELECT 1 FROM customers_contactpoint AS c WHERE c.party_id = party.id AND c.kind = 'mobile') "
        "AND EXISTS (SELECT 1 FROM customers_identifier AS i WHERE i.party_id = party.id AND i.kind = 'card') "
        "ORDER BY score.aum_fen DESC, party.id LIMIT 1",
        manager,
    )[0]


def number_of(bank, party: int, table: str, kind: str) -> str:
    """A phone or card number of a customer in clear."""
    ((token,),) = bank.rows(
        f"SELECT token FROM {table} WHERE party_id = %s AND kind = %s ORDER BY id LIMIT 1", party, kind
    )
    return bank.in_clear(token)


def test_the_overview_shows_the_sums_of_the_own_book(bank, signs_in):
    manager = signs_in("relationship_manager")
    manager.opens("/overview")
    customers, aum, deposits, loans = bank.row(BOOK, bank.staff("relationship_manager"))
    assert customers > 0
    assert manager.figures() == {
        "客户": str(customers),
        "AUM": short(int(aum)),
        "存款": short(int(deposits)),
        "贷款": short(int(loans)),
    }
    due = bank.number(
        "SELECT COUNT(*) FROM scores_maturity WHERE keeper_id = %s", bank.staff("relationship_manager")
    )
    assert manager.words(".columns-3").count("近 30 天到期") == 1
    assert plain(manager.panel("近 30 天到期").locator(".panel-head .muted").inner_text()) == str(due)
    manager.picture("manager-home")


def test_a_customer_is_found_by_part_of_the_name_by_number_by_phone_and_by_card(bank, signs_in):
    manager = signs_in("relationship_manager")
    party, uuid, name, customer_no = own_customer(bank, bank.staff("relationship_manager"))
    assert name in manager.searches(name[-2:])
    manager.picture("manager-search", whole=False)
    for number in (
        customer_no,
        number_of(bank, party, "customers_contactpoint", "mobile"),
        number_of(bank, party, "customers_identifier", "card"),
    ):
        assert manager.searches(number) == [name]
    manager.clicks(manager.page.locator("#search-results .search-result"))
    assert manager.page.url == f"{bank.address}/customers/{uuid}/"


def test_the_customer_page_tells_who_what_and_why(bank, signs_in):
    manager = signs_in("relationship_manager")
    party, uuid, name, _no = own_customer(bank, bank.staff("relationship_manager"))
    manager.opens(f"/customers/{uuid}/")
    assert manager.words("h1") == name
    aum, average, gap, needed, held = bank.row(
        "SELECT aum_fen, daily_average_fen, next_gap_fen, present_needed_fen, accounts_open FROM scores_partyscore "
        "WHERE party_id = %s",
        party,
    )
    tier = plain(manager.panel("等级").inner_text())
    assert words(average) in tier
    assert words(gap) in tier
    if needed:
        assert words(needed) in tier
    wealth = manager.panel("资产")
    assert plain(formats.money(aum)) in plain(wealth.inner_text())
    assert wealth.locator(".chart-box canvas").is_visible()
    assert len(manager.cells(manager.panel("持有产品").locator("table").first)) == held
    assert manager.page.locator(".part-failed").count() == 0
    assert manager.page.locator("main .panel").count() >= 10
    manager.picture("manager-customer")


def test_a_phone_is_shown_in_full_for_a_reason_that_stays_in_the_trail(bank, signs_in):
    manager = signs_in("relationship_manager")
    party, uuid, _name, _no = own_customer(bank, bank.staff("relationship_manager"))
    phone = number_of(bank, party, "customers_contactpoint", "mobile")
    manager.opens(f"/customers/{uuid}/")
    contact = manager.panel("联系方式与授权")
    assert phone not in manager.page.content()
    contact.locator("dt", has_text="手机").locator("xpath=following-sibling::dd[1]").locator(
        ".eye"
    ).first.click()
    dialog = manager.page.locator("#dialog")
    reason = "客户来电，核对回访号码"
    dialog.locator("textarea").fill(reason)
    dialog.locator(".dialog-actions [type=submit]").click()
    dialog.locator(".figure-value").wait_for()
    assert plain(dialog.locator(".figure-value").inner_text()) == phone
    manager.picture("manager-reveal", whole=False)
    staff_no = bank.logins["relationship_manager"]["staff_no"]
    assert bank.row(
        "SELECT staff_no, reason FROM audit_customerview WHERE party_key = %s AND what LIKE 'reveal%%' "
        "ORDER BY id DESC LIMIT 1",
        party,
    ) == (staff_no, reason)
    dialog.locator("[data-close]").first.click()
    manager.page.reload()
    manager.settled()
    assert phone not in manager.page.content()


def test_the_list_is_narrowed_kept_as_a_tab_and_taken_as_a_file(bank, signs_in):
    manager, staff = signs_in("relationship_manager"), bank.staff("relationship_manager")
    ((rank, least),) = bank.rows(
        "SELECT tier_rank, MIN(aum_fen) / 100 FROM scores_partyscore WHERE keeper_id = %s AND tier_scheme = 'person' "
        "AND tier_rank IS NOT NULL GROUP BY tier_rank ORDER BY COUNT(*) DESC, tier_rank LIMIT 1",
        staff,
    )
    wanted = bank.rows(
        "SELECT party.name, score.aum_fen FROM scores_partyscore AS score "
        "JOIN customers_party AS party ON party.id = score.party_id "
        "WHERE score.keeper_id = %s AND tier_scheme = 'person' AND tier_rank = %s AND aum_fen >= %s "
        "ORDER BY aum_fen DESC",
        staff,
        rank,
        (least + 1) * 100,
    )
    manager.opens("/customers/")
    manager.page.locator("details.filters summary").click()
    form = manager.page.locator("form.filter-form")
    form.locator(f"input[name=tier][value='person.{rank}']").check()
    form.locator("input[name=aum_from]").fill(str(least + 1))
    manager.clicks(form.locator("button[type=submit]"))
    assert manager.page.locator(".chip").count() == 2
    assert names_and_aum(manager) == [(name, formats.money(aum)) for name, aum in wanted]
    manager.picture("manager-list")
    keep_as_tab(manager, "本月重点")
    assert manager.page.locator(".tabs a[aria-current=page]").inner_text() == "本月重点"
    assert (
        bank.number(
            "SELECT COUNT(*) FROM customers_savedview WHERE staff_id = %s AND name = '本月重点'", staff
        )
        == 1
    )
    manager.page.locator("details:has(a[download]) > summary").click()
    book = CalamineWorkbook.from_path(manager.takes(manager.page.locator("a[download]").first))
    rows = book.get_sheet_by_index(0).to_python()
    taken = [row for row in rows if row[0] in {name for name, _aum in wanted}]
    head = next(at for at, row in enumerate(rows) if row[:2] == ["客户", "等级"])
    assert len(taken) == len(rows) - head - 1 == len(wanted)
    assert not re.search(r"(?<![\d.])(1[3-9]\d{9}|\d{15,19})(?!\d)", str(rows))
    staff_no = bank.logins["relationship_manager"]["staff_no"]
    assert bank.row(
        "SELECT what, rows FROM audit_exportlog WHERE staff_no = %s ORDER BY id DESC LIMIT 1", staff_no
    ) == ("customers", len(wanted))


def names_and_aum(manager: Person) -> list[tuple[str, str]]:
    """Who stands in the list with how much, read under the headings."""
    table = manager.page.locator("table[data-list]")
    heads = [plain(head) for head in table.locator("thead th").all_inner_texts()]
    return [
        (cells[heads.index("客户")].split("\n")[0], cells[heads.index("AUM")])
        for cells in manager.cells(table)
    ]


def keep_as_tab(manager: Person, name: str) -> None:
    """Keep what the list shows as a tab."""
    manager.page.locator("[data-open=save-view]").click()
    manager.page.fill("#view-name", name)
    manager.page.locator("#save-view button[type=submit]").click()
    manager.page.locator(".tabs a", has_text=name).wait_for()


def test_a_customer_of_another_book_is_not_there(bank, signs_in):
    manager, staff = signs_in("relationship_manager"), bank.staff("relationship_manager")
    ((uuid, name),) = bank.rows(
        "SELECT uuid::text, name FROM customers_party WHERE keeper_id <> %s AND kind = 'person' ORDER BY id LIMIT 1",
        staff,
    )
    assert manager.refused(f"/customers/{uuid}/") == 404
    assert name not in manager.page.content()
    manager.picture("manager-not-there")
