"""The SQL that turns one bank file's records into typed rows of the contract, and marks each value that does not fit.

Per contract column there are two columns inside: `x_<name>`, the text as mapped (NULL when empty), and `t_<name>`, the
typed value. Three bit masks say which columns of a row are missing, unreadable or out of range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import date

from guanxi.insight.staging.contract import SQL_TYPE, Column, ExtractFile, Kind
from guanxi.insight.staging.expressions import columns_used, expression_sql
from guanxi.insight.staging.keys import key_columns_sql
from guanxi.insight.staging.mapping import ANY_OTHER, Formats, Lookup, Source
from guanxi.insight.staging.said import Said

LINE = "__line"
BATCH = "arriving"  # the records of one batch, as the engine knows them
DATED = ("balances", "transactions", "channel_events", "service_events")
_WIDE_SHARE = "DECIMAL(18,8)"  # wide enough to tell a share beyond 1 from an unreadable one
_AMOUNT = "([0-9]{1,16}([.][0-9]{0,10})?|[.][0-9]{1,10})"
_ZERO = "[+-]?0+([.]0*)?[eE][+-]?[0-9]{1,3}"  # how some programs write a nought of many decimals
_RANGES = {  # beyond the type: what a value of this column can never be
    "fx_rates.mid": "{x} > 0",
    "channel_events.times": "{x} >= 0",
    "accounts.term_days": "{x} >= 0",
    "accounts.overdue_days": "{x} >= 0",
    "ftp_rates.tenor_days": "{x} >= 0",
    "credit.pd": "{x} BETWEEN 0 AND 1",
    "credit.lgd": "{x} BETWEEN 0 AND 1",
}
# Amounts no total is made of: unreadable they become empty, and the row with its balance stays.
_LENIENT = frozenset({"accounts.due_amount"})


@dataclass(frozen=True)
class Fault:
    """One kind of fault of one column: its bit in a mask, the rule it breaks, whether the row is refused for it."""

    column: str
    mask: str  # missing | unreadable | beyond
    bit: int
    rule: str
    refuses: bool


@dataclass(frozen=True)
class Typing:
    """How to type the records of one bank file. `select` reads the batch and the lookups by their names."""

    select: str
    faults: tuple[Fault, ...]

    @property
    def refused(self) -> str:
        """The condition under which a row is quarantined."""
        parts = []
        for mask in ("missing", "unreadable", "beyond"):
            bits = sum(fault.bit for fault in self.faults if fault.mask == mask and fault.refuses)
            parts.append(f"({mask} & {bits}) <> 0")
        return "(" + " OR ".join(parts) + ")"


def binding_problems(
    source: Source, names: Sequence[str], lookups: Dictionary[str, Sequence[str]]
) -> list[Said]:
    """What the mapping asks of a bank file that its header does not have; `lookups` gives each lookup's header."""
    known = {"": set(names)} | {name: set(columns) for name, columns in lookups.items()}
    wanted = columns_read(source)
    problems = []
    for lookup, column in dict.fromkeys(wanted):
        if column not in known.get(lookup, set()):
            place = f"{lookup}.{column}" if lookup else column
            problems.append(
                Said(
                    source.file,
                    f"the mapping reads column {place!r}, which the file does not have",
                    f"映射引用的列 {place!r} 在文件中不存在",
                )
            )
    return [*problems, *_needed_problems(source, names)]


def columns_read(source: Source) -> list[tuple[str, str]]:
    """(lookup or "", column) of everything the mapping reads by name."""
    texts = [text for _, text in source.expressions] + ([source.where] if source.where else [])
    read = [("", bank) for _, bank in source.columns] + [("", lookup.on) for lookup in source.lookups]
    read += [(lookup.name, lookup.key) for lookup in source.lookups]
    return read + [used for text in texts for used in columns_used(text)]


def _needed_problems(source: Source, names: Sequence[str]) -> list[Said]:
    given = mapped_columns(source, names)
    return [
        Said(
            source.file,
            f"nothing is mapped to {source.to}.{column.name} ({column.label}), which every row needs",
            f"必填列 {source.to}.{column.name}（{column.label}）没有映射",
        )
        for column in source.contract.columns
        if column.needed and column.name not in given
    ]


def mapped_columns(source: Source, names: Sequence[str]) -> dict[str, str]:
    """Contract column → the bank column it is a plain rename of, "" when it comes from an expression or a constant."""
    mapped = {
        column.name: column.name
        for column in source.contract.columns
        if source.same_names and column.name in names
    }
    mapped |= dict(source.columns)
    return mapped | {name: "" for name, _ in (*source.expressions, *source.constants)}


