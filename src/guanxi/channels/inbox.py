"""What was heard and is not yet safely kept by the listener: on disk before the counterpart is told "received".

A counterpart that pushes forgets a receipt, or a customer's 退订, once we acknowledge it. So it is written here
first; a process killed before the store has it finds it again. One file a process, held by a lock; a dead one's
file is taken over by the next to open.
"""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from guanxi.channels.face import Heard, Receipt, Reply


class Inbox:
    """Receipts and replies in order of arrival; without a folder they live in memory only (tests)."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None
        self._file: IO[str] | None = None
        self._handed_file: IO[str] | None = None
        self._waiting: list[Heard] = []

    def open(self) -> None:
        """Begin a file of our own and take over what dead processes left."""
        if self._folder is None or self._file is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = self._fresh()
        for path in sorted(self._folder.glob("*.jsonl")):
            self._adopt(path)

    def put(self, heard: Heard) -> None:
        """Keep one; when this returns it survives the death of the process."""
        self.add(heard)
        self.settle()

    def add(self, heard: Heard) -> None:
        """Keep one of several: it survives the death of the process from the next `settle` on."""
        if self._file is not None:
            self._file.write(_line(heard))
        self._waiting.append(heard)

    def settle(self) -> None:
        """What was added is on disk when this returns: one write for all of it."""
        if self._file is not None:
            self._file.flush()

    def take(self) -> Sequence[Heard]:
        """All that waits. What the call before handed over is now safely kept elsewhere and is forgotten here."""
        _forget(self._handed_file)
        self._handed_file = None
        if not self._waiting:
            return ()
        if self._file is not None:
            self.settle()
            self._handed_file, self._file = self._file, self._fresh()
        taken, self._waiting = self._waiting, []
        return tuple(taken)

    def close(self) -> None:
        """Let go of the files; what was handed over but not confirmed stays for the next to open."""
        if self._file is not None:
            if not self._waiting:
                Path(self._file.name).unlink(missing_ok=True)
            self._file.close()
        if self._handed_file is not None:
            self._handed_file.close()
        self._file = self._handed_file = None

    def _fresh(self) -> IO[str] | None:
        return _locked(self._folder / f"{uuid.uuid4().hex}.jsonl") if self._folder else None

    def _adopt(self, path: Path) -> None:
        own = self._file is not None and path.name == Path(self._file.name).name
        left = None if own else _locked(path)
        if left is None:
            return
        left.seek(0)
        for heard in _read(left):
            self.put(heard)
        _forget(left)


def _forget(file: IO[str] | None) -> None:
    if file is not None:
        Path(file.name).unlink(missing_ok=True)
        file.close()


def _locked(path: Path) -> IO[str] | None:
    """The file, open to append, if no living process holds it."""
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    if not path.exists() or os.fstat(file.fileno()).st_ino != path.stat().st_ino:
        file.close()  # another process took it over between our opening and our locking
        return None
    return file


def _line(heard: Heard) -> str:
    kind = "receipt" if isinstance(heard, Receipt) else "reply"
    told = {name: getattr(heard, name) for name in heard.__slots__}
    return json.dumps({"kind": kind, **told, "at": heard.at.isoformat()}) + "\n"


def _read(lines: IO[str]) -> Iterator[Heard]:
    for line in lines:
        if not line.endswith("\n"):
            return  # torn by a crash before it was acknowledged: the counterpart will send it again
        yield heard_of(json.loads(line))


def heard_of(values: dict[str, Any]) -> Heard:
    """A receipt or reply from its plain values; raises KeyError, TypeError or ValueError when it is none."""
    at = datetime.fromisoformat(values["at"])
    if values["kind"] == "reply":
        return Reply(address=values["address"], text=values["text"], at=at, to=values["to"])
    if values["state"] not in ("delivered", "failed"):
        raise ValueError(f"no such state: {values['state']}")
    return Receipt(values.get("vendor_id"), values.get("out_id"), values["state"], str(values["code"]), at)
