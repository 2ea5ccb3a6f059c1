"""The back office: the administrator's people, runs and policies without a customer; what compliance finds later."""

import re

import pytest
from playwright.sync_api import Locator
from tests.browser.person import Person, plain

from guanxi.web import formats

pytestmark = pytest.mark.browser
POSTS = """
SELECT post.role, post.unit_id, post.valid_from::text FROM organisation_post AS post
JOIN organisation_staff AS staff ON staff.id = post.staff_id WHERE staff.staff_no = %s
"""


def test_a_new_colleague_gets_a_post_that_the_administrator_asks_for_and_compliance_grants(bank, signs_in):
    administrator, compliance = signs_in("administrator"), signs_in("compliance")
    administrator.goes_to("团队管理", "人员")
    people = bank.number("SELECT COUNT(*) FROM organisation_staff")
    staff_no = f"T{people:05}"
    administrator.page.get_by_role("button", name="添加人员").click()
    dialog = administrator.page.locator("#dialog")
    dialog.locator("[name=staff_no]").fill(staff_no)
    dialog.locator("[name=name]").fill("试点员工")
    administrator.clicks(dialog.locator(".dialog-actions [type=submit]"))
    administrator.page.get_by_role("button", name="申请岗位").click()
    dialog.locator("[name=role]").select_option("lobby")
    dialog.locator("[name=unit]").select_option(str(bank.unit("outlet_head")))
    dialog.locator(".dialog-actions [type=submit]").click()
    administrator.panel("待复核的岗位").wait_for()
    administrator.picture("administrator-person")
    assert bank.rows(POSTS, staff_no) == []
    compliance.opens("/people/")
    compliance.clicks(compliance.panel("待复核的岗位").get_by_role("link", name="试点员工"))
    compliance.picture("compliance-post")
    compliance.page.get_by_role("button", name="批准").click()
    compliance.panel("岗位").locator("td", has_text="大堂经理").wait_for()
    assert bank.rows(POSTS, staff_no) == [("lobby", bank.unit("outlet_head"), "2026-11-01")]


def test_the_administrator_reads_that_the_night_reconciles_to_the_fen(bank, signs_in):
    administrator = signs_in("administrator")
    administrator.goes_to("系统", "跑批")
    administrator.picture("administrator-runs")
    administrator.clicks(administrator.page.locator("table[data-list] tbody a").first)
    run, total, views = bank.row(
        "SELECT run_id, SUM(amount) FILTER (WHERE view_name = 'customers' AND currency = 'CNY'), "
        "COUNT(DISTINCT view_name) FROM scores_reconciliation "
        "WHERE run_id = (SELECT id FROM scores_run WHERE is_current) GROUP BY run_id"
    )
    assert run in administrator.words(".page-head")
    checked = administrator.panel("对账")
    assert "精确到分" in plain(checked.locator(".verdict").inner_text())
    *_lines, told = administrator.cells(checked.locator("table"))
    assert told[1:] == [formats.money(int(total * 100))] * views
    administrator.picture("administrator-run")


def test_a_policy_counts_only_after_another_person_approved_it(bank, signs_in):
    administrator, supervisor = signs_in("administrator"), signs_in("supervisor")
    usual = bank.number(
        "SELECT payload->>'reveals_a_day' FROM policies_policyversion WHERE kind = 'access' AND state = 'active'"
    )
    administrator.goes_to("系统", "政策参数")
    administrator.picture("administrator-policies")
    administrator.opens("/policies/access/propose")
    administrator.page.fill("[name=reveals_a_day]", str(usual + 1))
    administrator.page.fill("[name=note]", "新网点开业，回访电话增多")
    administrator.clicks(administrator.page.get_by_role("button", name="提交审批"))
    path = administrator.page.url.removeprefix(bank.address)
    assert administrator.page.locator("[data-open=approve]").count() == 0
    administrator.picture("administrator-policy-proposed")
    supervisor.opens(path)
    words = supervisor.words()
    assert str(usual) in words
    assert str(usual + 1) in words
    supervisor.picture("supervisor-policy")
    press(supervisor, "approve")
    press(supervisor, "activate")
    assert bank.rows(
        "SELECT (payload->>'reveals_a_day')::int, proposed.staff_no, decided.staff_no FROM policies_policyversion AS v "
        "JOIN organisation_staff AS proposed ON proposed.id = v.proposed_by_id "
        "JOIN organisation_staff AS decided ON decided.id = v.decided_by_id "
        "WHERE kind = 'access' AND state = 'active' ORDER BY version DESC LIMIT 1"
    ) == [(usual + 1, bank.logins["administrator"]["staff_no"], bank.logins["supervisor"]["staff_no"])]


