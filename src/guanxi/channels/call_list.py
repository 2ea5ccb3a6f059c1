"""A list of calls for people (外呼名单): no wire, one CSV that opens in a spreadsheet; an id stands in it once."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guanxi.channels.face import Accepted, Answer, Found, Heard, NotFound, Outgoing, Refused
from guanxi.channels.settings import read_settings

COLUMNS = ("编号", "电话", "主题", "话术")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class CallSettings:
    """Where the list is kept."""

    folder: str

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        if not self.folder:
            yield "folder must not be empty"


class CallList:
    """The list as a channel: a line written and synced is an accepted message."""

    can_ask = True
    takes_twice = False
    hosts: Sequence[str] = ()

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        self._path = Path(read_settings(CallSettings, "call_list", settings, secrets).folder) / "calls.csv"
        self._known: set[str] = set()

    async def open(self) -> None:
        """Read which ids the list already has, and cut off a last line that a crash tore."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            self._append([list(COLUMNS)], "\ufeff")
        whole = self._path.read_bytes()
        os.truncate(self._path, whole.rfind(b"\r\n") + 2)
        with self._path.open(encoding="utf-8-sig", newline="") as lines:
            self._known = {row[0].lstrip("'") for row in csv.reader(lines) if row}

    async def close(self) -> None:
        """Nothing is held open."""

    def parts(self, text: str) -> int:
        """A call is one."""
        del text
        return 1

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Put the calls on the list; those that stand there already stay as they are."""
        new = [out for out in dict.fromkeys(out.out_id for out in batch) if out not in self._known]
        by_id = {out.out_id: out for out in batch}
        try:
            self._append(
                [[_cell(v) for v in (i, by_id[i].address, by_id[i].subject, by_id[i].text)] for i in new]
            )
        except OSError as error:
            return [Refused(out.out_id, "disk", str(error), temporary=True) for out in batch]
        self._known.update(new)
        return [Accepted(out.out_id, out.out_id, 1, 0) for out in batch]

    def _append(self, rows: Sequence[Sequence[str]], begin: str = "") -> None:
        with self._path.open("a", encoding="utf-8", newline="") as file:
            file.write(begin)
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
            file.flush()
            os.fsync(file.fileno())

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """Whether an id stands on the list."""
        return {i: Accepted(i, i, 1, 0) if i in self._known else NotFound(i) for i in out_ids}

    async def heard(self) -> Sequence[Heard]:
        """People log their calls in Guanxi itself."""
        return ()


def _cell(value: str) -> str:
    """One line, and never a formula."""
    flat = value.replace("\r", " ").replace("\n", " ")
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
