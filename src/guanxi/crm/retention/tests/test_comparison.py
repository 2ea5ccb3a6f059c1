"""The comparison of worked cases with look-alikes: arithmetic by hand, bounds, and what a page says of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.retention.comparison import LEAST_WORKED, Cell, cells_of, compare
from guanxi.crm.retention.tests.bank import Bench, make_bench
from guanxi.crm.scores.models import SaveRate


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    worked, alike = draw(st.integers(0, 60)), draw(st.integers(0, 200))
    return Cell(worked, draw(st.integers(0, worked)), alike, draw(st.integers(0, alike)))


def test_look_alikes_count_as_the_worked_are_spread_over_the_cells() -> None:
    # In the first cell half the look-alikes kept, in the second all: of 30 and 10 worked, 15 + 10 are expected.
    told = compare([Cell(30, 24, 100, 50), Cell(10, 10, 10, 10), Cell(7, 7, 0, 0)])
    assert (told.worked, told.alone, told.alike) == (40, 7, 110)
    assert told.kept == 34 / 40
    assert told.kept_alike == 25 / 40
    assert told.difference == pytest.approx(9 / 40)
    assert not told.is_open


@given(st.lists(cells(), max_size=8))
def test_the_bounds_hold_the_difference_and_nobody_is_counted_twice(found: list[Cell]) -> None:
    told = compare(found)
    assert told.worked + told.alone == sum(cell.worked for cell in found)
    if told.difference is None:
        assert told.worked < LEAST_WORKED
        assert told.is_open
    else:
        assert told.low is not None
        assert told.high is not None
        assert told.low < told.difference < told.high
        assert -1 <= told.difference <= 1


@given(st.integers(1, 200), st.integers(1, 200))
def test_the_same_share_in_every_cell_is_no_difference(worked: int, alike: int) -> None:
    told = compare([Cell(worked * 10, worked * 4, alike * 10, alike * 4), Cell(50, 20, 10, 4)])
    assert told.difference == pytest.approx(0)
    assert told.is_open


# --- the page


pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(settings) -> Bench:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    return make_bench()


def saved(unit, **told) -> None:
    SaveRate.objects.create(
        month=date(2026, 10, 1), opened_month=date(2026, 6, 1), unit=unit, score_decile=told.pop("decile", 1),
        aum_band=1, **told,
    )  # fmt: skip


def page(staff) -> str:
    return testing.client_of(staff).get("/retention/autopsy").content.decode()


def test_the_autopsy_says_it_is_a_comparison_and_not_an_effect(bench) -> None:
    saved(bench.people.outlet, worked=40, worked_kept=30, alike=200, alike_kept=100)
    text = page(bench.people.head)
    assert "75.0%" in text
    assert "50.0%" in text
    assert "是对比，不是效果" in text


def test_few_cases_are_counted_without_shares(bench) -> None:
    saved(bench.people.outlet, worked=5, worked_kept=5, alike=20, alike_kept=1)
    text = page(bench.people.head)
    assert "100.0%" not in text
    assert "只列笔数" in text


def test_nobody_compares_the_cases_of_units_out_of_reach(bench) -> None:
    saved(bench.people.elsewhere, worked=40, worked_kept=30, alike=200, alike_kept=100)
    with acting_as(bench.people.head, today=testing.TODAY) as reach:
        assert cells_of(reach) == []
    with acting_as(bench.supervisor, today=testing.TODAY) as reach:
        assert [cell for _where, cell in cells_of(reach)] == [Cell(40, 30, 200, 100)]
