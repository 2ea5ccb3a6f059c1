"""The scorer: its measures against brute force, its text, its fall-backs, and that it is kept only when it wins."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pytest
from banks import policy_of
from builders import bench_with
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guanxi.insight.contact.decision import _too_young
from guanxi.insight.foresight import judge
from guanxi.insight.foresight.columns import COLUMNS, REASONS
from guanxi.insight.foresight.matrix import Matrix, by_share, by_time
from guanxi.insight.foresight.model import Model, ModelError, read_model, strongest_reasons, text_hash
from guanxi.insight.foresight.profiling import is_child
from guanxi.insight.foresight.scorers import Logistic, fit_logistic
from guanxi.insight.foresight.training import train
from guanxi.insight.policies.churn import ChurnPolicy

PAIRS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=30)


@given(PAIRS)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, int]]) -> None:
    left = [score for happened, score in rows if happened]
    stayed = [score for happened, score in rows if not happened]
    found = judge.auc(np.array([row[0] for row in rows]), np.array([row[1] for row in rows], float))
    if not left or not stayed:
        assert np.isnan(found)
        return
    right = sum((a > b) + (a == b) / 2 for a in left for b in stayed)
    assert found == pytest.approx(right / len(left) / len(stayed))


def test_drift_is_nothing_for_the_same_people_and_large_for_others() -> None:
    scores = np.linspace(0, 1, 1000)
    edges, shares = judge.bins_of(scores)
    assert judge.drift(shares, scores, edges) == pytest.approx(0, abs=1e-6)
    assert judge.drift(shares, scores / 4, edges) > 0.25


def test_the_platt_line_finds_the_slope_it_was_made_with() -> None:
    rng = np.random.default_rng(3)
    margin = rng.normal(0, 2, 40_000)
    happened = (rng.random(40_000) < judge.sigmoid(0.5 * margin - 1)).astype(int)
    slope, level = judge.slope_and_level(happened, margin)
    assert (slope, level) == (pytest.approx(0.5, abs=0.03), pytest.approx(-1, abs=0.05))


def test_survival_is_the_product_of_what_is_left_each_month() -> None:
    assert judge.survival([0.1, 0.5]) == pytest.approx([0.9, 0.45])


def rows_of(count: int, months: int, *, signal: float, seed: int = 1) -> Matrix:
    """People over months: the first column drives what happens by `signal`, the rule sees only noise."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count * months, 3))
    values[rng.random(values.shape) < 0.05] = np.nan
    chance = judge.sigmoid(signal * np.nan_to_num(values[:, 0]) - 3)
    happened = (rng.random(len(values)) < chance).astype(int)
    time = np.repeat([f"2026-{month:02d}-01" for month in range(1, months + 1)], count)
    return Matrix(
        ("a", "b", "c"),
        values,
        happened,
        time,
        rng.normal(size=len(values)),
        {"tier": np.repeat("4", len(values))},
    )


def test_time_parts_the_rows_and_a_gap_keeps_label_windows_apart() -> None:
    split = by_time(rows_of(10, 12, signal=1), calibrate=2, judge=2, gap=1)
    assert [sorted(set(part.time)) for part in (split.fit, split.calibrate, split.judge)] == [
        [f"2026-{month:02d}-01" for month in range(1, 7)],
        ["2026-08-01", "2026-09-01"],
        ["2026-11-01", "2026-12-01"],
    ]


@given(st.lists(st.integers(0, 6), min_size=5, max_size=40))
def test_a_share_never_parts_rows_of_one_moment(times: list[int]) -> None:
    count = len(times)
    matrix = Matrix(("a",), np.zeros((count, 1)), np.zeros(count, int), np.array(times), np.zeros(count))
    split = by_share(matrix, 0.6, 0.2)
    seen = [set(part.time) for part in (split.fit, split.calibrate, split.judge)]
    assert sum(map(len, seen)) == len(set(times))
    assert len(split.fit) + len(split.calibrate) + len(split.judge) == count


def test_a_scorer_that_sees_something_is_kept_and_one_that_sees_nothing_is_not() -> None:
    good = train(by_time(rows_of(600, 8, signal=2), 2, 2), purpose="asset_loss", capacity=100)
    assert good.kept
    assert good.model is not None
    assert good.card["judged"]["logistic"]["auc"] > 0.75
    blind = rows_of(600, 8, signal=0)
    told = replace(blind, rule=blind.happened + np.random.default_rng(2).normal(0, 1, len(blind)))
    bad = train(by_time(told, 2, 2), purpose="asset_loss", capacity=100)
    assert (bad.kept, bad.why) == (False, "no_better_than_rule")


