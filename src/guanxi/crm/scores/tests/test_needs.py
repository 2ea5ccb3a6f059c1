"""What would help next: said with reasons, asked again on the day it is read, and to who may see the customer alone."""

from datetime import date

import pytest
from django.utils import translation

from guanxi.crm import testing
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.scores.selectors import need_of

pytestmark = pytest.mark.django_db
FUND = {
    "family": "fund", "product_code": "F1", "product_name": "稳健一号", "product_grade": "R2", "customer_grade": "C3",
    "professional": False, "answer": "suitable", "own_reason": "maturing", "own_amount_fen": 80_000_00,
    "own_day": "2026-11-03",
}  # fmt: skip


def lay(party, *needs, **peers) -> None:
    """A night's needs of this customer, with the bank's starting policies in force."""
    testing.make_policies("need", "suitability")
    with testing.everything():
        party.risk_grade, party.risk_expires_on, party.birth_date = "C3", date(2090, 1, 1), date(1980, 1, 1)
        party.save()
        PartyNeed.objects.create(
            party=party, needs=list(needs), age_band="40-50", area="urban", tier_rank=4, **peers
        )
        PeerNeed.objects.create(
            age_band="40-50", area="urban", tier_rank=4, family="fund", exposed=1203, takers=51, rate=0.04
        )


def rest(screen: testing.Screen) -> str:
    with translation.override("zh-hans"):
        return testing.client_of(screen.people.alice).get(f"{screen.address}rest").content.decode()


def test_a_need_names_a_product_how_it_fits_and_why() -> None:
    screen = testing.make_screen()
    lay(screen.people.customer, FUND)
    page = rest(screen)
    for said in ("基金", "稳健一号", "R2 ≤ 客户 C3，匹配", "1,203", "51 户", "2026-11-03", "8.00\u00a0万元"):
        assert said in page, said


def test_a_product_above_the_own_grade_is_said_to_be_for_a_professional_investor_and_not_to_fit_it() -> None:
    screen = testing.make_screen()
    lay(screen.people.customer, {**FUND, "product_grade": "R4", "professional": True})
    page = rest(screen)
    assert "R4，专业投资者" in page
    assert "≤ 客户" not in page


def test_what_is_no_longer_suitable_on_the_day_is_not_shown() -> None:
    screen = testing.make_screen()
    lay(screen.people.customer, FUND, {**FUND, "product_grade": "R4", "product_name": "进取二号"})
    assert "进取二号" not in rest(screen)
    with testing.everything():
        screen.people.customer.risk_expires_on = date(2026, 1, 1)
        screen.people.customer.save()
    page = rest(screen)
    assert "稳健一号" not in page
    assert "风险测评已于 2026-01-01 过期" in page
    assert "目前没有可推荐的产品" in page


def test_the_range_of_peers_says_that_it_is_no_measurement() -> None:
    screen = testing.make_screen()
    amounts = {"peer_low_fen": 10_000_00, "peer_middle_fen": 90_000_000_00, "peer_high_fen": 95_000_000_00}
    lay(screen.people.customer, peers=40, sent_elsewhere_fen=5_000_00, **amounts)
    page = rest(screen)
    assert "并非他行资产测算" in page
    assert "40 户" in page


def test_needs_of_a_customer_out_of_reach_are_nobodys_business() -> None:
    screen = testing.make_screen()
    lay(screen.people.customer, FUND)
    for staff, seen in ((screen.people.alice, True), (screen.people.charlie, False)):
        with acting_as(staff, today=testing.TODAY) as reach:
            assert (need_of(reach, screen.people.customer) is not None) is seen
