"""Says in plain words what of a folder fits the mapping and what does not, before anything is loaded (映射检查)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import duckdb

from guanxi.insight.quality.rules import RULES
from guanxi.insight.staging.contract import FILES, NEEDS_ONE_OF, ExtractFile, Kind
from guanxi.insight.staging.contract_words import without_zh
from guanxi.insight.staging.mapping import Lookup, Mapping, Source
from guanxi.insight.staging.said import Said
from guanxi.insight.staging.statements import (
    BATCH,
    Typing,
    binding_problems,
    columns_read,
    mapped_columns,
    typing_sql,
)
from guanxi.lake.arriving import batch_types, hold_lookup, lookup_path, quiet_engine, value_shown
from guanxi.lake.reading import ReadingError, batches, header

_SAMPLES = 5


@dataclass(frozen=True)
class ColumnFinding:
    """Values of one contract column that do not fit, in the rows looked at; `samples` are masked."""

    column: str
    rule: str
    rows: int
    samples: tuple[str, ...]
    refused: bool


@dataclass(frozen=True)
class SourceFinding:
    """One bank file beside the mapping. `mapped`: contract column → its bank column ("" an expression or constant)."""

    file: str
    rows_seen: int = 0
    mapped: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    rejected: int = 0
    findings: tuple[ColumnFinding, ...] = ()
    problems: tuple[Said, ...] = ()


@dataclass(frozen=True)
class FileFinding:
    """One contract file: what feeds it, which of its columns stay empty."""

    contract: ExtractFile
    sources: tuple[SourceFinding, ...]
    unmapped: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether anything feeds it."""
        return bool(self.sources)


@dataclass(frozen=True)
class MappingReport:
    """The whole folder; `stops` are the reasons for which a night would be refused."""

    files: tuple[FileFinding, ...]
    stops: tuple[Said, ...]


def check_mapping(mapping: Mapping, folder: Path, *, rows: int = 10_000) -> MappingReport:
    """Read the first `rows` rows of each file and compare them with the mapping; nothing is written."""
    with quiet_engine() as engine:
        files = tuple(_check_file(engine, mapping, folder, file, rows) for file in FILES)
    stops = [said for file in files for source in file.sources for said in source.problems]
    stops += [
        Said(file.contract.name, "required file is missing", f"缺少必需文件：{file.contract.label}")
        for file in files
        if file.contract.required and not file.found
    ]
    if not any(file.found for file in files if file.contract.name in NEEDS_ONE_OF):
        stops.append(
            Said("balances", "neither balances nor transactions are there", "余额与交易流水均未找到")
        )
    return MappingReport(files, tuple(stops))


def _check_file(
    engine: duckdb.DuckDBPyConnection, mapping: Mapping, folder: Path, file: ExtractFile, rows: int
) -> FileFinding:
    found = []
    for source in mapping.sources_of(file.name):
        if source.rows:
            mapped = {name: "" for row in source.rows for name, _ in row}
            found.append(SourceFinding("mapping.toml", len(source.rows), mapped))
        paths = sorted(folder.glob(source.file)) if source.file else []
        found += [_check_source(engine, folder, source, path, rows) for path in paths]
    given = {name for source in found for name in source.mapped}
    return FileFinding(
        file, tuple(found), tuple(column.name for column in file.columns if column.name not in given)
    )


def _check_source(
    engine: duckdb.DuckDBPyConnection, folder: Path, source: Source, path: Path, rows: int
) -> SourceFinding:
    try:
        names = header(path, source.layout)
        lookups = {lookup.name: _hold(engine, folder, lookup) for lookup in source.lookups}
        mapped = mapped_columns(source, names)
        read = {name for lookup, name in columns_read(source) if not lookup} | set(mapped.values())
        found = SourceFinding(path.name, 0, mapped, tuple(name for name in names if name not in read))
        problems = tuple(replace(said, where=path.name) for said in binding_problems(source, names, lookups))
        return (
            replace(found, problems=problems) if problems else _check_rows(engine, source, path, rows, found)
        )
    except ReadingError as error:
        return SourceFinding(path.name, problems=(Said(path.name, error.en, error.zh),))


