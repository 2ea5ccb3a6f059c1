"""A small bank's folder of files, clean to begin with, and a catalogue of everything that can be wrong with a line."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.identifiers import resident_id_check
from guanxi.insight.staging.mapping import Mapping, read_mapping
from guanxi.lake.door import Door, DoorKeys, MemoryVault
from guanxi.lake.extracts import ExtractReport, load_extract

DAY = date(2026, 10, 31)
KEYS = DoorKeys("k1", {"k1": bytes(range(32))}, {"k1": bytes(range(64))})
STANDARD = '[bank]\nsource = "core"\nbase_currency = "CNY"\nstandard_names = true\n'
POLICY = QualityPolicy(
    shrink_share=Decimal("0.2"),
    grow_share=Decimal("0.2"),
    quarantine_share=Decimal("0.5"),
    few_rows=20,
    line_limit=20_000,
    rows_listed=1_000_000,
    kept_nights=35,
)
HEADERS = {
    "customers": "customer_no,kind,name,id_type,id_no,sex,birth_date,area,state",
    "accounts": "account_no,family,currency,opened_on,started_on,matures_on,rate,rolls_over,card_no,overdue_days",
    "account_parties": "account_no,customer_no,role,share",
    "contact_points": "customer_no,kind,value,is_primary",
    "balances": "account_no,day,balance,in_transit,balance_days",
    "fx_rates": "currency,day,mid",
}


def resident_id(serial: int) -> str:
    """A valid resident id of a woman or a man born in 1980, one for each serial number below 28 * 1000 * 12."""
    day, rest = serial % 28 + 1, serial // 28
    first = f"3201021980{rest % 12 + 1:02d}{day:02d}{rest // 12 % 1000:03d}"
    return first + resident_id_check(first)


def birth_and_sex(number: str) -> tuple[str, str]:
    """What that resident id tells, as the files write it."""
    birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return birth, "male" if int(number[16]) % 2 else "female"


def clean_line(name: str, serial: int) -> str:
    """A line without fault for the contract file of this name."""
    customer, account = f"C{serial:07d}", f"A{serial:07d}"
    if name == "customers":
        number = resident_id(serial)
        birth, sex = birth_and_sex(number)
        return f"{customer},person,王{serial:x}𠮷,resident_id,{number},{sex},{birth},urban,active"
    if name == "accounts":
        return f"{account},time,CNY,2024-01-02,2024-01-02,2027-01-02,0.0155,true,,0"
    if name == "account_parties":
        return f"{account},{customer},holder,"
    if name == "contact_points":
        return f"{customer},mobile,138{serial:08d},true"
    if name == "balances":
        return f"{account},2026-{serial % 9 + 1:02d}-28,{serial % 90000}.{serial % 100:02d},0,"
    return f"U{serial:02d},2026-10-31,7.1"


@dataclass(frozen=True)
class Fault:
    """One kind of broken line: where, what it breaks, and what must become of it."""

    kind: str
    file: str
    rule: str
    make: Callable[[str], bytes]
    column: str = ""
    refused: bool = True


def _cell(position: int, value: str) -> Callable[[str], bytes]:
    def make(line: str) -> bytes:
        cells = line.split(",")
        cells[position] = value
        return ",".join(cells).encode()

    return make


def _raw(change: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
    return lambda line: change(line.encode())


def _cells(file: str, column: str, rule: str, values: Iterable[str], *, refused: bool = True) -> list[Fault]:
    position = HEADERS[file].split(",").index(column)
    return [
        Fault(f"{file}.{column}={value[:20]!r}", file, rule, _cell(position, value), column, refused)
        for value in values
    ]


LINE_FAULTS = [
    Fault("one column too few", "balances", "line.columns", _raw(lambda line: line.rsplit(b",", 1)[0])),
    Fault("one column too many", "balances", "line.columns", _raw(lambda line: line + b",1")),
    Fault("two records on one line", "balances", "line.columns", _raw(lambda line: line + line)),
    Fault("another separator", "balances", "line.columns", _raw(lambda line: line.replace(b",", b"\t"))),
    Fault("line cut short", "balances", "line.columns", _raw(lambda line: line[:5])),
    Fault("text before the record", "balances", "line.columns", _raw(lambda _: b"-- page 2 --")),
    Fault("NUL in the line", "balances", "line.nul", _raw(lambda line: line[:3] + b"\0" + line[4:])),
    Fault(
        "UTF-16 in the middle", "balances", "line.nul", _raw(lambda line: line.decode().encode("utf-16-le"))
    ),
    Fault("stray byte", "balances", "line.encoding", _raw(lambda line: b"\xff" + line)),
    Fault(
        "GB18030 among UTF-8", "balances", "line.encoding", _raw(lambda line: "余额".encode("gb18030") + line)
    ),
    Fault("multi-byte letter cut", "balances", "line.encoding", _raw(lambda line: line + "余".encode()[:2])),
    Fault("overlong encoding", "balances", "line.encoding", _raw(lambda line: line + b"\xc0\x80")),
    Fault("half of a surrogate pair", "balances", "line.encoding", _raw(lambda line: line + b"\xed\xa0\x80")),
    Fault("quote never closed", "balances", "line.quotes", _raw(lambda line: b'"' + line)),
    Fault(
        "text after a closing quote", "balances", "line.quotes", _raw(lambda line: b'"A"x' + line[1:] + b',"')
    ),
    Fault("quotes inside a bare value", "balances", "line.quotes", _raw(lambda line: b'"A"B' + line)),
    Fault("endless line", "balances", "line.too_long", _raw(lambda line: line + b"9" * 30_000)),
]
VALUE_FAULTS = [
    *_cells("balances", "account_no", "value.missing", ["", "  ", "NULL"]),
    *_cells("balances", "day", "value.missing", [""]),
    *_cells(
        "balances", "day", "day.unreadable", ["2026-02-30", "20261301", "26-1-1x", "0001-01-01", "99991231"]
    ),
    *_cells("balances", "day", "day.unreadable", ["2026092", "２０２６0101", "yesterday"]),
    *_cells("balances", "day", "day.future", ["2026-11-01", "2127-01-01"]),
    *_cells("balances", "balance", "value.missing", ["", r"\N"]),
    *_cells(
        "balances", "balance", "money.unreadable", ["abc", "NaN", "Infinity", "1e5", "0x1F", "0.005", "--5"]
    ),
    *_cells(
        "balances",
        "balance",
        "money.unreadable",
        ["5-", "1 234.00", "１２.00", "￥5", "12.50元", "(5.00)", "."],
    ),
    *_cells(
        "balances",
        "balance",
        "money.unreadable",
        ["123456789012345678.00", "1.2.3", "+-1", "12,50".replace(",", ";")],
    ),
    *_cells("balances", "in_transit", "money.unreadable", ["none", "1/2"]),
    *_cells("balances", "balance_days", "money.unreadable", ["many"]),
    *_cells("customers", "customer_no", "value.missing", [""]),
    *_cells("customers", "kind", "value.missing", [""]),
    *_cells("customers", "kind", "code.unknown", ["human", "PERSON"]),
    *_cells("customers", "sex", "code.unknown", ["M"], refused=False),
    *_cells("customers", "birth_date", "day.unreadable", ["1980-13-01"], refused=False),
    *_cells("customers", "birth_date", "id.birth_date", ["1950-01-01"], refused=False),
    *_cells("customers", "id_no", "id.invalid", ["320102198001010000", "12345", "X"], refused=False),
    *_cells("customers", "state", "code.unknown", ["sleeping"], refused=False),
    *_cells("accounts", "opened_on", "value.missing", [""]),
    *_cells("accounts", "opened_on", "day.unreadable", ["02/01/2024"]),
    *_cells("accounts", "rate", "number.unreadable", ["1.55%"], refused=False),
    *_cells("accounts", "rolls_over", "flag.unknown", ["maybe"], refused=False),
    *_cells("accounts", "overdue_days", "number.unreadable", ["3.5", "few"], refused=False),
    *_cells("accounts", "overdue_days", "number.beyond", ["-1"]),
    *_cells("accounts", "card_no", "card.invalid", ["6222020000000000001"], refused=False),
    *_cells("accounts", "matures_on", "account.matures_before_start", ["2023-01-01"], refused=False),
    *_cells("account_parties", "share", "number.beyond", ["1.5", "-0.1"]),
    *_cells("account_parties", "share", "shares.sum", ["0.9"]),
    *_cells("account_parties", "role", "code.unknown", ["owner"]),
    Fault(
        "party of an account nobody knows",
        "account_parties",
        "reference.missing",
        _raw(lambda line: b"N" + line[1:]),
        "account_no",
        refused=False,
    ),
    *_cells("contact_points", "value", "value.missing", [""]),
    *_cells("contact_points", "kind", "code.unknown", ["pigeon"]),
    *_cells("contact_points", "is_primary", "flag.unknown", ["perhaps"], refused=False),
    *_cells("contact_points", "value", "contact.invalid", ["23800000000", "1380000"], refused=False),
]
FAULTS = [*LINE_FAULTS, *VALUE_FAULTS]


@dataclass(frozen=True)
class Planted:
    """One broken line: its file, the line it stands on, its kind."""

    file: str
    line: int
    fault: Fault


def write_bank(folder: Path, sizes: dict[str, int], broken: int = 0, seed: int = 7) -> list[Planted]:
    """Write a clean bank with `broken` broken lines spread over it, the kinds in turn; returns what was planted.

    A broken line comes in addition to the clean ones, made from a line of its own serial number.
    """
    chance = random.Random(seed)  # noqa: S311 - the same bank each time
    folder.mkdir(parents=True, exist_ok=True)
    faults: dict[str, list[Fault]] = {name: [] for name in sizes}
    for number in range(broken):
        faults[FAULTS[number % len(FAULTS)].file].append(FAULTS[number % len(FAULTS)])
    planted = []
    for name, size in sizes.items():
        own = faults[name]
        chance.shuffle(own)
        at = set(chance.sample(range(size + len(own)), len(own)))
        with (folder / f"{name}.csv").open("wb") as file:
            file.write(HEADERS[name].encode() + b"\n")
            clean = 0
            for place in range(size + len(own)):
                if place in at:
                    fault = own.pop()
                    file.write(fault.make(clean_line(name, size + place)) + b"\n")
                    planted.append(Planted(f"{name}.csv", place + 2, fault))
                else:
                    file.write(clean_line(name, clean).encode() + b"\n")
                    clean += 1
    return planted


def load(folder: Path, into: Path, mapping: Mapping | str = STANDARD, **more: object) -> ExtractReport:
    """Load a folder with fixed keys and the tests' policy."""
    whole = read_mapping(mapping) if isinstance(mapping, str) else mapping
    given: dict[str, object] = {
        "policy": POLICY,
        "business_date": DAY,
        "connection": duckdb.connect(),
        **more,
    }
    vault = given.pop("vault", None) or MemoryVault()
    return load_extract(folder, whole, Door(KEYS), vault, into=into, **given)


def staged(into: Path, name: str, columns: str = "*", where: str = "TRUE") -> list[tuple]:
    """Rows of a staged table, in its own order; a dated file of which no row could be staged leaves no month."""
    if not any((into / f"staged.{name}").glob("*.parquet")):
        return []
    query = f"SELECT {columns} FROM read_parquet('{into}/staged.{name}/*.parquet') WHERE {where}"
    return duckdb.connect().execute(query).fetchall()


def violations(
    into: Path, columns: str = 'file, line, "column", rule, severity', where: str = "TRUE"
) -> list[tuple]:
    """All violations, by file and line."""
    if not any((into / "quality.violations").glob("*.parquet")):
        return []
    query = f"SELECT {columns} FROM read_parquet('{into}/quality.violations/*.parquet') WHERE {where} ORDER BY ALL"
    return duckdb.connect().execute(query).fetchall()
