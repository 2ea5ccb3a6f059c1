"""A run as its page shows it: the reconciliation as a table, steps folded by table, inputs, findings, progress."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet

from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.scores import selectors
from guanxi.crm.scores.models import Reconciliation, RuleCount, Run, RunState, RunStep
from guanxi.crm.scores.runs import words
from guanxi.crm.scores.words import COMPONENTS

FIRST_VIEW = "customers"  # the view the others are compared with


def seconds_of(run: Run, now: datetime) -> float | None:
    """How long the run took, or has been going; None when its start is not recorded."""
    if run.started_at is None:
        return None
    end = run.finished_at or (now if run.state == RunState.RUNNING else None)
    return (end - run.started_at).total_seconds() if end else None


def reasons_of(run: Run) -> list[str]:
    """Why the run stopped or what it moved, as sentences."""
    return [said for note in run.notes if (said := words.sentence_of(note))]


@dataclass(frozen=True)
class ListedRun:
    """A line of the list of runs."""

    run: Run
    seconds: float | None
    read: int | None
    refused: int
    marked: int
    reason: str


def listed(runs: Sequence[Run], now: datetime) -> list[ListedRun]:
    """Runs with the rows they read and what was refused; one query for all."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in RuleCount.objects.filter(run__in=runs).values("run_id", "severity", "rows"):
        counts[row["run_id"]][row["severity"]] += row["rows"]
    return [
        ListedRun(
            run,
            seconds_of(run, now),
            rows_read(run),
            counts[run.pk]["refused"],
            counts[run.pk]["marked"],
            (reasons_of(run) or [""])[0],
        )
        for run in runs
    ]


def rows_read(run: Run) -> int | None:
    """Rows in the bank's files; None when the run never got so far as to say."""
    files = _extract(run).get("files")
    return sum(file["rows"] for file in files) if files else None


def _extract(run: Run) -> Mapping[str, Any]:
    found = run.manifest.get("extract") if isinstance(run.manifest, dict) else None
    return found or {}


@dataclass(frozen=True)
class Balance:
    """One component in one currency, with its amount in each view (yuan); None where a view does not have it."""

    component: str
    currency: str
    amounts: tuple[Decimal | None, ...]
    apart: tuple[str, ...]  # names of the views that differ


@dataclass(frozen=True)
class Reconciled:
    """The reconciliation of a run: the views compared, a line a component, totals, and what is left out."""

    views: tuple[str, ...]
    lines: tuple[Balance, ...]
    left_out: tuple[tuple[str, str, Decimal], ...]
    total: tuple[Decimal | None, ...]
    base_currency: str

    @property
    def equal(self) -> bool:
        """Whether every view of every component agrees to the fen."""
        return not any(line.apart for line in self.lines)


def reconciled(run: Run, base_currency: str) -> Reconciled | None:
    """The run's totals side by side; None when the run wrote none."""
    rows = list(selectors.reconciliation_of(run))
    compared = [row for row in rows if row.view_name != "left_out"]
    if not compared:
        return None
    present = {row.view_name for row in compared}
    known = [view for view in words.VIEWS if view in present]
    views = tuple(known + sorted(present - set(known)))
    keys = sorted(
        {(row.currency, row.component) for row in compared},
        key=lambda key: (
            key[0] != base_currency,
            key[0],
            list(COMPONENTS).index(key[1]) if key[1] in COMPONENTS else 99,
        ),
    )
    lines = tuple(_balance(component, currency, compared, views) for currency, component in keys)
    whole = [line for line in lines if line.currency == base_currency]
    total = tuple(
        sum((amount for line in whole if (amount := line.amounts[at]) is not None), Decimal(0))
        for at, _view in enumerate(views)
    )
    left = tuple(
        (row.component, row.currency, row.amount)
        for row in rows
        if row.view_name == "left_out" and row.amount
    )
    return Reconciled(views, tuple(line for line in lines if any(line.amounts)), left, total, base_currency)


def _balance(component: str, currency: str, rows: Iterable[Reconciliation], views: Sequence[str]) -> Balance:
    mine = {row.view_name: row for row in rows if (row.component, row.currency) == (component, currency)}
    amounts = tuple(mine[view].amount if view in mine else None for view in views)
    apart = tuple(view for view in views if view in mine and mine[view].difference != 0)
    return Balance(component, currency, amounts, apart)


