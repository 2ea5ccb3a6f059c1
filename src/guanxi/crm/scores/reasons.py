"""Why a tier and a stage, with their figures, as full short sentences in Chinese and English.

What a relationship is worth is said by `value_reasons`.

Pure: facts and a language in, text out. Money is whole fen; what is unknown is None and is said, never shown as 0.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from guanxi.web.formats import MISSING, SPACE, is_chinese, money_words, percent, yuan_of

FEN_A_WAN = 1_000_000  # 1 万元 in fen

Pair = tuple[str, str]  # the same sentence in Chinese and in English

NO_TIER: Mapping[str, Pair] = {
    "not_an_owner": (
        "不评级：仅为授权人、代理人或监护人，名下没有账户。",
        "No tier: an authorised person, agent or guardian only, without an account of his own.",
    ),
    "deceased": ("不评级：客户已身故。", "No tier: the customer has died."),
    "closed": ("不评级：客户已销户。", "No tier: the customer has closed."),
    "no_account": ("不评级：没有未销户的账户。", "No tier: no open account."),
    "no_scheme": (
        "不评级：等级政策不含此类客户。",
        "No tier: the tier policy has no scheme for this kind of customer.",
    ),
    "no_balance": (
        "暂不评级：有账户余额无法读取，修正后恢复，不按最低等级处理。",
        "No tier for now: a balance could not be read. It is not taken for the lowest tier and comes back once "
        "corrected.",
    ),
    "no_average": (
        "暂不评级：只有月末时点余额，没有月日均。",
        "No tier for now: month-end balances only, no daily average.",
    ),
    "no_standing": (
        "暂不评级：企业综合得分缺少依据。",
        "No tier for now: the company's points lack their inputs.",
    ),
    "no_closed_month": (
        "暂不评级：还没有完整的一个月。",
        "No tier yet: no whole month has been counted.",
    ),
}

STAGES: Mapping[str, Pair] = {
    "no_account": ("没有开过账户。", "Has never had an account."),
    "all_closed": ("账户已全部销户。", "All accounts are closed."),
    "balance_gone": (
        "连续 2 个完整月日均仅 {now}，原为 {base}，降幅 {fall}。",
        "The daily average has been {now} or so for 2 closed months; it was {base} ({fall} less).",
    ),
    "returned": (
        "曾流失，现日均 {now}，已回到原 {base}的 {share}。",
        "Was lost; the daily average of {now} is {share} of the former {base} again.",
    ),
    "balance_fell": (
        "日均 {now}，比 4 至 6 个月前的 {base}下降 {fall}，已连续 2 个月。",
        "The daily average of {now} is {fall} below the {base} of 4 to 6 months ago, for 2 months now.",
    ),
    "asleep": (
        "睡眠：{idle} 天没有主动交易，也没有未到期的定期或理财。",
        "Asleep: {idle} days without a posting of his own, and nothing unmatured.",
    ),
    "new_customer": ("开户 {tenure} 天，仍在考察期。", "A customer for {tenure} days, still on trial."),
    "first_year": ("开户 {tenure} 天，未满一年。", "A customer for {tenure} days, less than a year."),
    "balance_grew": (
        "日均 {now}，比 3 个月前的 {base}增长 {rise}。",
        "The daily average of {now} is {rise} above the {base} of 3 months ago.",
    ),
    "new_family": (
        "近期新增一类产品。",
        "Has taken up a new family of products lately.",
    ),
    "steady": (
        "开户 {tenure} 天，资产与交易平稳。",
        "A customer for {tenure} days, with steady wealth and activity.",
    ),
}

HOLDS: Mapping[str, Pair] = {
    "held_payroll": ("代发工资", "salary paid through us"),
    "held_loan": ("贷款", "a loan"),
    "held_business": ("经营身份", "a business"),
}


@dataclass(frozen=True)
class TierFacts:
    """What the tier sentences speak of. `measure_fen` is the average (or month-end balance) of `month`."""

    month: date
    closed: bool  # the month is complete
    reason_code: str
    basis: str = "daily_average"  # daily_average | month_end | standing
    measure_fen: int | None = None
    tier: str | None = None  # names as the policy has them; None: no tier
    line_fen: int | None = None  # of the tier held; None for the first band
    months_at_or_above: int = 0
    months_below: int = 0
    months_to_fall: int | None = None
    past_tier: str | None = None
    best_below_tier: str | None = None
    next_tier: str | None = None
    next_line_fen: int | None = None
    next_gap_fen: int | None = None
    present_needed_fen: int | None = None  # only while the month runs


@dataclass(frozen=True)
class StageFacts:
    """The evidence of a stage: averages in fen, days, and the change against the base as a share."""

    reason_code: str
    base_average_fen: int | None = None
    now_average_fen: int | None = None
    change_share: float | None = None
    tenure_days: int | None = None
    idle_days: int | None = None


def line_words(fen: int, language: str) -> str:
    """A tier's line as a banker says it: 50 万元, not 50.00 万元."""
    if is_chinese(language) and fen >= FEN_A_WAN and fen % FEN_A_WAN == 0:
        return f"{fen // FEN_A_WAN:,}{SPACE}万元"
    return money_words(fen, language) if fen % 100 else _whole(fen, language)


