"""The way: headers, inputs and order are read from the step files, and what does not fit is refused."""

import pyarrow as pa
import pytest

from guanxi.insight.tables import Table
from guanxi.insight.way import WayError, draw, order_steps, parse_python_step, parse_step, the_way

SHAPES = {
    name: Table(name, ("party_key",), (("party_key", "BIGINT"), ("n", "BIGINT")))
    for name in ("core.party", "feature.a", "score.b")
}
CORE = """\
-- core.party · grain: party_key · scope: whole · months: none
-- People.
SELECT party_key, 1 AS n FROM staged.customers"""
FEATURE = """\
-- feature.a · grain: party_key · scope: bucket · months: each · prev: yes
SELECT p.party_key, 1 AS n FROM core.party p LEFT JOIN prev.feature_a o ON o.party_key = p.party_key"""
SCORE = """\
-- score.b · grain: party_key · scope: bucket · months: last · past: 3
WITH x AS (SELECT party_key, n FROM past.feature_a)
SELECT x.party_key, x.n FROM x JOIN policy.cut c ON TRUE JOIN run.month m ON TRUE"""


def step(name: str, text: str):
    return parse_step(name, text, SHAPES)


def test_a_step_says_what_it_reads() -> None:
    made = step("score.b", SCORE)
    assert made.inputs == ()
    assert made.past == ("feature.a",)
    assert made.policies == ("policy.cut",)
    assert made.past_months == 3
    assert not made.reads_prev
    assert step("feature.a", FEATURE).prev == ("feature.a",)
    assert step("core.party", CORE).about == "People."


def test_a_python_step_declares_in_its_docstring_and_reads_what_an_sql_step_says_in_its_text() -> None:
    doc = """score.b · grain: party_key · scope: whole · months: last · past: 3

    Fitted, not selected.
    """
    rows = pa.table({"party_key": [1], "n": [2]})
    made = parse_python_step("score.b", "text", doc, ("past.feature_a", "ops.model"), lambda _: rows, SHAPES)
    assert (made.past, made.past_months, made.inputs) == (("feature.a",), 3, ("ops.model",))
    assert (made.about, made.sql, made.text) == ("Fitted, not selected.", "", "text")
    assert made.make is not None
    with pytest.raises(WayError, match="no table of the way"):
        parse_python_step("score.b", "text", doc, ("somewhere.else",), lambda _: rows, SHAPES)


def test_steps_stand_after_what_they_read_whatever_order_they_are_given_in() -> None:
    steps = [step("score.b", SCORE), step("feature.a", FEATURE), step("core.party", CORE)]
    assert [s.name for s in order_steps(steps)] == ["core.party", "feature.a", "score.b"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT 1", "first line"),
        (CORE.replace("core.party ·", "core.people ·"), "first line"),
        (CORE.replace("grain: party_key", "grain: n"), "grain"),
        (CORE.replace("scope: whole", "scope: some"), "scope"),
        (CORE.replace("staged.customers", "secret.customers"), "no table of the way"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(text: str, says: str) -> None:
    with pytest.raises(WayError, match=says):
        step("core.party", text)


def test_reading_what_nobody_makes_is_refused() -> None:
    with pytest.raises(WayError, match=r"nobody makes core\.party"):
        order_steps([step("feature.a", FEATURE)])


def test_a_circle_is_refused() -> None:
    core = step("core.party", CORE.replace("staged.customers", "score.b"))
    with pytest.raises(WayError, match="circle"):
        order_steps([core, step("feature.a", FEATURE), step("score.b", SCORE)])


def test_the_real_way_is_whole_and_can_be_drawn() -> None:
    steps = the_way()
    made = {s.name for s in steps}
    assert {"core.party", "feature.wealth_month", "score.tier", "report.reconciliation"} <= made
    assert all(s.about for s in steps), [s.name for s in steps if not s.about]
    assert draw(steps).count("-->") >= len(steps)