@dataclass
class Table:
    """The steps of one table: one for each month, or a single one."""

    name: str
    label: str
    steps: list[RunStep] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows over all months."""
        return sum(step.rows or 0 for step in self.steps)

    @property
    def seconds(self) -> float:
        """Seconds over all months."""
        return sum(step.seconds or 0.0 for step in self.steps)

    @property
    def monthly(self) -> bool:
        """Whether it opens to months."""
        return len(self.steps) > 1

    @property
    def kept(self) -> int:
        """Steps that an earlier, killed run had already finished."""
        return sum(step.state == "kept" for step in self.steps)


@dataclass
class Stage:
    """One stage of a run with its tables in the order they were made."""

    code: str
    label: str
    tables: list[Table]

    @property
    def seconds(self) -> float:
        """Seconds of the whole stage."""
        return sum(table.seconds for table in self.tables)


def stages_of(run: Run) -> list[Stage]:
    """The run's steps, folded by table and put into stages."""
    tables: dict[str, Table] = {}
    for step in selectors.steps_of(run):
        tables.setdefault(step.table, Table(step.table, words.table_name(step.table))).steps.append(step)
    stages: dict[str, Stage] = {}
    for table in tables.values():
        code = words.stage_of(table.name)
        stages.setdefault(code, Stage(code, words.stage_name(code), [])).tables.append(table)
    order = list(words.STAGES)
    return sorted(stages.values(), key=lambda stage: order.index(stage.code))


@dataclass(frozen=True)
class Progress:
    """Where a running run stands: the stage in words, pieces done of all, and the step finished last."""

    label: str
    done: int
    total: int
    last: str


def progress_of(run: Run) -> Progress:
    """The stage under way; a stage's finished steps are counted from the run's own rows."""
    note: Mapping[str, Any] = next((note for note in run.notes if "stage" in note), {})
    stage = str(note.get("stage", "reading"))
    code = "months" if stage.endswith(" months") else stage
    steps: QuerySet[RunStep] = selectors.steps_of(run)
    names = [name for name in steps.values_list("table", flat=True) if words.stage_of(name) == code]
    last = steps.last()
    total = int(note.get("pieces", 0))
    done = min(len(names), total) if total else len(names)
    return Progress(words.stage_name(stage), done, total, words.table_name(last.table) if last else "")


@dataclass(frozen=True)
class Input:
    """One file of the bank as it was read."""

    name: str
    label: str
    sha256: str
    rows: int | None
    staged: int | None
    quarantined: int | None
    duplicates: int | None


def inputs_of(run: Run) -> list[Input]:
    """The bank's files with their hashes, those of the contract first, then what else lay in the folder."""
    read: dict[str, Input] = {}
    for file in _extract(run).get("files", ()):
        for given in file["inputs"]:
            whole = len(file["inputs"]) == 1
            read[given["name"]] = Input(
                given["name"],
                words.file_name(file["name"]),
                given["sha256"],
                given["rows"],
                *(file[what] if whole else None for what in ("staged", "quarantined", "duplicates")),
            )
    others = {name: digest for name, digest in run.manifest.get("inputs", {}).items() if name not in read}
    return [
        *read.values(),
        *(Input(name, "", digest, None, None, None, None) for name, digest in sorted(others.items())),
    ]


def missing_of(run: Run) -> list[tuple[str, str]]:
    """Contract files that did not come, each with what the screens lose with it."""
    gone = _extract(run).get("missing", ())
    return [
        (words.file_name(one["name"]), words.lost_without(one["name"]) or one.get("without", ""))
        for one in gone
    ]


def policies_of(run: Run) -> list[tuple[str, PolicyVersion | None, str]]:
    """(kind, version, content hash) of each policy the run is a function of; None for one the store lost."""
    wanted: Mapping[str, str] = run.manifest.get("policies", {})
    found = PolicyVersion.objects.filter(kind__in=wanted, content_hash__in=wanted.values())
    versions = {(version.kind, version.content_hash): version for version in found.order_by("-version")}
    return [(kind, versions.get((kind, digest)), digest) for kind, digest in sorted(wanted.items())]


@dataclass(frozen=True)
class Finding:
    """A quality rule that was broken: how often, in which files, what it means and what happened then."""

    rule: str
    severity: str
    files: str
    rows: int
    meaning: str
    outcome: str
    listed: int


def findings_of(run: Run) -> list[Finding]:
    """What the quality rules found, refused rows first, then by number."""
    by_rule: dict[tuple[str, str], list[RuleCount]] = defaultdict(list)
    for row in selectors.rule_counts_of(run):
        by_rule[row.rule, row.severity].append(row)
    kept = dict(run.violations.order_by().values_list("rule").annotate(n=Count("pk")))
    found = [
        Finding(
            rule,
            severity,
            ", ".join(words.file_name(row.file) for row in rows),
            sum(row.rows for row in rows),
            words.rule_meaning(rule),
            words.rule_outcome(rule),
            kept.get(rule, 0),
        )
        for (rule, severity), rows in by_rule.items()
    ]
    return sorted(found, key=lambda one: (one.severity == "marked", -one.rows, one.rule))


def months_of(run: Run) -> tuple[int, date, date] | None:
    """How many months the run computed, the first and the last."""
    computed = run.manifest.get("computed") or []
    return (
        (len(computed), date.fromisoformat(computed[0]), date.fromisoformat(computed[-1]))
        if computed
        else None
    )
