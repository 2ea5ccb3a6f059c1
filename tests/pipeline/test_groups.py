"""A night in many groups of customers makes the rows of a night in one: 17 million customers, tried on 300."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.pipeline.nights import one_thread, run_once

from guanxi.lake.engine import LakeEngine, parquet_files
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.demo import generate

ON = date(2026, 10, 31)


def small_groups(spill: Path) -> LakeEngine:
    """Sixty customers at a time."""
    engine = one_thread(spill)
    engine.parties_per_group = 60
    return engine


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    generate(folder, customers=300, months=2, seed=31, until=ON)
    return folder


def rows(home: Path, manifest: Manifest, table: str) -> dict[str, list[tuple[object, ...]]]:
    """Each part's rows in a fixed order."""
    lake = Store(next(home.rglob("standing.json")).parent)
    return {
        key: duckdb.sql(f"SELECT * FROM {parquet_files(lake.paths(part))} ORDER BY ALL").fetchall()
        for key, part in manifest.parts[table].items()
        if part.files
    }


def test_a_night_in_many_groups_makes_the_same_rows_and_leaves_no_parted_inputs(extracts, tmp_path) -> None:
    whole, parted = tmp_path / "whole" / "home", tmp_path / "parted" / "home"
    one = run_once(whole, extracts, ON)
    parted.parent.mkdir()
    shutil.copy(whole.parent / "keys.json", parted.parent)
    many = run_once(parted, extracts, ON, engine=small_groups)
    assert one.run == many.run
    assert len(many.parts["feature.activity_month"]["2026-10-01"].files) > 3
    assert {table for table in one.parts if rows(whole, one, table) != rows(parted, many, table)} == set()
    assert list(parted.rglob("split/*")) == []
