"""The read-out of a campaign (效果评估): every arm against the held-out, whole and by subgroup, from plain arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from guanxi.insight.effects.assignment import CONTROL
from guanxi.insight.effects.intervals import (
    Array,
    Difference,
    Interval,
    adjusted,
    always_valid_interval,
    by_stratum,
    capped,
    difference,
    fixed_interval,
    homogeneity,
    ratio_check,
)
from guanxi.insight.effects.verdict import UNCLEAR, Look, verdict
from guanxi.insight.policies.effect import EffectPolicy

ALL = ""
"""The subgroup that is everybody."""


@dataclass(frozen=True)
class Rules:
    """What the policy of effects says about reading out."""

    alpha: float  # of the intervals shown
    final_alpha: float  # of the look at the horizon, where it decides
    ratio_limit: float
    least: int
    cap: float = 1.0  # quantile money outcomes are cut at

    @classmethod
    def of(cls, policy: EffectPolicy) -> Rules:
        """The rules of a policy."""
        return cls(
            alpha=float(policy.alpha),
            final_alpha=float(policy.final_alpha),
            ratio_limit=float(policy.ratio_limit),
            least=policy.least_units,
            cap=float(policy.money_cap),
        )


@dataclass(frozen=True)
class Measured:
    """A campaign's units as one look sees them: one entry a customer assigned.

    `arm` text; `outcome` so far; `before` the covariate from before the assignment (None: no CUPED); `cluster` the
    group drawn as one (None: customers were drawn); `lived` 0…1: share of the horizon that has passed for this unit;
    `subgroups` name → text per customer; `money`: whether tails are cut; `stratum`: what the chance to be held out
    depended on (None: it was the same for all).
    """

    arm: Array
    outcome: Array
    before: Array | None
    cluster: Array | None
    lived: Array
    subgroups: Mapping[str, Array]
    money: bool = False
    stratum: Array | None = None


@dataclass(frozen=True)
class Plan:
    """What was written down before the launch: shares drawn by (or units expected), units planned over all arms, the
    lift hoped for. Empty shares: nothing was drawn, so nothing can be said of a cause.
    """

    shares: Mapping[str, float]
    planned: float
    hoped: float | None = None
    better: int = 1


@dataclass(frozen=True)
class Line:
    """One row of a read-out: an arm against control in one subgroup."""

    arm: str
    dimension: str  # "" for everybody, else e.g. "age_band"
    subgroup: str
    said: Difference
    always: Interval
    fixed: Interval
    verdict: str
    reason: str
    ratio_p: float
    plain: float = 0.0  # the lift of the outcomes as they are, neither cut nor adjusted
    differ_p: float = 1.0  # of a subgroup: whether the groups of this dimension differ at all


def read_out(measured: Measured, plan: Plan, rules: Rules) -> list[Line]:
    """Every arm against control: everybody first, then each subgroup with its interval widened for their number.

    An arm that cannot be read (too few, no control) is left out; a blocked ratio check blocks every line.
    """
    outcome = capped(measured.outcome, rules.cap) if measured.money else measured.outcome.astype(float)
    p = ratio_check(_units(measured), dict(plan.shares))
    lines: list[Line] = []
    for arm in sorted(set(measured.arm.tolist()) - {CONTROL}):
        within = (measured.arm == arm) | (measured.arm == CONTROL)
        whole = _line(measured, outcome, plan, rules, arm, within, p, groups=1)
        if whole is not None:
            lines += [whole, *_subgroups(measured, outcome, plan, rules, arm, within, p)]
    return lines


def _units(measured: Measured) -> dict[str, int]:
    """Units drawn per arm: customers, or groups where groups were drawn."""
    names, places = np.unique(measured.arm, return_inverse=True)
    unit = measured.cluster if measured.cluster is not None else np.arange(len(measured.arm))
    return {str(name): len(np.unique(unit[places == at])) for at, name in enumerate(names)}


def _line(
    measured: Measured,
    outcome: Array,
    plan: Plan,
    rules: Rules,
    arm: str,
    within: Array,
    ratio_p: float,
    groups: int,
) -> Line | None:
    """One arm against control among the customers `within`; None when an arm has fewer than two units."""
    treated = measured.arm[within] == arm
    before = measured.before[within] if measured.before is not None else None
    if before is not None and measured.money:
        before = capped(before, rules.cap)
    cluster = measured.cluster[within] if measured.cluster is not None else None
    stratum = measured.stratum[within] if measured.stratum is not None else None
    y, kept = adjusted(outcome[within], before)
    try:
        said = (
            difference(y, treated, cluster) if stratum is None else by_stratum(y, treated, cluster, stratum)
        )
    except ValueError:
        return None
    said = replace(said, variance_kept=kept)
    lived = measured.lived[within]
    seen, share = float(lived.sum()), float(within.sum()) / max(1, len(measured.arm))
    planned = max(1.0, plan.planned * share)
    look = Look(
        said=said,
        always=always_valid_interval(said, seen, planned, rules.alpha / groups),
        fixed=fixed_interval(said, rules.alpha / groups),
        final=fixed_interval(said, rules.final_alpha / groups),
        seen=float((lived >= 1).sum()),
        planned=planned,
        at_horizon=bool((lived >= 1).all()),
        ratio_p=ratio_p,
        hoped=plan.hoped,
        better=plan.better,
    )
    word, why = verdict(look, ratio_limit=rules.ratio_limit, least=rules.least)
    if not plan.shares:
        word, why = UNCLEAR, "not_drawn"
    raw = measured.outcome[within].astype(float)
    plain = float(raw[treated].mean() - raw[~treated].mean())
    return Line(arm, ALL, ALL, said, look.always, look.fixed, word, why, ratio_p, plain)


def _subgroups(
    measured: Measured, outcome: Array, plan: Plan, rules: Rules, arm: str, within: Array, ratio_p: float
) -> list[Line]:
    """Subgroups named beforehand; every interval is widened by how many there are (Bonferroni)."""
    asked = [
        (name, str(value))
        for name, values in measured.subgroups.items()
        for value in sorted(set(values[within].tolist()))
    ]
    found: dict[str, list[Line]] = {}
    for name, value in asked:
        inside = within & (measured.subgroups[name] == value)
        line = _line(measured, outcome, plan, rules, arm, inside, ratio_p, groups=len(asked))
        if line is not None and min(line.said.treated, line.said.control) >= rules.least:
            found.setdefault(name, []).append(replace(line, dimension=name, subgroup=value))
    return [line for lines in found.values() for line in _with_difference(lines)]


def _with_difference(lines: Sequence[Line]) -> list[Line]:
    lifts, errors = (
        np.array([line.said.lift for line in lines]),
        np.array([line.said.error for line in lines]),
    )
    p = homogeneity(lifts, errors)
    return [replace(line, differ_p=p if math.isfinite(p) else 1.0) for line in lines]
