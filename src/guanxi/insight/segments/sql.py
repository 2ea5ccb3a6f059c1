"""A rule as one SQL condition, built as expressions: DuckDB's text and Spark's come from the same tree.

`NOT` is pushed down to the single conditions, where "unknown" is said out loud; so every condition that stands
positively is a plain comparison that an engine can test against a block's smallest and greatest value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlglot import exp

from guanxi.insight.segments.facts import BY_CODE, Fact, Kind
from guanxi.insight.segments.rule import Group, Leaf, Not, Rule, Value


@dataclass(frozen=True)
class Context:
    """What a rule means depends on the day the facts are of, and on which units stand below which."""

    day: date
    units: Mapping[str, Collection[str]] = field(default_factory=dict)  # unit → itself and all below it


@dataclass(frozen=True)
class _Test:
    """A comparison of one column; `column` None: it is the same for everybody."""

    column: str | None
    holds: exp.Expr


_Tree = _Test | tuple[str, tuple["_Tree", ...]]  # ("all" | "any", parts)


def expression(rule: Rule, context: Context, facts: Mapping[str, Fact] = BY_CODE) -> exp.Expr:
    """The condition that is TRUE exactly for the customers who fulfil the rule; FALSE or NULL for the others."""
    return _condition(rule, context, facts, positive=True)


def _condition(rule: Rule, context: Context, facts: Mapping[str, Fact], *, positive: bool) -> exp.Expr:
    if isinstance(rule, Not):
        return _condition(rule.part, context, facts, positive=not positive)
    if isinstance(rule, Group):
        parts = [_condition(part, context, facts, positive=positive) for part in rule.parts]
        return _joined(parts, all_of=(rule.joins == "all") is positive)
    if rule.asks == "not_done":
        done = Leaf(rule.fact, "done", rule.values)
        return _condition(done, context, facts, positive=not positive)
    return _tree(_tests(rule, facts[rule.fact], context), positive=positive)


def _tree(tree: _Tree, *, positive: bool) -> exp.Expr:
    if isinstance(tree, _Test):
        return tree.holds if positive else _opposite(tree)
    joins, parts = tree
    return _joined([_tree(part, positive=positive) for part in parts], all_of=(joins == "all") is positive)


def _opposite(test: _Test) -> exp.Expr:
    if test.column is None or isinstance(test.holds, exp.Is):
        return exp.not_(test.holds)
    return exp.or_(_missing(test.column), exp.not_(test.holds))


def _joined(parts: list[exp.Expr], *, all_of: bool) -> exp.Expr:
    return exp.and_(*parts) if all_of else exp.or_(*parts)


def _tests(leaf: Leaf, fact: Fact, context: Context) -> _Tree:
    """A condition as comparisons of columns."""
    if fact.kind is Kind.SET:
        columns = [fact.members[str(value)] for value in leaf.values]
        return (leaf.asks.removesuffix("_of"), tuple(_Test(name, _column(name)) for name in columns))
    if fact.kind is Kind.TIER:
        return _tier(leaf, fact)
    (column,) = fact.columns
    if leaf.asks in ("missing", "never"):
        return _Test(column, _missing(column))
    if leaf.asks == "within":
        return _within(column, leaf, context)
    return _Test(column, _compared(_column(column), leaf, context.day))


def _tier(leaf: Leaf, fact: Fact) -> _Tree:
    """Ranks are compared within their scheme only."""
    scheme, rank = fact.columns
    if leaf.asks == "missing":
        return _Test(rank, _missing(rank))
    ranks: dict[str, list[int]] = {}
    for value in leaf.values:
        name, _dot, number = str(value).partition(".")
        ranks.setdefault(name, []).append(int(number))
    made: list[_Tree] = []
    for name, numbers in ranks.items():
        compared = _compared(_column(rank), Leaf(fact.code, leaf.asks, tuple(numbers)), date.min)
        same = _Test(scheme, exp.EQ(this=_column(scheme), expression=_literal(name)))
        made.append(("all", (same, _Test(rank, compared))))
    return ("any", tuple(made))


def _within(column: str, leaf: Leaf, context: Context) -> _Tree:
    members = sorted({unit for value in leaf.values for unit in context.units.get(str(value), ())})
    if not members:
        return _Test(None, exp.false())
    return _Test(column, exp.In(this=_column(column), expressions=[_literal(unit) for unit in members]))


def _compared(column: exp.Expr, leaf: Leaf, day: date) -> exp.Expr:
    """What is asked of one column, other than whether it is there."""
    asks, values = leaf.asks, leaf.values
    if asks in ("yes", "no"):
        return column if asks == "yes" else exp.not_(column)
    if asks == "one_of":
        return exp.In(this=column, expressions=[_literal(value) for value in values])
    if asks == "between":
        return _between(column, values[0], values[1])
    if asks in ("last_days", "done", "next_days"):
        span = timedelta(days=int(str(values[0])))
        return _between(column, day, day + span) if asks == "next_days" else _between(column, day - span, day)
    compares = {"at_least": exp.GTE, "at_most": exp.LTE, "before": exp.LT, "after": exp.GT}[asks]
    return compares(this=column, expression=_literal(values[0]))


def _between(column: exp.Expr, low: Value, high: Value) -> exp.Expr:
    return exp.Between(this=column, low=_literal(low), high=_literal(high))


def _column(name: str) -> exp.Expr:
    return exp.column(name, quoted=True)


def _missing(name: str) -> exp.Expr:
    return exp.Is(this=_column(name), expression=exp.null())


def _literal(value: Value) -> exp.Expr:
    """A value as SQL of its own type; quoting is the generator's business, dialect by dialect."""
    if isinstance(value, Decimal):
        return exp.cast(exp.Literal.string(f"{value:f}"), "DECIMAL(18, 2)")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.Literal.string(value)