def typing_sql(source: Source, types: Dictionary[str, str], business_date: date | None) -> Typing:
    """The typing of one bank file; `types` is its header: column → "VARCHAR" or the Parquet file's own SQL type."""
    contract = source.contract
    mapped = mapped_columns(source, tuple(types))
    place = _placer(types)
    texts, typed, faults = [], [], []
    for number, column in enumerate(contract.columns):
        native = _native(column, source, mapped, types)
        texts.append(f'{native or _text(column, source, mapped, place)} AS "x_{column.name}"')
        typed.append(f'{_typed(column, source, native is not None)} AS "t_{column.name}"')
        faults += _faults(contract, column, 1 << number)
    joins = "".join(_join(lookup, place) for lookup in source.lookups)
    where = f" WHERE {expression_sql(source.where, place)}" if source.where else ""
    inner = f'SELECT raw."{LINE}", {", ".join(texts)} FROM {BATCH} AS raw{joins}{where}'
    middle = f"SELECT *, {', '.join(typed)} FROM ({inner})"
    masks = ", ".join(
        f"{_mask(contract, mask, faults, business_date)} AS {mask}"
        for mask in ("missing", "unreadable", "beyond")
    )
    return Typing(f"SELECT *, {masks} FROM ({middle})", tuple(faults))


def staged_select(source: Source, key_source: str, file_name: str) -> str:
    """SELECT list that makes typed rows staged rows; personal columns still carry their text, for the door."""
    parts = [f"{literal(file_name)} AS file", f'"{LINE}" AS line']
    if source.to == "customers":
        key, text, bucket = key_columns_sql(key_source, '"t_customer_no"')
        parts += [f"{key} AS party_key", f"{text} AS party_uuid", f"{bucket} AS bucket"]
    for column in source.contract.columns:
        value = f'"t_{column.name}"'
        if column.default is not None:
            default = f"CAST({literal(column.default)} AS {SQL_TYPE[column.kind]})"
            value = f"COALESCE({value}, {default})"
        parts.append(f'{value} AS "{column.name}"')
    return ", ".join(parts)


def _join(lookup: Lookup, place: Callable[[str, str], str]) -> str:
    name = quoted(lookup.name)
    on = f"{name}.{quoted(lookup.key)} = {place('', lookup.on)}"
    return f" LEFT JOIN {quoted('lookup_' + lookup.name)} AS {name} ON {on}"


def control_sum(column: str, types: Dictionary[str, str], formats: Formats) -> str:
    """The sum of a bank column as its control total counts it, and how many of its values cannot be read."""
    text = f"raw.{quoted(column)}"
    if types.get(column) == "VARCHAR":
        plain = f"TRIM({text})"
        empty = ", ".join(literal(word) for word in formats.empty)
        value = _money(f"CASE WHEN {plain} IN ({empty}) THEN NULL ELSE {plain} END", formats, minor=False)
        lost = f"SUM(CASE WHEN {plain} NOT IN ({empty}) AND {value} IS NULL THEN 1 ELSE 0 END)"
    else:
        value, lost = f"TRY_CAST({text} AS DECIMAL(38,2))", "0"
    return f"CAST(COALESCE(SUM({value}), 0) AS DECIMAL(38,2)), {lost}"


