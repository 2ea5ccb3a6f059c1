"""effect.readout · grain: campaign, measure, arm, dimension, subgroup · scope: whole · months: last

One look at each campaign still going or read on: each arm against the held-out on the four measures (wealth, product,
retention, contribution), by subgroup for the campaign's own alone. Every night is one look; the intervals hold however
often one looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from guanxi.insight.effects.assignment import CONTROL
from guanxi.insight.effects.intervals import Array
from guanxi.insight.effects.readout import Line, Measured, Plan, Rules, read_out
from guanxi.insight.engine import Engine
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

READS = ("effect.outcome", "ops.campaign", "policy.effect", "run.month")
AUM, PRODUCT, RETENTION, CONTRIBUTION = MEASURES = ("aum", "product", "retention", "contribution")
MONEY = frozenset({AUM, CONTRIBUTION})


def make(engine: Engine) -> pa.Table:
    """One row for each campaign, measure, arm and subgroup."""
    month = engine.arrow("SELECT month, business_date FROM run.month").to_pylist()[0]
    rules = _rules(engine)
    rows: list[dict[str, Any]] = []
    for campaign in engine.arrow("SELECT * FROM ops.campaign ORDER BY campaign").to_pylist():
        # A campaign's name of itself is a uuid; the quotes are doubled all the same.
        named = campaign["campaign"].replace("'", "''")
        held = engine.arrow(f"SELECT * FROM effect.outcome WHERE campaign = '{named}' ORDER BY party_key")
        if len(held):
            rows += _campaign(campaign, held, rules)
    said = {"month": month["month"], "day": month["business_date"]}
    shape = TABLES["effect.readout"]
    return pa.Table.from_pylist([{**row, **said} for row in rows], schema=arrow_schema(shape))


def _rules(engine: Engine) -> Rules:
    said = engine.arrow("SELECT * FROM policy.effect").to_pylist()[0]
    return Rules(
        alpha=float(said["alpha"]),
        final_alpha=float(said["final_alpha"]),
        ratio_limit=float(said["ratio_limit"]),
        least=int(said["least_units"]),
        cap=float(said["money_cap"]),
    )


def _campaign(campaign: dict[str, Any], held: pa.Table, rules: Rules) -> Iterable[dict[str, Any]]:
    counted = {
        arm: (_count(held, arm, "exposed"), _count(held, CONTROL, "contaminated"))
        for arm in set(held.column("arm").to_pylist())
    }
    for measure in MEASURES:
        main = measure == campaign["measure"]
        measured = _measured(held, measure, campaign["unit"], groups=main)
        plan = Plan(
            shares=_expected(held, measured),
            planned=max(float(campaign["planned_n"] or 0), 1.0),
            hoped=campaign["hoped"] if main else None,
        )
        for line in read_out(measured, plan, rules):
            yield _row(campaign, measure, line, counted[line.arm], main, measured, plan)


def _count(held: pa.Table, arm: str, flag: str) -> int:
    return sum(
        1
        for told, said in zip(held.column("arm").to_pylist(), held.column(flag).to_pylist(), strict=True)
        if told == arm and said
    )


def _numbers(held: pa.Table, name: str) -> Array:
    return np.array([np.nan if v is None else float(v) for v in held.column(name).to_pylist()], float)


def _measured(held: pa.Table, measure: str, unit: str, *, groups: bool) -> Measured:
    """The customers a measure applies to: which it does follows from before the draw alone."""
    before, outcome = _outcome(held, measure)
    known = ~np.isnan(outcome)
    texts = {
        name: np.array([str(v) for v in held.column(name).to_pylist()])[known] for name in ("arm", "cluster")
    }
    share = _numbers(held, "control_share")[known]
    horizon = np.maximum(_numbers(held, "horizon_days")[known], 1)
    return Measured(
        arm=texts["arm"],
        outcome=outcome[known],
        before=np.nan_to_num(before[known]),
        cluster=texts["cluster"] if unit != "customer" else None,
        lived=np.clip(_numbers(held, "lived_days")[known] / horizon, 0.0, 1.0),
        subgroups=_subgroups(held, known) if groups else {},
        money=measure in MONEY,
        stratum=None if np.isnan(share).any() or len(np.unique(share)) < 2 else share,
    )


def _outcome(held: pa.Table, measure: str) -> tuple[Array, Array]:
    """Value before and outcome of a measure; no wealth before counts as none, no outcome where it does not apply."""
    if measure == AUM:
        before = np.nan_to_num(_numbers(held, "aum_before"))
        return before, np.nan_to_num(_numbers(held, "aum_after")) - before
    if measure == PRODUCT:
        return _numbers(held, "held_before"), _numbers(held, "opened")
    if measure == RETENTION:
        return np.nan_to_num(_numbers(held, "aum_before")), _numbers(held, "retained")
    return np.nan_to_num(_numbers(held, "contribution_before")), np.nan_to_num(
        _numbers(held, "contribution_after")
    )


def _subgroups(held: pa.Table, known: Array) -> dict[str, Array]:
    """The groups named before anybody looked: tier and age."""
    return {
        name: np.array(["" if v is None else str(v) for v in held.column(name).to_pylist()])[known]
        for name in ("tier_rank", "age_band")
    }


def _expected(held: pa.Table, measured: Measured) -> dict[str, float]:
    """Units expected per arm by the chances they were drawn with; empty when nothing was drawn."""
    share = _numbers(held, "control_share")
    if np.isnan(share).any():
        return {}
    cluster = (
        np.array(held.column("cluster").to_pylist()) if measured.cluster is not None else np.arange(len(held))
    )
    _, first = np.unique(cluster, return_index=True)
    arms = sorted(set(held.column("arm").to_pylist()) - {CONTROL})
    control = float(share[first].sum())
    return {CONTROL: control, **dict.fromkeys(arms, (len(first) - control) / max(1, len(arms)))}


def _row(
    campaign: dict[str, Any],
    measure: str,
    line: Line,
    counted: tuple[int, int],
    main: bool,
    measured: Measured,
    plan: Plan,
) -> dict[str, Any]:
    said = line.said
    return {
        "campaign": campaign["campaign"], "measure": measure, "arm": line.arm, "dimension": line.dimension,
        "subgroup": line.subgroup, "is_main": main, "treated": said.treated, "control": said.control,
        "mean_treated": said.mean_treated, "mean_control": said.mean_control, "plain": line.plain,
        "lift": said.lift, "error": said.error, "low": _finite(line.always.low), "high": _finite(line.always.high),
        "fixed_low": line.fixed.low, "fixed_high": line.fixed.high, "variance_kept": said.variance_kept,
        "seen": float(measured.lived.sum()), "planned": plan.planned, "verdict": line.verdict, "reason": line.reason,
        "ratio_p": line.ratio_p, "differ_p": line.differ_p, "exposed": counted[0], "contaminated": counted[1],
        "cost": campaign["cost"],
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
