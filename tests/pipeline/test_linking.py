"""Linkage against known truth: labelled data of others through mapping files, and the demo bank's planted doubles."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.nights import ROOT

from guanxi.insight.linkage_score import Scored, score_pairs
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.linking import Linked, link_folder, truth_by_links, truth_by_person

DATA = Path(os.environ.get("GUANXI_SHARED_DATA", ROOT.parent / "shared" / "data")) / "record_linkage"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"labelled data not found at {DATA}")


def linked(code: str, folder: Path, home: Path) -> Linked:
    return link_folder(open_bank(ROOT / "banks" / code, home), folder, home, threads=1)


def people_in(numbers: list[str], pattern: str) -> set[tuple[str, str]]:
    found = {number: re.search(pattern, number) for number in numbers}
    return truth_by_person({number: match[1] for number, match in found.items() if match})


@needs_data
def test_febrl_3_is_linked_almost_whole_and_without_a_wrong_pair(tmp_path) -> None:
    found = linked("febrl3", DATA, tmp_path)
    numbers = [
        row[0] for row in duckdb.execute(f"SELECT rec_id FROM '{DATA}/febrl_dataset3.csv.gz'").fetchall()
    ]
    alone, helped = found.against(people_in(numbers, r"rec-(\d+)-"))
    assert (found.customers, alone.true) == (5_000, 6_538)
    assert alone.precision >= 0.999
    assert alone.f1 >= 0.98
    assert helped.recall >= alone.recall


@needs_data
def test_fake_1000_yields_no_wrong_pair_although_little_is_known_of_each(tmp_path) -> None:
    found = linked("fake1000", DATA, tmp_path)
    rows = duckdb.execute(f"SELECT cluster || '-' || unique_id FROM '{DATA}/fake_1000.csv.gz'").fetchall()
    alone, helped = found.against(people_in([row[0] for row in rows], r"^(\d+)-"))
    assert alone.true == 2_031
    assert alone.precision == 1.0
    assert alone.precision_at_least >= 0.995
    assert alone.recall >= 0.40
    assert helped.recall >= 0.62


def test_planted_doubles_are_found_and_planted_lookalikes_never_merged(tmp_path) -> None:
    generate(tmp_path / "demo", customers=3_000, months=1, seed=5)
    (folder,) = [path for path in (tmp_path / "demo").iterdir() if path.name != "truth"]
    truth = tmp_path / "demo" / "truth"
    found = linked("demo", folder, tmp_path / "home")
    doubles = duckdb.execute(f"SELECT customer_no, same_as FROM '{truth}/duplicates.parquet'").fetchall()
    alike = duckdb.execute(f"SELECT customer_no, unlike FROM '{truth}/lookalikes.parquet'").fetchall()
    alone, helped = found.against(truth_by_links(doubles))
    assert alone.precision == 1.0
    assert helped.recall >= 0.85
    assert not found.merged & {(min(pair), max(pair)) for pair in alike}


def test_rules_that_bring_pairs_together_stay_far_from_all_pairs(tmp_path) -> None:
    generate(tmp_path / "demo", customers=3_000, months=1, seed=5)
    (folder,) = [path for path in (tmp_path / "demo").iterdir() if path.name != "truth"]
    found = linked("demo", folder, tmp_path / "home")
    assert sum(kept for kept, _ in found.blocks.values()) < 20 * found.customers


PAIR = st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(lambda both: both[0] < both[1])


@given(st.frozensets(PAIR), st.frozensets(PAIR))
def test_scores_lie_between_nothing_and_all(
    said: frozenset[tuple[str, str]], truth: frozenset[tuple[str, str]]
) -> None:
    scored = score_pairs(said, truth)
    assert 0 <= scored.f1 <= 1
    assert 0 <= scored.precision_at_least <= scored.precision <= 1
    assert (scored.f1 == 1) == (said == truth)


def test_the_lower_bound_is_the_exact_one() -> None:
    """No wrong pair in n: the bound solves p^n = 2.5 %."""
    assert Scored(600, 600, 600).precision_at_least == pytest.approx(0.025 ** (1 / 600))


def test_truth_from_links_follows_chains() -> None:
    assert truth_by_links([("c", "a"), ("b", "c")]) == {("a", "b"), ("a", "c"), ("b", "c")}
