"""The first page of each role: what stands on it, and what must not."""

from datetime import timedelta

import pytest

from guanxi.crm import testing
from guanxi.crm.scores.models import LargeChange, Maturity, NearLine, UnitDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def screen() -> testing.Screen:
    testing.make_policies("worklist")
    return testing.make_screen()


def home_of(staff, address: str = "/") -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def give_lists(screen: testing.Screen) -> None:
    """The customer in each of the three lists, and the day's sums of its keeper."""
    who = {
        "party": screen.people.customer,
        "unit": screen.people.outlet,
        "keeper": screen.people.alice,
    }
    day = testing.BUSINESS_DATE
    with testing.everything():
        LargeChange.objects.create(
            **who, day=day, aum_before_fen=80_000_000, aum_after_fen=52_311_842, change_fen=-27_688_158
        )
        Maturity.objects.create(
            **who, account_no="A1", family="time", amount_fen=30_000_000, days_left=8, rolls_over=False,
            matures_on=day + timedelta(days=8), product_name="整存整取一年",
        )  # fmt: skip
        NearLine.objects.create(**who, side="below", line_fen=1, daily_average_fen=1, gap_fen=4_820_000)
        for label, aum in (("today", 52_311_842), ("yesterday", 80_000_000)):
            UnitDay.objects.create(
                label=label, day=day, unit=who["unit"], keeper=who["keeper"], aum_fen=aum, customers=1
            )


def test_a_manager_sees_the_sums_and_lists_of_the_own_book(screen) -> None:
    give_lists(screen)
    page = home_of(screen.people.alice, "/overview")
    for said in ("52.31", "-27.69", "整存整取一年", "不转存", "4.82", "王建国", "近 30 天到期"):
        assert said in page
    assert "到店识别" not in page


def test_a_colleague_and_a_stranger_see_nothing_of_that_book(screen) -> None:
    give_lists(screen)
    for staff in (screen.people.bob, screen.people.charlie):
        page = home_of(staff) + home_of(staff, "/overview")
        assert "王建国" not in page
        assert "-27.69" not in page


def test_the_head_of_the_outlet_sees_the_whole_outlet_and_the_way_to_the_daily_report(screen) -> None:
    give_lists(screen)
    page = home_of(screen.people.head)
    assert "王建国" in page
    assert "/reports/daily" in page


def test_the_counter_starts_with_the_arrival_box_and_the_days_list(screen) -> None:
    teller = testing.make_staff("teller", screen.people.outlet)
    page = home_of(teller)
    assert "到店识别" in page
    assert "今日没有必办事项" in page
    assert "您还没有管户客户" in home_of(teller, "/overview")
    assert "昨日大额变动" not in page


@pytest.mark.parametrize(("role", "words"), [("administrator", "在任岗位"), ("compliance", "今日查看客户")])
def test_who_sees_no_customers_sees_their_own_matters_and_no_search(screen, role, words) -> None:
    give_lists(screen)
    page = home_of(testing.make_staff(role, screen.people.bank))
    assert words in page
    assert "王建国" not in page
    assert 'id="search"' not in page


def test_an_analyst_sees_sums_but_no_full_name(screen) -> None:
    give_lists(screen)
    page = home_of(testing.make_staff("analyst", screen.people.bank))
    assert "王**" in page
    assert "王建国" not in page


def test_nobody_gets_an_empty_page_without_a_hint(screen) -> None:
    assert "您的岗位暂无可用页面" in home_of(testing.make_staff(None, screen.people.outlet))
    assert "今日没有必办事项" in home_of(screen.people.bob)
    assert "今日没有" in home_of(screen.people.bob, "/overview")


def test_before_the_first_run_the_page_says_what_is_missing() -> None:
    testing.make_policies()
    assert "还没有数据" in home_of(testing.make_people().alice)


def test_who_rose_or_fell_in_the_last_run_is_named_with_both_tiers() -> None:
    screen = testing.make_screen(tier_before=3)
    page = home_of(screen.people.alice, "/overview")
    assert "银卡客户 → 金卡客户" in page
    assert "银卡客户 → 金卡客户" not in home_of(screen.people.bob, "/overview")