def _whole(fen: int, language: str) -> str:
    if is_chinese(language) and fen >= FEN_A_WAN:
        return money_words(fen, language)
    return f"{yuan_of(fen):,.0f}{SPACE + '元' if is_chinese(language) else ''}"


def say(pair: Pair, language: str) -> str:
    """The sentence in this language."""
    return pair[0] if is_chinese(language) else pair[1]


def no_tier_sentence(reason_code: str, language: str) -> str:
    """Why a customer has no tier; an unknown code is shown as it is."""
    pair = NO_TIER.get(reason_code, (f"不评级：{reason_code}。", f"No tier: {reason_code}."))
    return say(pair, language)


def tier_sentences(facts: TierFacts, language: str) -> list[str]:
    """Why this tier and how far the next one is; a second sentence while the month runs, another while on watch."""
    if facts.tier is None:
        return [no_tier_sentence(facts.reason_code, language)]
    said = [_tier_now(facts, language) + _tier_ahead(facts, language) + _stop(language)]
    for more in (
        _tier_turn(facts, language),
        _tier_watch(facts, language),
        present_needed_sentence(facts, language),
    ):
        said += [more] if more else []
    return said


def present_needed_sentence(facts: TierFacts, language: str) -> str:
    """若今日存入并留存至月末: what to put in today and keep to reach the next tier; empty without one."""
    if facts.present_needed_fen is None or facts.next_tier is None or facts.closed:
        return ""
    if facts.present_needed_fen == 0:
        pair = (
            f"保持现有资产至月末，即可达到{facts.next_tier}标准。",
            f"Keeping what is here to month end reaches {facts.next_tier}.",
        )
    else:
        amount = money_words(facts.present_needed_fen, language)
        pair = (
            f"若今日存入并留存至月末，需 {amount}，即可达到{facts.next_tier}标准。",
            f"Paid in today and kept to month end, {amount} would reach {facts.next_tier}.",
        )
    return say(pair, language)


def _stop(language: str) -> str:
    return "。" if is_chinese(language) else "."


def _measured(facts: TierFacts, language: str) -> str:
    """The subject: 10 月月日均 51.80 万元."""
    month = facts.month.month
    if facts.basis == "standing":
        return say((f"{month} 月综合得分", f"Its points in {calendar.month_name[month]}"), language)
    amount = money_words(facts.measure_fen, language) if facts.measure_fen is not None else MISSING
    running = not facts.closed
    if facts.basis == "month_end":
        zh, en = (
            ("时点 " if running else "月末时点 "),
            ("balance so far in" if running else "month-end balance of"),
        )
    else:
        zh, en = (
            ("月日均（至今）" if running else "月日均 "),
            ("average so far in" if running else "daily average of"),
        )
    name = calendar.month_name[month]
    return say((f"{month} 月{zh}{amount}", f"The {en} {name} is {amount}"), language)


def _bracketed(fen: int | None, language: str) -> str:
    if fen is None:
        return ""
    amount = line_words(fen, language)
    return f"（{amount}）" if is_chinese(language) else f" ({amount})"


def _tier_now(facts: TierFacts, language: str) -> str:
    subject, line = _measured(facts, language), _bracketed(facts.line_fen, language)
    points = facts.basis == "standing"
    if facts.reason_code == "override":
        return subject + say((f"；{facts.tier}为人工调整", f"; {facts.tier} is set by hand"), language)
    if facts.line_fen is None and not points:
        return subject + say((f"，为{facts.tier}", f": {facts.tier}"), language)
    if facts.reason_code in HOLDS:
        return subject + say(_held(facts, line), language)
    if not facts.closed:
        return subject + say(_running(facts, line), language)
    if facts.months_below > 0:
        pair = (
            f"，低于{facts.tier}标准{line}已连续 {facts.months_below} 个月",
            f"{' have been' if points else ','} below the line of {facts.tier}{line} "
            f"for {_months(facts.months_below)}",
        )
    else:
        pair = (
            f"，达到{facts.tier}标准{line}已连续 {facts.months_at_or_above} 个月",
            f"{' have' if points else '; it has'} met {facts.tier}{line} for {_months(facts.months_at_or_above)}",
        )
    return subject + say(pair, language)


