"""The outlet: its head finds in two clicks who yesterday's money left with; its counter greets who stands there."""

import re

import pytest
from tests.browser.person import plain
from tests.browser.sums import short

from guanxi.web import formats

pytestmark = pytest.mark.browser

DAY = "SELECT SUM(deposits_fen), SUM(aum_fen), SUM(loans_fen) FROM scores_unitday WHERE unit_id = %s AND label = %s"
LEFT = (
    "SELECT party.name, change.change_fen, change.aum_before_fen, change.aum_after_fen "
    "FROM scores_largechange AS change "
    "JOIN customers_party AS party ON party.id = change.party_id "
    "WHERE change.unit_id = %s AND change.change_fen < 0 ORDER BY change.change_fen, party.id"
)
DUE = (
    "SELECT party.name, due.amount_fen, due.matures_on FROM scores_maturity AS due "
    "JOIN customers_party AS party ON party.id = due.party_id "
    "WHERE due.unit_id = %s AND due.rolls_over IS NOT TRUE ORDER BY due.amount_fen DESC, due.matures_on, due.account_no"
)


def test_the_head_reads_the_days_figures_and_finds_in_two_clicks_who_left_and_who_matures(bank, signs_in):
    head, unit = signs_in("outlet_head"), bank.unit("outlet_head")
    head.clicks(head.page.locator("main").get_by_role("link", name="业务日报"))
    today, yesterday = (bank.row(DAY, unit, label) for label in ("today", "yesterday"))
    rows = head.cells(head.page.locator("table.report-figures"))
    shown = {row[0].removesuffix("指标口径").strip(): row for row in rows}
    for label, now, before in zip(("存款时点", "AUM", "贷款"), today, yesterday, strict=True):
        assert shown[label][1] == short(now)
        assert short(now - before) in shown[label][2]
    head.picture("head-daily")

    left = bank.rows(LEFT, unit)
    assert left, "the demo bank's last night lost no large deposit at this outlet"
    first = head.panel("昨日大额变动")
    assert left[0][0] in plain(first.inner_text())
    head.clicks(first.get_by_role("link", name="全部"))
    large = head.cells(head.page.locator("table[data-list]"))
    assert [(row[0], row[4], row[5]) for row in large] == [
        (name, formats.money(before), formats.money(after)) for name, _moved, before, after in left
    ]
    head.picture("head-large-changes")

    head.page.go_back()
    head.settled()
    head.clicks(head.panel("近 30 天到期").get_by_role("link", name="全部"))
    due = bank.rows(DUE, unit)
    assert due
    rows = head.cells(head.page.locator("table[data-list]"))
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (name, formats.money(amount), day.isoformat()) for name, amount, day in due
    ]
    assert short(sum(amount for _name, amount, _day in due)) in head.words()
    head.picture("head-maturities")


def test_the_counter_greets_by_card_or_phone_and_sees_masked_figures(bank, signs_in):
    teller, unit = signs_in("teller"), bank.unit("teller")
    ((party, name, sex, tier, card, phone),) = bank.rows(
        "SELECT party.id, party.name, party.sex, score.tier_rank, card.token, phone.token "
        "FROM customers_party AS party "
        "JOIN scores_partyscore AS score ON score.party_id = party.id AND score.tier_rank >= 2 "
        "JOIN customers_identifier AS card ON card.party_id = party.id AND card.kind = 'card' "
        "JOIN customers_contactpoint AS phone ON phone.party_id = party.id AND phone.kind = 'mobile' "
        "WHERE party.unit_id = %s AND party.kind = 'person' ORDER BY score.aum_fen DESC, card.id, phone.id LIMIT 1",
        unit,
    )
    seen = "SELECT COUNT(*) FROM audit_customerview WHERE party_key = %s AND what = 'arrival'"
    before = bank.number(seen, party)
    for number in (bank.in_clear(card), bank.in_clear(phone)):
        teller.opens("/counter/")
        teller.page.fill("[name=number]", number)
        teller.page.locator("main form [type=submit]").click()
        teller.page.locator(".counter-columns").wait_for()
        words = plain(teller.page.locator("main").inner_text())
        assert f"{name[0]}{'先生' if sex == 'male' else '女士'}" in words.replace(" ", "")
        assert "权益" in words
        assert tier_name(bank, tier) in words
        assert number not in teller.page.content()
        assert re.search(r"\d\*+\d", words)
    assert bank.number(seen, party) == before + 2
    teller.picture("teller-arrival")


def test_the_counter_takes_no_file_and_sees_nobody_elses_outlet(bank, signs_in):
    teller, unit = signs_in("teller"), bank.unit("teller")
    teller.opens("/customers/")
    assert teller.page.locator("main a[download]").count() == 0
    here = bank.number("SELECT COUNT(*) FROM scores_partyscore WHERE unit_id = %s", unit)
    assert f"{here} 位客户" in teller.words(".pager-summary")
    assert teller.refused("/customers/export") == 403
    ((uuid, customer_no),) = bank.rows(
        "SELECT uuid::text, customer_no FROM customers_party WHERE unit_id <> %s AND kind = 'person' "
        "ORDER BY id LIMIT 1",
        unit,
    )
    assert teller.refused(f"/customers/{uuid}/") == 404
    teller.opens("/counter/")
    assert teller.searches(customer_no) == []


def tier_name(bank, rank: int) -> str:
    """What the policy in force calls a tier of persons."""
    ((payload,),) = bank.rows(
        "SELECT payload FROM policies_policyversion WHERE kind = 'tier' AND state = 'active'"
    )
    (scheme,) = [one for one in payload["schemes"] if one["code"] == "person"]
    return next(band["label_zh"] for band in scheme["bands"] if band["rank"] == rank)
