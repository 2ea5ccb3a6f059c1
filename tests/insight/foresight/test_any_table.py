"""Any labelled table: order of time, leaks, columns that moved away, and what is refused."""

import gzip
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from builders import ROOT

from guanxi.insight.foresight import any_table
from guanxi.insight.foresight.any_table import Asked, TableRefused
from guanxi.insight.foresight.card import markdown
from guanxi.insight.foresight.training import train
from guanxi.lake.labelled import labelled_table
from guanxi.project.cli import main

SHARED = Path(os.environ.get("GUANXI_SHARED_DATA", ROOT.parent / "shared" / "data"))
MARKETING = SHARED / "bank_marketing" / "bank-additional-first-80pct.csv.gz"


def made(rows: int = 2000, seed: int = 5) -> pa.Table:
    """A year in which `pull` drives what happens, `told_later` is the answer, `clock` only tells the time."""
    rng = np.random.default_rng(seed)
    pull = rng.normal(size=rows)
    happened = rng.random(rows) < 1 / (1 + np.exp(2 - 1.5 * pull))
    return pa.table(
        {
            "key": np.arange(rows),
            "day": [f"2026-{1 + 12 * place // rows:02d}-01" for place in range(rows)],
            "pull": pull,
            "town": np.where(happened & (rng.random(rows) < 0.3), "东", "西"),
            "told_later": happened + rng.normal(0, 0.2, rows),
            "clock": np.arange(rows) + 0.0,
            "bought": np.where(happened, "yes", "no"),
        }
    )


ASKED = Asked("bought", "day", "key")


def test_the_newest_rows_judge_and_no_day_is_parted() -> None:
    split, _ = any_table.read_table(made(), ASKED)
    assert max(split.fit.time) < min(split.calibrate.time)
    assert max(split.calibrate.time) < min(split.judge.time)


def test_a_column_that_says_too_much_alone_is_suspected_and_one_named_so_too() -> None:
    _, found = any_table.read_table(made(), ASKED)
    assert [(suspect.name, suspect.why) for suspect in found] == [("told_later", "too_good")]
    named = made().rename_columns(["key", "day", "duration", "town", "told_later", "clock", "bought"])
    _, found = any_table.read_table(named, ASKED)
    assert ("duration", "name") in [(suspect.name, suspect.why) for suspect in found]


def test_a_column_whose_values_are_all_new_has_moved_away() -> None:
    split, _ = any_table.read_table(made(), ASKED)
    assert [name for name, _ in any_table.drifted_columns(split)] == ["clock"]


def test_text_becomes_rates_that_know_nothing_of_the_rows_judged() -> None:
    table = made()
    split, _ = any_table.read_table(table, ASKED)
    place = split.judge.names.index("town")
    newest = len(split.judge)
    flipped = np.array(table.column("bought").to_pylist())
    flipped[-newest:] = np.where(flipped[-newest:] == "yes", "no", "yes")
    again, _ = any_table.read_table(table.set_column(6, "bought", pa.array(flipped)), ASKED)
    assert (again.judge.values[:, place] == split.judge.values[:, place]).all()


def test_without_the_leak_the_model_beats_the_best_single_column_and_its_card_says_what_it_is() -> None:
    asked = any_table.without(["told_later", "clock"], ASKED)
    split, suspects = any_table.read_table(made(6000), asked)
    trained = train(split, purpose="bought", capacity=200)
    card = markdown("t", trained.card, suspects, [], ["told_later"], kept=trained.kept, why=trained.why)
    assert trained.card["judged"]["logistic"]["auc"] > 0.75
    assert "Judged on the newest rows" in card


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Asked("nothing"), "no column nothing"),
        (Asked("town", positive="北"), "never is 北"),
        (Asked("clock"), "exactly two values"),
        (Asked("bought", "nowhen"), "no column nowhen"),
        (Asked("bought", "day", borders=("2030-01-01", "2031-01-01")), "no rows"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused_in_plain_words(asked: Asked, why: str) -> None:
    with pytest.raises(TableRefused, match=why):
        any_table.read_table(made(200), asked)


def test_the_command_reads_a_csv_and_writes_the_card(tmp_path) -> None:
    table = made(4000)
    lines = [",".join(table.column_names), *(",".join(map(str, row.values())) for row in table.to_pylist())]
    file = tmp_path / "brought.csv.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    card = tmp_path / "card.md"
    assert (
        main(
            [
                "learn",
                "--table",
                str(file),
                "--label",
                "bought",
                "--time",
                "day",
                "--id",
                "key",
                "--out",
                str(card),
            ]
        )
        == 0
    )
    text = card.read_text(encoding="utf8")
    assert "`told_later` (it says too much alone" in text
    assert "left out" in text
    assert main(["learn", "--table", str(tmp_path / "none.csv"), "--label", "bought"]) == 1


@pytest.mark.skipif(
    not MARKETING.is_file(),
    reason="the bank-marketing rows are not beside the repository (GUANXI_SHARED_DATA names their folder)",
)
def test_real_telemarketing_rows_name_duration_as_known_only_afterwards_and_the_economy_as_moved_away() -> (
    None
):
    asked = Asked("y", positive="yes")
    table = labelled_table(MARKETING)
    split, suspects = any_table.read_table(table, asked)
    assert [suspect.name for suspect in suspects] == ["duration"]
    moved = [name for name, _ in any_table.drifted_columns(split)]
    assert {"euribor3m", "emp.var.rate", "nr.employed"} <= set(moved)
    assert (len(split.fit), len(split.calibrate), len(split.judge)) == (19770, 6590, 6590)
