"""Policies and small banks that several tests of steps start from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from banks import policies_of
from harness import Bench

ROOT = Path(__file__).parents[2]
RESOLUTION = ("core.link_name", "core.link_key", "core.link_block", "core.link", "core.cluster")
IDENTITY = (
    "core.party_member",
    "core.party_source",
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


def bench_with(bank: str = "demo", kinds: Iterable[str] = ("aum", "tier", "lists", "relation")) -> Bench:
    """An empty bench with a bank's starting policies laid."""
    bench = Bench()
    bench.policy(*policies_of(*dict.fromkeys((*kinds, "identity")), bank=bank))
    return bench
