"""What a read-out says (结论): 有效, 尚无法判断, 无效; or that it harms, or that the groups are not as drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from guanxi.insight.effects.intervals import Difference, Interval

WORKS, UNCLEAR, NO_EFFECT, HARMS, BLOCKED = "works", "unclear", "no_effect", "harms", "blocked"
VERDICTS = {
    WORKS: "有效",
    UNCLEAR: "尚无法判断",
    NO_EFFECT: "无效",
    HARMS: "有害",
    BLOCKED: "分组异常",
}
REASONS = (
    "always_valid",  # said by the interval that holds at every look
    "at_horizon",  # said by the one look that was planned
    "too_few",  # fewer units in an arm than any normal interval needs
    "running",  # the horizon has not come
    "planned_not_reached",  # the horizon has come, but with fewer units than planned
    "bounded",  # what was hoped for is excluded
    "ratio",  # the sample-ratio check
    "not_drawn",  # outlets were chosen, nobody was drawn: what differs need not be an effect
)


@dataclass(frozen=True)
class Look:
    """One look at a campaign: its intervals and how far it has come.

    `fixed` is what one look at the horizon would say; `final` the same at the level that is left after looking early:
    that one decides. `seen` and `planned` are units whose horizon has come, and units planned; `hoped` the lift
    written down before the launch (None: nothing was), `better` is -1 where less is better.
    """

    said: Difference
    always: Interval
    fixed: Interval
    final: Interval
    seen: float
    planned: float
    at_horizon: bool
    ratio_p: float
    hoped: float | None = None
    better: int = 1


def verdict(look: Look, *, ratio_limit: float, least: int) -> tuple[str, str]:
    """The verdict of a look and the code of its reason.

    Before the horizon, and when fewer were drawn than planned, only the always valid interval may speak; at the horizon
    with the planned number the final one does. `least`: units per arm below which nothing is said.
    """
    if look.ratio_p < ratio_limit:
        return BLOCKED, "ratio"
    if min(look.said.treated, look.said.control) < least:
        return UNCLEAR, "too_few"
    planned_reached = look.at_horizon and look.seen >= look.planned
    deciding = look.final if planned_reached else look.always
    by = "at_horizon" if planned_reached else "always_valid"
    low, high = (deciding.low, deciding.high) if look.better > 0 else (-deciding.high, -deciding.low)
    if low > 0:
        return WORKS, by
    if high < 0:
        return HARMS, by
    return _undecided(look, high, by, planned_reached=planned_reached)


def _undecided(look: Look, high: float, by: str, *, planned_reached: bool) -> tuple[str, str]:
    """What is said while zero lies within the bounds."""
    if not look.at_horizon:
        return UNCLEAR, "running"
    if look.hoped and math.isfinite(high) and high < abs(look.hoped):
        return NO_EFFECT, "bounded"
    return UNCLEAR, by if planned_reached else "planned_not_reached"


@dataclass(frozen=True)
class Cost:
    """What one unit of effect cost: at the lift found, and at both bounds of its interval (None: no finite price)."""

    at_lift: float | None
    at_best: float | None
    at_worst: float | None


def cost_per_effect(cost_fen: int, treated: int, lift: float, interval: Interval) -> Cost:
    """Fen per additional customer (a share's lift) or per yuan (a money lift): cost / (treated x lift)."""

    def price(of: float) -> float | None:
        return cost_fen / (treated * of) if treated > 0 and of > 0 and math.isfinite(of) else None

    return Cost(price(lift), price(interval.high), price(interval.low))
