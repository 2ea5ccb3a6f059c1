"""Tasks a person must confirm before they go out, with the members whose outcome is still open; kept over a restart."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class OpenTask:
    """One task at the platform: its name there, who confirms, and address → our id of every open member."""

    name: str
    sender: str
    members: dict[str, str]


class OpenTasks:
    """All open tasks; with a path they are on disk before the sender hears "accepted"."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._told: list[tuple[OpenTask, str]] = []
        self.open: list[OpenTask] = []
        if path is not None and path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            self.open = [OpenTask(**json.loads(line)) for line in lines if line.endswith("\n")]

    def add(self, task: OpenTask) -> None:
        """A task was made at the platform."""
        self.open.append(task)
        self._write()

    def tell(self, task: OpenTask, address: str) -> None:
        """A member's outcome is being handed over; it is forgotten when the listener comes again."""
        self._told.append((task, address))

    def forget_told(self) -> None:
        """What was told before is safely kept elsewhere."""
        for task, address in self._told:
            task.members.pop(address, None)
        if self._told:
            self._told = []
            self.open = [task for task in self.open if task.members]
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".new")
        with aside.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(vars(task), ensure_ascii=False) + "\n" for task in self.open)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(self._path)