def test_too_few_events_are_an_answer_and_no_model() -> None:
    answer = train(by_time(rows_of(20, 8, signal=0), 2, 2), purpose="exit", capacity=5)
    assert (answer.model, answer.why) == (None, "too_few_events")


def test_training_twice_gives_the_same_text() -> None:
    split = by_time(rows_of(300, 8, signal=2), 2, 2)
    one, two = (train(split, purpose="asset_loss", capacity=50).model for _ in range(2))
    assert one is not None
    assert two is not None
    assert one.to_text() == two.to_text()


def a_model(names: tuple[str, ...] = COLUMNS) -> Model:
    """Weight one on the first column, half of it on the second, nothing else."""
    weights = np.zeros(len(names))
    weights[:2] = (1.0, 0.5)
    scorer = Logistic(np.zeros(len(names)), np.ones(len(names)), weights, np.zeros(len(names)), -2.0)
    return Model("asset_loss", "logistic", names, scorer, 1.0, 0.0, (0.5,), (1.0, 0.0))


def test_a_model_survives_its_text() -> None:
    text = a_model().to_text()
    values = np.random.default_rng(4).normal(size=(20, len(COLUMNS)))
    again = read_model(text, text_hash(text), COLUMNS)
    assert (again.chance(values) == a_model().chance(values)).all()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text[:-3], "unreadable"),
        (lambda text: text.replace('"schema": 1', '"schema": 99'), "other_schema"),
        (lambda text: text.replace("ln_average", "other"), "other_columns"),
        (lambda text: text.replace('"level": -2.0', '"level": "x"'), "not_finite"),
    ],
)
def test_a_spoilt_model_never_serves(spoil, code: str) -> None:
    text = spoil(a_model().to_text())
    with pytest.raises(ModelError, match=code):
        read_model(text, text_hash(text), COLUMNS)


def test_a_text_that_is_not_the_approved_one_never_serves() -> None:
    with pytest.raises(ModelError, match="hash_differs"):
        read_model(a_model().to_text(), "0" * 64, COLUMNS)


def test_reasons_are_groups_that_raise_the_chance_the_strongest_first() -> None:
    values = np.zeros((1, len(COLUMNS)))
    values[0, :2] = (1.0, 4.0)
    (reasons,) = strongest_reasons(a_model(), values, REASONS)
    assert [(reason.code, reason.weight, reason.value) for reason in reasons] == [
        ("balance_falling", 2.0, 4.0),
        ("size", 1.0, 1.0),
    ]


def test_every_column_has_a_reason_in_words() -> None:
    from guanxi.crm.foresight.reasons import SCORER

    assert set(COLUMNS) == set(REASONS)
    assert set(REASONS.values()) <= set(SCORER)


@settings(max_examples=10, deadline=None)
@given(st.floats(0, 1))
def test_missing_values_count_as_the_median(share: float) -> None:
    rng = np.random.default_rng(int(share * 1000))
    values = rng.normal(size=(200, 2))
    happened = (values[:, 0] > 0.5).astype(int)
    scorer = fit_logistic(values, happened)
    row = np.array([[np.nan, np.nan]])
    assert scorer.margin(row) == pytest.approx(scorer.margin(scorer.centre[None, :]))


