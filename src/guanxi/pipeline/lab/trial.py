"""One simulation: the active policy and up to three drafts over the same months, and what they would change."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, cast

import pyarrow as pa

from guanxi.insight.months import previous_month
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.scope import ScopePolicy
from guanxi.insight.policies.tier import TierPolicy
from guanxi.insight.tables import TABLES
from guanxi.lake.engine import LakeEngine
from guanxi.pipeline.lab import figures, questions
from guanxi.pipeline.lab.recut import Buckets, Ground, Recut, changed_tables, groups_of, steps_between, window
from guanxi.pipeline.progress import Watcher
from guanxi.pipeline.walk import BUCKETS, Parts

Kind = Literal["tier", "value", "scope"]
TARGETS: Mapping[Kind, str] = {"tier": "score.tier", "value": "score.value_card", "scope": "score.scope"}
MOST_DRAFTS = 3
MOST_NAMED = 200_000
"""Named customers kept for each draft: those with the most money."""
MOST_PAIRS = 1_000_000
"""Customers whose order is compared; of more, those of the first buckets, which are spread evenly."""


class TrialRefused(ValueError):
    """A simulation that makes no sense; the message says what to change."""


@dataclass(frozen=True)
class Trial:
    """What to try: `policies` in force by kind, the kind under trial, its drafts, and the months up to `month`."""

    kind: Kind
    policies: Mapping[str, Policy]
    drafts: tuple[Policy, ...]
    month: date
    months: int = 1

    @property
    def target(self) -> str:
        """The table that is looked at."""
        return TARGETS[self.kind]

    def check(self, ground: Ground) -> None:
        """Raises TrialRefused unless the drafts are of the kind and the month is closed and known."""
        if not 1 <= len(self.drafts) <= MOST_DRAFTS:
            raise TrialRefused(f"a simulation has one to {MOST_DRAFTS} drafts")
        if any(draft.kind != self.kind for draft in self.drafts):
            raise TrialRefused(f"all drafts must be of the kind {self.kind}")
        missing = [kind for kind in (self.kind, "tier", "scope") if kind not in self.policies]
        if missing:
            raise TrialRefused(f"no active policy of the kind {', '.join(missing)}")
        if self.month not in ground.closed_months():
            raise TrialRefused(f"{self.month:%Y-%m} is no closed month of run {ground.manifest.run}")

    def span(self, ground: Ground) -> tuple[date, ...]:
        """The months looked at: as many as asked for, or as the lake knows."""
        return tuple(month for month in window(self.month, self.months) if month in ground.months)

    def variants(self) -> list[Mapping[str, Policy]]:
        """The active policies, then each draft in the place of the active one."""
        return [self.policies, *({**self.policies, self.kind: draft} for draft in self.drafts)]


@dataclass(frozen=True)
class Simulated:
    """What came of it: figures for the pages, and for each draft the customers that would move."""

    figures: dict[str, Any]
    named: list[pa.Table] = field(default_factory=list)


def simulate(trial: Trial, ground: Ground, engine: LakeEngine, scratch: Path, watcher: Watcher) -> Simulated:
    """Run one simulation; the lake is only read. The same trial on the same run gives the same figures.

    Raises TrialRefused when it cannot be run.
    """
    trial.check(ground)
    return _Simulation(trial, ground, engine, scratch, watcher).run()


class _Simulation:
    def __init__(
        self, trial: Trial, ground: Ground, engine: LakeEngine, scratch: Path, watcher: Watcher
    ) -> None:
        self.trial = trial
        self.ground = ground
        self.engine = engine
        self.watcher = watcher
        self.recut = Recut(engine, ground, scratch, watcher)
        self.span = trial.span(ground)
        self.stored = ground.parts()
        self.groups = groups_of(ground.parties(), engine.parties_per_group)

    def run(self) -> Simulated:
        parts = [self._cut(number, policies) for number, policies in enumerate(self.trial.variants())]
        self.watcher.begin("comparing", len(self.trial.drafts) + len(parts) * len(self.span))
        months = [self._months(made) for made in parts]
        drafts, named = [], []
        for number, made in enumerate(parts[1:]):
            told, moved = self._compare(number, parts[0], made)
            drafts.append(told | {"months": months[number + 1]})
            named.append(moved)
            self.watcher.done(f"draft {number + 1}", self.trial.month, moved.num_rows, 0.0)
        told = {
            "kind": self.trial.kind,
            "run": self.ground.manifest.run,
            "month": self.trial.month.isoformat(),
            "active": {"months": months[0]},
            "drafts": drafts,
        }
        return Simulated(told, named)

    def _cut(self, number: int, policies: Mapping[str, Policy]) -> Parts:
        """The parts of one variant. The active one is cut again only where the stored months are not its own."""
        first = self.ground.first_to_walk(self.trial.target, self.span[0])
        months = tuple(month for month in self.ground.months if first <= month <= self.trial.month)
        draft = policies[self.trial.kind]
        changed = changed_tables(self.trial.policies[self.trial.kind], draft)
        if number == 0:
            stands = self.ground.stands(self.trial.target, months, policies)
            changed = frozenset() if stands else frozenset(draft.tables())
        elif not self.ground.stands(self.trial.target, months, self.trial.policies):
            changed = frozenset(draft.tables())
        steps = steps_between(changed, self.trial.target)
        return self.recut.cut(self._name(number, policies), policies, steps, months)

    def _name(self, number: int, policies: Mapping[str, Policy]) -> str:
        """A folder's name made of all that the cut is a function of: an interrupted one is found again."""
        body = [
            self.ground.manifest.run,
            self.trial.target,
            [month.isoformat() for month in self.span],
            {kind: policy.content_hash() for kind, policy in policies.items()},
        ]
        return f"{number}-{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]}"

    def _name_rows(
        self, name: str, parts: Parts, month: date, buckets: tuple[int, int] | None = None
    ) -> None:
        table = TABLES[self.trial.target]
        self.engine.name_files(name, table, self.recut.paths(parts, table.name, month), buckets=buckets)

    def _name_inputs(self, month: date, buckets: Buckets) -> None:
        for name in (
            "core.party",
            "feature.wealth_month",
            "score.value_card",
            "score.behaviour",
            "score.tier",
        ):
            paths = self.recut.paths(self.stored, name, month)
            self.engine.name_files(name, TABLES[name], paths, buckets=buckets)

    # --- months

    def _months(self, parts: Parts) -> list[dict[str, Any]]:
        made = []
        for month in self.span:
            made.append({"month": month.isoformat(), **self._month(parts, month)})
            self.watcher.done("months", month, 0, 0.0)
        return made

    def _month(self, parts: Parts, month: date) -> dict[str, Any]:
        """Sums over groups of customers, so that many millions need no more memory than one."""
        now, before = self._steps_of_month(parts, month)
        rows: list[figures.Row] = []
        flips = 0
        for buckets in self.groups:
            self._name_inputs(month, buckets)
            self._name_rows("effect.now_rows", parts, month, buckets)
            self._name_rows("effect.last_rows", parts, previous_month(month), buckets)
            rows += self.engine.rows(questions.MONTH.format(steps=now))
            if before:
                flips += int(self.engine.rows(questions.FLIPS.format(now=now, before=before))[0][0])
        return figures.month_figures(rows, flips if before else None)

    def _steps_of_month(self, parts: Parts, month: date) -> tuple[str, str]:
        """The SELECTs of this month's steps and of the last month's; '' where nobody can turn back (value card)."""
        steps = questions.STEPS_OF_MONTH[self.trial.kind]
        if self.trial.kind != "value":
            return steps.format(rows="effect.now_rows"), steps.format(rows="effect.last_rows")
        self._name_rows("effect.now_rows", parts, month)
        self._name_rows("effect.last_rows", parts, previous_month(month))
        now = self._standing("effect.now_rows", "now")
        return steps.format(now=now, before=self._standing("effect.last_rows", "last")), ""

    def _standing(self, rows: str, side: str) -> str:
        """The SELECT of everybody's standing in these rows; for the value card its tenths' lines are laid first."""
        lines = f"effect.{side}_lines"
        if self.trial.kind == "value":
            bins = self.engine.rows(questions.BINS.format(rows=rows))
            self.engine.name_rows(lines, questions.LINES, figures.lines_of_tenths(bins))
        return questions.STANDINGS[self.trial.kind].format(rows=rows, lines=lines)

    # --- the month looked at, active beside a draft

    def _compare(self, number: int, active: Parts, draft: Parts) -> tuple[dict[str, Any], pa.Table]:
        policy = self.trial.drafts[number]
        cube, load, named = self._moved(active, draft)
        told = {
            "hash": policy.content_hash(),
            "moves": figures.moves(cube),
            "groups": figures.by_area_and_age(cube),
            "load": self._load(policy, load),
        }
        if self.trial.kind == "value":
            told["order"] = self._order(active, draft)
        return told, named

    def _moved(self, active: Parts, draft: Parts) -> tuple[list[figures.Row], list[figures.Row], pa.Table]:
        """Everybody under what counts and under the draft, group by group: two sums, and who moves with most money."""
        month, kind = self.trial.month, self.trial.kind
        self._name_rows("effect.active_rows", active, month)
        self._name_rows("effect.draft_rows", draft, month)
        moves = questions.MOVES.format(
            before=self._standing("effect.active_rows", "active"),
            after=self._standing("effect.draft_rows", "draft"),
            absent=questions.ABSENT[kind],
            tier_columns=questions.TIER_COLUMNS[kind],
            tier_join=questions.TIER_JOIN[kind],
            somewhere=questions.SOMEWHERE[kind],
        )
        moved = questions.TOP_MOVED if kind == "value" else questions.MOVED
        asked = questions.NAMED.format(moves=moves, moved=moved, most=MOST_NAMED)
        cube: list[figures.Row] = []
        load: list[figures.Row] = []
        named: list[pa.Table] = []
        for buckets in self.groups:
            self._name_inputs(month, buckets)
            self._name_rows("effect.active_rows", active, month, buckets)
            self._name_rows("effect.draft_rows", draft, month, buckets)
            for of_keeper, *row in self.engine.rows(questions.SUMS.format(moves=moves)):
                scheme, before, after, area, age, unit, keeper, tier_scheme, tier_rank, customers, *money = (
                    row
                )
                if of_keeper:
                    load.append((unit, keeper, scheme, before, after, tier_scheme, tier_rank, customers))
                else:
                    cube.append((scheme, before, after, area, age, customers, *money))
            named.append(self.engine.arrow(asked))
        richest = pa.concat_tables(named).sort_by([("aum", "descending"), ("party_key", "ascending")])
        return cube, load, richest.slice(0, MOST_NAMED)

    def _load(self, draft: Policy, rows: Sequence[figures.Row]) -> list[list[Any]]:
        """What each keeper would have; the value card sends nobody to anybody."""
        if self.trial.kind == "value":
            return []
        tier, services = (cast("Any", self.trial.policies[kind]) for kind in ("tier", "scope"))
        in_scope = self.trial.kind == "scope"
        before = figures.Minutes(tier, services, in_scope)
        after = figures.Minutes(
            draft if isinstance(draft, TierPolicy) else tier,
            draft if isinstance(draft, ScopePolicy) else services,
            in_scope,
        )
        return figures.load(rows, before, after)

    def _order(self, active: Parts, draft: Parts) -> list[list[Any]]:
        """[segment, customers compared, Kendall's tau-b] of the value scores before and after."""
        share = min(1.0, MOST_PAIRS / max(1, self.ground.parties()))
        buckets = None if share >= 1 else (0, max(0, int(BUCKETS * share) - 1))
        self._name_rows("effect.active_rows", active, self.trial.month, buckets)
        self._name_rows("effect.draft_rows", draft, self.trial.month, buckets)
        rows = self.engine.arrow(questions.PAIRS).to_pydict()
        pairs = zip(rows["segment"], rows["before_score"], rows["after_score"], strict=True)
        return [_agreement(segment, list(of)) for segment, of in groupby(pairs, key=lambda row: row[0])]


