"""Signals, reasons of the scorer and changes as full short sentences, in Chinese and English: the one catalogue.

Pure: facts and a language in, text out. Money is whole fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from guanxi.web.formats import is_chinese, money_words, percent

Pair = tuple[str, str]  # the same sentence in Chinese and in English

DESTINATIONS: Mapping[str, Pair] = {
    "own_name_bank": ("他行同名账户", "an account of the same name at another bank"),
    "third_party_wealth": ("第三方理财/证券", "a broker or another house's wealth products"),
    "house": ("购房", "a house purchase"),
    "early_repayment": ("提前还贷", "early repayment of a loan"),
    "internal": ("行内划转", "another account with us"),
    "spending": ("消费", "spending"),
    "other_person": ("他人账户", "another person's account"),
    "cash": ("取现", "cash"),
}
SIGNALS: Mapping[str, Pair] = {
    "outflow": (
        "近 30 天流出 {amount}，占资产 {share}（此前月均 {usual}），{day} 最大一笔去向{place}（{destination}）。",
        "{amount} left in 30 days, {share} of the wealth (usual: {usual} a month); the largest on {day} to {place} "
        "({destination}).",
    ),
    "payroll_stopped": (
        "代发工资停发：{place}最近一次为 {day}，月均 {amount}，此前连续收到 {times} 个月。",
        "Pay stopped: the last came on {day} from {place}, {amount} a month, after {times} months of pay.",
    ),
    "payroll_batch_stopped": (
        "代发整批停发：{usual_times} 名员工中 {times} 名未收到，最近一次为 {day}，月代发约 {amount}。",
        "The payroll stopped: {times} of {usual_times} employees were not paid, last on {day}, about {amount} a month.",
    ),
    "matured": (
        "{day} {place}到期共 {amount}，未续存或续购。",
        "{amount} matured ({place}, {day}) and was not renewed.",
    ),
    "log_ins_down": (
        "近 30 天登录 {times} 天，此前月均 {usual_times} 天。",
        "Logged in on {times} days of the last 30; usual are {usual_times}.",
    ),
    "complaint": (
        "{day} 投诉：{place}，未办结 {usual_times} 件。",
        "Complained on {day}: {place}; {usual_times} still open.",
    ),
    "debit_cancelled": ("{day} 解约代扣：{place}。", "Cancelled a direct debit on {day}: {place}."),
    "slope": (
        "资产三个月下滑 {amount}（{share}），此前日均 {usual}。",
        "Wealth fell by {amount} ({share}) over three months from an average of {usual}.",
    ),
    "early_withdrawal": ("{day} 提前支取，共 {amount}。", "Withdrew early on {day}: {amount} in all."),
    "closing_request": (
        "{day} 提出销户或大额取现：{place}。",
        "Asked to close or to draw cash on {day}: {place}.",
    ),
    "likely": ("流失可能居前{place}。", "Among the likeliest to leave{place}."),
}
SCORER: Mapping[str, Pair] = {
    "size": ("资产规模与流失客户相近", "a wealth of a size that leavers have"),
    "balance_falling": ("资产低于本人此前水平", "wealth below the customer's own months before"),
    "below_average": ("时点资产低于本月日均", "today's wealth below the month's average"),
    "lies_on_demand": ("资金停留在活期", "money lying on demand"),
    "little_put_away": ("定期与理财占比有变", "the share put away has changed"),
    "in_transit": ("在途资金占比", "money in transit"),
    "few_products": ("持有产品少", "few products held"),
    "tenure": ("开户时间", "how long a customer"),
    "age": ("年龄", "age"),
    "area": ("城乡", "where the customer lives"),
    "loan": ("贷款情况", "loans"),
    "less_active": ("主动交易减少", "fewer own transactions"),
    "fewer_log_ins": ("登录减少", "fewer log-ins"),
    "money_leaving": ("资金流向他行或第三方", "money going to other banks or brokers"),
    "spending": ("支出占比上升", "more is spent"),
    "inflow": ("资金流入有变", "what comes in has changed"),
    "payroll": ("代发情况有变", "pay has changed"),
    "several_signals": ("多个信号同时出现", "several signals at once"),
    "matured": ("到期未续", "matured and not renewed"),
    "complaint": ("有投诉", "a complaint"),
    "debit_cancelled": ("代扣解约", "a direct debit cancelled"),
    "early_withdrawal": ("提前支取", "an early withdrawal"),
    "closing_request": ("提出销户", "a request to close"),
}
CHANGES: Mapping[str, Pair] = {
    "signal_new": ("新出现：{what}", "New: {what}"),
    "signal_gone": ("不再出现：{what}", "No longer: {what}"),
    "tier_up": ("等级上升：{before} → {after}", "Tier up: {before} → {after}"),
    "tier_down": ("等级下降：{before} → {after}", "Tier down: {before} → {after}"),
    "stage": ("阶段变化：{before} → {after}", "Stage: {before} → {after}"),
    "aum_up": ("资产增加 {amount}", "Wealth up by {amount}"),
    "aum_down": ("资产减少 {amount}", "Wealth down by {amount}"),
}
UNKNOWN: Pair = ("未说明", "not said")


@dataclass(frozen=True)
class SignalFacts:
    """The figures of one signal, as published."""

    signal: str
    amount_fen: int | None = None
    usual_fen: int | None = None
    share: float | None = None
    times: int | None = None
    usual_times: int | None = None
    day: date | None = None
    place: str | None = None
    destination: str | None = None


def pick(pair: Pair, language: str) -> str:
    """The sentence of a language."""
    return pair[0] if is_chinese(language) else pair[1]


def signal_sentence(facts: SignalFacts, language: str) -> str:
    """What an indicator says, with its figures."""
    if facts.signal not in SIGNALS:
        return facts.signal
    unknown = pick(UNKNOWN, language)
    return pick(SIGNALS[facts.signal], language).format(
        amount=_money(facts.amount_fen, language),
        usual=_money(facts.usual_fen, language),
        share=unknown if facts.share is None else percent(facts.share),
        times=0 if facts.times is None else facts.times,
        usual_times=0 if facts.usual_times is None else facts.usual_times,
        day=facts.day.isoformat() if facts.day else unknown,
        place=facts.place or ("" if facts.signal == "likely" else unknown),
        destination=pick(DESTINATIONS.get(facts.destination or "", UNKNOWN), language),
    )


def scorer_sentence(code: str, language: str) -> str:
    """Why the scorer thinks a customer likelier than others to leave."""
    return pick(SCORER[code], language) if code in SCORER else code


def scorer_sentences(codes: list[str], language: str) -> str:
    """At most three reasons as one sentence."""
    said = [scorer_sentence(code, language) for code in codes]
    if not said:
        return ""
    return f"主要因素：{'、'.join(said)}。" if is_chinese(language) else f"Mainly: {', '.join(said)}."


def change_sentence(kind: str, told: Mapping[str, str], amount_fen: int | None, language: str) -> str:
    """One change since the run before; `told` has what, before and after in words."""
    if kind not in CHANGES:
        return kind
    amount = "" if amount_fen is None else _money(abs(amount_fen), language)
    return pick(CHANGES[kind], language).format(amount=amount, **told)


def _money(fen: int | None, language: str) -> str:
    return pick(UNKNOWN, language) if fen is None else money_words(fen, language)
