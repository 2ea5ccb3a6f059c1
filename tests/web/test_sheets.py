"""Workbooks: figures stay figures, and no text can act as a formula."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from guanxi.web.lists import Column
from guanxi.web.sheets import Sheet, TooManyRows, harmless, sheet_name, write_workbook

STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TAILS = (
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x","y")', "SUM(A1:A9)", "5.00", "\u738b\u5efa\u56fd", "",
    "2+5+cmd|'x'!A0",
    "DDE(\"cmd\";\"/C calc\";\"x\")", "IMPORTXML(\"http://x\",\"//a\")", "@SUM(1)",
)  # fmt: skip
FRONTS = ("", " ", "\u3000", "\u200b", '"')
ATTACKS = [front + start + tail for front, start, tail in product(FRONTS, STARTS, TAILS)]


def written(columns, rows, notes=()):
    stream = io.BytesIO()
    write_workbook(stream, [Sheet("List", columns, rows, notes)])
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue()))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)
    )


def test_there_are_more_than_five_hundred_attacks():
    assert len(ATTACKS) > 500


@pytest.mark.parametrize("start", STARTS)
def test_text_that_could_start_a_formula_begins_with_an_apostrophe_whatever_stands_before(start):
    for attack in ATTACKS:
        if attack.lstrip(' \u3000\u200b"').startswith(start):
            assert harmless(attack).startswith("'"), repr(attack)


def test_no_attack_becomes_a_formula_in_the_file():
    stream = io.BytesIO()
    columns = [Column("note", "Note")]
    write_workbook(stream, [Sheet("List", columns, [[attack] for attack in ATTACKS], ["=1+1"])])
    import zipfile

    with zipfile.ZipFile(io.BytesIO(stream.getvalue())) as files:
        text = files.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in text
    assert "<hyperlink" not in text


def test_a_negative_amount_stays_a_number_and_its_text_twin_stays_text():
    rows = written([Column("a", "Amount", "money"), Column("b", "Note")], [[-500, "-5.00"], [None, "none"]])
    assert rows[-2:] == [[-5.0, "'-5.00"], ["", "none"]]


def test_each_kind_of_cell_keeps_its_type():
    columns = [
        Column("name", "Name", "name"), Column("aum", "AUM", "money"), Column("n", "Customers", "number"),
        Column("s", "Share", "percent"), Column("d", "Day", "day"), Column("v", "Value", "decimal"),
    ]  # fmt: skip
    row = written(columns, [["𠮷田·买买提", 52311842, 41, 0.125, date(2026, 10, 31), Decimal("78.5")]])[-1]
    assert row == ["𠮷田·买买提", 523118.42, 41.0, 0.125, date(2026, 10, 31), 78.5]


def test_an_amount_that_a_spreadsheet_would_round_is_written_as_exact_text():
    rows = written([Column("a", "Amount", "money")], [[999_999_999_999_999], [1_234_567_890_123_456_789]])
    assert rows[-2] == [9_999_999_999_999.99]
    assert rows[-1] == ["12,345,678,901,234,567.89"]


@given(st.text(max_size=40))
def test_harmless_text_is_not_changed_apart_from_signs_no_file_can_hold(text):
    made = harmless(text)
    kept = made[len(made) - len(text) :]
    assert made[: len(made) - len(text)] in {"", "'"}
    assert len(kept) == len(text)
    assert all(new in {old, "\ufffd"} for new, old in zip(kept, text, strict=True))


def test_the_lines_over_the_table_come_before_its_head():
    rows = written(
        [Column("name", "Name", "name")], [["Wang"]], ["Taken by Li Min (0042)", "Figures of 2026-10-31"]
    )
    assert [row[0] for row in rows] == [
        "List",
        "Taken by Li Min (0042)",
        "Figures of 2026-10-31",
        "",
        "Name",
        "Wang",
    ]


def test_a_list_that_a_sheet_cannot_hold_is_refused(monkeypatch):
    monkeypatch.setattr("guanxi.web.sheets.MOST_ROWS", 5)
    with pytest.raises(TooManyRows):
        written([Column("n", "n", "number")], [[n] for n in range(5)])


@pytest.mark.parametrize(
    ("title", "number", "name"), [("A/B: [x]", 1, "A B   x"), ("'", 2, "2"), ("x" * 40, 1, "x" * 28)]
)
def test_a_title_becomes_a_name_that_a_workbook_takes(title, number, name):
    assert sheet_name(title, number) == name


def test_a_moment_stands_as_clocks_here_show_it():
    at = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    (cell,) = written([Column("at", "When", "moment")], [[at]])[-1]
    assert cell == datetime(2026, 11, 1, 0, 30)  # noqa: DTZ001  # a cell knows no zone
