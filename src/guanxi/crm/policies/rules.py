"""Who may decide about a version and from when it may count. Plain values only."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from guanxi.insight.policies.aum import FAMILY_LABELS, KIND_LABELS

DECIDABLE = "proposed"
READY = "approved"
_CODE = re.compile(r"(?<![A-Za-z0-9_./(（-])[a-z][a-z_]*(?![A-Za-z0-9_./-])")
_STAGES = {
    "potential": "潜在客户",
    "trial": "考察期",
    "growing": "发展期",
    "mature": "成熟期",
    "declining": "衰退期",
    "lost": "流失",
    "won_back": "挽回",
}


def in_chinese(sentences: Iterable[str], tiers: Mapping[str, str]) -> list[str]:
    """Sentences with each bare code of a tier, sort of customer, product family or stage in words.

    `tiers`: code → name. A code in brackets stands there on purpose, beside its words.
    """
    names = {**_STAGES, **FAMILY_LABELS, **KIND_LABELS, **tiers}
    lines = (line.replace("Asia/Shanghai", "北京时间") for line in sentences)
    return [_CODE.sub(lambda found: names.get(found[0], found[0]), line) for line in lines]


def may_decide(*, state: str, proposer: int | None, decider: int, delegates: frozenset[int]) -> bool:
    """Whether `decider` may approve or reject: a proposed version of somebody else, for whom no delegate decides.

    `delegates` are the people who stand in for the proposer, or for whom the proposer stands in. A version without a
    proposer came from the bank's folder: anybody with the right may decide.
    """
    return state == DECIDABLE and (proposer is None or (decider != proposer and decider not in delegates))


def may_withdraw(*, state: str, valid_from: date | None, today: date, own: bool) -> bool:
    """Whether a version may still be taken back: it counts nowhere yet. A mere proposal is its author's alone."""
    if state == DECIDABLE:
        return own
    return state == READY or (state == "active" and valid_from is not None and valid_from > today)


def may_activate(*, state: str, valid_from: date, today: date) -> bool:
    """Whether an approved version may count from `valid_from`: never from a day past, its figures are published."""
    return state == READY and valid_from >= today


def in_force_from(days: list[date], on: date) -> date | None:
    """Of the days versions count from, the one that counts on `on`; the first version also counts before its day."""
    past = [day for day in days if day <= on]
    return max(past) if past else min(days, default=None)
