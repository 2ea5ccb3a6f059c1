"""The way of the data: reads the steps, knows their order.

A step is one SELECT in one `.sql` file whose name is the table it makes and whose FROM clauses are its inputs. What no
SELECT can say (linkage, a fitted model) is one module `<family>_<noun>.py` with the same header as its docstring, the
tables it `READS` and a function `make(engine)` that returns the rows. This module reads those files and sorts them; it
touches no engine and no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, cast

import pyarrow as pa
import sqlglot
from sqlglot import exp

from guanxi.insight.engine import Engine
from guanxi.insight.tables import FAMILY_WORDS, TABLES, Table

Scope = Literal["bucket", "whole"]
Months = Literal["none", "each", "last"]
Make = Callable[[Engine], pa.Table]
STEP_FAMILIES = ("core", "quality", "feature", "score", "report", "effect")
# How rows without a bucket of their own are known to be a customer's.
OWNERS = {"account_no": "core.account", "customer_no": "core.party_member"}
_HEADER = re.compile(r"^-- (?P<name>[a-z]+\.[a-z_]+)(?P<rest>( · [a-z]+: [^·\n]+)*)\s*$")


class WayError(ValueError):
    """A step file that cannot be part of the way; the message says which and why."""


@dataclass(frozen=True)
class Step:
    """One step: the table it makes, the text that makes it, and what it needs to be run."""

    table: Table
    sql: str  # empty for a step that is a Python function
    about: str
    scope: Scope
    months: Months
    reads_prev: bool
    past_months: int  # how many months of `past.*` it reads, the current one included; 0 for none
    inputs: tuple[str, ...]  # tables of the way, e.g. "core.party"
    prev: tuple[str, ...]  # tables read as of the month before
    past: tuple[str, ...]  # tables read over the last months
    policies: tuple[str, ...]  # "policy.tier_band" and the like
    reads_run: bool  # whether it knows the day of the run: run.month, run.reference_day
    split: tuple[
        str, ...
    ]  # inputs without buckets that may be parted by their account's or customer's: it asks nothing about the rest
    text: str  # the whole file (of a Python step: those beside it too): a changed text is a different run
    make: Make | None = None  # what makes the rows where no SELECT can

    @property
    def name(self) -> str:
        """The name of the table it makes."""
        return self.table.name

    def columns_read(self, table: Table) -> tuple[str, ...]:
        """Those columns of an input that the statement can mean, by the names said where it is read; at a star all."""
        said: set[str] = set(table.column_names) if not self.sql else set()
        for read in _parsed(self.sql).find_all(exp.Table) if self.sql else ():
            select = read.find_ancestor(exp.Select)
            if f"{read.db}.{read.name}" == table.name and select is not None:
                said |= _said_of(read.alias_or_name, select, table)
        return tuple(column for column in table.column_names if column in said)


def _said_of(alias: str, select: exp.Select, table: Table) -> set[str]:
    """Column names of one SELECT that may be this table's: with its alias, without any, or joined on by name."""
    columns = [column for column in select.find_all(exp.Column) if column.table in ("", alias)]
    bare = any(isinstance(made, exp.Star) for made in select.expressions)
    if bare or any(isinstance(column.this, exp.Star) for column in columns):
        return set(table.column_names)
    joined = (name for join in select.find_all(exp.Join) for name in join.args.get("using") or ())
    return {column.name for column in columns} | {name.name for name in joined}


def parse_step(name: str, text: str, tables: Mapping[str, Table] = TABLES) -> Step:
    """Read one `.sql` step; raises WayError when header, table or text do not fit the plan."""
    lines = text.splitlines()
    about = " ".join(line[2:].strip() for line in _leading_comments(lines[1:]))
    return _step(name, lines[0] if lines else "", about, _sources(name, text), tables, sql=text, text=text)


def parse_python_step(
    name: str, text: str, doc: str, reads: Sequence[str], make: Make, tables: Mapping[str, Table] = TABLES
) -> Step:
    """Read one Python step from its module's text, docstring, READS and make; raises WayError as `parse_step` does."""
    header, _, about = doc.strip().partition("\n")
    for source in reads:
        _check_source(name, source)
    return _step(name, f"-- {header}", " ".join(about.split()), set(reads), tables, text=text, make=make)


