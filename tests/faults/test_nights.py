"""F2, F9, F11, F15, F16: nights that break off, come twice, come late, or come without a file."""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
from datetime import date
from itertools import permutations
from pathlib import Path

import duckdb
import pytest
from tests.pipeline.nights import ROOT, Noted, differing, rows_of, run_once, split_extract

from guanxi.insight.staging.contract import FILES, NEEDS_ONE_OF
from guanxi.lake import store as lake_store
from guanxi.lake.engine import DuckEngine
from guanxi.lake.extracts import ExtractRefused
from guanxi.lake.reading import ReadingError
from guanxi.lake.store import Store
from guanxi.pipeline.demo.bank import generate

FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)
ALL = ("staged", "core", "feature", "score", "report")
OPTIONAL = [file.name for file in FILES if not file.required and file.name not in NEEDS_ONE_OF]


@pytest.fixture(scope="module")
def extracts(tmp_path_factory) -> Path:
    whole = tmp_path_factory.mktemp("whole")
    generate(whole, customers=120, months=2, seed=31, until=SECOND)
    return split_extract(whole / SECOND.isoformat(), tmp_path_factory.mktemp("nights"), FIRST, SECOND)


@pytest.fixture(scope="module")
def clean(tmp_path_factory, extracts):
    """Both nights in order, unbroken: what every other way must come to."""
    home = tmp_path_factory.mktemp("clean") / "home"
    watcher = Noted()
    run_once(home, extracts, FIRST)
    return home, run_once(home, extracts, SECOND, watcher=watcher), watcher.made


def with_keys_of(home: Path, place: Path) -> Path:
    """A new home that makes the same tokens."""
    place.mkdir()
    shutil.copy2(home.parent / "keys.json", place / "keys.json")
    return place / "home"


class Broken(BaseException):
    """Stands for a write that never came back."""


def break_write(monkeypatch, number: int) -> None:
    """The `number`-th write of a part or record fails."""
    writes = iter(range(1, 1_000_000))

    def breaking(original):
        def write(*given):
            if next(writes) == number:
                raise Broken
            return original(*given)

        return write

    monkeypatch.setattr(DuckEngine, "write", breaking(DuckEngine.write))
    monkeypatch.setattr(lake_store, "write_json", breaking(lake_store.write_json))


def check_broken_write(number: int, clean, extracts, tmp_path) -> bool:
    """Break one write of the second night, start again; False when the night has fewer writes."""
    home, manifest, _ = clean
    place = with_keys_of(home, tmp_path / str(number))
    first = run_once(place, extracts, FIRST)
    with pytest.MonkeyPatch.context() as patch:
        break_write(patch, number)
        try:
            run_once(place, extracts, SECOND)
        except Broken:
            broke = True
        else:
            broke = False
    lake = Store(place / "demo" / "lake")
    if broke:
        assert lake.standing() == {FIRST: first.run}
    finished = run_once(place, extracts, SECOND)
    assert differing(home, manifest, place, finished, ALL) == []
    shutil.rmtree(tmp_path / str(number))
    return broke


def test_a_write_that_fails_leaves_the_night_before_standing_and_is_made_good(
    clean, extracts, tmp_path
) -> None:
    assert check_broken_write(40, clean, extracts, tmp_path)


@pytest.mark.faults
def test_each_write_of_a_night_may_fail(clean, extracts, tmp_path) -> None:
    number = 1
    while check_broken_write(number, clean, extracts, tmp_path):
        number += 1
    assert number > len(clean[2])


NO_ROOM = """
import resource, signal, sys
from datetime import date
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
from tests.pipeline.nights import run_once
run_once(Path(sys.argv[1]), Path(sys.argv[2]), date(2026, 10, 31))
"""


