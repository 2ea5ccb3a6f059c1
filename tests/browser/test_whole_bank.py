"""The whole bank: the supervisor's way down from it (客户分析), and the analyst who sees all and nobody's name."""

import re

import pytest
from python_calamine import CalamineWorkbook
from tests.browser.person import Person, plain
from tests.browser.sums import short

pytestmark = pytest.mark.browser

TIERS = (
    "SELECT tier_rank, SUM(customers), SUM(aum_fen) FROM scores_unittier WHERE month = "
    "(SELECT MAX(month) FROM scores_unittier) AND kind IN ('person', 'sole_trader') AND tier_rank > 0 "
    "AND unit_id = ANY(%s) GROUP BY tier_rank ORDER BY tier_rank"
)
MOVED = (
    "SELECT COALESCE(SUM(CASE WHEN to_rank > from_rank THEN customers END), 0), "
    "COALESCE(SUM(CASE WHEN to_rank < from_rank THEN customers END), 0), "
    "COALESCE(SUM(CASE WHEN to_rank = from_rank THEN customers END), 0) FROM scores_migration "
    "WHERE month = (SELECT MAX(month) FROM scores_migration) AND from_rank > 0 AND to_rank > 0 AND unit_id = ANY(%s)"
)


def test_the_supervisor_goes_down_to_an_outlet_and_the_sums_are_the_stores(bank, signs_in):
    supervisor = signs_in("supervisor")
    units = dict(bank.rows("SELECT name, id FROM organisation_unit WHERE kind = 'outlet'"))
    supervisor.clicks(supervisor.page.locator(".rail").get_by_role("link", name="客户分析"))
    tiers_are(supervisor, bank.rows(TIERS, list(units.values())))
    below = supervisor.cells(supervisor.panel("下级机构").locator("table"))
    assert {row[0]: int(row[1].replace(",", "")) for row in below} == {
        name: sum(int(n) for _rank, n, _fen in bank.rows(TIERS, [unit])) for name, unit in units.items()
    }
    supervisor.picture("supervisor-structure")

    outlet = below[0][0]
    supervisor.clicks(supervisor.panel("下级机构").get_by_role("link", name=outlet))
    assert outlet in supervisor.words(".page-head")
    tiers_are(supervisor, bank.rows(TIERS, [units[outlet]]))
    up, down, stayed = bank.row(MOVED, [units[outlet]])
    migration = supervisor.panel("等级迁徙")
    migration.scroll_into_view_if_needed()
    told = plain(migration.locator(".finding").inner_text())
    assert [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) 户", told)] == [up, down, stayed]
    assert migration.locator(".chart-box[data-chart=matrix] canvas").first.is_visible()
    supervisor.picture("supervisor-structure-outlet")


def test_the_structure_is_taken_as_a_file_with_a_sheet_for_each_table(bank, signs_in):
    supervisor = signs_in("supervisor")
    supervisor.opens("/reports/structure")
    units = [unit for (unit,) in bank.rows("SELECT id FROM organisation_unit")]
    tiers = bank.rows(TIERS, units)
    book = CalamineWorkbook.from_path(supervisor.takes(supervisor.page.locator(".page-actions a[download]")))
    assert len(book.sheet_names) >= 9
    rows = book.get_sheet_by_index(0).to_python()
    total = next(row for row in rows if row[0] == "合计")
    assert total[1] == sum(n for _rank, n, _fen in tiers)
    assert round(total[3] * 100) == sum(fen for _rank, _n, fen in tiers)
    staff_no = bank.logins["supervisor"]["staff_no"]
    assert bank.row(
        "SELECT what FROM audit_exportlog WHERE staff_no = %s ORDER BY id DESC LIMIT 1", staff_no
    ) == ("structure",)


def test_the_analyst_sees_the_whole_bank_and_nobodys_name_or_phone(bank, signs_in):
    analyst = signs_in("analyst")
    everybody = bank.number("SELECT SUM(customers) FROM scores_unitday WHERE label = 'today'")
    assert analyst.figures()["客户"] == f"{everybody:,}"
    seen = analyst.words("body")
    analyst.picture("analyst-home")
    analyst.opens("/customers/")
    seen += analyst.words("body")
    assert re.search(r"^.\*\*", analyst.cells(analyst.page.locator("table[data-list]"))[0][0])
    analyst.picture("analyst-list")
    analyst.clicks(analyst.page.locator("table[data-list] tbody a").first)
    seen += analyst.words("body")
    assert analyst.page.locator(".eye").count() == 0
    analyst.picture("analyst-customer")
    for path in ("/reports/daily", "/reports/maturities", "/reports/structure"):
        analyst.opens(path)
        seen += analyst.words("body")
    assert analyst.panel("集中度（二八曲线）").locator("canvas").first.is_visible()
    analyst.picture("analyst-structure")
    analyst.goes_to("营销", "活动效果")
    told = bank.number("SELECT COUNT(*) FROM campaigns_campaign WHERE state IN ('running', 'ended')")
    assert analyst.page.locator("main table a[href^='/effects/']").count() >= told > 0
    analyst.picture("analyst-effects")
    # Customers who bear the name of an employee, which stands on these pages as a keeper, prove nothing.
    names = bank.rows(
        "SELECT DISTINCT name FROM customers_party WHERE LENGTH(name) > 2 "
        "AND name NOT IN (SELECT name FROM organisation_staff)"
    )
    assert [name for (name,) in names if name in seen] == []
    assert re.findall(r"(?<![\d.,])1[3-9]\d{9}(?!\d)", seen) == []


def tiers_are(somebody: Person, tiers: list[tuple[int, int, int]]) -> None:
    """The table of tiers on the page: the same customers and AUM, tier by tier, and their sums."""
    rows = somebody.cells(somebody.panel("客户等级").locator("table:not(.twin)"))
    told = [(int(row[1].replace(",", "")), row[3]) for row in rows]
    held = [one for one in told[:-1] if one[0]]
    assert held == [(int(n), short(fen)) for _rank, n, fen in tiers]
    assert told[-1] == (sum(int(n) for _rank, n, _fen in tiers), short(sum(fen for _rank, _n, fen in tiers)))
