"""A salon through four hands: invited by the manager, signed up on the phone, let in by the lobby, called afterwards;
and a customer who answers a survey badly and is called back."""

import re

import pytest
from tests.chromium import picture

pytestmark = pytest.mark.browser

TITLE = "年末资产配置沙龙"


def plans(manager, today: str) -> str:
    manager.goes_to("营销", "沙龙活动")
    manager.clicks(manager.page.get_by_role("link", name="新建沙龙"))
    manager.page.fill("[name=title]", TITLE)
    manager.page.fill("[name=place]", "二楼贵宾理财中心")
    manager.page.fill("[name=day]", today)
    # the whole day, so that the door is open whenever the test runs
    manager.page.fill("[name=begins]", "00:00")
    manager.page.fill("[name=ends]", "23:59")
    manager.page.fill("[name=seats]", "10")
    manager.page.locator("[name=is_open]").check()
    manager.clicks(manager.page.get_by_role("button", name="安排活动"))
    return manager.page.url.removeprefix(manager.bank.address)


def invites(manager, customer_no: str) -> None:
    manager.page.get_by_label("按客户号").check()
    manager.page.fill("[name=numbers]", customer_no)
    manager.page.locator("#invite").get_by_role("button", name="邀约").click()
    manager.page.get_by_text("已邀约 1 位").wait_for()
    manager.picture("salon-invited")
    manager.clicks(manager.page.get_by_role("link", name="专属链接"))


def signs_up(page, link: str) -> str:
    page.goto(link)
    assert "**" in page.locator("main").inner_text()  # greeted without the whole name
    page.screenshot(path=picture("salon-invitation-phone"))
    page.get_by_role("button", name="报名", exact=True).click()
    page.get_by_text("报名成功").wait_for()
    page.fill("[name=name]", "方小园")
    page.fill("[name=contact]", "17099990077")
    page.locator("[name=agreed]").check()
    page.get_by_role("button", name="添加同行宾客").click()
    page.get_by_text("同行宾客已登记").wait_for()
    page.screenshot(path=picture("salon-signed-up-phone"), full_page=True)
    return page.locator(".code b").inner_text()


def lets_in(lobby, address: str, code: str) -> None:
    lobby.opens(f"{address}door")
    lobby.page.fill("#code", code.lower())
    lobby.page.get_by_role("button", name="签到").click()
    lobby.page.locator(".door-log .in").wait_for()
    lobby.page.context.set_offline(True)
    lobby.page.fill("#code", code)
    lobby.page.get_by_role("button", name="签到").click()
    lobby.page.get_by_text("网络不通").wait_for()
    lobby.page.context.set_offline(False)
    lobby.page.evaluate("window.dispatchEvent(new Event('online'))")
    lobby.page.locator(".door-log", has_text="只计一次").wait_for()
    lobby.picture("salon-door-phone")
    lobby.complaints.forget(f"{lobby.bank.address}{address}let-in")


def test_a_customer_is_invited_signs_up_on_the_phone_comes_in_by_code_and_is_called(bank, signs_in, phone):
    manager = signs_in("relationship_manager")
    keeper = bank.staff("relationship_manager")
    number, party = bank.row(
        "SELECT customer_no, id FROM customers_party WHERE keeper_id = %s AND state = 'active' AND kind = 'person' "
        "AND merged_into_id IS NULL AND NOT EXISTS (SELECT 1 FROM customers_consent AS said WHERE "
        "said.party_id = customers_party.id AND said.purpose = 'marketing' AND NOT said.agreed) ORDER BY id LIMIT 1",
        keeper,
    )
    address = plans(manager, "2026-11-01")
    invites(manager, number)
    code = signs_up(phone, manager.page.locator(".salon-link a").get_attribute("href"))
    lead = bank.row("SELECT contact_token, contact_masked FROM leads_lead WHERE name = '方小园'")
    assert "17099990077" not in "".join(lead)

    lets_in(signs_in("teller", phone=True), address, code)
    (came,) = bank.row("SELECT came_at FROM salons_invitation WHERE party_id = %s AND code = %s", party, code)
    assert came is not None

    manager.opens(address)
    manager.page.get_by_role("button", name="结束活动").click()
    manager.page.locator("#end").get_by_role("button", name="结束活动").click()
    manager.page.get_by_text("已结束，由管户人回访到场客户").wait_for()
    manager.picture("salon-ended")
    told = (
        "SELECT COUNT(*) FROM worklist_task "
        "WHERE party_id = %s AND reason ->> 'code' = 'salon_came' AND reason ->> 'name' = %s"
    )
    assert bank.number(told, party, TITLE) == 1


def test_a_low_answer_on_the_phone_is_on_the_heads_list_the_same_day(bank, signs_in, phone):
    head = signs_in("outlet_head")
    customer = bank.row(
        "SELECT uuid FROM customers_party AS party WHERE unit_id = %s AND state = 'active' AND kind = 'person' AND "
        "merged_into_id IS NULL AND NOT EXISTS (SELECT 1 FROM surveys_surveylink AS link WHERE "
        "link.party_id = party.id) ORDER BY id LIMIT 1",
        bank.unit("outlet_head"),
    )[0]
    head.opens(f"/surveys/customers/{customer}/ask")
    head.page.get_by_role("button", name="生成链接").click()
    link = head.page.locator(".survey-link a").get_attribute("href")
    head.picture("survey-ask")

    phone.goto(link)
    phone.screenshot(path=picture("survey-phone"), full_page=True)
    phone.locator("[name=csat][value='1']").check(force=True)
    phone.fill("textarea", "办一笔业务等了一小时")
    phone.get_by_role("button", name="提交").click()
    phone.get_by_text("网点负责人今天就会看到").wait_for()
    assert re.search("无法打开", phone.goto(link).text())  # answered once

    number = bank.number("SELECT id FROM surveys_answer WHERE comment = '办一笔业务等了一小时'")
    assert bank.number(
        "SELECT COUNT(*) FROM worklist_task WHERE link = %s AND assignee_id = %s", f"surveys:answer {number}",
        bank.staff("outlet_head"),
    ) == 1  # fmt: skip
    head.opens(f"/surveys/answers/{number}")
    assert "办一笔业务等了一小时" in head.words()
    head.goes_to("服务")
    head.picture("surveys-list")