def _hold(engine: duckdb.DuckDBPyConnection, folder: Path, lookup: Lookup) -> tuple[str, ...]:
    path = lookup_path(folder, lookup)
    hold_lookup(engine, lookup, path)
    return header(path, lookup.layout)


def _check_rows(
    engine: duckdb.DuckDBPyConnection, source: Source, path: Path, rows: int, found: SourceFinding
) -> SourceFinding:
    """Type the first rows as a night would and count what does not fit."""
    for batch in islice(batches(path, source.layout), 1):
        engine.register(BATCH, batch.table.slice(0, rows))
        typing = typing_sql(source, batch_types(engine), None)
        engine.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {typing.select}")
        seen = int(engine.execute("SELECT COUNT(*) FROM typed").fetchall()[0][0])
        findings = tuple(_column_findings(engine, source, typing))
        found = replace(found, rows_seen=seen, rejected=len(batch.rejected), findings=findings)
    return found


def _column_findings(
    engine: duckdb.DuckDBPyConnection, source: Source, typing: Typing
) -> Iterator[ColumnFinding]:
    for fault in typing.faults:
        broken = f"({fault.mask} & {fault.bit}) <> 0"
        count = int(engine.execute(f"SELECT COUNT(*) FROM typed WHERE {broken}").fetchall()[0][0])
        if not count:
            continue
        samples: list[tuple[str]] = []
        if fault.mask != "missing" and source.contract.column(fault.column).kind is not Kind.PERSONAL:
            shown = value_shown(f'"x_{fault.column}"')
            samples = engine.execute(
                f"SELECT {shown} AS shown FROM typed WHERE {broken} "
                f"GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT {_SAMPLES}"
            ).fetchall()
        yield ColumnFinding(fault.column, fault.rule, count, tuple(row[0] for row in samples), fault.refuses)


def in_words(report: MappingReport, language: str = "zh") -> list[str]:
    """The report as lines of plain words, in "zh" or "en"."""
    english = language.startswith("en")
    lines = [line for file in report.files for line in _file_words(file, english)]
    if report.stops:
        lines += ["", "The night would be refused:" if english else "以下问题会使跑批停止："]
        lines += [f"  - {said.words('en' if english else 'zh')}" for said in report.stops]
    else:
        lines += ["", "Nothing stands in the way of a night." if english else "没有会使跑批停止的问题。"]
    return lines


def _file_words(file: FileFinding, english: bool) -> list[str]:
    name = f"{file.contract.label} {file.contract.name}"
    if not file.found:
        lost = file.contract.without if english else without_zh(file.contract.name)
        return [f"✗ {name}: not found. {lost}" if english else f"✗ {name}：未找到。{lost}"]
    lines = []
    for source in file.sources:
        mark = "✗" if source.problems else "✓"
        seen = f"{source.rows_seen} rows looked at" if english else f"查看了 {source.rows_seen} 行"
        lines.append(f"{mark} {name} ← {source.file} ({seen})")
        lines += [f"    ! {said.words('en' if english else 'zh')}" for said in source.problems]
        if source.rejected:
            lines.append(
                f"    ! {source.rejected} " + ("lines are no records" if english else "行无法识别为记录")
            )
        lines += [f"    ! {_finding_words(finding, english)}" for finding in source.findings]
        if source.unused:
            lines.append(
                ("    unused columns: " if english else "    未使用的列：") + ", ".join(source.unused)
            )
    if file.unmapped:
        lines.append(("    stays empty: " if english else "    没有来源的列：") + ", ".join(file.unmapped))
    return lines


def _finding_words(finding: ColumnFinding, english: bool) -> str:
    rule = RULES[finding.rule]
    samples = ", ".join(finding.samples)
    if english:
        fate = "quarantined" if finding.refused else "marked"
        example = f" (for example {samples})" if samples else ""
        return f"{finding.column}: {rule.en}; {finding.rows} {fate}{example}"
    fate = "隔离" if finding.refused else "标记"
    return f"{finding.column}：{rule.zh}；{fate} {finding.rows} 行" + (
        f"（例如 {samples}）" if samples else ""
    )
