"""The score panels of a customer page: figures against what was published, and what is said where there is none."""

import json
import re
from datetime import date
from html import unescape

import pytest

from guanxi.crm import testing
from guanxi.crm.scores import panels
from guanxi.crm.scores.models import PartyHistory, TierHistory

pytestmark = pytest.mark.django_db
MONTHS = [date(2024 + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(25)]
ARRAYS = [field.name for field in PartyHistory._meta.fields if field.name.endswith("_fen")]


def history_for(party, **given) -> PartyHistory:
    """25 months to October 2026; arrays not given hold nothing known."""
    values = (
        {name: [None] * 25 for name in ARRAYS} | {"tier_ranks": [4] * 25, "stages": ["mature"] * 25} | given
    )
    with testing.everything():
        return PartyHistory.objects.create(party=party, months=MONTHS, **values)


def panel(screen: testing.Screen, name: str, query: str = "", staff=None) -> str:
    answer = testing.client_of(staff or screen.people.alice).get(f"{screen.address}{name}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def chart_of(page: str) -> dict:
    return json.loads(unescape(re.search(r'data-data="([^"]*)"', page).group(1)))


def test_the_chart_shows_the_components_ever_held_over_twelve_months_or_twenty_five() -> None:
    screen = testing.make_screen()
    history_for(
        screen.people.customer, aum_fen=[100_00 * n for n in range(25)], demand_fen=[60_00 * n for n in range(25)],
        time_fen=[40_00 * n for n in range(25)], fund_fen=[0] * 25,
    )  # fmt: skip
    short, long = chart_of(panel(screen, "wealth", "?months=12")), chart_of(panel(screen, "wealth"))
    assert [line["code"] for line in short["series"]] == ["demand", "time"]
    assert (len(short["categories"]), short["categories"][-1]) == (12, "2026-10")
    assert short["series"][0]["values"] == [60_00 * n for n in range(13, 25)]
    assert len(long["categories"]) == 25


def test_the_composition_is_of_the_latest_month_and_sums_to_the_whole() -> None:
    history = PartyHistory(months=MONTHS, **({name: [None] * 25 for name in ARRAYS} | {
        "time_fen": [1] * 24 + [75], "demand_fen": [9] * 24 + [25], "fund_fen": [5] * 24 + [0],
    }))  # fmt: skip
    parts = panels.composition(history)
    assert [(part.code, part.fen, part.share) for part in parts] == [("time", 75, 0.75), ("demand", 25, 0.25)]


@pytest.mark.parametrize(
    ("values", "back", "moved"),
    [([100, 110], 1, 0.1), ([-100, -50], 1, 0.5), ([0, 5], 1, None), ([None, 5], 1, None), ([5, None], 1, None),
     ([5], 1, None), ([], 1, None)],
)  # fmt: skip
def test_a_movement_needs_both_ends_and_something_to_start_from(values, back, moved) -> None:
    assert panels.moved_since(values, back) == moved


def test_a_company_has_no_aum_and_the_panel_says_so() -> None:
    screen = testing.make_screen(aum_fen=None, daily_average_fen=None)
    with testing.everything():
        type(screen.people.customer).objects.filter(pk=screen.people.customer.pk).update(kind="company")
    page = panel(screen, "wealth")
    assert "企业和机关单位不计 AUM" in page
    assert "400,000.00" in page


def test_each_bar_opens_to_what_it_was_made_from_and_the_missing_one_says_why() -> None:
    screen = testing.make_screen(
        composite_score=78.0, contribution_score=81.0, risk_score=22.0, relatedness_score=90.0,
        contribution_12m_fen=123_456, segment="person.urban",
        details={"value": {
            "deposit_margin_12m_fen": 100_000, "loan_margin_12m_fen": 20_000, "fee_income_12m_fen": 10_000,
            "expected_loss_12m_fen": 3_000, "costs_12m_fen": 3_544, "risk_points": 22, "risk_level": "low",
            "relations_count": 3, "family_count": 2, "employees_count": 0, "weight_contribution": 0.47,
            "weight_risk": 0.24, "weight_renown": 0.0, "weight_relatedness": 0.29,
        }},
    )  # fmt: skip
    page = unescape(panel(screen, "value"))
    for said in (
        "78",
        "风险度 低（22，越低越好）",
        "知名度 —（没有登记依据、来源和日期）",
        "1,000.00",
        "47%",
        "29%",
    ):
        assert said in page
    assert "其权重已按比例分给其余各项" in page


def test_before_a_whole_month_the_value_card_says_what_it_waits_for() -> None:
    assert "有一个完整月的数据后显示" in panel(testing.make_screen(), "value")


def test_the_stage_stands_with_its_evidence_and_the_stages_before() -> None:
    screen = testing.make_screen(
        stage="declining", stage_reason="balance_fell", months_in_stage=2,
        details={"stage": {"base_average_fen": 20_000_000, "now_average_fen": 12_000_000, "change_share": -0.4}},
    )  # fmt: skip
    history_for(screen.people.customer, stages=["growing"] * 3 + ["mature"] * 20 + ["declining"] * 2)
    page = panel(screen, "stage")
    assert "日均 12.00\u00a0万元，比 4 至 6 个月前的 20.00\u00a0万元下降 40.0%" in page
    for said in ("衰退期", "2024-10 – 2024-12", "2026-09 – 2026-10"):
        assert said in page


def test_what_the_last_run_changed_is_named_with_before_and_now() -> None:
    screen = testing.make_screen(tier_before=3, stage_before="growing", aum_change_fen=-1_234_500)
    page = panel(screen, "changes")
    for said in ("银卡客户 → <b>金卡客户</b>", "发展期 → <b>成熟期</b>", "-1.23\u00a0万"):
        assert said in page


def test_a_first_run_has_nothing_to_compare_with_and_a_quiet_one_says_nothing_changed() -> None:
    assert "暂无可比" in panel(testing.make_screen(), "changes")


def test_a_quiet_run_changed_nothing() -> None:
    assert "没有变化" in panel(
        testing.make_screen(tier_before=4, stage_before="mature", aum_change_fen=0), "changes"
    )


def test_the_tiers_before_stand_with_their_days() -> None:
    screen = testing.make_screen()
    with testing.everything():
        for rank, start, end in ((3, date(2025, 1, 1), date(2026, 7, 1)), (4, date(2026, 7, 1), None)):
            TierHistory.objects.create(
                party=screen.people.customer, scheme="person", tier_rank=rank, valid_from=start, valid_to=end,
                known_from=testing.BUSINESS_DATE, run=screen.run,
            )  # fmt: skip
    page = panel(screen, "")
    assert "2025-01-01 – 2026-07-01" in page
    assert "银卡客户" in page
