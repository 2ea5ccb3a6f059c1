"""Every reason code has a full sentence in both languages, with its figures as a banker writes them."""

from dataclasses import fields, replace
from datetime import date
from importlib.resources import files
from re import findall
from typing import get_args

import pytest

from guanxi.crm.scores.reasons import (
    HOLDS,
    NO_TIER,
    STAGES,
    StageFacts,
    TierFacts,
    line_words,
    no_tier_sentence,
    present_needed_sentence,
    stage_sentence,
    tier_sentences,
)
from guanxi.crm.scores.value_reasons import (
    PREFERENCES,
    ValueFacts,
    contribution_sentence,
    preference_sentence,
    risk_sentence,
    value_sentences,
)

WAN = 1_000_000
GOLD = TierFacts(
    month=date(2026, 10, 1),
    closed=True,
    reason_code="reached",
    measure_fen=5180 * WAN // 100,
    tier="金卡",
    line_fen=50 * WAN,
    months_at_or_above=4,
    months_to_fall=3,
    past_tier="金卡",
    next_tier="白金卡",
    next_line_fen=100 * WAN,
    next_gap_fen=4820 * WAN // 100,
)
LANGUAGES = ("zh-hans", "en")


def plain(text: str) -> str:
    """The sentence with ordinary spaces."""
    return text.replace("\u00a0", " ")


def test_the_tier_sentence_reads_as_a_banker_would_write_it() -> None:
    assert [plain(said) for said in tier_sentences(GOLD, "zh-hans")] == [
        "10 月月日均 51.80 万元，达到金卡标准（50 万元）已连续 4 个月；距白金卡（100 万元）还差 48.20 万元。"
    ]


def test_the_tier_sentence_in_english() -> None:
    named = replace(GOLD, tier="Gold", next_tier="Platinum")
    assert [plain(said) for said in tier_sentences(named, "en")] == [
        "The daily average of October is 518.00 K; it has met Gold (500,000) for 4 months; 482.00 K short of "
        "Platinum (1,000,000)."
    ]


def test_a_running_month_says_what_to_put_in_today() -> None:
    running = replace(GOLD, month=date(2026, 11, 1), closed=False, present_needed_fen=12_345_678)
    first, second = (plain(said) for said in tier_sentences(running, "zh-hans"))
    assert first == (
        "11 月月日均（至今）51.80 万元；现为金卡（50 万元），截至上月末达标已连续 4 个月；"
        "距白金卡（100 万元）还差 48.20 万元。"
    )
    assert second == "若今日存入并留存至月末，需 12.35 万元，即可达到白金卡标准。"
    kept = replace(running, present_needed_fen=0)
    assert present_needed_sentence(kept, "zh-hans") == "保持现有资产至月末，即可达到白金卡标准。"
    assert present_needed_sentence(GOLD, "zh-hans") == ""


def test_a_running_average_below_the_line_does_not_claim_to_have_met_it() -> None:
    running = replace(GOLD, closed=False, measure_fen=30 * WAN)
    assert "已连续 4 个月；" in plain(tier_sentences(running, "zh-hans")[0])
    assert "截至上月末" in tier_sentences(running, "zh-hans")[0]
    assert "by the end of last month" in tier_sentences(running, "en")[0]
    below = replace(running, months_below=2, months_at_or_above=0)
    assert "截至上月末已连续 2 个月低于标准" in tier_sentences(below, "zh-hans")[0]


def test_a_tier_held_by_a_condition_says_by_which() -> None:
    held = replace(
        GOLD, reason_code="held_payroll", measure_fen=30 * WAN, months_at_or_above=0, months_below=2, next_tier=None,
        next_gap_fen=None, next_line_fen=None,
    )  # fmt: skip
    assert [plain(said) for said in tier_sentences(held, "zh-hans")] == [
        "10 月月日均 30.00 万元，低于金卡标准（50 万元）；因代发工资保持金卡。",
        "保持条件存续期间暂停计算：此前已有 2 个月低于标准，条件消失后继续。",
    ]
    running = replace(held, closed=False, reason_code="held_loan", months_below=0)
    assert "因贷款保持" in tier_sentences(running, "zh-hans")[0]
    assert "held by a business" in tier_sentences(replace(held, reason_code="held_business"), "en")[0]


def test_watch_says_since_when_and_what_comes() -> None:
    watched = replace(
        GOLD, reason_code="watch", measure_fen=45 * WAN, months_below=1, months_at_or_above=0, best_below_tier="银卡",
        next_tier=None,
    )  # fmt: skip
    assert [plain(said) for said in tier_sentences(watched, "zh-hans")] == [
        "10 月月日均 45.00 万元，低于金卡标准（50 万元）已连续 1 个月。",
        "观察期：再有 2 个月低于标准，将调整为银卡。",
    ]


def test_rising_and_falling_name_both_tiers() -> None:
    risen = tier_sentences(
        replace(GOLD, reason_code="risen", past_tier="银卡", months_at_or_above=1), "zh-hans"
    )
    assert risen[1] == "由银卡升为金卡。"
    fallen = tier_sentences(replace(GOLD, reason_code="fallen", past_tier="白金卡"), "zh-hans")
    assert fallen[1] == "连续低于标准期满，由白金卡调整为期间达到的最好等级金卡。"


def test_month_end_points_are_never_called_a_daily_average() -> None:
    for closed in (True, False):
        for language in LANGUAGES:
            said = " ".join(tier_sentences(replace(GOLD, basis="month_end", closed=closed), language))
            assert "日均" not in said
            assert "average" not in said


