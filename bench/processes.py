"""Which processes count, and the processor time they have used."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psutil

from guanxi.project import embedded


def tree_of(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def postgres_of(home: Path, name: str = "main") -> list[psutil.Process]:
    """The embedded server of this home folder with its backends."""
    file = embedded.locate(home, name=name).data / "postmaster.pid"
    return tree_of(int(file.read_text(encoding="utf8").split("\n", 1)[0]))


def cpu_of(processes: Iterable[psutil.Process]) -> float:
    """User and system seconds of these processes, and of their children that have ended."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
