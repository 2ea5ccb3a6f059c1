"""The lab computes what a night would: the stored rows under the same policy, a whole run's under another."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import nights
from tests.pipeline.nights import run_once

from guanxi.insight.policies import load_policy
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.tier import TierPolicy
from guanxi.insight.way import the_way
from guanxi.lake.engine import DuckEngine, parquet_files
from guanxi.lake.store import Store
from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.lab import Trial, TrialRefused, figures, simulate
from guanxi.pipeline.lab.recut import Ground, Recut, changed_tables, steps_between
from guanxi.pipeline.lab.trial import Simulated
from guanxi.pipeline.night import read_by_run
from guanxi.pipeline.progress import Silent

ON = date(2026, 10, 31)
MONTH = date(2026, 10, 1)
MONTHS = (date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1), MONTH)


def policies_in(folder: Path) -> dict[str, Policy]:
    payloads = open_bank(folder, folder).policy_payloads()
    return read_by_run({kind: load_policy(kind, body) for kind, body in payloads.items()})


POLICIES = policies_in(nights.ROOT / "banks" / "demo")


def tier_from(lower: str, code: str = "potential") -> TierPolicy:
    """The demo bank's tiers with another line."""
    policy = POLICIES["tier"]
    assert isinstance(policy, TierPolicy)
    first, *others = policy.schemes
    bands = tuple(replace(band, lower=Decimal(lower)) if band.code == code else band for band in first.bands)
    return replace(policy, schemes=(replace(first, bands=bands), *others))


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A small bank whose nights have been run once, whole."""
    folder = tmp_path_factory.mktemp("lab")
    generate(folder / "extracts", customers=300, months=4, seed=5, until=ON)
    run_once(folder / "home", folder / "extracts", ON)
    return folder


@pytest.fixture(scope="module")
def ground(home) -> Ground:
    return ground_of(home / "home" / "demo" / "lake")


def ground_of(lake: Path) -> Ground:
    store = Store(lake)
    manifest = store.manifest(store.standing()[ON])
    assert manifest is not None
    return Ground(store, manifest, "CNY", "daily")


def tried(ground: Ground, scratch: Path, *drafts: Policy, months: int = 4, month: date = MONTH) -> Simulated:
    trial = Trial(drafts[0].kind, POLICIES, drafts, month, months)  # type: ignore[arg-type]
    with DuckEngine(scratch / "spill", threads=1) as engine:
        return simulate(trial, ground, engine, scratch, Silent())


def rows_of(paths: list[Path]) -> list[tuple[object, ...]]:
    return duckdb.connect().execute(f"SELECT * FROM {parquet_files(paths)}").fetchall()


@pytest.mark.parametrize("table", ["score.tier", "score.value_card", "score.scope"])
def test_months_cut_again_under_the_same_policy_are_the_stored_rows(ground, tmp_path, table) -> None:
    kind = {"score.tier": "tier", "score.value_card": "value", "score.scope": "scope"}[table]
    with DuckEngine(tmp_path / "spill", threads=1) as engine:
        recut = Recut(engine, ground, tmp_path / "cut", Silent())
        steps = steps_between(POLICIES[kind].tables(), table)
        parts = recut.cut("again", POLICIES, steps, MONTHS)
        for month in MONTHS:
            made = recut.paths(parts, table, month)
            assert made != ground.store.paths(ground.manifest.part(table, month))
            assert rows_of(made) == rows_of(ground.store.paths(ground.manifest.part(table, month)))


def test_stored_months_stand_for_what_counts_and_for_no_other_policy(ground) -> None:
    assert ground.stands("score.tier", MONTHS, POLICIES)
    assert not ground.stands("score.tier", MONTHS, {**POLICIES, "tier": tier_from("20000")})
    assert not ground.stands("score.tier", [date(2026, 6, 1)], POLICIES)


def test_a_walk_over_all_months_is_what_the_night_would_have_made_under_the_draft(
    home, ground, tmp_path, monkeypatch
) -> None:
    shutil.copytree(nights.ROOT / "banks", tmp_path / "banks")
    file = tmp_path / "banks" / "demo" / "policies" / "tier.toml"
    text = file.read_text(encoding="utf8")
    assert text.count('lower = "50000"') == 1
    file.write_text(text.replace('lower = "50000"', 'lower = "20000"'), encoding="utf8")
    monkeypatch.setattr(nights, "ROOT", tmp_path)
    shutil.copy2(home / "keys.json", tmp_path / "keys.json")
    run_once(tmp_path / "home", home / "extracts", ON)
    real = ground_of(tmp_path / "home" / "demo" / "lake")
    with DuckEngine(tmp_path / "spill", threads=1) as engine:
        recut = Recut(engine, ground, tmp_path / "cut", Silent())
        draft = tier_from("20000")
        steps = steps_between(changed_tables(POLICIES["tier"], draft), "score.tier")
        parts = recut.cut("draft", {**POLICIES, "tier": draft}, steps, MONTHS)
        for month in MONTHS:
            assert rows_of(recut.paths(parts, "score.tier", month)) == rows_of(
                real.store.paths(real.manifest.part("score.tier", month))
            )


def test_only_the_steps_that_a_changed_policy_touches_are_run_again() -> None:
    def names(kind: str, draft: Policy, target: str) -> list[str]:
        return [step.name for step in steps_between(changed_tables(POLICIES[kind], draft), target)]

    assert names("tier", POLICIES["tier"], "score.tier") == []
    assert names("tier", tier_from("20000"), "score.tier") == ["score.tier"]
    tiers = POLICIES["tier"]
    assert isinstance(tiers, TierPolicy)
    schemes = [
        replace(scheme, standing=replace(scheme.standing, value=Decimal("0.2")))
        if scheme.standing
        else scheme
        for scheme in tiers.schemes
    ]
    weighed = replace(tiers, schemes=tuple(schemes))
    assert names("tier", weighed, "score.tier") == ["score.company_standing", "score.tier"]
    value = replace(POLICIES["value"], weight_risk=Decimal(0))
    assert names("value", value, "score.value_card") == ["score.value_card"]
    assert all(step.months == "each" for step in the_way() if step.name.startswith("score.tier"))


def test_nobody_is_lost_and_no_fen_between_what_counts_and_the_draft(ground, tmp_path) -> None:
    made = tried(ground, tmp_path, tier_from("20000"))
    (draft,) = made.figures["drafts"]
    active = rows_of(ground.store.paths(ground.manifest.part("score.tier", MONTH)))
    names = [column for column, _kind in _tier_columns()]
    held = Counter((row[names.index("scheme")], row[names.index("held_rank")]) for row in active)
    from_active = Counter()
    for scheme, before, _after, customers, _aum, _contribution in draft["moves"]:
        from_active[scheme, before] += customers
    assert from_active == {key: n for key, n in held.items() if key[1] is not None}
    months = made.figures["active"]["months"][-1]["ranks"]
    assert sum(row[3] for row in months) == sum(row[4] for row in draft["moves"])
    up = sum(row[3] for row in draft["moves"] if row[2] > row[1])
    assert 0 < up == made.named[0].num_rows
    grouped = sum(row[3] for row in draft["groups"])
    assert grouped == sum(row[3] for row in draft["moves"])


def _tier_columns() -> tuple[tuple[str, str], ...]:
    from guanxi.insight.tables import TABLES

    return TABLES["score.tier"].columns


def test_the_lake_is_only_read_and_the_same_trial_gives_the_same_figures(home, ground, tmp_path) -> None:
    def listing() -> list[tuple[str, int, int]]:
        files = (path for path in sorted((home / "home").rglob("*")) if path.is_file())
        return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]

    before = listing()
    drafts = (tier_from("20000"), tier_from("30000"), tier_from("100000", "silver"))
    first = tried(ground, tmp_path / "a", *drafts)
    second = tried(ground, tmp_path / "b", *drafts)
    assert first.figures == second.figures
    assert [one.to_pylist() for one in first.named] == [one.to_pylist() for one in second.named]
    assert listing() == before
    assert len(first.figures["drafts"]) == 3


def test_weights_of_the_value_card_change_the_order_and_name_who_comes_to_the_top(ground, tmp_path) -> None:
    value = POLICIES["value"]
    draft = replace(
        value, weight_contribution=value.weight_relatedness, weight_relatedness=value.weight_contribution
    )
    made = tried(ground, tmp_path, draft, months=1)
    (told,) = made.figures["drafts"]
    taus = {segment: tau for segment, compared, tau in told["order"] if compared > 50}
    assert taus
    assert all(-1 <= tau < 1 for tau in taus.values())
    assert all((row["from_rank"] == 10) != (row["to_rank"] == 10) for row in made.named[0].to_pylist())


def test_a_higher_line_of_managed_scope_lets_nobody_in_whom_the_lower_one_kept_out(ground, tmp_path) -> None:
    draft = replace(POLICIES["scope"], enter_from=Decimal(400_000))
    made = tried(ground, tmp_path, draft)
    moves = {(row[1], row[2]): row[3] for row in made.figures["drafts"][0]["moves"]}
    assert moves.get((1, 0), 0) > 0
    assert (0, 1) not in moves


@pytest.mark.parametrize(
    ("drafts", "month"),
    [
        ((tier_from("20000"),), date(2026, 11, 1)),
        ((tier_from("20000"),), date(2020, 1, 1)),
        ((tier_from("20000"),) * 4, MONTH),
        ((tier_from("20000"), POLICIES["scope"]), MONTH),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_computed(ground, tmp_path, drafts, month) -> None:
    with pytest.raises(TrialRefused):
        tried(ground, tmp_path, *drafts, month=month)
    assert not (tmp_path / "cut").exists()


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 50)), min_size=1, unique_by=lambda one: one[0])
)
def test_tenths_of_the_value_card_cover_all_points_and_rise_with_them(found) -> None:
    bins = [("person", at, customers) for at, customers in sorted(found)]
    lines = figures.lines_of_tenths(bins)
    assert lines[0][2] < 0
    assert lines[-1][3] > 100
    assert [line[3] for line in lines[:-1]] == [line[2] for line in lines[1:]]
    tenths = [line[1] for line in lines]
    assert tenths == sorted(set(tenths))
    assert 1 <= tenths[0] <= tenths[-1] <= 10
