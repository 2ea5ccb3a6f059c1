"""What may be asked of the published views: one SELECT of known parts; what is run is written anew from its tree.

Nothing is looked for and forbidden: only what stands in the lists below passes, so a function that a later DuckDB
brings is refused until somebody adds it here. Comments, hints and spellings do not survive the writing.

**Small groups.** A result whose last step groups rows of customers gets a column more: how many customers stand behind
each row. Rows of fewer than `k` are taken out by whoever runs it (`Question.counted`). Where that cannot be counted
(rows of single customers, groups of groups) the result is for the screen alone. Names carried through subqueries are
believed only as plain `party_key`; this stops accidents. Who sets out to undo it leaves the text in the trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from guanxi.insight.workbench.views import views

MOST_CHARACTERS = 10_000
MOST_TABLES = 24
MOST_COLUMNS = 60
BEHIND = "__behind"
"""The column added: customers behind a row."""
_NAMED = (
    "q_"  # before every name a question gives: none of them can stand for something of the database's own
)
_KEY = "party_key"
# Quotes, commas, brackets and the like as an input method for Chinese writes them.
_WIDE = frozenset("\u201c\u201d\u2018\u2019\uff0c\uff1b\uff08\uff09\uff0a\uff1d\u3001\u3002")


class Kind(StrEnum):
    """What a result's rows are: groups of customers, single rows, or sums that were published as sums."""

    GROUPS = "groups"
    ROWS = "rows"
    SUMS = "sums"


