"""One run at a time for a bank: a file lock that the system frees when its holder dies, whatever way it dies."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RunLocked(RuntimeError):
    """Somebody else runs this bank; the message says who, since when and for which date."""


@contextmanager
def run_lock(home: Path, *, holder: str) -> Iterator[None]:
    """Hold the bank's run lock. `holder` tells others who has it ("pid 4711, business date 2026-10-31, …").

    Raises RunLocked at once, naming the holder, when the lock is taken.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / "run.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunLocked(f"another run holds the lock: {_holder(path)}") from None
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps({"holder": holder, "pid": os.getpid()}).encode())
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _holder(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf8"))["holder"])
    except (ValueError, KeyError):
        return "it has just begun and has not said its name yet"