def press(somebody: Person, deed: str) -> None:
    """Press a deed of a page, and in the question that follows say yes; the page comes again."""
    somebody.page.locator(f"[data-open={deed}]").click()
    with somebody.page.expect_navigation():
        somebody.page.locator(f"dialog#{deed} [type=submit]").click()
    somebody.settled()
    assert somebody.page.locator(".notice-error").count() == 0


def test_the_administrator_reaches_no_customer(bank, signs_in):
    administrator = signs_in("administrator")
    assert administrator.page.locator("#search").count() == 0
    ((uuid, name),) = bank.rows("SELECT uuid::text, name FROM customers_party ORDER BY id LIMIT 1")
    for path in (f"/customers/{uuid}/", "/customers/", "/reports/daily", "/counter/"):
        assert administrator.refused(path) in {403, 404}
        assert name not in administrator.page.content()
    administrator.picture("administrator-refused")


def test_compliance_finds_who_saw_a_customer_and_which_file_left(bank, signs_in):
    manager = signs_in("relationship_manager")
    party, uuid, customer_no = bank.row(
        "SELECT id, uuid::text, customer_no FROM customers_party WHERE keeper_id = %s ORDER BY id LIMIT 1",
        bank.staff("relationship_manager"),
    )
    manager.opens(f"/customers/{uuid}/")
    manager.opens("/customers/")
    manager.page.locator("details:has(a[download]) > summary").click()
    manager.takes(manager.page.locator("a[download]").first)
    login = bank.logins["relationship_manager"]

    compliance = signs_in("compliance")
    compliance.goes_to("系统", "审计")
    compliance.picture("compliance-trail")
    compliance.page.locator(".find-customer input[name$=customer_no]").fill(customer_no)
    compliance.clicks(compliance.page.locator(".find-customer [type=submit]"))
    assert customer_no not in compliance.page.url
    looked = compliance.cells(compliance.panel("谁看过").locator("table"))
    seen = bank.number("SELECT COUNT(*) FROM audit_customerview WHERE party_key = %s", party)
    assert len(looked) == seen
    assert any(login["staff_no"] in " ".join(row) for row in looked)
    compliance.picture("compliance-customer")

    compliance.opens("/audit/?tab=files")
    rows = bank.number(
        "SELECT rows FROM audit_exportlog WHERE staff_no = %s ORDER BY id DESC LIMIT 1", login["staff_no"]
    )
    newest = compliance.cells(compliance.page.locator("table[data-list]"))[0]
    assert login["staff_no"] in newest[0]
    assert str(rows) in newest
    compliance.picture("compliance-files")
    check_seals(compliance)
    assert compliance.refused(f"/customers/{uuid}/") in {403, 404}


def check_seals(compliance: Person) -> None:
    """Press the button that goes over the sealed trail; nothing was changed behind its back."""
    box: Locator = compliance.page.locator("#seals")
    box.locator("button").click()
    box.locator(".notice").first.wait_for()
    assert box.locator(".notice-error").count() == 0
    assert not re.search("不一致|不是", box.inner_text())
