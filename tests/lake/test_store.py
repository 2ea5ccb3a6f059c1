"""The store: a recorded part is found again, a damaged one is not, and only a closed run stands."""

from datetime import date
from pathlib import Path

import pytest

from guanxi.lake.store import Manifest, Part, Store

MONTH = date(2026, 10, 1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "lake")


def written(store: Store, run: str = "r1") -> Path:
    path = store.part_path(run, "feature.a", MONTH)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PAR1 rows PAR1")
    return path


def manifest(run: str, day: date, part: Part) -> Manifest:
    return Manifest(
        run, "demo", day, None, {"a.csv": "00"}, {}, "way", {"feature.a": {MONTH.isoformat(): part}}, {}
    )


def test_a_recorded_part_is_found_again(store: Store) -> None:
    path = written(store)
    part = store.keep("r1", "feature.a", MONTH, [path], rows=3, seconds=0.5)
    assert store.kept("r1", "feature.a", MONTH) == part
    assert store.paths(part) == [path]


@pytest.mark.parametrize("keep_bytes", [0, 1, 13])
def test_a_torn_file_is_not_taken_for_a_finished_part(store: Store, keep_bytes: int) -> None:
    path = written(store)
    store.keep("r1", "feature.a", MONTH, [path], rows=3, seconds=0.5)
    path.write_bytes(path.read_bytes()[:keep_bytes])
    assert store.kept("r1", "feature.a", MONTH) is None


def test_a_part_without_its_record_is_made_again(store: Store) -> None:
    written(store)
    assert store.kept("r1", "feature.a", MONTH) is None


def test_a_manifest_comes_back_as_it_was_written(store: Store) -> None:
    part = store.keep("r1", "feature.a", MONTH, [written(store)], rows=3, seconds=0.5)
    body = manifest("r1", date(2026, 10, 31), part)
    assert store.manifest("r1") is None
    store.close(body)
    assert store.manifest("r1") == body


def test_the_run_that_stands_before_a_day_is_the_last_one_put_there(store: Store) -> None:
    part = store.keep("r1", "feature.a", MONTH, [written(store)], rows=3, seconds=0.5)
    for run, day in (("r1", date(2026, 10, 30)), ("r3", date(2026, 11, 1)), ("r2", date(2026, 10, 30))):
        store.close(manifest(run, day, part))
        store.stand(manifest(run, day, part))
    assert store.standing_before(date(2026, 10, 30)) is None
    before = store.standing_before(date(2026, 11, 1))
    assert before is not None
    assert before.run == "r2"
    assert list(store.standing()) == [date(2026, 10, 30), date(2026, 11, 1)]
