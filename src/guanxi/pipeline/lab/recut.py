"""Months cut again: the night's own steps over the lake's stored parts, with other policy tables.

What is made lies in a folder of its own and goes away with it; the lake is read and never written. A month needs only
the steps that a changed policy table touches on their way to the table looked at, and the stored state of the month
before the first one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from guanxi.insight.months import RunMonth, months_between, previous_month
from guanxi.insight.policies.base import Policy, PolicyTable
from guanxi.insight.tables import TABLES
from guanxi.insight.way import Step, the_way
from guanxi.lake.engine import LakeEngine
from guanxi.lake.store import Manifest, Part, Store
from guanxi.pipeline.night import way_hash
from guanxi.pipeline.progress import Watcher
from guanxi.pipeline.walk import BUCKETS, Parts, Walk

Buckets = tuple[int, int] | None
"""The first and the last customer bucket of a group; None for everybody."""


def policy_tables(policies: Mapping[str, Policy]) -> dict[str, PolicyTable]:
    """All `policy.*` tables of these policies."""
    return {name: table for policy in policies.values() for name, table in policy.tables().items()}


def changed_tables(old: Policy, new: Policy) -> frozenset[str]:
    """The policy tables in which two policies of one kind differ."""
    before, after = old.tables(), new.tables()
    return frozenset(name for name in before | after if before.get(name) != after.get(name))


def steps_between(
    changed: Iterable[str], target: str, steps: Sequence[Step] | None = None
) -> tuple[Step, ...]:
    """The monthly steps, in order, that these policy tables touch and that the target table stands on."""
    monthly = [step for step in (the_way() if steps is None else steps) if step.months == "each"]
    tables = set(changed)
    touched: set[str] = set()
    for step in monthly:  # in order, so that what stands below is known
        if tables & set(step.policies) or touched & {*step.inputs, *step.past}:
            touched.add(step.name)
    needed = {target}
    for step in reversed(monthly):
        if step.name in needed:
            needed |= {*step.inputs, *step.past}
    return tuple(step for step in monthly if step.name in touched & needed)


@dataclass(frozen=True)
class Ground:
    """The complete run that months are cut again from."""

    store: Store
    manifest: Manifest
    base_currency: str
    balance_basis: str

    @property
    def months(self) -> tuple[date, ...]:
        """Months whose wealth is known, oldest first."""
        return self.manifest.months("feature.wealth_month")

    def parties(self) -> int:
        """How many customers the lake knows."""
        part = self.manifest.part("core.party", None)
        return part.rows if part else 0

    def closed_months(self) -> tuple[date, ...]:
        """Those of them that had ended on the business date."""
        calendar = self.calendar()
        return tuple(month for month in self.months if calendar[month].row()[6])

    def calendar(self) -> dict[date, RunMonth]:
        """The calendar row of each month as the run saw it."""
        known = self.manifest.known
        return {
            month: RunMonth(
                month=month,
                business_date=self.manifest.business_date,
                first=month == self.months[0],
                base_currency=self.base_currency,
                balance_basis=self.balance_basis,
                known_on=known[month.isoformat()].on if month.isoformat() in known else None,
            )
            for month in self.months
        }

    def parts(self) -> Parts:
        """The run's parts, by whole paths, so that a walk of another folder reads them where they lie."""
        return {
            name: {key: self._whole(part) for key, part in months.items()}
            for name, months in self.manifest.parts.items()
        }

    def known(self) -> dict[str, dict[str, Part]]:
        """What each closed month stands on, by whole paths."""
        return {
            month: {name: self._whole(part) for name, part in held.parts.items()}
            for month, held in self.manifest.known.items()
        }

    def _whole(self, part: Part) -> Part:
        return replace(part, files=tuple(str((self.store.root / name).absolute()) for name in part.files))

    def first_to_walk(self, target: str, first: date) -> date:
        """Where a walk must begin for the target's state to be right in `first`: there, or where the lake begins."""
        step = next(step for step in the_way() if step.name == target)
        if not step.reads_prev or self.manifest.part(target, previous_month(first)):
            return first
        return min(self.months[0], first)

    def stands(self, target: str, months: Iterable[date], policies: Mapping[str, Policy]) -> bool:
        """Whether the stored months are what these policies and today's step texts would make again."""
        hashes = {kind: policy.content_hash() for kind, policy in policies.items()}
        way = way_hash(the_way())
        for month in months:
            part = self.manifest.part(target, month)
            made = self.store.manifest(part.run) if part else None
            if made is None or made.way != way or any(hashes.get(k) != v for k, v in made.policies.items()):
                return False
        return True


class Recut:
    """Cuts months again into a scratch folder; a cut that was interrupted goes on where it stood."""

    def __init__(self, engine: LakeEngine, ground: Ground, scratch: Path, watcher: Watcher) -> None:
        self.engine = engine
        self.ground = ground
        self._store = Store(scratch)
        self._watcher = watcher

    def cut(
        self, name: str, policies: Mapping[str, Policy], steps: Sequence[Step], months: Sequence[date]
    ) -> Parts:
        """All parts as these policies make them: the stored ones, and those months of those steps anew."""
        parts = self.ground.parts()
        if steps:
            walk = Walk(
                engine=self.engine,
                store=self._store,
                run=name,
                parts=parts,
                months=self.ground.calendar(),
                policies=policy_tables(policies),
                watcher=self._watcher,
                known=self.ground.known(),
            )
            walk.go(steps, months)
            parts = walk.parts
        return parts

    def paths(self, parts: Parts, table: str, month: date | None) -> list[Path]:
        """The files of one part; none where it does not exist."""
        key = month.isoformat() if TABLES[table].monthly and month else "all"
        part = parts.get(table, {}).get(key)
        return self._store.paths(part)


def window(base: date, count: int) -> tuple[date, ...]:
    """`count` months up to and with `base`."""
    first = base
    for _ in range(count - 1):
        first = previous_month(first)
    return tuple(months_between(first, base))


def groups_of(parties: int, at_once: int) -> list[Buckets]:
    """Ranges of customer buckets with about `at_once` customers each; [None] when one group does (as a night does)."""
    wanted = min(BUCKETS, -(-parties // at_once))
    if wanted <= 1:
        return [None]
    edges = [BUCKETS * number // wanted for number in range(wanted + 1)]
    return [(first, after - 1) for first, after in itertools.pairwise(edges)]