def check_no_room(limit: int, clean, extracts, tmp_path) -> bool:
    home, manifest, _ = clean
    place = with_keys_of(home, tmp_path / str(limit))
    first = run_once(place, extracts, FIRST)
    ended = subprocess.run(
        [sys.executable, "-B", "-c", NO_ROOM, str(place), str(extracts), str(limit)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    lake = Store(place / "demo" / "lake")
    if ended.returncode:
        assert (
            "File too large" in ended.stderr
            or "fsize" in ended.stderr.lower()
            or "Could not" in ended.stderr
            or "write" in ended.stderr
        )
        assert lake.standing() == {FIRST: first.run}
    finished = run_once(place, extracts, SECOND)
    assert differing(home, manifest, place, finished, ALL) == []
    shutil.rmtree(tmp_path / str(limit))
    return ended.returncode != 0


def test_without_room_for_a_file_the_night_stops_and_goes_on_when_there_is_room(
    clean, extracts, tmp_path
) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
    assert check_no_room(30_000, clean, extracts, tmp_path)


@pytest.mark.faults
def test_fifty_places_where_the_room_ends(clean, extracts, tmp_path) -> None:
    chance = random.Random(4)  # noqa: S311  # the same places each time
    limits = {chance.randrange(500, 120_000) for _ in range(int(os.environ.get("GUANXI_FAULT_TRIALS", "50")))}
    assert sum(check_no_room(limit, clean, extracts, tmp_path) for limit in sorted(limits)) > len(limits) / 3


def check_torn(cut: int, table: str, clean, extracts, tmp_path) -> None:
    """A recorded part of a night not yet complete loses its last bytes: it is made again, not read."""
    home, manifest, _ = clean
    place = with_keys_of(home, tmp_path / f"{table}-{cut}")
    shutil.copytree(home, place)
    lake = Store(place / "demo" / "lake")
    folder = lake.folder(manifest.run)
    (folder / "manifest.json").unlink()
    path = folder / table / "2026-10-01.parquet"
    path.write_bytes(path.read_bytes()[:-cut])
    watcher = Noted()
    finished = run_once(place, extracts, SECOND, watcher=watcher)
    assert f"{table}@2026-10-01" in watcher.made
    assert differing(home, manifest, place, finished, ALL) == []
    shutil.rmtree(tmp_path / f"{table}-{cut}")


def test_a_torn_part_is_noticed_and_made_again(clean, extracts, tmp_path) -> None:
    check_torn(1, "score.tier", clean, extracts, tmp_path)


@pytest.mark.faults
def test_parts_torn_at_two_hundred_places_are_made_again(clean, extracts, tmp_path) -> None:
    chance = random.Random(6)  # noqa: S311  # the same places each time
    for number in range(int(os.environ.get("GUANXI_FAULT_TRIALS", "200"))):
        table = chance.choice(["feature.wealth_month", "score.tier", "feature.activity_month", "score.stage"])
        check_torn(1 + chance.randrange(1, 900) + number % 2, table, clean, extracts, tmp_path)


def test_an_extract_torn_in_transport_is_refused_and_the_night_before_stands(
    clean, extracts, tmp_path
) -> None:
    home, _, _ = clean
    place = with_keys_of(home, tmp_path / "torn")
    first = run_once(place, extracts, FIRST)
    broken = tmp_path / "extracts"
    shutil.copytree(extracts, broken)
    for path in (broken / SECOND.isoformat()).glob("balances.*"):
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises((ExtractRefused, ReadingError)):
        run_once(place, broken, SECOND)
    assert Store(place / "demo" / "lake").standing() == {FIRST: first.run}


def play(order: tuple[date, ...], extracts, place: Path):
    """The nights in this order, each later date that stands run again after an earlier one, as the nightly job does."""
    for on in order:
        manifest = run_once(place, extracts, on)
        for later in [day for day in Store(place / "demo" / "lake").standing() if day > on]:
            manifest = run_once(place, extracts, later)
    return manifest


def test_the_day_after_before_the_day_itself_comes_to_the_same_end(clean, extracts, tmp_path) -> None:
    home, manifest, _ = clean
    place = with_keys_of(home, tmp_path / "place")
    last = play((SECOND, FIRST), extracts, place)
    assert last.run == manifest.run
    assert differing(home, manifest, place, last, ALL) == []


@pytest.mark.faults
def test_any_order_of_four_deliveries_comes_to_the_same_end(clean, extracts, tmp_path) -> None:
    home, manifest, _ = clean
    orders = sorted(set(permutations((FIRST, FIRST, SECOND, SECOND))))
    for number, order in enumerate(orders):
        place = with_keys_of(home, tmp_path / str(number))
        last = play(order, extracts, place)
        assert last.run == manifest.run
        assert differing(home, manifest, place, last, ALL) == []
        shutil.rmtree(tmp_path / str(number))


def night_without(name: str, clean, extracts, tmp_path):
    """The first night's delivery without one file."""
    home, _, _ = clean
    less = tmp_path / f"without-{name}"
    shutil.copytree(extracts / FIRST.isoformat(), less / FIRST.isoformat())
    for path in (less / FIRST.isoformat()).glob(f"{name}.*"):
        path.unlink()
    place = with_keys_of(home, tmp_path / f"home-{name}")
    return place, run_once(place, less, FIRST)


def test_without_transfer_prices_contribution_is_refused_and_not_nothing(clean, extracts, tmp_path) -> None:
    place, manifest = night_without("ftp_rates", clean, extracts, tmp_path)
    (path,) = Store(place / "demo" / "lake").paths(manifest.parts["feature.contribution_month"]["2026-10-01"])
    earned, refused, zero = (
        duckdb.connect()
        .sql(
            f"SELECT COUNT(contribution), SUM(accounts_without_price), "
            f"COUNT(CASE WHEN contribution = 0 THEN 1 END) FROM '{path}' "
            "WHERE accounts_without_price > 0"
        )
        .fetchall()[0]
    )
    assert (earned, zero) == (0, 0)
    assert refused > 0
    assert rows_of(place, manifest, "score.tier", "2026-10-01")


@pytest.mark.faults
@pytest.mark.parametrize("name", OPTIONAL)
def test_without_an_optional_file_the_rest_goes_on_and_the_report_names_it(
    name, clean, extracts, tmp_path
) -> None:
    place, manifest = night_without(name, clean, extracts, tmp_path)
    assert name in json.dumps(manifest.facts["extract"]["missing"])
    assert rows_of(place, manifest, "feature.wealth_month", "2026-10-01")
    assert rows_of(place, manifest, "score.tier", "2026-10-01")