def _running(facts: TierFacts, line: str) -> Pair:
    """The tier in force while a month runs: its own average decides nothing yet."""
    zh, en = f"；现为{facts.tier}{line}", f"; the tier in force is {facts.tier}{line}"
    if facts.months_below > 0:
        zh += f"，截至上月末已连续 {facts.months_below} 个月低于标准"
        en += f", below its line for {_months(facts.months_below)} by the end of last month"
    elif facts.months_at_or_above > 0:
        zh += f"，截至上月末达标已连续 {facts.months_at_or_above} 个月"
        en += f", met for {_months(facts.months_at_or_above)} by the end of last month"
    return zh, en


def _held(facts: TierFacts, line: str) -> Pair:
    """A tier that a condition of the policy holds whatever the balance: 因代发工资保持金卡."""
    why_zh, why_en = HOLDS[facts.reason_code]
    if not facts.closed:
        return (
            f"；现为{facts.tier}{line}，截至上月末低于标准，因{why_zh}保持",
            f"; the tier in force is {facts.tier}{line}: below its line by the end of last month, held by {why_en}",
        )
    return (
        f"，低于{facts.tier}标准{line}；因{why_zh}保持{facts.tier}",
        f", below the line of {facts.tier}{line}; {facts.tier} is held by {why_en}",
    )


def _tier_ahead(facts: TierFacts, language: str) -> str:
    if facts.next_tier is None or facts.next_gap_fen is None:
        return ""
    line, gap = _bracketed(facts.next_line_fen, language), money_words(facts.next_gap_fen, language)
    if facts.next_gap_fen == 0:
        pair = (
            f"；已过{facts.next_tier}标准{line}，月末确认",
            f"; past the line of {facts.next_tier}{line}, to be confirmed at month end",
        )
    else:
        pair = (f"；距{facts.next_tier}{line}还差 {gap}", f"; {gap} short of {facts.next_tier}{line}")
    return say(pair, language)


def _tier_turn(facts: TierFacts, language: str) -> str:
    if facts.past_tier is None or facts.past_tier == facts.tier:
        return ""
    turns: dict[str, Pair] = {
        "risen": (f"由{facts.past_tier}升为{facts.tier}。", f"Risen from {facts.past_tier} to {facts.tier}."),
        "fallen": (
            f"连续低于标准期满，由{facts.past_tier}调整为期间达到的最好等级{facts.tier}。",
            f"The months of grace are over: from {facts.past_tier} to {facts.tier}, the best tier reached in them.",
        ),
    }
    return say(turns[facts.reason_code], language) if facts.reason_code in turns else ""


def _tier_watch(facts: TierFacts, language: str) -> str:
    if facts.months_below == 0 or facts.months_to_fall is None:
        return ""
    if facts.reason_code in {"override", "guarded"}:
        pair = (
            f"保护期内暂停计算：此前已有 {facts.months_below} 个月低于标准，期满后继续。",
            f"Protected: the count stands at {_months(facts.months_below)} below the line and goes on afterwards.",
        )
        return say(pair, language)
    if facts.reason_code in HOLDS:
        pair = (
            f"保持条件存续期间暂停计算：此前已有 {facts.months_below} 个月低于标准，条件消失后继续。",
            f"While that lasts the count stands at {_months(facts.months_below)} below the line; it goes on after.",
        )
        return say(pair, language)
    left = max(facts.months_to_fall - facts.months_below, 0)
    best = facts.best_below_tier
    pair = (
        f"观察期：再有 {left} 个月低于标准，将调整为{best or '期间达到的最好等级'}。",
        f"On watch: {_months(left)} more below the line and the tier becomes "
        f"{best or 'the best one reached meanwhile'}.",
    )
    return say(pair, language)


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def stage_sentence(facts: StageFacts, language: str) -> str:
    """The evidence of the stage in one sentence; an unknown code is shown as it is."""
    template = say(STAGES.get(facts.reason_code, (facts.reason_code, facts.reason_code)), language)
    change = facts.change_share
    return template.format(
        now=money_words(facts.now_average_fen, language),
        base=money_words(facts.base_average_fen, language),
        fall=percent(None if change is None else -change),
        rise=percent(change),
        share=percent(None if change is None else 1 + change),
        tenure=MISSING if facts.tenure_days is None else f"{facts.tenure_days:,}",
        idle=MISSING if facts.idle_days is None else f"{facts.idle_days:,}",
    )
