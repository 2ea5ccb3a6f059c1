"""The night is a function of its manifest: same rows again, after any kill, in one delivery or in two."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.pipeline.nights import ROOT, Noted, differing, run_once, split_extract

from guanxi.pipeline.demo.bank import generate

ON = date(2026, 10, 31)
BEFORE = date(2026, 10, 14)
ALL = ("staged", "core", "feature", "score", "report")
COMPUTED = ("core", "feature", "score", "report")


class Killed(BaseException):
    """Stands for a kill: no handler in the run may catch it."""


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    generate(folder, customers=300, months=3, seed=11, until=ON)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory, extracts: Path):
    """An unbroken run to compare with, and what it made, in order."""
    home = tmp_path_factory.mktemp("whole") / "home"
    watcher = Noted()
    return home, run_once(home, extracts, ON, watcher=watcher), watcher.made


def test_the_same_night_in_another_place_gives_the_same_rows(whole, extracts, tmp_path) -> None:
    home, manifest, _ = whole
    (tmp_path / "keys.json").write_bytes((home.parent / "keys.json").read_bytes())
    (tmp_path / "keys.json").chmod(0o600)
    other = run_once(tmp_path / "home", extracts, ON)
    assert other.run == manifest.run
    assert differing(home, manifest, tmp_path / "home", other, ALL) == []


def test_a_finished_night_is_not_made_again(whole, extracts) -> None:
    home, manifest, _ = whole
    watcher = Noted()
    assert run_once(home, extracts, ON, watcher=watcher) == manifest
    assert watcher.made == []


def killed_after(pieces: int, home: Path, extracts: Path) -> Noted:
    def strike(number: int) -> None:
        if number == pieces:
            raise Killed

    watcher = Noted(after=strike)
    with pytest.raises(Killed):
        run_once(home, extracts, ON, watcher=watcher)
    return watcher


def check_every_boundary(places, whole, extracts, tmp_path) -> None:
    home, manifest, made = whole
    for pieces in places:
        place = tmp_path / str(pieces)
        place.mkdir()
        (place / "keys.json").write_bytes((home.parent / "keys.json").read_bytes())
        (place / "keys.json").chmod(0o600)
        before = killed_after(pieces, place / "home", extracts)
        again = Noted()
        finished = run_once(place / "home", extracts, ON, watcher=again)
        steps_before = {name for name in before.made if not name.startswith("staged.")}
        assert steps_before.isdisjoint(again.made), f"made twice after a kill at {pieces}"
        assert {*before.made, *again.made, *again.kept} >= set(made)
        assert differing(home, manifest, place / "home", finished, ALL) == []


def test_a_kill_between_steps_loses_nothing_and_repeats_no_finished_step(whole, extracts, tmp_path) -> None:
    count = len(whole[2])
    check_every_boundary(sorted({2, 17, count // 2, count - 1}), whole, extracts, tmp_path)


@pytest.mark.faults
def test_a_kill_at_any_step_boundary_loses_nothing(whole, extracts, tmp_path) -> None:
    check_every_boundary(range(1, len(whole[2])), whole, extracts, tmp_path)


RUN = """
import sys
from datetime import date
from pathlib import Path
from tests.pipeline.nights import run_once
run_once(Path(sys.argv[1]), Path(sys.argv[2]), date(2026, 10, 31))
"""


def check_real_kills(count: int, whole, extracts, tmp_path) -> None:
    home, manifest, _ = whole
    random_source = random.Random(5)  # noqa: S311  # moments, not secrets
    (tmp_path / "keys.json").write_bytes((home.parent / "keys.json").read_bytes())
    (tmp_path / "keys.json").chmod(0o600)
    for number in range(count):
        place = tmp_path / f"home{number}"
        process = subprocess.Popen([sys.executable, "-c", RUN, str(place), str(extracts)], cwd=ROOT)
        time.sleep(random_source.uniform(0.8, 4.0))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        finished = run_once(place, extracts, ON)
        assert differing(home, manifest, place, finished, ALL) == []


def test_killed_outright_at_a_random_moment_the_next_start_finishes_the_same_night(
    whole, extracts, tmp_path
) -> None:
    check_real_kills(2, whole, extracts, tmp_path)


@pytest.mark.faults
def test_killed_outright_a_hundred_times_the_night_is_the_same(whole, extracts, tmp_path) -> None:
    check_real_kills(int(os.environ.get("GUANXI_FAULT_TRIALS", "100")), whole, extracts, tmp_path)


def test_history_in_two_deliveries_equals_history_in_one(whole, extracts, tmp_path) -> None:
    home, manifest, _ = whole
    (tmp_path / "keys.json").write_bytes((home.parent / "keys.json").read_bytes())
    (tmp_path / "keys.json").chmod(0o600)
    parts = split_extract(extracts / ON.isoformat(), tmp_path / "extracts", BEFORE, ON)
    first = run_once(tmp_path / "home", parts, BEFORE)
    second = run_once(tmp_path / "home", parts, ON)
    assert second.previous == first.run
    assert second.facts["computed"] == ["2026-10-01"]
    assert differing(home, manifest, tmp_path / "home", second, ("core", "feature", "score")) == []


def test_a_late_correction_recomputes_from_its_month_on(whole, extracts, tmp_path) -> None:
    home, _, _ = whole
    (tmp_path / "keys.json").write_bytes((home.parent / "keys.json").read_bytes())
    (tmp_path / "keys.json").chmod(0o600)
    parts = split_extract(extracts / ON.isoformat(), tmp_path / "extracts", BEFORE, ON)
    run_once(tmp_path / "late", parts, BEFORE)
    early, late = (parts / day.isoformat() / "balances.parquet" for day in (BEFORE, ON))
    lake = duckdb.connect()
    ((account, balance),) = lake.execute(
        f"SELECT account_no, balance FROM '{early}' WHERE day = DATE '2026-09-30' AND balance > 0 "
        "ORDER BY account_no LIMIT 1"
    ).fetchall()
    lake.execute(
        f"COPY (SELECT * FROM '{late}' UNION ALL BY NAME SELECT * REPLACE (balance + 1000 AS balance) FROM '{early}' "
        f"WHERE day = DATE '2026-09-30' AND account_no = '{account}') TO '{late}.new' (FORMAT parquet)"
    )
    late.with_name(late.name + ".new").rename(late)
    second = run_once(tmp_path / "late", parts, ON)
    assert second.facts["computed"] == ["2026-09-01", "2026-10-01"]
    path = tmp_path / "late" / "demo" / "lake" / second.parts["feature.account_month"]["2026-09-01"].files[0]
    corrected = lake.execute(f"SELECT balance FROM '{path}' WHERE account_no = '{account}'").fetchall()
    assert corrected == [(balance + 1000,)]


def test_a_night_that_brings_no_other_customers_takes_their_linkage_over(extracts, tmp_path) -> None:
    parts = split_extract(extracts / ON.isoformat(), tmp_path / "extracts", BEFORE, ON)
    first = run_once(tmp_path / "home", parts, BEFORE)
    watcher = Noted()
    second = run_once(tmp_path / "home", parts, ON, watcher=watcher)
    for table in ("core.link_name", "core.link_key", "core.link", "core.cluster", "core.party_member"):
        assert f"{table}@None" in watcher.kept
        assert second.parts[table]["all"] == first.parts[table]["all"]
    # what knows the day of the run, and what reads dated rows, is made anew
    assert {"core.account@None", "core.relation@None", "score.tier@2026-10-01"} <= set(watcher.made)


def test_one_changed_customer_and_linkage_is_made_anew_as_far_as_it_matters(extracts, tmp_path) -> None:
    parts = split_extract(extracts / ON.isoformat(), tmp_path / "extracts", BEFORE, ON)
    first = run_once(tmp_path / "home", parts, BEFORE)
    customers = parts / ON.isoformat() / "customers.csv"
    lines = customers.read_text(encoding="utf8").splitlines(keepends=True)
    place = lines[0].replace('"', "").rstrip().split(",").index("name")
    fields = lines[3].split(",")
    lines[3] = ",".join([*fields[:place], "郑凯乐", *fields[place + 1 :]])
    customers.write_text("".join(lines), encoding="utf8")
    watcher = Noted()
    second = run_once(tmp_path / "home", parts, ON, watcher=watcher)
    assert {"core.link_name@None", "core.link_key@None", "core.link@None"} <= set(watcher.made)
    assert second.parts["core.link_key"]["all"].sha256 != first.parts["core.link_key"]["all"].sha256
    assert "core.holding@None" in watcher.kept  # who belongs to whom did not change