def _step(
    name: str,
    first_line: str,
    about: str,
    sources: set[str],
    tables: Mapping[str, Table],
    *,
    text: str,
    sql: str = "",
    make: Make | None = None,
) -> Step:
    header = _HEADER.match(first_line)
    if header is None or header["name"] != name:
        raise WayError(f"{name}: the first line must be '-- {name} · grain: … · scope: … · months: …'")
    if name not in tables:
        raise WayError(f"{name}: no such table in insight/tables/")
    said = dict(part.split(": ", 1) for part in header["rest"].strip(" ·").split(" · ") if part)
    said = {key: value.strip() for key, value in said.items()}
    table = tables[name]
    if tuple(said.get("grain", "").split(", ")) != table.grain:
        raise WayError(f"{name}: grain says '{said.get('grain')}', the table says '{', '.join(table.grain)}'")
    if said.get("scope") not in ("bucket", "whole") or said.get("months") not in ("none", "each", "last"):
        raise WayError(f"{name}: scope must be bucket or whole, months must be none, each or last")
    return Step(
        table=table,
        sql=sql,
        about=about,
        scope=cast("Scope", said["scope"]),
        months=cast("Months", said["months"]),
        reads_prev=said.get("prev") == "yes",
        past_months=int(said.get("past", "0")),
        inputs=tuple(sorted(source for source in sources if source.split(".")[0] in FAMILY_WORDS[:-1])),
        prev=tuple(sorted(_restore(source) for source in sources if source.startswith("prev."))),
        past=tuple(sorted(_restore(source) for source in sources if source.startswith("past."))),
        policies=tuple(sorted(source for source in sources if source.startswith("policy."))),
        reads_run=any(source.startswith("run.") for source in sources),
        split=_split(name, said.get("split", ""), sources, tables),
        text=text,
        make=make,
    )


def owner_of(table: Table) -> tuple[str, str]:
    """The column that says whose a row is, and the table that knows that one's bucket; ("", "") when none does."""
    return next(((key, owner) for key, owner in OWNERS.items() if key in table.column_names), ("", ""))


def _split(name: str, said: str, sources: set[str], tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The inputs a bucket step lets be parted; each must be read beside the table that knows its rows' buckets."""
    split = tuple(filter(None, said.split(", ")))
    for source in split:
        if not {source, owner_of(tables[source])[1]} <= sources:
            raise WayError(
                f"{name}: split names {source}; it may name inputs that are read with core.account or core.party_member"
            )
    return split


def _leading_comments(lines: Iterable[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if not line.startswith("--"):
            break
        found.append(line)
    return found


@cache
def _parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect="duckdb")


def _sources(name: str, text: str) -> set[str]:
    found = set()
    for table in _parsed(text).find_all(exp.Table):
        if not table.db:
            continue  # a CTE of the same file
        source = f"{table.db}.{table.name}"
        _check_source(name, source)
        found.add(source)
    return found


def _check_source(name: str, source: str) -> None:
    if source.split(".", maxsplit=1)[0] not in (*FAMILY_WORDS, "prev", "past", "run"):
        raise WayError(f"{name}: reads {source}, which is no table of the way")


def _restore(source: str) -> str:
    """'prev.score_tier' → 'score.tier'."""
    family, noun = source.split(".")[1].split("_", 1)
    return f"{family}.{noun}"


def order_steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps sorted so that each stands after what it reads; ties by name. Raises WayError on a circle or a gap."""
    by_name = {step.name: step for step in steps}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for step in by_name.values():
        missing = [
            source for source in (*step.inputs, *step.prev, *step.past) if not _is_known(source, by_name)
        ]
        if missing:
            raise WayError(f"{step.name}: nobody makes {', '.join(missing)}")
        same_run = set(step.inputs) | set(step.past)
        sorter.add(step.name, *(source for source in same_run if source in by_name and source != step.name))
    try:
        sorter.prepare()
    except CycleError as error:
        raise WayError(f"steps read each other in a circle: {' → '.join(error.args[1])}") from error
    ordered: list[Step] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [by_name[name] for name in ready if name in by_name]
        sorter.done(*ready)
    return tuple(ordered)


def _is_known(source: str, made: Mapping[str, Step]) -> bool:
    return source in made or source.startswith(("staged.", "raw.", "quality.", "ops."))


def _steps_below(folder: Traversable, package: str) -> Iterable[Step]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _steps_below(entry, f"{package}.{entry.name}")
        elif entry.name.split(".")[0] in STEP_FAMILIES and entry.name.endswith(".sql"):
            yield parse_step(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf8"))
        elif entry.name.split("_")[0] in STEP_FAMILIES and entry.name.endswith(".py"):
            yield _python_step(folder, entry, f"{package}.{entry.name.removesuffix('.py')}")


def _python_step(folder: Traversable, entry: Traversable, module_name: str) -> Step:
    module = import_module(module_name)
    name = entry.name.removesuffix(".py").replace("_", ".", 1)
    modules = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".py")), key=lambda item: item.name
    )
    text = "\n".join(item.read_text(encoding="utf8") for item in (entry, *modules))
    return parse_python_step(name, text, module.__doc__ or "", module.READS, module.make)


@cache
def the_way() -> tuple[Step, ...]:
    """All steps of Guanxi in the order they run."""
    return order_steps(_steps_below(files("guanxi.insight"), "guanxi.insight"))


def draw(steps: Iterable[Step]) -> str:
    """The way as a Mermaid graph, for the docs and for `guanxi way`."""
    lines = ["graph LR"]
    for step in steps:
        reads = sorted({*step.inputs, *step.past} - {step.name})
        lines += [
            f"  {source.replace('.', '_')}[{source}] --> {step.name.replace('.', '_')}[{step.name}]"
            for source in reads
        ]
        lines += [
            f"  {source.replace('.', '_')}[{source}] -. prev .-> {step.name.replace('.', '_')}"
            for source in step.prev
        ]
    return "\n".join(lines) + "\n"
