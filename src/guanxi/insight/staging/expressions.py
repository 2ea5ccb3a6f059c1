"""Scalar expressions in a bank's mapping: one small part of SQL, checked before an engine sees it.

An expression sees the columns of its own bank file and of the lookups beside it, nothing else: no tables, no
subqueries, no windows, and only the functions listed here. A cast that fails gives nothing, never an error.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_ALLOWED: tuple[type[exp.Expr], ...] = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Null,
    exp.Boolean,
    exp.Paren,
    exp.Neg,
    exp.Not,
    exp.And,
    exp.Or,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Is,
    exp.In,
    exp.Between,
    exp.Like,
    exp.Case,
    exp.If,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.IntDiv,
    exp.Mod,
    exp.DPipe,
    exp.Concat,
    exp.Cast,
    exp.TryCast,
    exp.DataType,
    exp.DataTypeParam,
    exp.Coalesce,
    exp.Nullif,
    exp.Substring,
    exp.Left,
    exp.Right,
    exp.Trim,
    exp.Upper,
    exp.Lower,
    exp.Length,
    exp.Replace,
    exp.Pad,
    exp.StrPosition,
    exp.SplitPart,
    exp.StartsWith,
    exp.RegexpExtract,
    exp.RegexpLike,
    exp.RegexpReplace,
    exp.RegexpFullMatch,
    exp.Abs,
    exp.Greatest,
    exp.Least,
)
FUNCTIONS = (
    "COALESCE, NULLIF, CASE, CAST, SUBSTR, LEFT, RIGHT, TRIM, UPPER, LOWER, LENGTH, REPLACE, LPAD, RPAD, CONCAT, "
    "||, STRPOS, SPLIT_PART, STARTS_WITH, REGEXP_EXTRACT, REGEXP_MATCHES, REGEXP_FULL_MATCH, REGEXP_REPLACE, ABS, "
    "GREATEST, LEAST"
)


class ExpressionError(ValueError):
    """An expression a mapping may not hold; `en` and `zh` say why."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en} ({zh})")
        self.en, self.zh = en, zh


def parse_expression(text: str) -> exp.Expr:
    """The checked expression; raises ExpressionError when it is more than a scalar over columns."""
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as error:
        raise ExpressionError(f"cannot be read as SQL: {text!r}", f"无法解析的表达式：{text!r}") from error
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            what = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
            raise ExpressionError(
                f"{what} may not be used in an expression; allowed are columns, comparisons, arithmetic, {FUNCTIONS}",
                f"表达式中不允许使用 {what}",
            )
    return tree


def columns_used(text: str) -> tuple[tuple[str, str], ...]:
    """(lookup or "", column) of every column an expression reads."""
    return tuple((column.table, column.name) for column in parse_expression(text).find_all(exp.Column))


def expression_sql(text: str, column_sql: Callable[[str, str], str]) -> str:
    """The expression as DuckDB SQL; `column_sql(lookup, column)` gives the SQL of a column. Failing parts give NULL."""

    tree = exp.Paren(this=parse_expression(text))
    for cast in list(tree.find_all(exp.Cast)):
        if not isinstance(cast, exp.TryCast):
            cast.replace(exp.TryCast(this=cast.this, to=cast.args["to"]))

    def place(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return sqlglot.parse_one(column_sql(node.table, node.name), dialect="duckdb")
        return node

    return f"TRY({tree.transform(place).sql(dialect='duckdb')})"
