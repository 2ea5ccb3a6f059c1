"""Books month by month within each reader's reach; the indices in words; what keeping is worth, added up by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.scores.models import BookFlow, BookIndex, LifetimeCell, PartyScore
from guanxi.crm.scores.relationship import indices
from guanxi.crm.scores.reports.worth_keeping import Cell, gain_of

pytestmark = pytest.mark.django_db
MONTH = date(2026, 10, 1)
FLOW: dict[str, Any] = {
    **dict.fromkeys(("customers_before", "customers", "kept", "arrived", "opened", "left_book", "closed"), 0),
    "contribution_unknown": 0,
}


def flow(unit, keeper, aum: int, grown: int, arrived: int = 0) -> None:
    BookFlow.objects.create(
        **FLOW | {"customers": 2}, month=MONTH, unit=unit, keeper=keeper, aum_before_fen=aum - grown - arrived,
        aum_grown_fen=grown, aum_arrived_fen=arrived, aum_fen=aum,
    )  # fmt: skip
    BookIndex.objects.create(
        month=MONTH, unit=unit, keeper=keeper, measure="loyalty", customers=2, known=2, points=aum // 10**8, low=1,
        middle=1, high=0,
    )  # fmt: skip


@pytest.fixture
def people(settings) -> testing.People:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    testing.make_policies("tier", "access", "lists", "lifetime")
    people = testing.make_people()
    testing.make_run()
    flow(people.outlet, people.alice, 11_100_000_000, 1_000_000_000)
    flow(people.outlet, people.bob, 22_200_000_000, 0, 2_000_000_000)
    flow(people.elsewhere, people.charlie, 44_400_000_000, 0)
    return people


def page(staff, address: str = "/reports/books") -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().replace("\xa0", " ")


def test_a_manager_sees_the_own_book_and_a_head_those_of_the_outlet(people) -> None:
    mine = page(people.alice)
    assert "1.11 亿" in mine
    assert "Bob" not in mine
    assert "2.22 亿" not in mine
    head = page(people.head)
    assert "3.33 亿" in head
    assert "Bob" in head
    assert "Charlie" not in head
    everybody = page(testing.make_staff("supervisor", people.bank))
    assert "7.77 亿" in everybody


def test_a_book_out_of_reach_is_no_page(people) -> None:
    head, alice = testing.client_of(people.head), testing.client_of(people.alice)
    assert head.get(f"/reports/books?keeper={people.bob.pk}").status_code == 200
    assert head.get(f"/reports/books?keeper={people.charlie.pk}").status_code == 404
    assert head.get(f"/reports/books?unit={people.elsewhere.pk}").status_code == 404
    assert alice.get(f"/reports/books?keeper={people.bob.pk}").status_code == 404


def test_what_is_not_known_of_satisfaction_is_said_and_is_no_number() -> None:
    told = {
        "satisfaction": None,
        "loyalty": 88,
        "contribution": None,
        "dependence": 40,
        "years": 7,
        "families": 3,
    }
    with translation.override("en"):
        found = {one.code: one for one in indices(PartyScore(details={"index": told}))}
    assert found["satisfaction"].points is None
    assert "no index" in found["satisfaction"].sentence
    assert (found["loyalty"].points, found["loyalty"].sentence) == (88, "customer for 7 years")
    assert indices(PartyScore(details={})) == []


def cell(loss: str, monthly: int = 10_000, customers: int = 100) -> Cell:
    return Cell("person", 3, customers, 1, monthly, Decimal(loss))


@settings(max_examples=30)
@given(loss=st.decimals("0", "0.3", places=6), points=st.decimals("0.1", "20", places=1))
def test_what_keeping_is_worth_is_the_sum_over_the_months(loss, points) -> None:
    gain = gain_of(cell(str(loss)), points, 36, Decimal("0.08"))
    stays = 1 - float(loss)
    then = min(1.0, stays**12 + float(points) / 100) ** (1 / 12)
    year = sum(then**t - stays**t for t in range(1, 13)) * 100 * 10_000
    horizon = sum((then**t - stays**t) / 1.08 ** (t / 12) for t in range(1, 37)) * 100 * 10_000
    assert gain.year_fen == pytest.approx(year, abs=1)
    assert gain.horizon_fen == pytest.approx(horizon, abs=1)
    assert float(gain.kept) == pytest.approx(100 * (then**12 - stays**12), abs=1e-6)


def test_nobody_is_kept_beyond_all_and_a_loss_maker_kept_costs() -> None:
    assert gain_of(cell("0"), Decimal(5), 36, Decimal("0.08")).year_fen == 0
    assert gain_of(cell("0.01", monthly=-500), Decimal(5), 36, Decimal("0.08")).year_fen < 0


def test_rates_of_the_whole_bank_are_shown_to_whom_sees_the_whole_bank(people) -> None:
    LifetimeCell.objects.create(
        month=MONTH, segment="person/urban", tier_rank=3, customers=1000, months=12, monthly_mean_fen=50_000,
        survivors=11_000, losses=120, loss_rate=Decimal("0.01"),
    )  # fmt: skip
    supervisor = testing.make_staff("supervisor", people.bank)
    assert "1,000" in page(supervisor, "/reports/worth-keeping?points=2")
    assert "1,000" not in page(people.head, "/reports/worth-keeping")
    assert page(supervisor, "/reports/worth-keeping?points=nonsense")
