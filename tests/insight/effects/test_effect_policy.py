"""The policy of measuring: what it refuses and what SQL gets of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from banks import policy_of

from guanxi.insight.policies.effect import EffectPolicy


def policy() -> EffectPolicy:
    found = policy_of("effect", "demo")
    assert isinstance(found, EffectPolicy)
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"alpha": Decimal(0)},
        {"final_alpha": Decimal("0.06")},
        {"power": Decimal(1)},
        {"money_cap": Decimal("0.5")},
        {"global_share": Decimal("0.6")},
        {"horizon_days": 0},
        {"global_months": 25},
        {"least_units": 0},
        {"fatigue_cost": Decimal(-1)},
    ],
)
def test_levels_shares_and_days_out_of_range_are_named(change: dict[str, object]) -> None:
    broken = replace(policy(), **change)
    assert broken.problems("en")
    assert len(broken.problems("zh")) == len(broken.problems("en"))


def test_five_percent_are_five_hundred_buckets() -> None:
    assert policy().global_buckets() == 500


def test_sql_gets_one_row_with_every_entry() -> None:
    table = policy().tables()["policy.effect"]
    assert len(table.rows) == 1
    assert len(table.rows[0]) == len(table.columns) == len(vars(policy()))
