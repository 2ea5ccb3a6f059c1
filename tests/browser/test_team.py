"""The team's week: a head looks at the cockpit, reads the morning page, makes the weekly pack and decides something."""

import re

import pytest

pytestmark = pytest.mark.browser

WARNED = """
SELECT COUNT(*) FROM foresight_warning AS w WHERE w.unit_id = %s AND w.state = 'listed'
AND w.listed_on <= DATE '2026-11-01' - 3 AND NOT EXISTS (
  SELECT 1 FROM interactions_contact AS c WHERE c.party_id = w.party_id AND c.day >= w.listed_on)
"""
WAITING = (
    "SELECT COUNT(*) FROM keeping_poolentry WHERE unit_id = %s AND closed_on IS NULL AND keeper_id IS NULL"
)
TASK = "SELECT assignee_id, state FROM worklist_task WHERE origin = 'coaching' AND reason ->> 'text' = %s"
DECIDED = "本周三前联系全部待分配客户"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_head_goes_from_the_cockpit_to_a_decision_that_is_somebodys_task(bank, signs_in, phone):
    head, unit = signs_in("outlet_head", phone=phone), bank.unit("outlet_head")
    where = "phone" if phone else "desktop"
    head.opens("/performance/")
    figures = head.figures()
    assert figures["未处理预警"] == str(bank.number(WARNED, unit))
    assert figures["待分配池"] == str(bank.number(WAITING, unit))
    head.picture(f"team-cockpit-{where}")

    head.opens("/performance/lists/pool")
    assert f"{bank.number(WAITING, unit)} 条" in head.words() or "这里没有内容" in head.words()

    head.opens("/performance/morning")
    assert "今日到期" in head.words()
    head.picture(f"team-morning-{where}")
    sheet = head.page.request.get(f"{bank.address}/performance/morning.pdf")
    assert sheet.body().startswith(b"%PDF-")

    head.opens("/performance/weeks")
    head.clicks(head.page.get_by_role("button", name=re.compile("本周例会包")))
    text = f"{DECIDED} · {where}"
    head.page.fill("[name=text]", text)
    head.page.locator("#decide form").get_by_role("button", name="记录决议").click()
    head.settled()
    assert "决议已记录" in head.words()
    head.picture(f"team-week-{where}")
    assignee, state = bank.row(TASK, text)
    owner = head.page.locator("#decide li", has_text=text).locator("span").nth(1).inner_text()
    assert (bank.row("SELECT name FROM organisation_staff WHERE id = %s", assignee)[0], state) == (
        owner,
        "open",
    )


def test_a_head_coaches_somebody_and_a_manager_reads_only_the_own_figures(signs_in):
    head = signs_in("outlet_head")
    head.opens("/performance/coaching")
    head.picture("team-coaching")
    head.opens("/performance/")
    head.clicks(head.page.locator("#people tbody a").first)
    head.page.fill("[name=advice]", "先联系最久未联系的客户")
    head.page.fill("[name=action]", "每天三户")
    head.page.locator("main").get_by_role("button", name="保存辅导").click()
    head.settled()
    assert "先联系最久未联系的客户" in head.words()
    head.picture("team-person")
    manager = signs_in("relationship_manager")
    manager.opens("/performance/mine")
    assert "我的业绩" in manager.words()
    manager.picture("team-mine")
    assert manager.refused("/performance/") == 403
