"""What a relationship is worth (综合价值) and prefers, as full short sentences in Chinese and English.

Pure, as `reasons`: facts and a language in, text out. Money is whole fen; what is unknown is said, never shown as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.crm.scores.reasons import Pair, say
from guanxi.web.formats import MISSING, decimal, money_words, percent

RISK_LEVELS: Mapping[str, Pair] = {"low": ("低", "low"), "medium": ("中", "medium"), "high": ("高", "high")}

PREFERENCES: Mapping[str, Pair] = {
    "deposit_reliant": (
        "存款倚重：近 12 个月收益主要来自存款。",
        "Deposit-reliant: deposits brought most of what was earned in 12 months.",
    ),
    "fee_reliant": (
        "中间业务倚重：近 12 个月收益主要来自手续费。",
        "Fee-reliant: fees brought most of what was earned in 12 months.",
    ),
    "loan_reliant": (
        "贷款倚重：近 12 个月收益主要来自贷款。",
        "Loan-reliant: loans brought most of what was earned in 12 months.",
    ),
    "balanced": (
        "综合均衡：持有多类产品，收益没有一项过半。",
        "Balanced: several product families, none of which brings half.",
    ),
    "unsettled": (
        "未定型：开户时间短、没有正收益，或收益构成不明显。",
        "Unsettled: a short time here, nothing earned, or no clear shape.",
    ),
}


@dataclass(frozen=True)
class ValueFacts:
    """The value card: 12-month contribution with its parts in fen, percentiles 0..100, points, counts, weights 0..1."""

    contribution_12m_fen: int | None = None
    deposit_margin_12m_fen: int | None = None
    loan_margin_12m_fen: int | None = None
    fee_income_12m_fen: int | None = None
    expected_loss_12m_fen: int | None = None
    costs_12m_fen: int | None = None
    composite_score: float | None = None
    contribution_score: float | None = None
    risk_points: int | None = None
    risk_level: str | None = None
    renown_score: float | None = None
    relatedness_score: float | None = None
    relations_count: int = 0
    employees_count: int = 0
    family_count: int = 0
    weight_contribution: float | None = None
    weight_risk: float | None = None
    weight_renown: float | None = None
    weight_relatedness: float | None = None


def preference_sentence(preference: str, language: str) -> str:
    """The preference type (客户偏好) with what it means."""
    return say(PREFERENCES.get(preference, (preference, preference)), language)


def contribution_sentence(facts: ValueFacts, language: str) -> str:
    """Contribution of 12 months with its parts; without a transfer price it says so."""
    if facts.contribution_12m_fen is None:
        pair = (
            f"贡献度 {MISSING}（缺少内部资金转移价格或余额，未计算）。",
            f"Contribution {MISSING} (a transfer price or balance is missing, so it is not computed).",
        )
        return say(pair, language)
    parts = (
        facts.contribution_12m_fen,
        facts.deposit_margin_12m_fen,
        facts.loan_margin_12m_fen,
        facts.fee_income_12m_fen,
        facts.expected_loss_12m_fen,
        facts.costs_12m_fen,
    )
    total, deposits, loans, fees, loss, costs = (money_words(part, language) for part in parts)
    score = decimal(facts.contribution_score, 0)
    pair = (
        f"贡献度 {score}：近 12 个月 {total}，其中存款 {deposits}、贷款 {loans}、手续费 {fees}，"
        f"减预期损失 {loss}、税费与服务成本 {costs}。",
        f"Contribution {score}: {total} in 12 months; deposits {deposits}, loans {loans}, fees {fees}, less expected "
        f"loss {loss} and surtax and cost to serve {costs}.",
    )
    return say(pair, language)


def risk_sentence(facts: ValueFacts, language: str) -> str:
    """风险度 低(22,越低越好); without credit business there is no risk to speak of."""
    if facts.risk_points is None or facts.risk_level is None:
        return say((f"风险度 {MISSING}（没有授信与贷款）", f"Risk {MISSING} (no credit or loan)"), language)
    level = say(RISK_LEVELS[facts.risk_level], language)
    pair = (
        f"风险度 {level}（{facts.risk_points}，越低越好）",
        f"Risk {level} ({facts.risk_points}, lower is better)",
    )
    return say(pair, language)


def renown_sentence(facts: ValueFacts, language: str) -> str:
    """知名度, or that it has no stated and sourced ground."""
    if facts.renown_score is None:
        pair = (
            f"知名度 {MISSING}（没有登记依据、来源和日期）",
            f"Renown {MISSING} (no ground, source and date on record)",
        )
    else:
        score = decimal(facts.renown_score, 0)
        pair = (f"知名度 {score}", f"Renown {score}")
    return say(pair, language)


def relatedness_sentence(facts: ValueFacts, language: str) -> str:
    """关联度 with how many relations stand behind it."""
    if facts.relatedness_score is None:
        return say(
            (f"关联度 {MISSING}（没有已知关系）", f"Relatedness {MISSING} (no known relation)"), language
        )
    score = decimal(facts.relatedness_score, 0)
    pair = (
        f"关联度 {score}（关系 {facts.relations_count}，其中家庭 {facts.family_count}、员工 {facts.employees_count}）",
        f"Relatedness {score} ({facts.relations_count} relations: family {facts.family_count}, employees "
        f"{facts.employees_count})",
    )
    return say(pair, language)


def weights_sentence(facts: ValueFacts, language: str) -> str:
    """How the composite is weighed here, and which indicators had nothing to be scored on."""
    if facts.composite_score is None:
        return say(
            (
                f"综合价值 {MISSING}（没有贡献度即不计算）",
                f"Composite {MISSING} (none without a contribution)",
            ),
            language,
        )
    named: tuple[tuple[Pair, float | None], ...] = (
        (("贡献度", "contribution"), facts.weight_contribution),
        (("风险度（取反）", "risk (turned round)"), facts.weight_risk),
        (("知名度", "renown"), facts.weight_renown),
        (("关联度", "relatedness"), facts.weight_relatedness),
    )
    used = [f"{say(pair, language)} {percent(weight, 0)}" for pair, weight in named if weight]
    absent = [say(pair, language) for pair, weight in named if not weight]
    zh = f"综合价值 {decimal(facts.composite_score, 0)} = {' + '.join(used)}"
    en = f"Composite {decimal(facts.composite_score, 0)} = {' + '.join(used)}"
    if absent:
        zh += f"；{'、'.join(absent)}没有依据，其权重已按比例分给其余各项"
        en += f"; nothing to score for {', '.join(absent)}, whose weight is spread over the others"
    return say((zh + "。", en + "."), language)


def value_sentences(facts: ValueFacts, language: str) -> list[str]:
    """The value card (综合价值) in words: contribution, risk, renown, relatedness, and how they are weighed."""
    return [
        contribution_sentence(facts, language),
        risk_sentence(facts, language),
        renown_sentence(facts, language),
        relatedness_sentence(facts, language),
        weights_sentence(facts, language),
    ]
