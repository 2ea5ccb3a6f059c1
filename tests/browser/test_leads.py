"""A lead's way through three browsers: found at the counter, published by the head, claimed, fed back, converted."""

import re

import pytest

pytestmark = pytest.mark.browser

NAME, NUMBER = "冯小荷", "17099990001"


def hands_in(finder) -> None:
    finder.opens("/leads/new")
    finder.picture("lead-hand-in-phone")
    finder.page.fill("[name=name]", NAME)
    finder.page.fill("[name=contact]", NUMBER)
    finder.page.fill("[name=note]", "在观前街开丝绸店")
    finder.clicks(finder.page.locator("main form").get_by_role("button", name="提交"))
    assert "已收集" in finder.words()
    finder.picture("lead-mine-phone")


def publishes(head, lead: int) -> None:
    head.opens("/leads/board")
    head.page.locator(f"input[name=chosen][value='{lead}']").check()
    head.picture("lead-board-head")
    head.page.get_by_role("button", name="发布").click()
    head.settled()
    assert head.bank.row("SELECT state FROM leads_lead WHERE id = %s", lead) == ("publish",)


def claims(manager, address: str) -> None:
    manager.opens("/leads/board")
    manager.picture("lead-board-manager")
    manager.opens(address)
    manager.page.get_by_role("button", name="认领").click()
    manager.page.get_by_text("认领成功").wait_for()
    manager.page.locator(".masked .eye").click()
    manager.page.locator("#dialog-body").get_by_role("button", name="查看", exact=True).click()
    manager.page.locator("#dialog-body .figure-value", has_text=NUMBER).wait_for()


def feeds_back(manager, address: str) -> None:
    manager.opens(address)
    manager.page.get_by_label("有", exact=True).check()
    manager.page.fill("[name=resources]", "店铺收单与个人存款")
    manager.page.fill("[name=decides]", "老板娘 沈女士")
    manager.page.get_by_role("button", name="提交反馈").click()
    manager.page.locator(".notice", has_text="待补充").wait_for()
    manager.picture("lead-repair")
    manager.page.fill("[name=informs]", "隔壁 吴老板")
    manager.page.fill("[name=operates]", "收银 小杨")
    manager.page.get_by_role("button", name="提交反馈").click()
    manager.settled()


def converts(manager) -> None:
    manager.clicks(manager.page.get_by_role("link", name="制定公关作战图"))
    for at in range(3):
        manager.page.fill(f"[name=step-{at}-what]", "上门拜访")
    manager.picture("lead-battle-map")
    manager.clicks(manager.page.get_by_role("button", name="开始转化"))
    assert "转化中" in manager.words()
    manager.picture("lead-converting")


def test_a_lead_from_the_counter_becomes_a_battle_map_of_a_manager(bank, signs_in):
    finder = signs_in("teller", phone=True)
    hands_in(finder)
    lead, uuid, token = bank.row("SELECT id, uuid, contact_token FROM leads_lead WHERE name = %s", NAME)
    assert NUMBER not in token
    address = f"/leads/{uuid}/"
    publishes(signs_in("outlet_head"), lead)
    manager = signs_in("relationship_manager")
    claims(manager, address)
    owner = bank.row("SELECT owner_id FROM leads_lead WHERE id = %s", lead)
    assert owner == (bank.staff("relationship_manager"),)
    feeds_back(manager, address)
    converts(manager)
    link = f"leads:detail {uuid}"
    standing = "SELECT COUNT(*) FROM worklist_task WHERE origin = 'lead' AND state = 'open' AND link = %s"
    assert bank.number(standing, link) == 8  # three steps of the map and five of the first 90 days

    finder.opens("/leads/mine")
    row = finder.page.locator("tr", has_text=NAME)
    assert re.search(r"转化中[\s\S]*6\s*$", row.inner_text())  # 1 for being taken up, 5 for conversion
    finder.opens(address)
    assert "吴老板" not in finder.words()
