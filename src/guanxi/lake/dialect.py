"""House SQL (DuckDB's dialect) as text for Spark: what both engines read alike, and what each rounds in its own way.

sqlglot writes the other dialect; on top of it stand the few places where the same words mean another number:

- `a / b` is a DOUBLE in DuckDB whatever a and b are, a decimal cut to six digits in Spark: both sides are cast first.
- A cast to a whole number rounds in DuckDB and cuts in Spark: the rounding is written out.
- DuckDB rounds a DOUBLE by its binary value, Spark by its shortest decimal text (1.005 → 1.00 and 1.01): it is scaled,
  rounded to whole, scaled back, as DuckDB does it.
- Day differences are taken between DATEs, so that no time zone comes between them, and are BIGINT.

Spark has no schemas of temporary views: `core.party` becomes the view `core__party`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from guanxi.insight.tables import TABLES

WHOLE_NUMBERS = ("TINYINT", "SMALLINT", "INT", "BIGINT")
DOUBLE = "double"  # the mark of a column that holds one
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.IntDiv)
_KEEPS_DOUBLE = (exp.Paren, exp.Neg, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Max, exp.Min, exp.Window)
_MAKES_DOUBLE = (exp.Div, exp.Sqrt, exp.Ln, exp.Exp, exp.Pow)


def view_name(name: str) -> str:
    """The Spark view that stands for a table of the way: 'core.party' → 'core__party'."""
    return name.replace(".", "__")


@cache
def sources(select: str) -> tuple[str, ...]:
    """Tables of the way that a statement reads, by their dotted names."""
    found = {
        f"{table.db}.{table.name}"
        for table in sqlglot.parse_one(select, dialect="duckdb").find_all(exp.Table)
        if table.db
    }
    return tuple(sorted(found))


@cache
def to_spark(select: str) -> str:
    """One SELECT of the house dialect as Spark's text. Raises sqlglot's UnsupportedError or ParseError, or ValueError
    for anything but one SELECT.
    """
    tree = sqlglot.parse_one(select, dialect="duckdb")
    if not isinstance(tree, exp.Query):
        raise ValueError(f"one SELECT was expected, not: {select[:60]}")  # noqa: TRY004 - a text, no type of Python
    _mark_doubles(tree)
    tree = tree.transform(_rename)
    # From the leaves up, so that a changed operand is seen by what stands above it.
    for node in reversed(list(tree.walk())):
        changed = _same_number(node)
        if changed is not node:
            tree = changed if node is tree else tree
            if node.parent is not None:
                node.replace(changed)
    return tree.sql(dialect="spark", pretty=True, comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _rename(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Column) and node.db:
        node.set("db", None)
        return node
    if not isinstance(node, exp.Table) or not node.db:
        return node
    alias = node.alias or node.name
    renamed = exp.to_table(view_name(f"{node.db}.{node.name}"))
    return exp.alias_(renamed, alias, table=True)


def _mark_doubles(tree: exp.Expr) -> None:
    """Mark every column that holds a DOUBLE, followed from the tables' shapes through the statement's subqueries."""
    made: dict[int, frozenset[str]] = {}  # by the statement of a subquery: its columns that are DOUBLE
    for scope in traverse_scope(tree):
        for column in scope.columns:
            if column.table in scope.sources:
                found = column.name in _doubles_of(scope.sources[column.table], made)
            else:
                found = any(column.name in _doubles_of(source, made) for source in scope.sources.values())
            column.meta[DOUBLE] = found
        made[id(scope.expression)] = _doubles_made(scope, made)


def _doubles_of(source: exp.Expr | Scope, made: Mapping[int, frozenset[str]]) -> frozenset[str]:
    if isinstance(source, Scope):
        return made.get(id(source.expression), frozenset())
    return _doubles_on_file(f"{source.text('db')}.{source.name}")


@cache
def _doubles_on_file(name: str) -> frozenset[str]:
    """DOUBLE columns of a table of the way, also by its prev and past names; policies and the calendar have none."""
    family, _, noun = name.partition(".")
    table = TABLES.get(noun.replace("_", ".", 1) if family in ("prev", "past") else name)
    return frozenset(column for column, kind in table.columns if kind == "DOUBLE") if table else frozenset()


def _doubles_made(scope: Scope, made: Mapping[int, frozenset[str]]) -> frozenset[str]:
    query = scope.expression
    if isinstance(query, exp.SetOperation):
        sides = (made.get(id(side.unnest()), frozenset()) for side in (query.left, query.right))
        return frozenset().union(*sides)
    if not isinstance(query, exp.Query):
        return frozenset()
    found: set[str] = set()
    for column in query.selects:
        if not column.is_star:
            found |= {column.alias_or_name} if is_double(column.unalias()) else set()
            continue
        for name, source in scope.sources.items():
            if not isinstance(column, exp.Column) or column.table == name:
                found |= _doubles_of(source, made)
    return frozenset(found)


def is_double(node: exp.Expr) -> bool:
    """Whether DuckDB would make this a DOUBLE; columns must have been marked."""
    match node:
        case exp.Cast():
            return node.to.is_type("double", "float")
        case exp.Literal():
            return not node.is_string and "e" in node.name.lower()
        case exp.Column():
            return bool(node.meta.get(DOUBLE))
    return isinstance(node, _MAKES_DOUBLE) or any(is_double(value) for value in _values(node))


def _values(node: exp.Expr) -> list[exp.Expr]:
    """Those operands that give an expression its type: both sides of a sum, the branches of a CASE."""
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return [branch.args["true"] for branch in node.args["ifs"]] + ([default] if default else [])
    if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least):
        return [node.this, *node.expressions]
    if isinstance(node, _ARITHMETIC):
        return [node.left, node.right]
    return [node.this] if isinstance(node, _KEEPS_DOUBLE) else []


def _same_number(node: exp.Expr) -> exp.Expr:
    """The node, or what Spark must be told so that it computes the same number."""
    match node:
        case exp.Div():
            return exp.Div(this=_as_double(node.left), expression=_as_double(node.right))
        case exp.DateDiff():
            days = exp.Anonymous(this="DATEDIFF", expressions=[_day(node.this), _day(node.expression)])
            return exp.cast(days, "BIGINT")
        case exp.Round() if is_double(node.this):
            return _rounded(node.this, int(node.args["decimals"].name) if node.args.get("decimals") else 0)
        case exp.Cast():
            return _cast(node)
    return node


def _as_double(node: exp.Expr) -> exp.Expr:
    return node if is_double(node) else exp.cast(node, "DOUBLE")


def _day(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.TsOrDsToDate) else node


def _cast(node: exp.Cast) -> exp.Expr:
    if node.to.is_type("hugeint", "int128"):
        return exp.cast(node.this, "DECIMAL(38,0)")
    if node.to.is_type(*WHOLE_NUMBERS):
        if is_double(node.this):
            return exp.cast(exp.Anonymous(this="RINT", expressions=[node.this]), node.to)
        inner = node.this.unnest()
        return (
            exp.cast(exp.Round(this=node.this), node.to)
            if isinstance(inner, (exp.Add, exp.Sub, exp.Mul))
            else node
        )
    if node.to.is_type("decimal") and is_double(node.this):
        scale = int(node.to.expressions[1].name) if len(node.to.expressions) > 1 else 0
        return exp.cast(scaled(node.this, scale), node.to)
    return node


def scaled(value: exp.Expr, scale: int) -> exp.Expr:
    """A DOUBLE as DECIMAL(38,scale) as DuckDB makes it: times ten to the scale, rounded, put behind the point again."""
    whole = exp.cast(exp.Round(this=_times(value, scale)), "DECIMAL(28,0)")
    if scale == 0:
        return whole
    return exp.Mul(this=whole, expression=exp.Literal.number(f"{Decimal(1).scaleb(-scale):f}"))


def scaled_text(value: str, scale: int) -> str:
    """`scaled` as Spark's text."""
    return scaled(sqlglot.parse_one(value, dialect="spark"), scale).sql(dialect="spark")


def _rounded(value: exp.Expr, digits: int) -> exp.Expr:
    whole = exp.Round(this=_times(value, digits))
    if digits == 0:
        return whole
    return exp.paren(exp.Div(this=whole, expression=_power(digits)))


def _times(value: exp.Expr, digits: int) -> exp.Expr:
    if digits == 0:
        return value.copy()
    return exp.Mul(this=exp.paren(value.copy()), expression=_power(digits))


def _power(digits: int) -> exp.Expr:
    return exp.Literal.number(f"1e{digits}")


def spark_type(kind: str) -> str:
    """A column's type as Spark names it."""
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return kind
    return {"VARCHAR": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ"}.get(kind, kind)
