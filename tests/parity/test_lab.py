"""The policy lab on both engines: months cut again, who moves, the load and the named list come out the same."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from tests.parity.same import SECOND, TwoNights
from tests.pipeline.nights import ROOT

from guanxi.insight.policies import load_policy
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.tier import TierPolicy
from guanxi.lake.engine import DuckEngine
from guanxi.lake.spark import SparkEngine
from guanxi.lake.store import Store
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.lab import Trial, simulate
from guanxi.pipeline.lab.recut import Ground
from guanxi.pipeline.night import read_by_run
from guanxi.pipeline.progress import Silent

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MONTH = date(SECOND.year, SECOND.month, 1)


def policies() -> dict[str, Policy]:
    payloads = open_bank(ROOT / "banks" / "demo", ROOT).policy_payloads()
    return read_by_run({kind: load_policy(kind, body) for kind, body in payloads.items()})


def other_line(policy: Policy) -> TierPolicy:
    """The demo bank's tiers with a lower line for the second band of persons."""
    assert isinstance(policy, TierPolicy)
    first, *others = policy.schemes
    bands = tuple(
        dataclasses.replace(band, lower=Decimal(20_000)) if band.code == "potential" else band
        for band in first.bands
    )
    return dataclasses.replace(policy, schemes=(dataclasses.replace(first, bands=bands), *others))


def test_a_tier_draft_moves_the_same_customers_on_both_engines(
    two_nights: TwoNights, session: SparkSession, tmp_path: Path
) -> None:
    store = Store(two_nights.folder / "duck" / "demo" / "lake")
    ground = Ground(store, two_nights.manifest, "CNY", "daily")
    active = policies()
    trial = Trial("tier", active, (other_line(active["tier"]),), MONTH, 2)
    # Engines of their own: what the other tests have laid stays as it is.
    with (
        DuckEngine(tmp_path / "spill") as duck,
        SparkEngine(tmp_path / "spilt", session=session) as spark,
    ):
        local, spread = (
            simulate(trial, ground, engine, tmp_path / engine.name, Silent()) for engine in (duck, spark)
        )
    assert local.named[0].num_rows > 0  # else nothing was compared
    assert spread.figures == local.figures
    assert spread.named[0].to_pylist() == local.named[0].to_pylist()
