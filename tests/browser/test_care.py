"""Care of a customer through two hands: a gift within the limits, one past them, one that a second person decides about
on the phone; and news of a customer told from the phone, on the keeper's list and in the calendar's room."""

import pytest

pytestmark = pytest.mark.browser

# The demo has given something to almost everybody: by what is left of what the tier may get in a year (in fen).
LEFT = (
    "SELECT party.id, party.uuid::text, party.name FROM customers_party AS party "
    "JOIN scores_partyscore AS score ON score.party_id = party.id "
    "JOIN (VALUES (3, 30000), (4, 50000), (5, 100000), (6, 200000), (7, 300000)) AS line(tier_rank, most) "
    "USING (tier_rank) LEFT JOIN care_gift AS gift ON gift.party_id = party.id "
    "WHERE (party.keeper_id = %s OR party.unit_id = %s) AND party.kind = 'person' AND party.state = 'active' "
    "AND party.merged_into_id IS NULL "
    "GROUP BY party.id, line.most HAVING line.most - COALESCE(SUM(gift.value_fen), 0) >= %s "
    "ORDER BY line.most - COALESCE(SUM(gift.value_fen), 0) DESC, party.id LIMIT 1"
)
GIFT = "SELECT state, decided_by_id FROM care_gift WHERE party_id = %s AND what = %s"
DELIVERED_ON = "2026-11-04"  # three days after the bank's today


def gives(manager, uuid: str, what: str, value: str, day: str = "") -> None:
    manager.opens(f"/customers/{uuid}/")
    manager.clicks(manager.page.locator("#part-care").get_by_role("link", name="礼品"))
    manager.page.get_by_label("鲜花").check()
    manager.page.fill("[name=what]", what)
    manager.page.fill("[name=value_fen]", value)
    manager.page.select_option("[name=occasion]", "birthday")
    manager.page.select_option("[name=budget]", "vip")
    if day:
        manager.page.fill("[name=day]", day)
    manager.page.get_by_role("button", name="登记礼品").click()


def test_a_gift_keeps_its_limits_and_a_dear_one_is_decided_by_another_on_the_phone(bank, signs_in):
    manager, keeper = signs_in("relationship_manager"), bank.staff("relationship_manager")
    party, uuid, _name = bank.row(LEFT, keeper, None, 8800)
    gives(manager, uuid, "生日花束", "88")
    manager.page.get_by_text("礼品已登入台账。").wait_for()
    assert bank.row(GIFT, party, "生日花束") == ("given", None)

    head = signs_in("outlet_head")
    (unit,) = bank.row("SELECT unit_id FROM organisation_post WHERE staff_id = %s", bank.staff("outlet_head"))
    party, uuid, name = bank.row(LEFT, None, unit, 30000)
    gives(head, uuid, "金条", "30000")
    head.page.get_by_text("超过限额").first.wait_for()
    head.picture("care-gift-past-the-limits")
    assert bank.rows(GIFT, party, "金条") == []
    head.complaints.forget(f"{bank.address}/care/customers/{uuid}/gift")  # refused: 422

    gives(head, uuid, "定制花艺礼盒", "300", DELIVERED_ON)
    head.page.get_by_text("已提交复核。").wait_for()
    assert bank.row(GIFT, party, "定制花艺礼盒") == ("waiting", None)
    head.goes_to("服务", "客户关怀")
    assert "定制花艺礼盒" not in head.words()  # not to be given yet

    supervisor = signs_in("supervisor", phone=True)
    supervisor.opens("/care/gifts")
    waiting = supervisor.page.locator("tr", has_text="定制花艺礼盒")
    supervisor.picture("care-gifts-waiting-phone")
    waiting.get_by_role("button", name="复核通过").click()
    supervisor.page.get_by_text("已审批。").wait_for()
    assert bank.row(GIFT, party, "定制花艺礼盒") == ("given", bank.staff("supervisor"))

    head.opens("/care/")
    planned = head.panel("待赠送礼品")
    assert name in planned.inner_text()
    assert DELIVERED_ON in planned.inner_text()
    head.picture("care-calendar")


def test_news_told_on_the_phone_stand_in_the_room_of_care_and_on_the_keepers_list(bank, signs_in):
    manager = signs_in("relationship_manager", phone=True)
    party, uuid, name = bank.row(LEFT, bank.staff("relationship_manager"), None, 0)
    manager.opens(f"/customers/{uuid}/")
    manager.panel("客户关怀").get_by_role("button", name="客户关怀").click()  # folded on a phone
    manager.clicks(manager.page.locator("#part-care").get_by_role("link", name="动态登记"))
    manager.page.get_by_label("添丁").check()
    manager.page.fill("[name=note]", "二宝，母子平安")
    manager.picture("care-news-phone")
    manager.page.get_by_role("button", name="登记动态").click()
    manager.page.get_by_text("已登记，并列入管户人待办。").wait_for()
    manager.opens("/care/")
    manager.clicks(manager.page.get_by_role("link", name="客户动态"))
    told = manager.page.locator("tr", has_text="二宝，母子平安")
    assert name in told.inner_text()
    assert "添丁" in told.inner_text()
    manager.picture("care-news-told-phone")
    tasks = "SELECT COUNT(*) FROM worklist_task WHERE party_id = %s AND assignee_id = %s AND opened_on = '2026-11-01'"
    assert bank.number(tasks + " AND subject LIKE 'life:%%'", party, bank.staff("relationship_manager")) == 1
