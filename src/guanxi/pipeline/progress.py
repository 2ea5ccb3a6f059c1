"""How a run says where it stands: on the terminal, on the page, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Watcher(Protocol):
    """Told of each piece of work of a run, in order."""

    def begin(self, stage: str, total: int) -> None:
        """A stage starts (reading, a month's steps, publishing) with so many pieces."""

    def done(
        self, piece: str, month: date | None, rows: int, seconds: float, *, resumed: bool = False
    ) -> None:
        """A piece is finished; `resumed` when it was there: a killed run, or the run before, had made just this."""


class Silent:
    """Says nothing; for tests and for work inside other work."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore."""

    def done(
        self, piece: str, month: date | None, rows: int, seconds: float, *, resumed: bool = False
    ) -> None:
        """Ignore."""


class Together:
    """Tells several watchers the same."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def begin(self, stage: str, total: int) -> None:
        """Pass on."""
        for watcher in self._watchers:
            watcher.begin(stage, total)

    def done(
        self, piece: str, month: date | None, rows: int, seconds: float, *, resumed: bool = False
    ) -> None:
        """Pass on."""
        for watcher in self._watchers:
            watcher.done(piece, month, rows, seconds, resumed=resumed)


class Bars:
    """A bar per stage on the terminal, with the piece just finished."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, stage: str, total: int) -> None:
        """A new bar."""
        self.finish()
        self._task = self._progress.add_task(stage, total=total, piece="")

    def done(
        self, piece: str, month: date | None, rows: int, seconds: float, *, resumed: bool = False
    ) -> None:
        """One step further."""
        if self._task is not None:
            when = f" {month:%Y-%m}" if month else ""
            self._progress.update(
                self._task,
                advance=1,
                piece=f"{piece}{when} · {rows:,} rows · {'kept' if resumed else f'{seconds:.1f} s'}",
            )

    def finish(self) -> None:
        """Fill the last bar."""
        if self._task is not None:
            total = self._progress.tasks[self._task].total
            self._progress.update(self._task, completed=total or 0, piece="")


@contextmanager
def terminal_bars(console: Console) -> Iterator[Bars]:
    """Bars on this console for the length of a run."""
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[piece]}"),
    )
    with Progress(*columns, console=console) as progress:
        bars = Bars(progress)
        yield bars
        bars.finish()
