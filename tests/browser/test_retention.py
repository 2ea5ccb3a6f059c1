"""A customer kept: from the customer page to an ending in two taps; from the counter to the manager the same day."""

import re

import pytest

pytestmark = pytest.mark.browser

KEPT = (
    "SELECT party.uuid, party.customer_no, party.name FROM customers_party AS party "
    "JOIN scores_partyscore AS score ON score.party_id = party.id AND score.tier_rank >= 3 "
    "JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.staff_no = %s "
    "WHERE party.unit_id = %s AND party.kind = 'person' AND party.merged_into_id IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM retention_case AS c WHERE c.party_id = party.id) "
    "ORDER BY score.aum_fen DESC, party.id LIMIT 1"
)
CASE = (
    "SELECT c.state, c.reason, c.place FROM retention_case AS c JOIN customers_party AS p ON p.id = c.party_id "
    "WHERE p.customer_no = %s"
)


def kept_by_the_manager(bank):
    found = bank.rows(KEPT, bank.logins["relationship_manager"]["staff_no"], bank.unit("teller"))
    assert found, "the demo bank's manager keeps no silver customer without a case at this outlet"
    return found[0]


def ends_as_saved(person) -> None:
    person.page.locator(".tap", has_text="利率或收益").first.click()
    person.page.locator("button.tap-place", has_text="仍在本行").click()
    person.page.locator(".panel-head h2", has_text="结案情况").wait_for()
    assert "挽留成功" in person.words()


def test_a_manager_opens_a_case_on_the_customer_page_and_saves_the_customer(bank, signs_in):
    manager = signs_in("relationship_manager")
    uuid, number, name = kept_by_the_manager(bank)
    manager.opens(f"/customers/{uuid}/")
    manager.clicks(manager.panel("挽留任务").locator("button", has_text="转挽留任务"))
    assert name in manager.words()
    manager.picture("manager-case")
    manager.page.locator("summary", has_text="给予优惠").click()
    manager.page.select_option("[name=kind]", "fee")
    manager.page.locator("form[action$='/offers'] [name=amount]").fill("100")
    manager.page.locator("button", has_text="提交优惠").click()
    manager.page.locator(".offers", has_text="100.00").wait_for()
    ends_as_saved(manager)
    assert bank.rows(CASE, number) == [("saved", "rate", "here")]
    manager.picture("manager-case-ended")


def test_an_event_at_the_counter_is_on_the_managers_phone_at_once(bank, signs_in):
    teller, manager = signs_in("teller", phone=True), signs_in("relationship_manager", phone=True)
    _uuid, number, name = kept_by_the_manager(bank)
    teller.opens("/counter/")
    teller.page.fill("main [name=number]", number)
    teller.clicks(teller.page.locator("main form button[type=submit]").first)
    assert number not in teller.page.url
    assert re.search(r"/counter/\d+$", teller.page.url)
    assert "一条提示" in teller.words()
    teller.picture("teller-counter")
    teller.page.locator(".rights button", has_text="使用").first.click()
    teller.page.get_by_text("已使用。").wait_for()
    teller.page.locator("input[value=closing]").check()
    teller.page.fill("main [name=amount]", "200,000")
    teller.page.locator("button", has_text="通知管户人").click()
    teller.page.get_by_text("已通知管户人，请照常受理。").wait_for()
    assert "照常受理，先问一句" in teller.words()
    teller.picture("teller-counter-event")

    manager.opens("/retention/")
    manager.clicks(manager.page.locator("main table a", has_text=name).first)
    assert "柜面销户" in manager.words()
    manager.picture("manager-case-from-the-counter")
    ends_as_saved(manager)