def _agreement(segment: str, pairs: Sequence[tuple[str, float, float]]) -> list[Any]:
    from scipy.stats import kendalltau

    if len(pairs) < 2:
        return [segment, len(pairs), None]
    tau = float(kendalltau([row[1] for row in pairs], [row[2] for row in pairs]).statistic)
    return [segment, len(pairs), None if math.isnan(tau) else round(tau, 6)]


Progress = Callable[[int, int, str], None]
"""Told how many pieces of how many are done, and which was the last."""


class Counted:
    """A watcher that counts pieces over all stages, for a bar that never runs back."""

    def __init__(self, tell: Progress, total: int) -> None:
        self._tell, self._total, self._done = tell, total, 0

    def begin(self, stage: str, total: int) -> None:
        """A stage begins; pieces are counted over all of them."""

    def done(
        self,
        piece: str,
        month: date | None,
        rows: int,  # noqa: ARG002  # a watcher's signature
        seconds: float,  # noqa: ARG002  # the same
        *,
        resumed: bool = False,  # noqa: ARG002  # the same
    ) -> None:
        """One piece further."""
        self._done += 1
        said = f"{piece} {month:%Y-%m}" if month else piece
        self._tell(min(self._done, self._total), self._total, said)


def pieces_of(trial: Trial, ground: Ground) -> int:
    """About how many pieces a simulation has: months cut, months asked, drafts compared."""
    months = len(trial.span(ground))
    return (len(trial.drafts) + 1) * months + len(trial.drafts) * (months + 1)
