"""Every kind of broken line is refused or marked with file, line, column and rule, and takes no neighbour with it."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.lake.bankfiles import FAULTS, KEYS, Planted, load, staged, violations, write_bank

from guanxi.lake.door import Door
from guanxi.lake.extracts import ExtractReport

# What follows from a planted line elsewhere: a refused customer's account party finds no customer, and so on.
FOLLOWS = {"reference.missing", "account.no_holder"}


def check(report: ExtractReport, into: Path, planted: list[Planted], balances: int) -> None:
    found = violations(into)
    by_line: dict[tuple[str, int], list[tuple]] = {}
    for file, line, column, rule, severity in found:
        by_line.setdefault((file, line), []).append((column.rpartition(".")[2], rule, severity))
    for item in planted:
        severity = "refused" if item.fault.refused else "marked"
        told = by_line.get((item.file, item.line), [])
        assert (item.fault.column, item.fault.rule, severity) in told, (
            f"{item.fault.kind} at {item.line}: {told}"
        )
    lines = {(item.file, item.line) for item in planted}
    strangers = {row for row in found if (row[0], row[1]) not in lines and row[3] not in FOLLOWS}
    assert not strangers, sorted(strangers)[:5]

    refused = {(item.file, item.line) for item in planted if item.fault.refused}
    sealed = (
        duckdb.connect()
        .sql(f"SELECT file, line, sealed FROM read_parquet('{into}/quality.quarantine/*.parquet')")
        .fetchall()
    )
    assert {(file, line) for file, line, _ in sealed} == refused
    assert len(sealed) == len(refused)
    door = Door(KEYS)
    assert all(door.open_line(bytes(line)) for _, _, line in sealed)
    for file in report.files:
        kept = {(name, line) for name, line in staged(into, file.name, "file, line")}
        assert not kept & refused
        own = f"{file.name}.csv"
        assert {
            (item.file, item.line) for item in planted if item.file == own and not item.fault.refused
        } <= kept
        assert file.rows == file.staged + file.quarantined + file.duplicates + file.filtered
        assert file.staged == len(kept)
    expected = sum(Decimal(f"{serial % 90000}.{serial % 100:02d}") for serial in range(balances))
    assert staged(into, "balances", "SUM(balance)") == [(expected,)]


def test_each_kind_of_fault_is_found_and_the_rest_goes_on(tmp_path: Path) -> None:
    sizes = {
        "customers": 2000,
        "accounts": 2000,
        "account_parties": 2000,
        "contact_points": 1000,
        "balances": 3000,
    }
    planted = write_bank(tmp_path / "files", sizes, broken=len(FAULTS) + 20)
    assert len({item.fault.kind for item in planted}) == len(FAULTS) >= 40
    report = load(tmp_path / "files", tmp_path / "into")
    check(report, tmp_path / "into", planted, sizes["balances"])


@pytest.mark.faults
def test_ten_thousand_broken_lines_in_a_million_are_all_found(tmp_path: Path) -> None:
    sizes = {
        "customers": 100_000,
        "accounts": 150_000,
        "account_parties": 150_000,
        "contact_points": 100_000,
        "balances": 490_000,
    }
    planted = write_bank(tmp_path / "files", sizes, broken=10_000)
    report = load(tmp_path / "files", tmp_path / "into")
    assert len(planted) == 10_000
    assert sum(file.rows for file in report.files) == 1_000_000
    check(report, tmp_path / "into", planted, sizes["balances"])
