"""Figures, how they are measured, and the page they are written to."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("duckdb", "pyarrow", "django", "granian", "psycopg", "pandas")


@dataclass
class Cost:
    """Seconds on the clock, and seconds of processor over all threads of this process and its ended children."""

    wall: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True)
class Section:
    """One part of the bench: a table and the sentences that say what was compared with what."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()


@dataclass
class Report:
    """All sections of one run of the bench."""

    customers: int
    at: datetime
    target: str = "make bench"
    how: str = ""  # how to run one part, said at the end of the page
    sections: list[Section] = field(default_factory=list)

    def add(self, section: Section) -> None:
        """Keep a section and print it at once."""
        self.sections.append(section)
        print("\n".join(lines(section)), flush=True)

    def text(self) -> str:
        """The page: machine, versions, date, load, every section, and how to run one part."""
        head = [
            "# Benchmarks",
            "",
            f"Written by `{self.target}`. Each figure stands beside a rival measured in the same run on the same",
            "machine; compare ratios, not seconds of different machines. CPU seconds count all threads and processes",
            "at work.",
            "",
            f"- {self.at:%Y-%m-%d %H:%M} UTC · {self.customers:,} customers · load {_load()} at the end",
            f"- {_machine()}",
            f"- Python {platform.python_version()}, PostgreSQL 18 (embedded), "
            + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
            "",
        ]
        return "\n".join([*head, *(line for section in self.sections for line in lines(section)), self.how])


def lines(section: Section) -> Iterator[str]:
    """A section as Markdown, line by line."""
    yield f"## {section.title}"
    yield ""
    yield f"| {' | '.join(section.columns)} |"
    yield f"|{'|'.join('---' for _ in section.columns)}|"
    for row in section.rows:
        yield f"| {' | '.join(row)} |"
    yield ""
    for note in section.notes:
        yield note
        yield ""


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, Linux {platform.release()}"


def _used() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


@contextmanager
def costing() -> Iterator[Cost]:
    """Measure a block."""
    cost = Cost()
    wall, cpu = time.perf_counter(), _used()
    yield cost
    cost.wall, cost.cpu = time.perf_counter() - wall, _used() - cpu


def least(work: Callable[[], object], times: int) -> Cost:
    """Run it so many times; the cheapest by processor time."""
    costs = []
    for _ in range(times):
        with costing() as cost:
            work()
        costs.append(cost)
    return min(costs, key=lambda cost: cost.cpu)
