"""A bank's mapping (映射): which of its files and columns become which of the contract's, read from TOML.

Nothing here opens a file or knows a bank. `read_mapping` gives a Mapping or raises MappingError with every problem it
found, each in plain words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from guanxi.insight.staging.contract import BY_NAME, FILES, ExtractFile, Kind
from guanxi.insight.staging.expressions import ExpressionError, parse_expression
from guanxi.insight.staging.said import Said

BALANCE_BASES = ("daily", "month_end", "accumulated", "transactions")
ENCODINGS = ("auto", "utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312")
SIGNS = ("leading", "trailing", "parentheses")
ANY_OTHER = "*"


class MappingError(ValueError):
    """A mapping that cannot be used; `problems` says what, where and what to do."""

    def __init__(self, problems: Iterable[Said]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Layout:
    """How the records of a text file are written. `columns` names them when there is no header line."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "auto"
    columns: tuple[str, ...] = ()
    skip_lines: int = 0
    trailing_delimiter: bool = False
    line_limit: int = 1 << 20


@dataclass(frozen=True)
class Formats:
    """How values are written: dates as strptime patterns, amounts by their signs, words for yes, no and nothing."""

    dates: tuple[str, ...] = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S")
    decimal_point: str = "."
    thousands: str = ""
    sign: str = "leading"
    minor_units: bool = False  # amounts are whole fen
    empty: tuple[str, ...] = ("", "NULL", "null", r"\N")
    true: tuple[str, ...] = ("true", "t", "1", "y", "yes", "是")
    false: tuple[str, ...] = ("false", "f", "0", "n", "no", "否")


@dataclass(frozen=True)
class Lookup:
    """A second bank file joined to the first: its columns stand in expressions as `name.column`, one row per key."""

    name: str
    file: str
    key: str
    on: str
    layout: Layout = field(default_factory=Layout)


@dataclass(frozen=True)
class Source:
    """One bank file (or fixed rows) that feeds one contract file."""

    to: str
    file: str
    layout: Layout = field(default_factory=Layout)
    formats: Formats = field(default_factory=Formats)
    columns: tuple[tuple[str, str], ...] = ()
    expressions: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    dates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    percent: tuple[str, ...] = ()
    where: str = ""
    distinct: bool = False
    lookups: tuple[Lookup, ...] = ()
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    same_names: bool = False  # the bank's columns already carry the contract's names

    @property
    def contract(self) -> ExtractFile:
        """The contract file this feeds."""
        return BY_NAME[self.to]

    def values_of(self, column: str) -> dict[str, str]:
        """The value map of a contract column: the bank's word → the contract's."""
        return dict(dict(self.values).get(column, ()))

    def dates_of(self, column: str) -> tuple[str, ...]:
        """The date patterns of a contract column."""
        return dict(self.dates).get(column, self.formats.dates)


@dataclass(frozen=True)
class Mapping:
    """All of a bank's mapping. `stated_basis`: balances kept as daily, month_end, accumulated or transactions."""

    source: str
    base_currency: str
    scale: int
    stated_basis: str
    calendar: str
    sources: tuple[Source, ...]

    @property
    def balance_basis(self) -> str:
        """What averages stand on: "month_end" when only month-end points exist, else "daily"."""
        return "month_end" if self.stated_basis == "month_end" else "daily"

    def sources_of(self, contract_file: str) -> tuple[Source, ...]:
        """What feeds a contract file, in the order of the mapping."""
        return tuple(source for source in self.sources if source.to == contract_file)


def read_mapping(text: str) -> Mapping:
    """The mapping written in this TOML text; raises MappingError with all problems."""
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(
            [Said("mapping.toml", f"not valid TOML: {error}", f"TOML 语法错误：{error}")]
        ) from error
    reader = _Reader()
    mapping = reader.mapping(body)
    if reader.problems:
        raise MappingError(reader.problems)
    return mapping


