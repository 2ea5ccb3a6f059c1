"""A visit from desk to doorstep: planned and printed, written down on the phone, with a plan and a kept promise."""

import pytest

pytestmark = pytest.mark.browser

TODAY = "2026-11-01"  # the day after the bank's business date
KEPT = """
SELECT party.uuid::text, party.name, party.id FROM customers_party AS party
JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.keeper_id = %s AND party.kind = 'person' AND party.state = 'active' AND party.merged_into_id IS NULL
AND score.tier_rank >= 3
AND NOT EXISTS (SELECT 1 FROM visits_visit AS v WHERE v.party_id = party.id AND v.day >= DATE '2026-10-25')
ORDER BY score.aum_fen DESC, party.id LIMIT 1
"""
VISIT = "SELECT state, is_proven FROM visits_visit WHERE party_id = %s AND day = %s"
MADE = "SELECT state FROM interactions_promise WHERE party_id = %s AND text = %s"
MINUTES = "到客户店里面谈四十分钟，客户下月有一笔定期到期，希望提前三天来电，届时一起看期限。"
PROMISE = "到期前三天来电提醒"


def test_a_visit_is_planned_at_the_desk_written_on_the_phone_and_its_promise_kept(bank, signs_in):
    uuid, name, party = bank.row(KEPT, bank.staff("relationship_manager"))
    desk = signs_in("relationship_manager")
    desk.opens(f"/customers/{uuid}/")
    desk.clicks(desk.page.locator(".page-head").get_by_role("link", name="预约拜访"))
    desk.page.fill("[name=day]", TODAY)
    desk.page.fill("[name=hour]", "00:15")
    desk.page.fill("[name=place]", "客户店内")
    desk.clicks(desk.page.get_by_role("button", name="预约", exact=True))
    assert name in desk.words()
    sheet = desk.takes(desk.page.get_by_role("link", name="拜访准备单"))
    assert sheet.read_bytes().startswith(b"%PDF-")
    desk.picture("visit-planned")
    visit = desk.page.url.removeprefix(bank.address)

    there = signs_in("relationship_manager", phone=True)
    there.opens(visit)
    there.page.select_option("[name=outcome]", index=1)
    there.page.fill("[name=minutes]", MINUTES)
    there.page.fill("[name=place]", "客户店内")
    there.page.fill("[name=promise]", PROMISE)
    there.page.fill("[name=due_on]", "2026-11-20")
    there.clicks(there.page.get_by_role("button", name="保存纪要"))
    assert bank.row(VISIT, party, TODAY) == ("done", True)
    steps = sum(1 for one in there.page.locator("[name^=text_]").all() if one.input_value())
    there.clicks(there.page.get_by_role("button", name="制定方案"))
    assert steps == there.page.locator("main tbody tr").count() > 0
    there.picture("visit-plan")
    there.opens(visit)
    assert "有凭据" in there.words()
    there.picture("visit-written-down")

    assert bank.row(MADE, party, PROMISE) == ("open",)
    there.opens("/interactions/promises?state=open")
    there.page.locator("tr", has_text=PROMISE).get_by_role("button", name="已兑现").click()
    there.page.locator("tr", has_text=PROMISE).wait_for(state="detached")
    assert bank.row(MADE, party, PROMISE) == ("kept",)
