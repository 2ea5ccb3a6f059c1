"""Walks the steps of one run: gives each its tables, has the engine write its part, keeps the record.

A finished part is found again by a restarted run and not made twice, and what a step made before out of the very same
text, tables and policies is taken over from the run before; the order of steps comes from the way.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from guanxi.insight.months import (
    MONTH_COLUMNS,
    REFERENCE_DAY_COLUMNS,
    RunMonth,
    months_between,
    previous_month,
    reference_days,
)
from guanxi.insight.policies.base import PolicyTable
from guanxi.insight.tables import TABLES, Table
from guanxi.insight.way import Step, owner_of
from guanxi.lake.engine import LakeEngine
from guanxi.lake.store import WHOLE, Part, Store
from guanxi.pipeline.progress import Watcher

BUCKETS = 256
IDENTITY = "core.party_member"
_RUN_MONTH = Table("run.month", (), MONTH_COLUMNS)
_REFERENCE_DAYS = Table("run.reference_day", (), REFERENCE_DAY_COLUMNS)
Parts = dict[str, dict[str, Part]]


class Walk:
    """The steps of one run over one store, month after month."""

    def __init__(
        self,
        *,
        engine: LakeEngine,
        store: Store,
        run: str,
        parts: Parts,
        months: Mapping[date, RunMonth],
        policies: Mapping[str, PolicyTable],
        watcher: Watcher,
        known: dict[str, dict[str, Part]] | None = None,
        parties_per_group: int | None = None,
    ) -> None:
        self._engine = engine
        self._store = store
        self._run = run
        self._parts = parts
        self._known = (
            known or {}
        )  # of each closed month, by its ISO day, what it stands on; the core joins it here
        self._standing: dict[str, Part] = {}  # what the month under way stands on; empty while it is open
        self._below: dict[str, Part] = {}  # what closed months stand on, by all it was made of
        self._months = months
        self._watcher = watcher
        self._parties_per_group = parties_per_group or engine.parties_per_group
        self._policies = policies
        self._split: dict[str, list[list[Path]]] = {}
        self._split_columns: Mapping[str, Sequence[str]] = {}
        self._split_folder = store.folder(run) / "split"
        for name, table in policies.items():
            engine.name_rows(name, table.columns, table.rows)

    @property
    def parts(self) -> Parts:
        """Every table's parts, inherited and made."""
        return self._parts

    def go(
        self,
        steps: Sequence[Step],
        compute: Sequence[date],
        *,
        again: Callable[[Sequence[date]], Sequence[date]] = tuple,
    ) -> Sequence[date]:
        """Run all steps: once-a-run ones, then the monthly ones for each month, then those of the last month.

        What a closed month's steps read of the core is made again from the facts that month stands on. `again` is
        asked when the core stands: it may want more months than `compute`, as when numbers of customers were merged.
        Returns the months computed.
        """
        self._split_columns = _split_columns(steps)
        once, monthly, at_last = (
            [step for step in steps if step.months == when] for when in ("none", "each", "last")
        )
        self._watcher.begin("core", len(once))
        self._run_steps(once, compute[-1])
        compute = again(compute)
        below = standing_steps(steps)
        closed = sum(month.isoformat() in self._known for month in compute)
        self._watcher.begin(f"{len(compute)} months", len(monthly) * len(compute) + len(below) * closed)
        for month in compute:
            self._stand(below, month)
            self._run_steps(monthly, month)
        self._watcher.begin("reports", len(at_last))
        self._run_steps(at_last, compute[-1])
        self._standing = {}
        return compute

    def _stand(self, below: Iterable[Step], month: date) -> None:
        """Lay what the month stands on: the facts known when it closed, and the core as it follows from them."""
        self._standing = self._known.get(month.isoformat(), {})
        if not self._standing:
            return
        self._name_run(month)
        for step in below:
            self._standing[step.name] = self._stood(step, month, self._made_of(step, month))

    def _stood(self, step: Step, month: date, made_of: str) -> Part:
        """A step's part for what the month stands on: one that was made of the very same, or a new one."""
        part_of_now = self._parts.get(step.name, {}).get(WHOLE)
        for part in (self._below.get(made_of), part_of_now, self._standing.get(step.name)):
            if part is not None and made_of and part.made_of == made_of and self._is_here(part):
                return part
        part = self._store.kept(self._run, step.name, month)
        resumed = part is not None
        if part is None:
            part = self._write(step, month, month, made_of)
        self._below[made_of] = part
        self._watcher.done(step.name, month, part.rows, part.seconds, resumed=resumed)
        return part

    def _is_here(self, part: Part) -> bool:
        return part.run == self._run or self._store.stands(part)

    def _run_steps(self, steps: Iterable[Step], month: date) -> None:
        self._name_run(month)
        for step in steps:
            self._make(step, month)
        self._split.clear()
        shutil.rmtree(self._split_folder, ignore_errors=True)

    def _name_run(self, month: date) -> None:
        run_month = self._months[month]
        self._engine.name_rows("run.month", MONTH_COLUMNS, [run_month.row()])
        self._engine.name_rows(
            "run.reference_day", REFERENCE_DAY_COLUMNS, reference_days(run_month.business_date)
        )

    def _make(self, step: Step, month: date) -> None:
        part_month = month if step.table.monthly else None
        made_of = self._made_of(step, month)
        part = self._store.kept(self._run, step.name, part_month) or self._taken_over(step, made_of)
        resumed = part is not None
        if part is None:
            part = self._write(step, month, part_month, made_of)
        self._parts.setdefault(step.name, {})[part_month.isoformat() if part_month else WHOLE] = part
        self._watcher.done(step.name, part_month, part.rows, part.seconds, resumed=resumed)

    def _made_of(self, step: Step, month: date) -> str:
        """One hash over all that the rows of a once-a-run step come from; "" for other steps."""
        if step.months != "none" or step.prev or (step.reads_run and step.columns_read(_REFERENCE_DAYS)):
            return ""
        read = {name: {key: part.sha256 for key, part in self._held(name).items()} for name in step.inputs}
        for name in step.past:
            held, window = self._held(name), _window(month, step)
            read[f"past.{name}"] = {key: held[key].sha256 for key in map(str, window) if key in held}
        said = {
            name: (table.columns, table.rows)
            for name, table in self._policies.items()
            if name in step.policies
        }
        if not all(sha256 for parts in read.values() for sha256 in parts.values()):
            return ""
        day = dict(zip((name for name, _ in MONTH_COLUMNS), self._months[month].row(), strict=True))
        run = {name: day[name] for name in step.columns_read(_RUN_MONTH)} if step.reads_run else {}
        body = [step.text, step.table.columns, step.table.grain, read, said, run]
        return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()

    def _taken_over(self, step: Step, made_of: str) -> Part | None:
        """The part of the run before, when it was made of the same and still lies there as it was recorded."""
        before = self._parts.get(step.name, {}).get(WHOLE)
        same = before is not None and bool(made_of) and before.made_of == made_of
        return before if before and same and self._store.stands(before) else None

    def _write(self, step: Step, month: date, part_month: date | None, made_of: str) -> Part:
        started = time.perf_counter()
        groups = self._groups() if step.scope == "bucket" else [None]
        files: list[Path] = []
        rows = 0
        for number, buckets in enumerate(groups):
            self._name_inputs(step, month, buckets)
            self._name_split(step, month, number, groups)
            path = self._store.part_path(
                self._run, step.name, part_month, number if len(groups) > 1 else None
            )
            try:
                rows += self._made(step, path)
            except Exception as error:
                error.add_note(f"while making {step.name} for {month:%Y-%m}")
                raise
            files += self._engine.written(path)
        return self._store.keep(
            self._run, step.name, part_month, files, rows, time.perf_counter() - started, made_of
        )

    def _made(self, step: Step, path: Path) -> int:
        if step.make is None:
            return self._engine.write(step.sql, step.table, path)
        return self._engine.write_rows(step.make(self._engine), step.table, path)

    def _groups(self) -> list[tuple[int, int] | None]:
        """Ranges of customer buckets with about `parties_per_group` customers each; [None] when one group does."""
        whole = self._held("core.party").get(WHOLE)
        wanted = min(BUCKETS, -(-whole.rows // self._parties_per_group)) if whole else 1
        if wanted <= 1:
            return [None]
        edges = [BUCKETS * number // wanted for number in range(wanted + 1)]
        return [(first, after - 1) for first, after in itertools.pairwise(edges)]

    def _name_inputs(self, step: Step, month: date, buckets: tuple[int, int] | None) -> None:
        for name in step.inputs:
            table = TABLES[name]
            wanted = [month] if table.monthly and step.months != "none" else None
            self._name(name, table, wanted, buckets)
        for name in step.prev:
            self._name(f"prev.{name.replace('.', '_')}", TABLES[name], [previous_month(month)], buckets)
        for name in step.past:
            self._name(f"past.{name.replace('.', '_')}", TABLES[name], _window(month, step), buckets)

    def _name_split(
        self, step: Step, month: date, number: int, groups: Sequence[tuple[int, int] | None]
    ) -> None:
        """Of inputs without buckets give a group its customers' rows alone, parted once a month: with seventeen groups
        every one would read all postings otherwise."""
        if len(groups) == 1:
            return
        for name in step.split:
            if name not in self._split:
                self._split[name] = self._parted(name, month, groups)
            self._engine.name_files(name, TABLES[name], self._split[name][number])

    def _parted(self, name: str, month: date, groups: Sequence[tuple[int, int] | None]) -> list[list[Path]]:
        key, owner = owner_of(TABLES[name])
        return self._engine.local.split_files(
            self._store.paths(self._parts.get(name, {}).get(month.isoformat())),
            self._split_columns[name],
            (key, self._store.paths(self._held(owner).get(WHOLE))),
            groups,
            self._split_folder / name,
        )

    def _name(
        self, name: str, table: Table, months: Sequence[date] | None, buckets: tuple[int, int] | None
    ) -> None:
        held = self._held(table.name)
        keys = sorted(held) if months is None else [month.isoformat() for month in months]
        paths = [path for key in keys if key in held for path in self._store.paths(held[key])]
        self._engine.name_files(name, table, paths, buckets=buckets)

    def _held(self, name: str) -> Mapping[str, Part]:
        """The parts of a table by their keys, the whole one as the month under way stands on it."""
        stood = self._standing.get(name)
        if stood is not None:
            return {WHOLE: stood}
        unknown = self._standing and name.startswith(("staged.", "ops.")) and not TABLES[name].monthly
        return {} if unknown else self._parts.get(name, {})


def standing_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The once-a-run steps, in order, whose tables the monthly ones read, down to who is one person: that is known
    best today and holds for all months."""
    needed = {name for step in steps if step.months == "each" for name in step.inputs}
    below = []
    for step in reversed(steps):
        if step.months == "none" and step.name in needed and step.name != IDENTITY:
            below.append(step)
            needed |= {*step.inputs}
    return tuple(reversed(below))


def _window(month: date, step: Step) -> list[date]:
    return list(months_between(_months_back(month, step.past_months - 1), month))


def _split_columns(steps: Iterable[Step]) -> dict[str, list[str]]:
    """For each input that is parted the columns that any of these steps reads of it."""
    read: dict[str, set[str]] = {}
    for step in steps:
        for name in step.split:
            read.setdefault(name, set()).update(step.columns_read(TABLES[name]))
    return {
        name: [column for column in TABLES[name].column_names if column in held]
        for name, held in read.items()
    }


def _months_back(month: date, count: int) -> date:
    for _ in range(count):
        month = previous_month(month)
    return month
