"""Workbooks (xlsx) to take away: typed cells, so that figures stay figures and no text can act as a formula."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.timezone import is_aware, make_naive
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from guanxi.web import formats
from guanxi.web.lists import Column

MOST_ROWS = 1_048_576
MOST_TEXT = 32_767
EXACT_DIGITS = 15
"""A spreadsheet keeps 15 digits of a number; a larger amount is written as text rather than wrongly."""

_STARTERS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_HIDDEN_BEFORE = " \u00a0\u3000\u200b\ufeff\"'"
_NUMBER_FORMATS = {
    "money": "#,##0.00",
    "short": "#,##0.00",
    "change_money": "+#,##0.00;-#,##0.00;0.00",
    "number": "#,##0",
    "change_number": "+#,##0;-#,##0;0",
    "percent": "0.0%",
    "change": "+0.0%;-0.0%;0.0%",
    "decimal": "#,##0.0",
    "day": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "moment": "yyyy-mm-dd hh:mm",
}
_IN_FEN = frozenset({"money", "short", "change_money"})
_WIDTHS = {"name": 20, "text": 20, "money": 18, "short": 18, "change_money": 18, "moment": 17}


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title, columns, rows (a value per column; money kinds in fen), and the lines over the table.

    The lines say who took it, when, figures of which day, which filters.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = ()


class TooManyRows(Exception):
    """More rows than a sheet can hold; nothing of it may be handed out as if it were all."""


def write_workbook(stream: IO[bytes], sheets: Sequence[Sheet], *, made_at: datetime | None = None) -> None:
    """Write the sheets to a binary stream. Raises TooManyRows when one of them overflows.

    `made_at` is the moment the file says it was made: with one told, the same sheets give the same bytes.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(stream, options) as book:
        if made_at is not None:
            book.set_properties({"created": made_at.astimezone(UTC)})
        looks = _looks(book)
        for number, sheet in enumerate(sheets, start=1):
            _write_sheet(book.add_worksheet(sheet_name(sheet.title, number)), sheet, looks)


def harmless(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula, also after it was saved as CSV and opened again.

    A text that begins with a sign that starts a formula (full-width ones too, also behind spaces) gets an
    apostrophe before it. Control characters, which XML cannot carry, become the replacement character.
    """
    clean = "".join("\ufffd" if _is_control(sign) else sign for sign in text)[: MOST_TEXT - 1]
    first = text.lstrip(_HIDDEN_BEFORE)[:1]
    return f"'{clean}" if first in _STARTERS or _is_control(first) else clean


def sheet_name(title: str, number: int) -> str:
    """A title as a workbook takes it for a sheet: at most 31 signs, none of []:*?/\\; numbered from the second on."""
    plain = "".join(" " if sign in "[]:*?/\\" else sign for sign in title).strip(" '")[:28]
    return plain if number == 1 and plain else f"{plain} {number}".strip()


def _is_control(sign: str) -> bool:
    if sign in {"", "\t", "\n", "\r"}:
        return False
    return sign < " " or "\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff\x7f"


def _looks(book: Workbook) -> dict[str, Format]:
    """The cell formats: one per kind of number, the head, the notes, and text."""
    made = {kind: book.add_format({"num_format": shown}) for kind, shown in _NUMBER_FORMATS.items()}
    made["head"] = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F1F3F6", "text_wrap": True})
    made["title"] = book.add_format({"bold": True, "font_size": 13})
    made["note"] = book.add_format({"font_color": "#5F6B7A"})
    made["text"] = book.add_format({"num_format": "@"})
    return made


def _write_sheet(page: Worksheet, sheet: Sheet, looks: dict[str, Format]) -> None:
    """Title, notes, head, rows; the head stays in sight and filters."""
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, _WIDTHS.get(column.kind, 13))
    page.write_string(0, 0, harmless(sheet.title), looks["title"])
    for line, note in enumerate(sheet.notes, start=1):
        page.write_string(line, 0, harmless(note), looks["note"])
    head = len(sheet.notes) + 2
    page.freeze_panes(head + 1, 1)
    for at, column in enumerate(sheet.columns):
        page.write_string(head, at, harmless(column.label), looks["head"])
    last = _write_rows(page, sheet, looks, head + 1)
    if sheet.columns and last > head:
        page.autofilter(head, 0, last, len(sheet.columns) - 1)


def _write_rows(page: Worksheet, sheet: Sheet, looks: dict[str, Format], first: int) -> int:
    """Write the rows from line `first`; return the last line written."""
    line = first - 1
    for line, values in enumerate(sheet.rows, start=first):
        if line >= MOST_ROWS:
            raise TooManyRows(f"A sheet holds {MOST_ROWS:,} lines; this list has more.")
        for at, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
            _write_cell(page, (line, at), column.kind, value, looks)
    return line


def _write_cell(
    page: Worksheet, at: tuple[int, int], kind: str, value: Any, looks: dict[str, Format]
) -> None:
    """One typed cell. Nothing known stays an empty cell, never 0."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | date):
        page.write_string(*at, harmless(str(value)), looks["text"])
    elif isinstance(value, date):
        page.write_datetime(*at, _as_here(value), looks["day" if kind not in _NUMBER_FORMATS else kind])
    else:
        _write_number(page, at, kind, value, looks)


def _as_here(value: date) -> date:
    """A moment as clocks here show it, since a cell knows no zone; a day as it is."""
    return make_naive(value) if isinstance(value, datetime) and is_aware(value) else value


def _write_number(
    page: Worksheet, at: tuple[int, int], kind: str, value: formats.Number, looks: dict[str, Format]
) -> None:
    """A number as a number, money in currency units; as text where the file could not keep its digits."""
    amount = (
        formats.yuan_of(value) if kind in _IN_FEN and not isinstance(value, float) else formats.exact(value)
    )
    if not amount.is_finite():
        return
    if len(amount.as_tuple().digits) > EXACT_DIGITS and not isinstance(value, float):
        page.write_string(*at, f"{amount:,f}", looks["text"])
    else:
        page.write_number(*at, float(amount), looks.get(kind))