def test_the_first_band_has_no_line_and_the_last_no_next() -> None:
    first = replace(GOLD, tier="普通客户", line_fen=None, measure_fen=1_200_000, next_tier="潜力客户")
    assert plain(tier_sentences(first, "zh-hans")[0]).startswith(
        "10 月月日均 1.20 万元，为普通客户；距潜力客户"
    )
    last = replace(GOLD, next_tier=None, next_gap_fen=None)
    assert tier_sentences(last, "zh-hans")[0].endswith("个月。")


def test_a_companys_tier_speaks_of_points_and_no_money() -> None:
    company = replace(GOLD, basis="standing", measure_fen=None, line_fen=None, tier="高", next_tier=None)
    assert plain(tier_sentences(company, "zh-hans")[0]) == "10 月综合得分，达到高标准已连续 4 个月。"


@pytest.mark.parametrize(
    ("fen", "said"),
    [(50 * WAN, "50 万元"), (600 * WAN, "600 万元"), (500_000, "5,000 元"), (52_500_000, "52.50 万元")],
)
def test_lines_are_said_short(fen: int, said: str) -> None:
    assert plain(line_words(fen, "zh-hans")) == said


STAGE = StageFacts(
    reason_code="balance_fell",
    base_average_fen=10 * WAN,
    now_average_fen=65 * WAN // 10,
    change_share=-0.35,
    tenure_days=2310,
    idle_days=195,
)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("balance_fell", "日均 6.50 万元，比 4 至 6 个月前的 10.00 万元下降 35.0%，已连续 2 个月。"),
        ("asleep", "睡眠：195 天没有主动交易，也没有未到期的定期或理财。"),
        ("new_customer", "开户 2,310 天，仍在考察期。"),
        ("returned", "曾流失，现日均 6.50 万元，已回到原 10.00 万元的 65.0%。"),
    ],
)
def test_a_stage_says_its_evidence(code: str, said: str) -> None:
    assert plain(stage_sentence(replace(STAGE, reason_code=code), "zh-hans")) == said


def test_all_reason_codes_of_the_stage_step_are_in_the_catalogue() -> None:
    sql = files("guanxi.insight").joinpath("scores/score.stage.sql").read_text(encoding="utf8")
    made = set(findall(r"(?:THEN|ELSE) '([a-z_]+)'", sql.split("AS reason_code")[0])) - {"open"}
    assert {"no_account", "steady", "asleep"} <= made
    assert made == set(STAGES)


def test_all_reasons_for_no_tier_are_in_the_catalogue() -> None:
    sql = files("guanxi.insight").joinpath("scores/score.tier.sql").read_text(encoding="utf8")
    made = set(findall(r"(?:THEN|ELSE) '([a-z_]+)'", sql))
    turns = {"first", "risen", "reached", "fallen", "watch", "kept", "override", "guarded", "rule_again"}
    assert made - turns - {"held"} == {*NO_TIER, *HOLDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_gives_a_whole_sentence_even_when_nothing_is_known(language: str) -> None:
    end = "。" if language == "zh-hans" else "."
    said = [no_tier_sentence(code, language) for code in NO_TIER]
    said += [stage_sentence(StageFacts(code), language) for code in STAGES]
    said += [stage_sentence(replace(STAGE, reason_code=code), language) for code in STAGES]
    said += [preference_sentence(code, language) for code in PREFERENCES]
    assert all(sentence.endswith(end) and "{" not in sentence and "None" not in sentence for sentence in said)


def test_an_unknown_code_is_shown_and_breaks_nothing() -> None:
    assert "brand_new" in no_tier_sentence("brand_new", "zh-hans")
    assert stage_sentence(StageFacts("brand_new"), "en") == "brand_new"


CARD = ValueFacts(
    contribution_12m_fen=312_345,
    deposit_margin_12m_fen=280_000,
    loan_margin_12m_fen=40_000,
    fee_income_12m_fen=2_345,
    expected_loss_12m_fen=3_000,
    costs_12m_fen=7_000,
    composite_score=78.2,
    contribution_score=81.4,
    risk_points=22,
    risk_level="low",
    relatedness_score=90.0,
    relations_count=3,
    family_count=2,
    weight_contribution=0.40 / 0.85,
    weight_risk=0.20 / 0.85,
    weight_renown=0.0,
    weight_relatedness=0.25 / 0.85,
)


def test_the_value_card_states_risks_direction_and_the_spread_weight() -> None:
    assert [plain(said) for said in value_sentences(CARD, "zh-hans")] == [
        "贡献度 81：近 12 个月 3,123.45 元，其中存款 2,800.00 元、贷款 400.00 元、手续费 23.45 元，"
        "减预期损失 30.00 元、税费与服务成本 70.00 元。",
        "风险度 低（22，越低越好）",
        "知名度 —（没有登记依据、来源和日期）",
        "关联度 90（关系 3，其中家庭 2、员工 0）",
        "综合价值 78 = 贡献度 47% + 风险度（取反） 24% + 关联度 29%；知名度没有依据，其权重已按比例分给其余各项。",
    ]


def test_what_is_not_known_is_a_dash_with_its_reason_and_never_zero() -> None:
    for language in LANGUAGES:
        said = value_sentences(ValueFacts(), language)
        assert all("—" in sentence and " 0" not in sentence for sentence in said)
    assert "转移价格" in contribution_sentence(ValueFacts(), "zh-hans")
    assert (
        plain(risk_sentence(replace(CARD, risk_level="high", risk_points=80), "en"))
        == "Risk high (80, lower is better)"
    )


def test_facts_of_money_are_whole_fen() -> None:
    for facts in (TierFacts, StageFacts, ValueFacts):
        for field in fields(facts):
            assert not field.name.endswith("_fen") or "int" in str(field.type), get_args(field.type)