def leaving(
    *,
    model: Model | None = None,
    sha256: str | None = None,
    policy: ChurnPolicy | None = None,
    agreed: bool = True,
    on: date | None = None,
    born: Mapping[int, date] = {},
    restricted: Sequence[int] = (),
):
    bench = bench_with(kinds=())
    bench.policy(policy or policy_of("churn", drift_limit=Decimal(99)))
    bench.month(date(2026, 11, 1) if on else date(2026, 10, 1), business_date=on)
    people = [
        {"party_key": key, "month": date(2026, 10, 1), "bucket": 1, "base_average": Decimal(60_000),
         "average": Decimal(60_000),
         **dict.fromkeys(COLUMNS, 0.0), "ln_average": float(key), "against_6": 1 - key / 10}
        for key in range(1, 5)
    ]  # fmt: skip
    bench.put(
        "past.feature_leaving_month",
        [*people, people[0] | {"party_key": 99, "base_average": Decimal(49_999)}],
    )
    bench.put("core.party", [
        {"party_key": key, "customer_no": f"C{key}", "birth_date": born.get(key)} for key in range(1, 5)
    ])  # fmt: skip
    bench.put(
        "staged.consents",
        [
            {
                "customer_no": "C4",
                "purpose": "profiling",
                "channel": "any",
                "agreed": agreed,
                "given_on": date(2026, 1, 1),
            }
        ],
    )
    bench.put("ops.restriction", [{"party_key": key} for key in restricted])
    if model:
        text = model.to_text()
        bench.put("ops.model", [{"purpose": "asset_loss", "model_id": "asset_loss 3", "body": text,
                                 "sha256": sha256 or text_hash(text)}])  # fmt: skip
    return bench.run("score.leaving")


def test_without_a_model_the_rule_orders_by_the_balance_against_ones_own_history() -> None:
    rows = leaving()
    assert [(row["party_key"], row["place"], row["chance"]) for row in rows] == [
        (1, 4, None),
        (2, 3, None),
        (3, 2, None),
        (4, 1, None),
    ]
    assert {(row["served_by"], row["fallback"]) for row in rows} == {("rule", "no_model")}


def test_a_model_that_is_on_gives_chances_and_reasons_to_those_at_the_top() -> None:
    rows = leaving(model=a_model())
    assert {(row["served_by"], row["fallback"]) for row in rows} == {("asset_loss 3", None)}
    assert [row["place"] for row in rows] == [4, 3, 2, 1]
    assert [row["reason_1"] for row in rows] == [None, None, None, "size"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"sha256": "0" * 64}, "hash_differs"),
        ({"policy": policy_of("churn", drift_limit=Decimal("0.0001"))}, "drifted"),
    ],
)
def test_a_model_that_may_not_serve_gives_way_to_the_rule_and_says_why(told: dict, why: str) -> None:
    rows = leaving(model=a_model(), **told)
    assert {(row["served_by"], row["fallback"]) for row in rows} == {("rule", why)}


def test_who_refused_profiling_is_not_scored() -> None:
    assert [row["party_key"] for row in leaving(agreed=False)] == [1, 2, 3]


def test_while_a_month_runs_the_chances_are_those_of_the_last_months_end() -> None:
    rows = leaving(model=a_model(), on=date(2026, 11, 3))
    assert {(row["month"], row["as_of"]) for row in rows} == {(date(2026, 11, 1), date(2026, 10, 1))}
    assert [row["chance"] for row in rows] == [row["chance"] for row in leaving(model=a_model())]


# --- children are not judged


@given(st.dates(date(2004, 1, 1), date(2032, 12, 31)), st.integers(-400, 400), st.integers(12, 16))
@example(date(2012, 2, 29), 0, 14)
@example(date(2012, 2, 29), 1, 14)
@example(date(2012, 2, 29), 0, 16)
def test_a_child_is_told_from_others_as_messages_tell_them(born: date, away: int, age: int) -> None:
    day = date(born.year + age, 3 if born.month == 2 else born.month, min(born.day, 28)) + timedelta(
        away % 40 - 20
    )
    asked = is_child("born", "day", str(age))
    found = duckdb.execute(f"SELECT {asked} FROM (SELECT ?::DATE AS born, ?::DATE AS day)", [born, day])
    assert found.fetchall() == [(_too_young(born, age, day),)]


def test_a_child_is_not_scored_until_the_day_after_the_birthday() -> None:
    fourteen_today, a_day_older = date(2012, 10, 31), date(2012, 10, 30)
    rows = leaving(born={1: fourteen_today, 2: a_day_older})
    assert [row["party_key"] for row in sorted(rows, key=lambda row: row["party_key"])] == [2, 3, 4]


def test_a_restriction_is_a_refusal_before_all_words() -> None:
    assert {row["party_key"] for row in leaving(restricted=[2, 4], agreed=True)} == {1, 3}


def test_nobody_of_unknown_birth_is_taken_for_a_child() -> None:
    asked = is_child("CAST(NULL AS DATE)", "DATE '2026-10-31'", "14")
    assert duckdb.execute(f"SELECT {asked}").fetchall() == [(False,)]