class _Reader:
    """Takes the TOML apart and collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Said] = []

    def mapping(self, body: dict[str, Any]) -> Mapping:
        self._only(body, {"bank", "format", "file"}, "mapping.toml")
        bank = body.get("bank", {})
        self._only(
            bank,
            {"source", "base_currency", "scale", "balance_basis", "calendar", "standard_names"},
            "[bank]",
        )
        for needed in ("source", "base_currency"):
            if not bank.get(needed):
                self._say("[bank]", f"`{needed}` is missing", f"缺少 `{needed}`")
        basis = self._one_of(bank.get("balance_basis", "daily"), BALANCE_BASES, "[bank] balance_basis")
        scale = bank.get("scale", 2)
        if scale not in (0, 1, 2):
            self._say(
                "[bank] scale",
                "amounts are kept with 2 decimals; say 0, 1 or 2",
                "金额保留两位小数，只能为 0、1 或 2",
            )
        layout, formats = self._format(body.get("format", {}), Layout(), Formats(), "[format]")
        sources = [
            self._source(item, layout, formats, number) for number, item in enumerate(body.get("file", []), 1)
        ]
        found = [source for source in sources if source is not None]
        if bank.get("standard_names", False):
            found += self._standard(found, layout, formats)
        if not found:
            self._say("mapping.toml", "no [[file]] maps anything", "没有任何 [[file]] 映射")
        return Mapping(
            str(bank.get("source", "")),
            str(bank.get("base_currency", "")),
            scale,
            basis,
            str(bank.get("calendar", "")),
            tuple(found),
        )

    def _standard(self, found: list[Source], layout: Layout, formats: Formats) -> list[Source]:
        """Files the mapping does not name are looked for under the contract's own names."""
        named = {source.to for source in found}
        plain = Source("", "", layout, formats, same_names=True)
        return [
            replace(plain, to=file.name, file=f"{file.name}.*") for file in FILES if file.name not in named
        ]

    def _source(self, item: dict[str, Any], layout: Layout, formats: Formats, number: int) -> Source | None:
        where = f"[[file]] {number} to={item.get('to')!r}"
        keys = {"to", "from", "format", "columns", "expressions", "constants", "values", "dates", "percent"}
        self._only(item, keys | {"where", "distinct", "lookup", "rows"}, where)
        if item.get("to") not in BY_NAME:
            known = ", ".join(BY_NAME)
            self._say(where, f"`to` must be one of: {known}", f"`to` 必须是下列之一：{known}")
            return None
        contract = BY_NAME[item["to"]]
        own_layout, own_formats = self._format(item.get("format", {}), layout, formats, where)
        source = Source(
            to=contract.name,
            file=str(item.get("from", "" if "rows" in item else f"{contract.name}.*")),
            layout=own_layout,
            formats=own_formats,
            columns=self._pairs(item.get("columns", {})),
            expressions=self._pairs(item.get("expressions", {})),
            constants=self._pairs(item.get("constants", {})),
            values=tuple((name, self._pairs(words)) for name, words in item.get("values", {}).items()),
            dates=tuple((name, _listed(patterns)) for name, patterns in item.get("dates", {}).items()),
            percent=_listed(item.get("percent", ())),
            where=str(item.get("where", "")),
            distinct=bool(item.get("distinct", False)),
            lookups=tuple(self._lookup(part, own_layout, where) for part in item.get("lookup", [])),
            rows=tuple(self._pairs(row) for row in item.get("rows", [])),
            same_names="columns" not in item and "rows" not in item,
        )
        self._check_source(source, where)
        return source

    def _lookup(self, item: dict[str, Any], layout: Layout, where: str) -> Lookup:
        self._only(item, {"name", "from", "key", "on", "format"}, f"{where} lookup")
        for needed in ("name", "from", "key", "on"):
            if not item.get(needed):
                self._say(f"{where} lookup", f"`{needed}` is missing", f"缺少 `{needed}`")
        own, _ = self._format(item.get("format", {}), layout, Formats(), f"{where} lookup")
        name = str(item.get("name", ""))
        return Lookup(name, str(item.get("from", "")), str(item.get("key", "")), str(item.get("on", "")), own)

    def _format(
        self, item: dict[str, Any], layout: Layout, formats: Formats, where: str
    ) -> tuple[Layout, Formats]:
        known = {part.name: part.default for part in (*fields(Layout), *fields(Formats))}
        self._only(item, set(known), f"{where} format")
        given = {
            name: self._setting(value, known[name], f"{where} {name}")
            for name, value in item.items()
            if name in known
        }
        of_layout = {part.name for part in fields(Layout)}
        layout = replace(layout, **{name: value for name, value in given.items() if name in of_layout})
        formats = replace(formats, **{name: value for name, value in given.items() if name not in of_layout})
        self._one_of(layout.encoding.lower(), ENCODINGS, f"{where} encoding")
        self._one_of(formats.sign, SIGNS, f"{where} sign")
        if len(layout.delimiter) != 1 or len(layout.quote) > 1:
            self._say(
                f"{where} format",
                "delimiter is one character, quote one or none",
                "分隔符须为单个字符，引号为一个字符或空",
            )
        return layout, formats

    def _setting(self, value: Any, standard: Any, where: str) -> Any:
        """A setting of the kind its standard has; one word stands for a list of one."""
        if isinstance(standard, tuple):
            return _listed(value) if isinstance(value, str | list) else standard
        if type(value) is not type(standard):
            kind = type(standard).__name__
            self._say(
                where,
                f"{value!r} should be of the kind {kind}, like {standard!r}",
                f"{value!r} 类型不对，应类似 {standard!r}",
            )
            return standard
        return value

    def _check_source(self, source: Source, where: str) -> None:
        contract = source.contract
        known = {column.name for column in contract.columns}
        used = [name for name, _ in (*source.columns, *source.expressions, *source.constants)]
        used += [name for row in source.rows for name, _ in row]
        for name in [*used, *dict(source.values), *dict(source.dates), *source.percent]:
            if name not in known:
                self._say(
                    where,
                    f"the contract has no column {contract.name}.{name}",
                    f"数据接口中没有列 {contract.name}.{name}",
                )
        once = used if not source.rows else []
        for name in sorted({name for name in once if once.count(name) > 1}):
            self._say(where, f"column {name} is mapped more than once", f"列 {name} 被重复映射")
        self._check_values(source, known, where)
        for name, text in (*source.expressions, *((("where", source.where),) if source.where else ())):
            try:
                parse_expression(text)
            except ExpressionError as error:
                self._say(f"{where} {name}", error.en, error.zh)

    def _check_values(self, source: Source, known: set[str], where: str) -> None:
        for name, words in source.values:
            column = source.contract.column(name) if name in known else None
            if column is None or column.kind is not Kind.CODE:
                continue
            for word in sorted({word for _, word in words} - set(column.values) - {""}):
                allowed = ", ".join(column.values)
                self._say(
                    f"{where} values.{name}",
                    f"{word!r} is none of: {allowed}",
                    f"{word!r} 不在取值范围内：{allowed}",
                )

    def _pairs(self, item: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        return tuple((str(name), _word(value)) for name, value in item.items())

    def _only(self, item: dict[str, Any], known: set[str], where: str) -> None:
        for name in sorted(set(item) - known):
            self._say(
                where, f"unknown setting `{name}`; known: {', '.join(sorted(known))}", f"未知设置 `{name}`"
            )

    def _one_of(self, value: str, allowed: tuple[str, ...], where: str) -> str:
        if value not in allowed:
            self._say(
                where,
                f"{value!r} is none of: {', '.join(allowed)}",
                f"{value!r} 不在可选值中：{', '.join(allowed)}",
            )
        return value

    def _say(self, where: str, en: str, zh: str) -> None:
        self.problems.append(Said(where, en, zh))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def bank_files(mapping: Mapping) -> Iterator[str]:
    """Every file pattern the mapping names, lookups too."""
    for source in mapping.sources:
        if source.file:
            yield source.file
        yield from (lookup.file for lookup in source.lookups)
