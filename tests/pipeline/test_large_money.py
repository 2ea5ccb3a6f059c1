"""Money a million times larger goes through every step: no product overflows, and sums stay exact."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.pipeline.nights import grow_money, rows_of, run_once

from guanxi.lake.store import Manifest
from guanxi.pipeline.demo import generate

ON = date(2026, 10, 31)
TIMES = 1_000_000


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> list[tuple[Path, Manifest]]:
    folder = tmp_path_factory.mktemp("large")
    generate(folder / "plain", customers=300, months=2, seed=5, until=ON)
    shutil.copytree(folder / "plain", folder / "large")
    grow_money(folder / "large" / ON.isoformat(), TIMES)
    return [
        (folder / f"{size}-home", run_once(folder / f"{size}-home", folder / size, ON))
        for size in ("plain", "large")
    ]


def totals(home: Path, manifest: Manifest) -> dict[tuple[object, ...], Decimal]:
    rows = rows_of(home, manifest, "report.reconciliation", "all")
    return {row[:3]: row[3] for row in rows if row[0] == "customers"}


def test_totals_grow_exactly_with_the_money(nights) -> None:
    plain, large = (totals(home, manifest) for home, manifest in nights)
    assert any(plain.values())
    assert large == {key: amount * TIMES for key, amount in plain.items()}


def test_nothing_differs_between_the_views(nights) -> None:
    home, manifest = nights[1]
    assert {row[4] for row in rows_of(home, manifest, "report.reconciliation", "all")} == {Decimal(0)}
