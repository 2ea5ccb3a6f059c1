"""Workbooks (xlsx) brought in: the first sheet of one, measured before it is read."""

import io
import pickle
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.web import sheet_rows

_MEMORY, _SECONDS = 2_000_000_000, 60
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
    except (zipfile.BadZipFile, OSError) as broken:
        raise ValidationError(_("This is no Excel workbook (xlsx).")) from broken
    if unpacked > limits.unpacked:
        raise ValidationError(_("The file holds more than can be read."))
    return _read_apart(content, limits.lines + _ABOVE_THE_LINES)


def _read_apart(content: bytes, rows: int) -> list[list[Any]]:
    """The rows as a process of its own reads them, with bounded memory and time (see sheet_rows)."""
    command = [sys.executable, "-I", str(Path(sheet_rows.__file__)), *map(str, (rows, _MEMORY, _SECONDS))]
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    if done.returncode == sheet_rows.NO_WORKBOOK:
        raise ValidationError(_("This is no Excel workbook (xlsx)."))
    if done.returncode:
        raise ValidationError(_("The file holds more than can be read."))
    found: list[list[Any]] = pickle.loads(done.stdout)  # noqa: S301  # written by our own program
    return found


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