class NotAllowed(ValueError):
    """A question that may not be asked; `en` and `zh` say why, `code` names the rule."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(f"{en} ({zh})")
        self.code, self.en, self.zh = code, en, zh


@dataclass(frozen=True)
class Question:
    """A question that may be run: `sql`, written from the checked tree, gives at most one row more than is shown."""

    sql: str
    kind: Kind
    tables: tuple[str, ...]

    @property
    def counted(self) -> bool:
        """Whether the last column says how many customers stand behind the row."""
        return self.kind is Kind.GROUPS


_SHAPE = (
    exp.Select, exp.Subquery, exp.CTE, exp.With, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order,
    exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Union, exp.Intersect, exp.Except, exp.Table, exp.TableAlias,
    exp.Identifier, exp.Column, exp.Star, exp.Alias, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple, exp.Var,
    exp.Rollup, exp.Cube, exp.GroupingSets, exp.Window, exp.WindowSpec, exp.Qualify, exp.Filter, exp.WithinGroup,
    exp.DataType, exp.DataTypeParam, exp.Interval,
)  # fmt: skip
_OPERATORS = (
    exp.Not, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.EQ, exp.NEQ, exp.GT, exp.GTE,
    exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.And, exp.Or,
    exp.DPipe, exp.Exists,
)  # fmt: skip
_FUNCTIONS = (
    exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Mode, exp.Quantile, exp.PercentileCont,
    exp.PercentileDisc, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Corr,
    exp.ApproxDistinct, exp.RegrSlope, exp.RegrIntercept, exp.RegrR2, exp.Skewness, exp.Grouping,
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue,
    exp.LastValue, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Cast, exp.TryCast, exp.Greatest, exp.Least, exp.Abs,
    exp.Round, exp.Floor, exp.Ceil, exp.Ln, exp.Log, exp.Exp, exp.Sqrt, exp.Pow, exp.Sign,
    exp.TimestampTrunc, exp.DateTrunc, exp.Extract, exp.Year, exp.Quarter, exp.Month, exp.Day, exp.DateDiff,
    exp.Lower, exp.Upper, exp.Left, exp.Right, exp.Substring, exp.Length, exp.Trim, exp.Concat, exp.StartsWith,
    exp.Contains, exp.TsOrDsToDate,
)  # fmt: skip
_ALLOWED = frozenset({*_SHAPE, *_OPERATORS, *_FUNCTIONS})
_TYPES = ("INT", "BIGINT", "SMALLINT", "DOUBLE", "DECIMAL", "VARCHAR", "TEXT", "DATE", "BOOLEAN", "INTERVAL")


_STRANGE = "\ufffd"


def plain(text: str) -> str:
    """A text that every store and page can hold: one kind of line end and of space; what is no sign of a text is �."""
    spaced = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u3000", " ").replace("\u00a0", " ")
    return "".join(sign if sign.isprintable() or sign in "\t\n" else _STRANGE for sign in spaced)


def question(text: str, *, groups: int, rows: int) -> Question:
    """The question in `text`, checked; its result has one row more than `groups` at most, single ones than `rows`.

    Raises NotAllowed.
    """
    try:
        return _question(text, groups, rows)
    except RecursionError as deep:
        raise NotAllowed("deep", "the query is nested too deeply", "查询嵌套过深") from deep


def _question(text: str, groups: int, rows: int) -> Question:
    tree = _parsed(text)
    for node in tree.walk():
        _check(node)
    tables = _name_tables(tree)
    kind = _kind(tree, tables)
    if len(tree.selects) > MOST_COLUMNS:
        raise NotAllowed("columns", f"at most {MOST_COLUMNS} columns", f"结果最多 {MOST_COLUMNS} 列")
    sql = _limited(tree, rows if kind is Kind.ROWS else groups).sql("duckdb", comments=False)
    return Question(sql, kind, tuple(sorted(tables)))


def _parsed(text: str) -> exp.Query:
    if len(text) > MOST_CHARACTERS:
        raise NotAllowed(
            "long", f"at most {MOST_CHARACTERS:,} characters", f"最多 {MOST_CHARACTERS:,} 个字符"
        )
    if _STRANGE in plain(text):
        raise NotAllowed("signs", "there are signs in it that are no text", "含有无法识别的字符")
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect="duckdb") if tree is not None]
    except SqlglotError as error:
        told = str(error).splitlines()[0].replace("\x1b[4m", "").replace("\x1b[0m", "")
        raise NotAllowed(
            "unread", f"this cannot be read as SQL: {told}", f"无法解析为 SQL：{told}"
        ) from error
    if not trees:
        raise NotAllowed("empty", "write a SELECT", "请输入 SELECT 查询")
    if len(trees) > 1:
        raise NotAllowed("several", "one query at a time", "一次只能运行一条查询")
    tree = trees[0]
    if not isinstance(tree, exp.Select | exp.Union | exp.Intersect | exp.Except):
        raise NotAllowed("select", "only a SELECT may be asked", "只能运行 SELECT 查询")
    return tree


def _check(node: exp.Expr) -> None:
    """Refuse a part that stands in no list."""
    if type(node) not in _ALLOWED:
        word = _word(node)
        raise NotAllowed(
            "part",
            f"{word} may not be used here (see the list of functions)",
            f"不允许使用 {word}（见可用函数）",
        )
    if isinstance(node, exp.With) and node.recursive:
        raise NotAllowed("recursive", "no recursive queries", "不允许递归查询")
    if isinstance(node, exp.DataType) and (node.this.value not in _TYPES or node.args.get("nested")):
        raise NotAllowed("type", f"no type {node.sql('duckdb')} here", f"不允许使用类型 {node.sql('duckdb')}")
    if isinstance(node, exp.Limit | exp.Offset) and not _whole(node.expression):
        raise NotAllowed("limit", "LIMIT and OFFSET take a whole number", "LIMIT 与 OFFSET 须为整数")
    if isinstance(node, exp.Identifier) and _WIDE & set(node.name):
        raise NotAllowed("wide", "write quotes and signs as ASCII", "引号、逗号等符号须用半角")
    if isinstance(node, exp.Identifier) and node.name.startswith("__"):
        raise NotAllowed("name", "names may not begin with two underscores", "名称不能以两个下划线开头")


def _word(node: exp.Expr) -> str:
    """What a refused part is called: a function by its name, anything else by its kind."""
    if isinstance(node, exp.Anonymous):
        return node.name
    return node.sql_name() if isinstance(node, exp.Func) else type(node).__name__


def _whole(node: exp.Expr | None) -> bool:
    return (
        isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit() and len(node.name) < 10
    )


def _name_tables(tree: exp.Query) -> set[str]:
    """Every table is a published view or a name the question gave itself; the latter are put out of the way."""
    names = [cte.alias.lower() for cte in tree.find_all(exp.CTE)]
    given = set(names)
    if len(given) < len(names):
        raise NotAllowed("twice", "a name is given twice in WITH", "WITH 中有重复的名称")
    for cte in tree.find_all(exp.CTE):
        cte.args["alias"].set("this", exp.to_identifier(_NAMED + cte.alias.lower(), quoted=True))
    named = list(tree.find_all(exp.Table))
    if len(named) > MOST_TABLES:
        raise NotAllowed("tables", f"at most {MOST_TABLES} tables", f"最多引用 {MOST_TABLES} 张表")
    found = set()
    for table in named:
        if not isinstance(table.this, exp.Identifier) or table.catalog:
            raise NotAllowed("table", "only the published views may be read", "只能查询列出的视图")
        name = f"{table.db}.{table.name}".lower()
        if name in views():
            found.add(name)
        elif not table.db and table.name.lower() in given:
            _put_aside(table)
        else:
            raise NotAllowed("table", f"there is no view {_shown(table)}", f"没有视图 {_shown(table)}")
    return found


def _shown(table: exp.Table) -> str:
    near = [name for name in views() if name.endswith(f".{table.name.lower()}")]
    hint = f" → {near[0]}" if near else ""
    return ".".join(part for part in (table.db, table.name) if part)[:80] + hint


def _put_aside(table: exp.Table) -> None:
    name = table.name
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    table.set("this", exp.to_identifier(_NAMED + name.lower(), quoted=True))


def _kind(tree: exp.Query, tables: set[str]) -> Kind:
    """What the rows are; groups get their column of customers."""
    if tables and not any(views()[name].has_party for name in tables):
        return Kind.SUMS
    given = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}
    parts = _branches(tree)
    keys = [_key(part, given) if _groups(part) else None for part in parts]
    if not parts or any(key is None for key in keys):
        return Kind.ROWS
    for part, key in zip(parts, keys, strict=True):
        counted = exp.Count(this=exp.Distinct(expressions=[key]))
        part.select(exp.alias_(counted, BEHIND, quoted=True), copy=False)
    return Kind.GROUPS


def _branches(tree: exp.Query) -> list[exp.Select]:
    """The SELECTs whose rows the result has; none where rows are intersected or taken off."""
    if isinstance(tree, exp.Select):
        return [tree]
    if type(tree) is exp.Union and isinstance(tree.left, exp.Query) and isinstance(tree.right, exp.Query):
        left, right = _branches(tree.left), _branches(tree.right)
        return [*left, *right] if left and right else []
    return []


def _groups(select: exp.Select) -> bool:
    """Whether each of its rows is made of many."""
    if select.args.get("distinct"):
        return False
    return bool(select.args.get("group")) or any(_aggregates(one) for one in select.selects)


def _aggregates(node: exp.Expr) -> bool:
    """Whether an aggregate stands in it, outside of windows and subqueries."""
    if isinstance(node, exp.Window | exp.Query):
        return False
    return isinstance(node, exp.AggFunc | exp.Filter | exp.WithinGroup) or any(
        _aggregates(child) for child in node.iter_expressions()
    )


def _key(select: exp.Select, given: dict[str, exp.Expr]) -> exp.Column | None:
    """The column that tells customers apart among what a SELECT reads; None when there is none."""
    head = select.args.get("from_") or select.args.get("from")
    sources = [part.this for part in (head, *(select.args.get("joins") or [])) if part is not None]
    for source in sources:
        if _gives_key(source, given):
            return exp.column(_KEY, table=exp.to_identifier(source.alias_or_name, quoted=True))
    return None


def _gives_key(source: exp.Expr, given: dict[str, exp.Expr]) -> bool:
    if isinstance(source, exp.Table):
        view = views().get(f"{source.db}.{source.name}".lower())
        if source.args["alias"].columns if source.args.get("alias") else False:
            return False  # columns named anew
        if view is not None:
            return view.has_party
        inner = given.get(source.name)
        return inner is not None and _hands_on(inner, given)
    if isinstance(source, exp.Subquery) and not source.alias_column_names:
        return _hands_on(source.this, given)
    return False


def _hands_on(query: exp.Expr, given: dict[str, exp.Expr]) -> bool:
    """Whether a query's rows carry party_key as it was."""
    if isinstance(query, exp.Subquery):
        return _hands_on(query.this, given)
    if isinstance(query, exp.SetOperation):
        return _hands_on(query.left, given) and _hands_on(query.right, given)
    if not isinstance(query, exp.Select):
        return False
    for one in query.selects:
        inner = one.unalias()
        if isinstance(inner, exp.Column) and inner.name.lower() == _KEY == one.alias_or_name.lower():
            return _key(query, given) is not None
        if one.is_star and not (
            isinstance(one, exp.Star) and (one.args.get("except_") or one.args.get("except"))
        ):
            return _key(query, given) is not None
    return False


def _limited(tree: exp.Query, limit: int) -> exp.Query:
    own = tree.args.get("limit")
    most = limit + 1
    if own is not None:
        most = min(most, int(own.expression.name))
    return tree.limit(most, copy=False)


def functions() -> tuple[str, ...]:
    """Names of what may be called, for the page."""
    return tuple(sorted({kind.sql_names()[0] for kind in _FUNCTIONS} - {"TS_OR_DS_TO_DATE", "CASE", "IF"}))
