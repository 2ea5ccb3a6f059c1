"""What the last nights stand on stays, byte by byte; everything else goes, and only once."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.lake.store import WHOLE, Known, Manifest, Part, Store
from guanxi.lake.sweeping import files_of, kept_from, sweep

FIRST = date(2026, 10, 1)
MONTH = "2026-09-01"


def written(store: Store, run: str, table: str, key: str) -> Part:
    path = store.folder(run) / table / f"{key}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{run} {table} {key}")
    return store.keep(run, table, None if key == WHOLE else date.fromisoformat(key), [path], 1, 0.0)


def night(store: Store, number: int, inherits: bool, knows: bool) -> Manifest:
    """A night that makes its snapshot, and takes the closed month over from the night before or makes it again."""
    day = FIRST + timedelta(days=number)
    run = f"{day:%Y%m%d}-{number:010d}"
    before = store.standing_before(day)
    snapshot = written(store, run, "staged.customers", WHOLE)
    written(store, run, "arrived/staged.customers", WHOLE)
    month = (
        before.parts["score.tier"][MONTH] if before and inherits else written(store, run, "score.tier", MONTH)
    )
    known = before.known[MONTH] if before and knows else Known(day, {"staged.customers": snapshot})
    made = Manifest(
        run=run, bank="demo", business_date=day, previous=before.run if before else None, inputs={}, policies={},
        way="", parts={"staged.customers": {WHOLE: snapshot}, "score.tier": {MONTH: month}}, facts={},
        known={MONTH: known},
    )  # fmt: skip
    store.close(made)
    store.stand(made)
    return made


def texts(store: Store, made: Manifest) -> dict[str, str]:
    return {name: (store.root / name).read_text() for name in files_of(made)}


def lying(store: Store) -> set[str]:
    return {str(path.relative_to(store.root)) for path in store.root.rglob("*.parquet")}


@settings(max_examples=40, deadline=None)
@given(ways=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=7), kept=st.integers(2, 5))
def test_kept_nights_stay_whole_and_nothing_else_lies_there(tmp_path_factory, ways, kept) -> None:
    store = Store(tmp_path_factory.mktemp("lake"))
    nights = [night(store, number, *way) for number, way in enumerate(ways)]
    before = {made.run: texts(store, made) for made in nights}
    swept = sweep(store, kept)
    last = nights[-kept:]
    assert {made.run: texts(store, made) for made in last} == {made.run: before[made.run] for made in last}
    if len(nights) > kept:
        needed = {name for made in last for name in files_of(made)}
        own = {f"run={made.run}/arrived/staged.customers/{WHOLE}.parquet" for made in last}
        assert lying(store) == needed | own
        assert kept_from(store) == last[0].business_date
    else:
        assert (swept.files, kept_from(store)) == (0, None)
    assert [store.manifest(made.run) for made in nights] == nights, "what a run was made of stays readable"
    assert sweep(store, kept).files == 0


def test_a_run_begun_for_a_later_date_may_still_be_finished(tmp_path) -> None:
    store = Store(tmp_path)
    for number in range(4):
        night(store, number, inherits=True, knows=True)
    begun, left = "20261005-aaaaaaaaaa", "20261002-bbbbbbbbbb"
    for run in (begun, left):
        written(store, run, "staged.customers", WHOLE)
    sweep(store, 2)
    assert store.kept(begun, "staged.customers", None) is not None
    assert not store.folder(left).exists(), "a night that ended early and whose date was made otherwise"


def test_what_is_kept_never_moves_back(tmp_path) -> None:
    store = Store(tmp_path)
    for number in range(5):
        night(store, number, inherits=False, knows=False)
    sweep(store, 2)
    assert kept_from(store) == FIRST + timedelta(days=3)
    sweep(store, 4)
    assert kept_from(store) == FIRST + timedelta(days=3)
    assert not Path(store.folder("20261001-0000000000") / "staged.customers").exists()
