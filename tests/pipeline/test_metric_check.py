"""Every registered figure of a night equals its source; one that is made wrong is found."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.pipeline.nights import run_once

from guanxi.insight.metrics.registry import Metric, metrics
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Store
from guanxi.pipeline.demo import generate
from guanxi.pipeline.metric_check import prove
from guanxi.pipeline.publish.source import Source

ON = date(2026, 10, 17)  # within a month: averages still run


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    place = tmp_path_factory.mktemp("metrics")
    generate(place / "extracts", customers=300, months=3, seed=11, until=ON)
    return Store(place / "home" / "demo" / "lake"), run_once(place / "home", place / "extracts", ON)


@pytest.fixture
def source(night, tmp_path: Path):
    store, manifest = night
    with DuckEngine(tmp_path / "spill", threads=1) as engine:
        yield Source(engine, store, manifest, "CNY")


def test_every_figure_of_a_night_equals_its_source(source: Source) -> None:
    proofs = prove(metrics(), source, None)
    assert [(proof.metric.id, proof.figure, proof.source) for proof in proofs if not proof.is_proven] == []


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.id)
def test_a_figure_summed_from_rows_that_stand_twice_is_not_proven(source: Source, metric: Metric) -> None:
    table = metric.tables[0]
    doubled = f"(SELECT * FROM {table} UNION ALL SELECT * FROM {table}) AS doubled"
    wrong = replace(metric, figure=metric.figure.replace(table, doubled, 1))
    true, false = prove([metric, wrong], source, None)
    if true.figure == 0:
        pytest.skip("nothing of this kind in this night, so nothing to count twice")
    assert not false.is_proven


def test_what_is_published_must_be_the_figure_itself(source: Source) -> None:
    metric = next(metric for metric in metrics() if metric.published)
    proof = prove([metric], source, None)[0]
    assert replace(proof, published=proof.figure).is_proven
    assert not replace(proof, published=proof.figure + Decimal("0.01")).is_proven
