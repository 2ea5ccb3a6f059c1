"""Who may offer what, and what a case's ending may be. Plain values in, plain values out."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from guanxi.insight.policies.retention import (
    FALSE_ALARM,
    LOST,
    MONEY_OFFERS,
    RATE,
    SAVED,
    RetentionPolicy,
)

ENDINGS = (SAVED, LOST, FALSE_ALARM)
FEN = Decimal(100)


def taken(kind: str, amounts: Iterable[int]) -> int:
    """What several offers of a kind come to: the highest rate, the sum of anything else."""
    told = list(amounts)
    return max(told, default=0) if kind == RATE else sum(told)


def limit(policy: RetentionPolicy, roles: Collection[str], kind: str) -> int:
    """The authority of these roles in the unit of CaseOffer.amount: fen of money, else as the policy writes it.

    Never rounded up: a limit of half a basis point is none.
    """
    most = policy.limit(roles, kind)
    return int(most * FEN if kind in MONEY_OFFERS else most)


def within_authority(
    policy: RetentionPolicy, roles: Collection[str], kind: str, before: Iterable[int], amount: int
) -> bool:
    """Whether somebody of these roles may add an offer of this size to those that stand in the case already."""
    return taken(kind, [*before, amount]) <= limit(policy, roles, kind)


def may_decide(
    policy: RetentionPolicy,
    roles: Collection[str],
    kind: str,
    total: int,
    *,
    maker: int,
    decider: int,
) -> bool:
    """Whether this person may approve: somebody else than the maker, whose own authority holds the whole."""
    return maker != decider and total <= limit(policy, roles, kind)


def may_end(policy: RetentionPolicy, ending: str, reason: str, place: str) -> bool:
    """Whether a case may end so: the reason may be said of the ending, and who left has not stayed here."""
    why, where = policy.reason(reason), policy.place(place)
    if ending not in ENDINGS or why is None or where is None:
        return False
    return ending in why.said_of and not (ending == LOST and where.stays)


def agreement(said: str, ledger: Collection[str], known: Collection[str]) -> bool | None:
    """Whether what was said is what the ledger shows; None while one of them says nothing.

    `known`: destinations that say something, all but those like 不清楚.
    """
    return None if not ledger or said not in known else said in ledger


def is_kept(opening_fen: int | None, now_fen: int, share: Decimal) -> bool:
    """Whether at least this share of the wealth at opening is still there; nothing at opening is kept by anything."""
    return Decimal(now_fen) >= Decimal(opening_fen or 0) * share
