"""A bank's folder of files → the staged tables of one night, or a refusal that says why.

Order: find the files, read each contract file (skipping those a killed run has already finished), then the gates:
missing files, control totals, files that shrank or grew, too much in quarantine. When a gate holds the night back,
nothing of this folder is used and yesterday's figures stand.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.quality.gates import Volume, check_control, check_volumes
from guanxi.insight.staging.contract import FILES, NEEDS_ONE_OF, ExtractFile
from guanxi.insight.staging.mapping import Layout, Mapping, Source
from guanxi.insight.staging.said import Said
from guanxi.insight.staging.statements import DATED, binding_problems
from guanxi.lake.arriving import Arrival, Counted, hold_lookup, lookup_path, quiet_engine
from guanxi.lake.checks import check_across
from guanxi.lake.control import Control, read_control
from guanxi.lake.door import Door, VaultSink
from guanxi.lake.engine import parquet_files
from guanxi.lake.findings import Findings
from guanxi.lake.reading import ReadingError, header
from guanxi.lake.settling import settle
from guanxi.lake.store import file_sha256

OnFile = Callable[[str, int, float], None]
MAPPING_ROWS = "mapping.toml"


class ExtractRefused(ValueError):
    """The folder may not be used tonight; `reasons` holds all of them."""

    def __init__(self, reasons: Sequence[Said]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(str(reason) for reason in self.reasons))


@dataclass(frozen=True)
class InputFile:
    """One bank file as it was read for one contract file."""

    name: str
    sha256: str
    rows: int
    sums: dict[str, Decimal] = field(default_factory=dict)
    unsummed: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FileReport:
    """What became of one contract file. rows = staged + quarantined + duplicates + filtered.

    `totals`: amount column → currency → sum over all staged rows. `violations`: "column rule" → how many.
    """

    name: str
    inputs: tuple[InputFile, ...]
    rows: int
    staged: int
    quarantined: int
    duplicates: int
    filtered: int
    violations: dict[str, int]
    months: tuple[date, ...] = ()
    files: tuple[str, ...] = ()
    totals: dict[str, dict[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True)
class Missing:
    """A contract file the folder does not have, and what the screens lose with it."""

    name: str
    label: str
    without: str


@dataclass(frozen=True)
class ExtractReport:
    """The whole folder. Paths are relative to the folder it was read into."""

    source: str
    base_currency: str
    balance_basis: str
    files: tuple[FileReport, ...]
    missing: tuple[Missing, ...]
    crossed: dict[str, int]  # "extract.column rule" → violations found by comparing files

    @property
    def months_touched(self) -> tuple[date, ...]:
        """Months with balances, transactions or channel events in this folder, oldest first."""
        return tuple(sorted({month for file in self.files for month in file.months}))

    def file(self, name: str) -> FileReport | None:
        """The report of a contract file, None when it was missing."""
        return next((file for file in self.files if file.name == name), None)


def load_extract(
    folder: Path,
    mapping: Mapping,
    door: Door,
    vault: VaultSink,
    *,
    connection: duckdb.DuckDBPyConnection,
    into: Path,
    policy: QualityPolicy,
    business_date: date | None = None,
    previous_rows: Dictionary[str, int] | None = None,
    accepted: frozenset[str] = frozenset(),
    on_file: OnFile | None = None,
    only: frozenset[str] | None = None,
) -> ExtractReport:
    """Read a folder into staged Parquet below `into`; raises ExtractRefused with every reason when a gate holds.

    `previous_rows`: staged rows per contract file of the run before. `accepted`: contract files whose changed volume
    two persons have agreed to. `on_file(name, rows, seconds)` is called as each contract file is done. `only`: read
    these contract files and ask for no other.
    """
    loading = _Loading(folder, mapping, door, vault, connection, into, policy, business_date, only=only)
    with contextlib.closing(loading):
        return loading.run(previous_rows or {}, accepted, on_file or (lambda *_: None))


class _Loading:
    """One folder being read."""

    def __init__(
        self,
        folder: Path,
        mapping: Mapping,
        door: Door,
        vault: VaultSink,
        connection: duckdb.DuckDBPyConnection,
        into: Path,
        policy: QualityPolicy,
        business_date: date | None,
        *,
        only: frozenset[str] | None,
    ) -> None:
        self._only = only
        self._folder, self._mapping, self._door, self._vault = folder, mapping, door, vault
        self._connection, self._into, self._policy, self._date = connection, into, policy, business_date
        self._reasons: list[Said] = []
        self._hashes: dict[Path, str] = {}
        self._quiet = quiet_engine()

    def close(self) -> None:
        """Let go of everything held in memory."""
        self._quiet.close()

    def run(self, previous: Dictionary[str, int], accepted: frozenset[str], on_file: OnFile) -> ExtractReport:
        control = self._control()
        files = [file for file in FILES if self._only is None or file.name in self._only]
        found = {file.name: self._find(file) for file in files}
        missing = [file for file in files if not found[file.name]]
        if self._only is None:
            self._check_present(missing, control)
        self._stop_if_refused()
        reports = []
        for file in files:
            if found[file.name]:
                started = time.perf_counter()
                report = self._file(file, found[file.name], control)
                if report is not None:
                    reports.append(report)
                    on_file(file.name, report.staged, time.perf_counter() - started)
        self._gates(reports, control, previous, accepted)
        self._stop_if_refused()
        totals = self._totals(reports)
        crossed = check_across(self._connection, self._into, self._door, self._policy.rows_listed)
        return ExtractReport(
            self._mapping.source,
            self._mapping.base_currency,
            self._mapping.balance_basis,
            tuple(replace(report, totals=totals.get(report.name, {})) for report in reports),
            tuple(Missing(file.name, file.label, file.without) for file in missing),
            crossed,
        )

    def _control(self) -> Control:
        try:
            return read_control(self._folder)
        except ValueError as error:
            self._reasons.append(Said("manifest", f"cannot be read: {error}", f"控制文件无法读取：{error}"))
            return Control({})

    def _find(self, file: ExtractFile) -> list[tuple[Source, Path | None]]:
        """What feeds a contract file: each source with each of its bank files, None for rows held by the mapping."""
        found: list[tuple[Source, Path | None]] = []
        for source in self._mapping.sources_of(file.name):
            if source.rows:
                found.append((source, None))
                continue
            found += [(source, path) for path in sorted(self._folder.glob(source.file)) if path.is_file()]
        return found

    def _check_present(self, missing: Sequence[ExtractFile], control: Control) -> None:
        for file in missing:
            if file.required:
                patterns = (
                    ", ".join(source.file for source in self._mapping.sources_of(file.name)) or file.name
                )
                self._reasons.append(
                    Said(
                        file.name,
                        f"required file is missing ({patterns})",
                        f"缺少必需文件：{file.label}（{patterns}）",
                    )
                )
        if {file.name for file in missing} >= set(NEEDS_ONE_OF):
            self._reasons.append(
                Said(
                    "balances",
                    "neither balances nor transactions are there",
                    "余额与交易流水至少要有一个，均未找到",
                )
            )
        if control.business_date and self._date and control.business_date != self._date:
            stated, on = control.business_date, self._date
            self._reasons.append(
                Said(
                    "manifest",
                    f"the folder is of {stated}, the run is for {on}",
                    f"文件夹日期为 {stated}，跑批日期为 {on}",
                )
            )
        for name in control.files:
            if not (self._folder / name).is_file():
                self._reasons.append(
                    Said(name, "the manifest lists this file, it is not there", "控制文件列出的文件不存在")
                )

    def _stop_if_refused(self) -> None:
        if self._reasons:
            raise ExtractRefused(self._reasons)

    def _file(
        self, file: ExtractFile, found: list[tuple[Source, Path | None]], control: Control
    ) -> FileReport | None:
        """Read one contract file, or take over what an earlier start finished; None when it is refused."""
        try:
            mark = self._fingerprint(file, found)
            done = self._done(file, mark)
            if done is not None:
                return done
            if not self._fits(found):
                return None
            report = self._read(file, found, control)
        except ReadingError as error:
            name = next((path.name for _, path in found if path), file.name)
            self._reasons.append(Said(name, error.en, error.zh))
            return None
        record = self._into / "records" / f"{file.name}.json"
        record.parent.mkdir(parents=True, exist_ok=True)
        draft = record.with_suffix(".draft")
        draft.write_text(
            json.dumps({"mark": mark, "report": asdict(report)}, default=str, ensure_ascii=False),
            encoding="utf8",
        )
        draft.rename(record)
        return report

    def _fits(self, found: list[tuple[Source, Path | None]]) -> bool:
        problems: list[Said] = []
        for source, path in found:
            lookups = {
                item.name: header(lookup_path(self._folder, item), item.layout) for item in source.lookups
            }
            names = (
                header(path, self._layout(source.layout))
                if path
                else tuple({name for row in source.rows for name, _ in row})
            )
            own = replace(source, same_names=True) if path is None else source
            problems += [
                replace(said, where=path.name if path else MAPPING_ROWS)
                for said in binding_problems(own, names, lookups)
            ]
        self._reasons += problems
        return not problems

    def _layout(self, layout: Layout) -> Layout:
        return replace(layout, line_limit=self._policy.line_limit)

    def _read(
        self, file: ExtractFile, found: list[tuple[Source, Path | None]], control: Control
    ) -> FileReport:
        parts = self._into / "parts" / file.name
        shutil.rmtree(parts, ignore_errors=True)
        parts.mkdir(parents=True)
        inputs: list[InputFile] = []
        counts: list[Counted] = []
        with Findings(file.name, self._into, self._door, self._policy.rows_listed) as findings:
            arrival = Arrival(
                file,
                key_source=self._mapping.source,
                engine=self._quiet,
                door=self._door,
                vault=self._vault,
                findings=findings,
                folder=parts,
                business_date=self._date,
            )
            for source, path in found:
                counted = self._arrive(arrival, source, path, control)
                counts.append(counted)
                if path is not None:
                    inputs.append(
                        InputFile(path.name, self._sha256(path), counted.rows, counted.sums, counted.unsummed)
                    )
            settled = settle(self._connection, file, parts, self._into, findings)
            violations = {
                f"{column} {rule}".strip(): count for (column, rule), count in sorted(findings.counts.items())
            }
            quarantined = findings.quarantined
        shutil.rmtree(parts)
        rows, taken = sum(item.rows for item in counts), sum(item.staged for item in counts)
        lost = sum(item.quarantined for item in counts)
        filtered = rows - taken - lost
        assert settled.rows == taken - settled.duplicates - settled.refused
        return FileReport(
            file.name,
            tuple(inputs),
            rows,
            settled.rows,
            quarantined,
            settled.duplicates,
            filtered,
            violations,
            tuple(settled.months),
            tuple(str(path.relative_to(self._into)) for path in settled.files),
        )

    def _arrive(self, arrival: Arrival, source: Source, path: Path | None, control: Control) -> Counted:
        if path is None:
            return arrival.take_rows(replace(source, same_names=True), MAPPING_ROWS)
        for item in source.lookups:
            hold_lookup(self._quiet, item, lookup_path(self._folder, item))
        return arrival.take(source, path, self._layout(source.layout), control.columns_of(path.name))

    def _gates(
        self,
        reports: Sequence[FileReport],
        control: Control,
        previous: Dictionary[str, int],
        accepted: frozenset[str],
    ) -> None:
        volumes = [Volume(report.name, report.rows, report.staged, report.quarantined) for report in reports]
        snapshots = {
            name: rows for name, rows in previous.items() if name not in DATED and name not in accepted
        }
        self._reasons += check_volumes(volumes, snapshots, self._policy)
        for report in reports:
            for item in report.inputs:
                if item.name in control.files:
                    self._reasons += check_control(
                        item.name, control.files[item.name], item.rows, item.sums, item.unsummed, item.sha256
                    )
        self._reasons = list(dict.fromkeys(self._reasons))

    def _totals(self, reports: Sequence[FileReport]) -> dict[str, dict[str, dict[str, Decimal]]]:
        """Sums of amount columns per currency, as staged."""
        accounts = self._into / "staged.accounts" / "all.parquet"
        found: dict[str, dict[str, dict[str, Decimal]]] = {}
        for file in FILES:
            report = next((item for item in reports if item.name == file.name and item.staged), None)
            if report is None or not file.totals:
                continue
            staged = parquet_files(self._into / name for name in report.files)
            by_account = any(column.name == "account_no" for column in file.columns)
            join = (
                f"LEFT JOIN {parquet_files([accounts])} AS a ON a.account_no = s.account_no"
                if by_account
                else ""
            )
            currency = "COALESCE(a.currency, ?)" if by_account else "?"
            sums = ", ".join(f'CAST(SUM(s."{column}") AS DECIMAL(38,2))' for column in file.totals)
            rows = self._connection.execute(
                f"SELECT {currency} AS currency, {sums} FROM {staged} AS s {join} GROUP BY 1 ORDER BY 1",
                [self._mapping.base_currency],
            ).fetchall()
            found[file.name] = {
                column: {row[0]: row[place] or Decimal(0) for row in rows}
                for place, column in enumerate(file.totals, 1)
            }
        return found

    def _sha256(self, path: Path) -> str:
        if path not in self._hashes:
            self._hashes[path] = file_sha256(path)
        return self._hashes[path]

    def _fingerprint(self, file: ExtractFile, found: list[tuple[Source, Path | None]]) -> str:
        """What the staged rows of a file are a function of."""
        paths = {path for _, path in found if path} | {
            lookup_path(self._folder, item) for source, _ in found for item in source.lookups
        }
        body = [
            file.name,
            self._mapping.source,
            repr([source for source, _ in found]),
            sorted((path.name, self._sha256(path)) for path in paths),
            self._policy.content_hash(),
            self._door.key_id,
            str(self._date),
        ]
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()

    def _done(self, file: ExtractFile, mark: str) -> FileReport | None:
        record = self._into / "records" / f"{file.name}.json"
        if not record.is_file():
            return None
        body = json.loads(record.read_text(encoding="utf8"))
        if body["mark"] != mark or not all((self._into / name).is_file() for name in body["report"]["files"]):
            return None
        return _report(body["report"])


def _report(body: dict[str, Any]) -> FileReport:
    inputs = tuple(
        InputFile(**{**item, "sums": {name: Decimal(total) for name, total in item["sums"].items()}})
        for item in body["inputs"]
    )
    months = tuple(date.fromisoformat(month) for month in body["months"])
    return FileReport(**{**body, "inputs": inputs, "months": months, "files": tuple(body["files"])})
