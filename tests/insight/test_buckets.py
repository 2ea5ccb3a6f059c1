"""A step that may run per group of customer buckets gives the same rows as when run for all at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import LINE, bench_with
from harness import Bench, load_step
from random_bank import RandomBank

from guanxi.insight.months import months_between
from guanxi.insight.tables import TABLES

FIRST, LAST = date(2024, 1, 1), date(2024, 3, 17)
BUCKETED = tuple(name for name in LINE if load_step(name).scope == "bucket")
GROUPS = ((0, 234), (235, 238), (239, 255))  # the random bank's customers lie in 232..243


@pytest.fixture(scope="module")
def walked() -> Bench:
    bank = RandomBank(3, FIRST, LAST)
    bench = bench_with()
    bank.lay(bench)
    bench.walk(LINE, list(months_between(FIRST, LAST)), business_date=LAST)
    return bench


def bucketed_sources(name: str) -> list[str]:
    step = load_step(name)
    read = [(source, source) for source in step.inputs]
    read += [(source, f"prev.{source.replace('.', '_')}") for source in step.prev]
    read += [(source, f"past.{source.replace('.', '_')}") for source in step.past]
    return [under for source, under in read if "bucket" in TABLES[source].column_names]


def run_in_groups(bench: Bench, name: str) -> list[dict[str, Any]]:
    sources = bucketed_sources(name)
    for number, source in enumerate(sources):
        bench.db.execute(f"CREATE OR REPLACE TABLE main.all_{number} AS SELECT * FROM {source}")
    rows: list[dict[str, Any]] = []
    for first, last in GROUPS:
        for number, source in enumerate(sources):
            bench.db.execute(
                f"CREATE OR REPLACE TABLE {source} AS SELECT * FROM main.all_{number} "
                f"WHERE bucket BETWEEN {first} AND {last}"
            )
        rows += bench.run(name)
    for number, source in enumerate(sources):
        bench.db.execute(f"CREATE OR REPLACE TABLE {source} AS SELECT * FROM main.all_{number}")
    return rows


@pytest.mark.parametrize("name", BUCKETED)
def test_groups_of_buckets_give_the_rows_of_the_whole(walked: Bench, name: str) -> None:
    grain = TABLES[name].grain

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[column] for column in grain)

    whole = walked.run(name)
    assert whole
    assert sorted(run_in_groups(walked, name), key=place) == sorted(whole, key=place)
    walked.run(name)
