"""Rows read with validation: CSV (gzip; UTF-8 and GB18030) and Parquet, personal columns through the door."""

from __future__ import annotations

import gzip
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.figures import Section
from bench.lake import BenchLake
from guanxi.insight.policies.quality import QualityPolicy
from guanxi.insight.staging.mapping import read_mapping
from guanxi.lake.door import Door, MemoryVault, fresh_keys
from guanxi.lake.extracts import load_extract

BAR = 20_000
PEOPLE = 100_000  # at most so many customers, with their accounts
POSTINGS = 1_000_000  # and so many postings
MAPPING = '[bank]\nsource = "bench"\nbase_currency = "CNY"\nstandard_names = true\n'
SMALL = ("units", "staff", "products", "fx_rates", "ftp_rates")
TIMED = ("customers", "accounts", "account_parties", "transactions")


def measure(lake: BenchLake, times: int) -> Section:
    """The same rows three ways; per file and way the best of `times` loads, rows per CPU second."""
    work = lake.home / "load"
    shutil.rmtree(work, ignore_errors=True)
    best: dict[tuple[str, str], float] = {}
    counts: dict[str, int] = {}
    for way, write in WAYS.items():
        folder = work / way
        _make(lake, folder, write)
        for number in range(times):
            for name, (read, cpu) in _load(lake, folder, work / f"{way}-{number}").items():
                counts[name] = read
                best[name, way] = max(best.get((name, way), 0.0), read / cpu)
    shutil.rmtree(work)
    rows = [
        (name, f"{counts[name]:,}", *(f"{best[name, way]:,.0f}" for way in WAYS))
        for name in (*TIMED, "whole folder")
    ]
    return Section(
        "load: rows read and checked per CPU second",
        ("file", "rows", *(f"{way}, rows ÷ CPU s" for way in WAYS)),
        rows,
        (
            f"Bar: {BAR:,} rows a second and core. Every value is typed and checked, names, identity numbers and card "
            "numbers pass the door (keyed token, masked form, encrypted into a vault held in memory). The whole "
            "folder counts the comparison of files (references, holders, shares) too. "
            f"{times} times each, the best.",
        ),
    )


def _make(
    lake: BenchLake, folder: Path, write: Callable[[duckdb.DuckDBPyConnection, str, Path], None]
) -> None:
    folder.mkdir(parents=True)
    extract = lake.extracts / lake.on.isoformat()
    asking = duckdb.connect()
    source = {path.stem: str(path) for path in extract.iterdir() if path.suffix in {".csv", ".parquet"}}
    for name in SMALL:
        shutil.copy2(source[name], folder)
    asking.execute(f"CREATE TABLE customers AS SELECT * FROM '{source['customers']}' LIMIT {PEOPLE}")
    for name, of in (
        ("account_parties", "customers USING (customer_no)"),
        ("accounts", "account_parties USING (account_no)"),
        ("transactions", f"accounts USING (account_no) LIMIT {POSTINGS}"),
    ):
        asking.execute(f"CREATE TABLE {name} AS SELECT * FROM '{source[name]}' SEMI JOIN {of}")
    for name in TIMED:
        write(asking, name, folder)


def _parquet(asking: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    asking.execute(f"COPY {name} TO '{folder}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)")


def _csv(asking: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    asking.execute(f"COPY {name} TO '{folder}/{name}.csv.gz' (FORMAT csv, HEADER, COMPRESSION gzip)")


def _gb18030(asking: duckdb.DuckDBPyConnection, name: str, folder: Path) -> None:
    plain = folder / f"{name}.csv"
    asking.execute(f"COPY {name} TO '{plain}' (FORMAT csv, HEADER)")
    with gzip.open(f"{plain}.gz", "wb", compresslevel=6) as packed:
        packed.write(plain.read_text(encoding="utf8").encode("gb18030"))
    plain.unlink()


WAYS = {"CSV UTF-8": _csv, "CSV GB18030": _gb18030, "Parquet": _parquet}


def _load(lake: BenchLake, folder: Path, into: Path) -> dict[str, tuple[int, float]]:
    """One load; file → rows and CPU seconds."""
    quality = QualityPolicy.from_payload(lake.bank.policy_payloads()["quality"])
    found: dict[str, tuple[int, float]] = {}
    marks = [_cpu()]
    begun = marks[0]

    def on_file(name: str, rows: int, _: float) -> None:
        marks.append(_cpu())
        found[name] = (rows, marks[-1] - marks[-2])

    load_extract(
        folder, read_mapping(MAPPING), Door(fresh_keys()), MemoryVault(),
        connection=duckdb.connect(config={"threads": 2}), into=into, policy=quality, business_date=lake.on,
        on_file=on_file,
    )  # fmt: skip
    shutil.rmtree(into)
    all_rows = sum(rows for rows, _ in found.values())
    return {name: found[name] for name in TIMED} | {"whole folder": (all_rows, _cpu() - begun)}


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
