"""What a derived column inherits: the columns of the way each output of a step is computed from.

Read from the parsed SELECT: every column inside the output's own expression, through subqueries and unions, back to
the tables the step reads. Conditions that only choose rows (WHERE, JOIN) pass nothing on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from guanxi.insight.data_map.catalogue import DataMap
from guanxi.insight.tables import TABLES
from guanxi.insight.way import Step

Source = tuple[str, str]  # table of the way, column
# What may be milder than its inputs, and why.
LOWERED_KINDS = {
    "figures": "sums over many customers, none of whom can be told from them",
    "key": "keys made from numbers by a hash, or chosen by whose row it is",
}
LOWERED_TABLES = {
    "core.unit_scope": "the tree of units; customers and accounts only say which units exist",
    "feature.keeper_month": "a customer's number only tells whether the keeper's term is known",
}


def columns_from(step: Step) -> dict[str, frozenset[Source]]:
    """Output column → the columns of tables of the way it is computed from; empty for a step that is no SELECT."""
    if not step.sql:
        return {}
    tree = qualify(
        sqlglot.parse_one(step.sql, dialect="duckdb"),
        dialect="duckdb",
        schema=_schema(),
        validate_qualify_columns=False,
        quote_identifiers=False,
    )
    scope = build_scope(tree)
    assert scope is not None
    seen: dict[tuple[int, str], set[Source]] = {}
    return {name: frozenset(_of(scope, name, seen)) for name in step.table.column_names}


def _schema() -> dict[str, object]:
    made: dict[str, dict[str, dict[str, str]]] = {}
    for name, table in TABLES.items():
        columns = dict(table.columns)
        made.setdefault(table.family, {})[table.noun] = columns
        for past in ("prev", "past"):
            made.setdefault(past, {})[name.replace(".", "_")] = columns
    return {**made}


def _of(scope: Scope, name: str, seen: dict[tuple[int, str], set[Source]]) -> set[Source]:
    """Sources of the scope's output of that name; a scope met again in a recursion adds nothing."""
    if (id(scope), name) in seen:
        return seen[id(scope), name]
    found = seen[id(scope), name] = set()
    if scope.set_operation_scopes:
        place = _outputs(scope).index(name)
        for side in scope.set_operation_scopes:
            found |= _of(side, _outputs(side)[place], seen)
        return found
    for made in _selects(scope):
        if made.alias_or_name == name:
            for column in made.find_all(exp.Column):
                found |= _source(scope, column, seen)
    return found


def _selects(scope: Scope) -> Sequence[exp.Expr]:
    """What the scope selects; nothing for rows written out (VALUES), which come from no column."""
    return getattr(scope.expression, "selects", ())


def _outputs(scope: Scope) -> list[str]:
    return [made.alias_or_name for made in _selects(scope)]


def _source(scope: Scope, column: exp.Column, seen: dict[tuple[int, str], set[Source]]) -> set[Source]:
    near: Scope | None = _home(scope, column)
    while near is not None and column.table not in near.sources:
        near = near.parent
    if near is None:
        return set()
    source = near.sources[column.table]
    if isinstance(source, Scope):
        return _of(source, column.name, seen)
    table = _restored(source)
    return {(table, column.name)} if table in TABLES else set()


def _home(scope: Scope, column: exp.Column) -> Scope:
    """The innermost subquery of the scope that the column is written in."""
    around = []
    node = column.parent
    while node is not None and node is not scope.expression:
        around.append(node)
        node = node.parent
    for inner in (*scope.subquery_scopes, *scope.table_scopes):
        if any(node is inner.expression for node in around):
            return _home(inner, column)
    return scope


def _restored(source: exp.Table) -> str:
    """The table of the way, also where it is read as of an earlier month."""
    if source.db in ("prev", "past"):
        return source.name.replace("_", ".", 1)
    return f"{source.db}.{source.name}"


def milder_than_inputs(steps: Iterable[Step], known: DataMap) -> list[str]:
    """Derived columns with a class, level or grade below one of their inputs', each as `output ← input`."""
    found = []
    for step in steps:
        if step.name in LOWERED_TABLES:
            continue
        for column, sources in columns_from(step).items():
            made = known.entry(step.name, column)
            if made.kind.code in LOWERED_KINDS:
                continue
            for source in sorted(sources):
                read = known.entry(*source)
                if any(
                    mine < theirs for mine, theirs in zip(made.kind.weight, read.kind.weight, strict=True)
                ):
                    found.append(f"{made.name} ← {read.name}")
    return found
