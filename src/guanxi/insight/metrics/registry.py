"""Reads the registry of figures from metrics.toml, and finds the tables and files each one comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import sqlglot
from sqlglot import exp

from guanxi.insight.way import Step, the_way

Unit = Literal["money", "customers", "accounts"]
UNITS: tuple[Unit, ...] = ("money", "customers", "accounts")
LANGUAGES = ("zh", "en")
_NEEDED = {"name", "definition", "unit", "owner", "shown", "figure", "source"}
_OPTIONAL = {"within", "published"}


class MetricError(ValueError):
    """An entry of the registry that cannot be used; says which one and why."""


@dataclass(frozen=True)
class Metric:
    """One registered figure; texts by language code, SQL as metrics.toml describes it."""

    id: str
    name: Mapping[str, str]
    definition: Mapping[str, str]
    unit: Unit
    owner: Mapping[str, str]
    shown: tuple[str, ...]
    figure: str
    source: str
    within: str | None
    published: str | None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables the figure is summed from, by name."""
        return tables_read(self.figure)


def tables_read(select: str) -> tuple[str, ...]:
    """Names (family.noun) a SELECT reads, in order of name."""
    tree = sqlglot.parse_one(select, dialect="duckdb")
    return tuple(sorted({f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db}))


@cache
def metrics() -> tuple[Metric, ...]:
    """Every registered metric, in the registry's order."""
    return read_metrics((files("guanxi.insight.metrics") / "metrics.toml").read_text(encoding="utf8"))


def read_metrics(text: str) -> tuple[Metric, ...]:
    """Parse a registry; raises MetricError on an entry that lacks a part, a language or a readable SELECT."""
    return tuple(_metric(name, body) for name, body in tomllib.loads(text).items())


def _metric(name: str, body: Mapping[str, Any]) -> Metric:
    missing, unknown = _NEEDED - set(body), set(body) - _NEEDED - _OPTIONAL
    if missing or unknown:
        raise MetricError(f"{name}: lacks {sorted(missing)}, does not know {sorted(unknown)}")
    for part in ("name", "definition", "owner"):
        if set(body[part]) != set(LANGUAGES) or not all(body[part].values()):
            raise MetricError(f"{name}: {part} must be said in {' and '.join(LANGUAGES)}")
    if body["unit"] not in UNITS:
        raise MetricError(f"{name}: unit is one of {', '.join(UNITS)}, not {body['unit']}")
    for part in ("figure", "source", "within", "published"):
        _check_select(name, part, body.get(part))
    return Metric(
        id=name,
        name=body["name"],
        definition=body["definition"],
        unit=cast("Unit", body["unit"]),
        owner=body["owner"],
        shown=tuple(body["shown"]),
        figure=body["figure"].strip(),
        source=body["source"].strip(),
        within=body.get("within"),
        published=body["published"].strip() if "published" in body else None,
    )


def _check_select(name: str, part: str, text: str | None) -> None:
    if text is None:
        return
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.ParseError as error:
        raise MetricError(f"{name}: {part} is no SQL that can be read: {error}") from error
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        raise MetricError(f"{name}: {part} must be one SELECT of one value")


def lineage(metric: Metric, steps: Iterable[Step] | None = None) -> tuple[tuple[str, str], ...]:
    """Arrows (from, to) from the extract's staged files to the metric's tables, each once, in order of name."""
    by_name = {step.name: step for step in (the_way() if steps is None else steps)}
    arrows: set[tuple[str, str]] = set()
    waiting, seen = list(metric.tables), set(metric.tables)
    while waiting:
        table = waiting.pop()
        step = by_name.get(table)
        for source in sorted({*step.inputs, *step.past} - {table}) if step else ():
            arrows.add((source, table))
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return tuple(sorted(arrows))
