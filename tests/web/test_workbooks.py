"""Workbooks brought in: measured before they are read."""

import io
import zipfile

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.utils import translation

from guanxi.web.workbooks import Limits, cell_text, first_sheet, numbered

LIMITS = Limits(bytes=100_000, unpacked=200_000, lines=3)


def workbook(*rows: tuple) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return written.getvalue()


def far_apart() -> bytes:
    """A few thousand bytes that ask whoever reads them for half a terabyte: a cell in the farthest corner."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "客户号")
        sheet.write_string(1_048_575, 16_383, "1")
    return written.getvalue()


def padded(content: bytes, size: int) -> bytes:
    """The same workbook with a part that unpacks to so many bytes and packs to almost none."""
    held = io.BytesIO(content)
    with zipfile.ZipFile(held, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/large.bin", b"0" * size)
    return held.getvalue()


def test_the_rows_of_the_first_sheet_come_as_they_stand() -> None:
    rows = first_sheet(workbook(("姓名", "手机"), ("王芳", 13800001111)), LIMITS)
    assert [type(cell) for cell in rows[1]] == [str, float]
    assert [[cell_text(cell) for cell in row] for row in rows] == [["姓名", "手机"], ["王芳", "13800001111"]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"0" * 100_001, "MB"),
        (padded(workbook(("a",)), 200_001), "more than can be read"),
        (b"PK\x03\x04 nothing", "no Excel workbook"),
        (b"name,phone\n", "no Excel workbook"),
        (padded(b"", 9), "no Excel workbook"),
        (far_apart(), "more than can be read"),
    ],
    ids=[
        "too large",
        "unpacks to too much",
        "broken",
        "a text",
        "another archive",
        "its cells lie too far apart",
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content, told) -> None:
    with translation.override("en"), pytest.raises(ValidationError, match=told):
        first_sheet(content, LIMITS)


def test_a_list_with_one_line_more_than_it_may_have_is_seen_and_refused() -> None:
    rows = first_sheet(workbook(*((n,) for n in range(5))), LIMITS)
    numbered(3, LIMITS)
    with pytest.raises(ValidationError):
        numbered(len(rows) - 1, LIMITS)