def literal(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever letters it has."""
    return '"' + name.replace('"', '""') + '"'


def _placer(types: Dictionary[str, str]) -> Callable[[str, str], str]:
    def place(lookup: str, column: str) -> str:
        whole = f"{quoted(lookup or 'raw')}.{quoted(column)}"
        return whole if lookup or types.get(column) == "VARCHAR" else f"CAST({whole} AS VARCHAR)"

    return place


def _native(
    column: Column, source: Source, mapped: Dictionary[str, str], types: Dictionary[str, str]
) -> str | None:
    """The bank column itself when a Parquet file already holds the right type: nothing is written and read again."""
    bank = mapped.get(column.name)
    fitting = {
        Kind.DAY: ("DATE",),
        Kind.MONEY: ("DECIMAL", "BIGINT", "INTEGER"),
        Kind.RATE: ("DECIMAL", "BIGINT", "INTEGER"),
        Kind.SHARE: ("DECIMAL",),
        Kind.COUNT: ("BIGINT", "INTEGER", "SMALLINT", "TINYINT"),
        Kind.FLAG: ("BOOLEAN",),
    }.get(column.kind, ())
    plain = (
        not source.values_of(column.name)
        and column.name not in source.percent
        and not source.formats.minor_units
    )
    if bank and plain and types[bank].split("(")[0] in fitting:
        return f"raw.{quoted(bank)}"
    return None


def _text(
    column: Column, source: Source, mapped: Dictionary[str, str], place: Callable[[str, str], str]
) -> str:
    """The mapped text of a column: trimmed, NULL when empty, the bank's words turned into the contract's."""
    constants, expressions = dict(source.constants), dict(source.expressions)
    if column.name in constants:
        return f"CAST({literal(constants[column.name])} AS VARCHAR)"
    if column.name in expressions:
        base = f"CAST({expression_sql(expressions[column.name], place)} AS VARCHAR)"
    elif mapped.get(column.name):
        base = place("", mapped[column.name])
    else:
        return "CAST(NULL AS VARCHAR)"
    trimmed = f"TRIM({base}, ' \t\r')"
    empty = ", ".join(literal(word) for word in dict.fromkeys(("", *source.formats.empty)))
    words = source.values_of(column.name)
    if not words:
        return f"CASE WHEN {trimmed} IN ({empty}) THEN NULL ELSE {trimmed} END"
    cases = "".join(
        f" WHEN {trimmed} = {literal(bank)} THEN {literal(ours) if ours else 'NULL'}"
        for bank, ours in words.items()
        if bank != ANY_OTHER
    )
    other = literal(words[ANY_OTHER]) if ANY_OTHER in words else trimmed
    blank = f" WHEN COALESCE({trimmed}, '') IN ({empty}) THEN {literal(words[''])}" if words.get("") else ""
    return f"CASE{cases}{blank} WHEN {trimmed} IN ({empty}) THEN NULL ELSE {other} END"


def _typed(column: Column, source: Source, native: bool) -> str:
    """The typed value, NULL when the text is empty or unreadable."""
    text = f'"x_{column.name}"'
    if native:
        return _typed_native(text, column.kind)
    makers: dict[Kind, Callable[[str, Column, Source], str]] = {
        Kind.DAY: _typed_day,
        Kind.MONEY: _typed_money,
        Kind.RATE: _typed_ratio,
        Kind.SHARE: _typed_ratio,
        Kind.COUNT: _typed_count,
        Kind.FLAG: _typed_flag,
        Kind.CODE: _typed_code,
    }
    maker = makers.get(column.kind)
    return maker(text, column, source) if maker else text


def _typed_day(text: str, column: Column, source: Source) -> str:
    patterns = source.dates_of(column.name)
    return _day(text, (*patterns, "%Y-%m-%d") if column.name in dict(source.expressions) else patterns)


def _typed_money(text: str, _column: Column, source: Source) -> str:
    return _money(text, source.formats, minor=source.formats.minor_units)


def _typed_ratio(text: str, column: Column, source: Source) -> str:
    value = f"TRY_CAST({_number(text, source.formats)} AS DECIMAL(28,10))"
    scaled = f"{value} / 100" if column.name in source.percent else value
    return f"TRY_CAST({scaled} AS {_WIDE_SHARE if column.kind is Kind.SHARE else SQL_TYPE[column.kind]})"


def _typed_count(text: str, _column: Column, _source: Source) -> str:
    return f"CASE WHEN REGEXP_FULL_MATCH({text}, '[+-]?[0-9]{{1,18}}') THEN TRY_CAST({text} AS BIGINT) END"


def _typed_flag(text: str, _column: Column, source: Source) -> str:
    words = (source.formats.true, source.formats.false)
    yes, no = (", ".join(literal(word) for word in own) for own in words)
    return f"CASE WHEN LOWER({text}) IN ({yes}) THEN TRUE WHEN LOWER({text}) IN ({no}) THEN FALSE END"


def _typed_code(text: str, column: Column, _source: Source) -> str:
    if not column.values:
        return text
    return f"CASE WHEN {text} IN ({', '.join(literal(value) for value in column.values)}) THEN {text} END"


def _typed_native(text: str, kind: Kind) -> str:
    if kind is Kind.MONEY:
        cast = f"TRY_CAST({text} AS DECIMAL(18,2))"
        return f"CASE WHEN {cast} = {text} THEN {cast} END"
    return f"TRY_CAST({text} AS {_WIDE_SHARE if kind is Kind.SHARE else SQL_TYPE[kind]})"


def _day(text: str, patterns: Sequence[str]) -> str:
    tries = []
    for pattern in dict.fromkeys(patterns):
        value = f"TRY_STRPTIME({text}, {literal(pattern)})"
        length = _fixed_length(pattern)
        tries.append(f"CASE WHEN LENGTH({text}) = {length} THEN {value} END" if length else value)
    parsed = f"CAST(COALESCE({', '.join(tries)}) AS DATE)"
    return f"CASE WHEN {parsed} BETWEEN DATE '1800-01-01' AND DATE '2999-12-31' THEN {parsed} END"


def _fixed_length(pattern: str) -> int:
    """How long a value of a pattern of digits alone must be; 0 when the pattern has separators of its own."""
    widths = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
    parts = pattern.split("%")
    if parts[0] or any(len(part) != 1 or part not in widths for part in parts[1:]):
        return 0
    return sum(widths[part] for part in parts[1:])


def _number(text: str, formats: Formats) -> str:
    """A number's text in plain form, NULL when it is none: the bank's signs and separators taken away."""
    plain = text
    if formats.thousands:
        plain = f"REPLACE({plain}, {literal(formats.thousands)}, '')"
    if formats.decimal_point != ".":
        plain = f"REPLACE({plain}, {literal(formats.decimal_point)}, '.')"
    if formats.sign == "trailing":
        plain = f"REGEXP_REPLACE({plain}, '^(.*)([+-])$', '\\2\\1')"
    elif formats.sign == "parentheses":
        plain = f"REGEXP_REPLACE({plain}, '^[(](.*)[)]$', '-\\1')"
    return (
        f"CASE WHEN REGEXP_FULL_MATCH({plain}, '[+-]?{_AMOUNT}') THEN {plain} "
        f"WHEN REGEXP_FULL_MATCH({plain}, '{_ZERO}') THEN '0' END"
    )


def _money(text: str, formats: Formats, *, minor: bool) -> str:
    """An amount, exact: more decimals than money has make it unreadable, it is never rounded."""
    value = f"TRY_CAST({_number(text, formats)} AS DECIMAL(28,10))"
    if minor:
        value = f"CASE WHEN {value} = FLOOR({value}) THEN CAST({value} / 100 AS DECIMAL(28,10)) END"
    cast = f"TRY_CAST({value} AS DECIMAL(18,2))"
    return f"CASE WHEN {cast} = {value} THEN {cast} END"


_UNREADABLE = {
    Kind.DAY: "day.unreadable",
    Kind.MONEY: "money.unreadable",
    Kind.RATE: "number.unreadable",
    Kind.SHARE: "number.unreadable",
    Kind.COUNT: "number.unreadable",
    Kind.FLAG: "flag.unknown",
    Kind.CODE: "code.unknown",
}


def _faults(contract: ExtractFile, column: Column, bit: int) -> list[Fault]:
    faults = []
    lenient = f"{contract.name}.{column.name}" in _LENIENT
    strict = column.needed or (column.kind is Kind.MONEY and not lenient)
    if column.needed and column.default is None:
        faults.append(Fault(column.name, "missing", bit, "value.missing", refuses=True))
    if column.kind in _UNREADABLE:
        faults.append(Fault(column.name, "unreadable", bit, _UNREADABLE[column.kind], refuses=strict))
    if column.kind is Kind.SHARE or f"{contract.name}.{column.name}" in _RANGES:
        faults.append(Fault(column.name, "beyond", bit, "number.beyond", refuses=True))
    if column.name == "day" and contract.name in DATED:
        faults.append(Fault(column.name, "beyond", bit, "day.future", refuses=True))
    return faults


def _mask(contract: ExtractFile, mask: str, faults: Sequence[Fault], business_date: date | None) -> str:
    conditions = []
    for fault in faults:
        if fault.mask == mask:
            broken = _broken(contract, fault, business_date)
            conditions.append(f"CASE WHEN {broken} THEN CAST({fault.bit} AS BIGINT) ELSE 0 END")
    return " + ".join(conditions) or "CAST(0 AS BIGINT)"


def _broken(contract: ExtractFile, fault: Fault, business_date: date | None) -> str:
    text, typed = f'"x_{fault.column}"', f'"t_{fault.column}"'
    if fault.mask == "missing":
        return f"{text} IS NULL"
    if fault.mask == "unreadable":
        return f"{text} IS NOT NULL AND {typed} IS NULL"
    if fault.rule == "day.future":
        return f"{typed} > DATE '{business_date.isoformat()}'" if business_date else "FALSE"
    rule = _RANGES.get(f"{contract.name}.{fault.column}", "{x} BETWEEN 0 AND 1")
    return f"{typed} IS NOT NULL AND NOT ({rule.format(x=typed)})"
