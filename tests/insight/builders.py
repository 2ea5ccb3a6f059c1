"""Policies and small banks that several tests of steps start from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from harness import Bench

from guanxi.insight.policies import KINDS, Policy, load_policy

ROOT = Path(__file__).parents[2]
IDENTITY = (
    "core.holding",
    "core.account_role",
    "core.account",
    "core.party",
    "core.unit_scope",
    "core.relation",
    "core.balance_change",
)
WEALTH = ("feature.account_month", "feature.joint_month", "feature.wealth_month")
TIER = ("score.company_standing", "score.tier")
MONTHLY_REPORTS = ("report.unit_tier", "report.unit_band", "report.account_band", "report.migration")
LAST_REPORTS = (
    "feature.wealth_day",
    "report.unit_day",
    "report.large_change",
    "report.maturity",
    "report.near_line",
    "report.reconciliation",
)
LINE = (*IDENTITY, *WEALTH, *TIER, *MONTHLY_REPORTS, *LAST_REPORTS)


def bank_policy(bank: str, kind: str) -> Policy:
    """A bank's starting policy of this kind."""
    path = ROOT / "banks" / bank / "policies" / f"{kind}.toml"
    return load_policy(kind, tomllib.loads(path.read_text(encoding="utf8")))


def bench_with(bank: str = "demo", kinds: Iterable[str] = ("aum", "tier", "lists", "relation")) -> Bench:
    """An empty bench with a bank's starting policies laid."""
    assert set(kinds) <= set(KINDS)
    bench = Bench()
    bench.policy(*(bank_policy(bank, kind) for kind in kinds))
    return bench
