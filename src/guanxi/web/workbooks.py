"""Workbooks (xlsx) brought in: the first sheet of one, measured before it is read."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

_ABOVE_THE_LINES = 50  # titles, heads and empty rows that a sheet may have beside its lines


@dataclass(frozen=True)
class Limits:
    """What a page takes: bytes of the file, bytes of what it unpacks to, lines of its list."""

    bytes: int
    unpacked: int
    lines: int


def first_sheet(content: bytes, limits: Limits) -> list[list[Any]]:
    """The rows of the first sheet, heads among them, and enough of them to see that there are too many lines.

    Raises ValidationError, in the reader's language, for a file that is too large, unpacks to too much, or is no
    workbook.
    """
    measured(content, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > limits.unpacked:
            raise ValidationError(_("The file holds more than can be read."))
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python(
            skip_empty_area=False, nrows=limits.lines + _ABOVE_THE_LINES
        )
    except (zipfile.BadZipFile, CalamineError, IndexError, OSError) as broken:
        raise ValidationError(_("This is no Excel workbook (xlsx).")) from broken


def measured(content: bytes, limits: Limits) -> None:
    """Refuse (ValidationError) a file larger than the page takes."""
    if len(content) > limits.bytes:
        raise ValidationError(_("The file is larger than %(n)s MB.") % {"n": limits.bytes // 1_000_000})


def numbered(found: int, limits: Limits) -> None:
    """Refuse (ValidationError) a list of more lines than the page takes."""
    if found > limits.lines:
        raise ValidationError(_("A list may have at most %(n)s lines.") % {"n": f"{limits.lines:,}"})


def cell_text(cell: Any) -> str:
    """A cell as a number in writing: a spreadsheet keeps 13800001111 as 13800001111.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
