"""A program of its own: the rows of a workbook's first sheet, from standard input to standard output.

The reader lays a sheet out as a rectangle from its first to its last cell, so that one cell in the farthest corner asks
for half a terabyte, and a process that is refused memory there ends at once. Here it ends alone: `web/workbooks.py`
starts this file by its path, with the most rows, bytes of memory and seconds it may take.
"""

import io
import pickle
import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook

NO_WORKBOOK = 3


def main(rows: int, memory: int, seconds: int) -> int:
    """Write the rows, pickled; the exit code says whether it was a workbook."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())).get_sheet_by_index(0)
        found = sheet.to_python(skip_empty_area=False, nrows=rows)
    except (CalamineError, IndexError, OSError):
        return NO_WORKBOOK
    pickle.dump(found, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
