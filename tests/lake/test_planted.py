"""Identity numbers, phones and cards that went in through the door are found in clear nowhere in the lake's folder."""

import random
from pathlib import Path

import duckdb
import pytest
from tests.lake.bankfiles import HEADERS, KEYS, load, resident_id, staged

from guanxi.insight.staging.identifiers import Protected, is_card
from guanxi.lake.door import Door, MemoryVault
from guanxi.lake.extracts import ExtractRefused


def card(serial: int) -> str:
    first = f"622202{serial:09d}"
    return next(first + digit for digit in "0123456789" if is_card(first + digit))


def plant(folder: Path, count: int) -> set[str]:
    """A bank whose every third line is broken in some way after its personal value; returns the personal values."""
    chance = random.Random(3)  # noqa: S311 - the same bank each time
    folder.mkdir()
    lines: dict[str, list[str]] = {
        name: [HEADERS[name]] for name in ("customers", "accounts", "account_parties")
    }
    lines |= {"contact_points": [HEADERS["contact_points"]], "balances": [HEADERS["balances"]]}
    planted = set()
    for serial in range(count):
        number, phone, own_card = resident_id(serial), f"139{chance.randrange(10**8):08d}", card(serial)
        planted |= {number, phone, own_card}
        spoilt = serial % 6
        kind, birth = "nobody" if spoilt == 1 else "person", number if spoilt == 2 else ""
        more = "," if spoilt == 3 else ""
        opened, rate = own_card if spoilt == 4 else "2024-01-02", phone if spoilt == 5 else ""
        lines["customers"].append(f"C{serial},{kind},王五,resident_id,{number},,{birth},,{more}")
        lines["accounts"].append(f"A{serial},demand,CNY,{opened},,,{rate},,{own_card},")
        lines["account_parties"].append(f"A{serial},C{serial},holder,")
        contact = phone if spoilt == 1 else "mobile"
        lines["contact_points"].append(f"C{serial},{contact},{phone},true" + "," * (spoilt == 2))
        lines["balances"].append(f"A{serial},2026-10-31,{'1.00' if spoilt else number},0,")
    for name, content in lines.items():
        (folder / f"{name}.csv").write_text("\n".join(content) + "\n", encoding="utf-8")
    return planted


def texts(into: Path) -> bytes:
    """Every byte below the folder as it lies, and every Parquet file unpacked."""
    found = []
    for path in sorted(into.rglob("*")):
        if path.is_file():
            found.append(path.read_bytes())
            if path.suffix == ".parquet":
                rows = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
                found.append(repr(rows).encode())
    return b"\n".join(found)


def test_a_thousand_planted_values_are_found_in_no_file_of_the_lake(tmp_path: Path) -> None:
    planted = plant(tmp_path / "files", 340)
    assert len(planted) >= 1000
    vault = MemoryVault()
    report = load(tmp_path / "files", tmp_path / "into", vault=vault)
    assert sum(file.quarantined for file in report.files) > 300
    whole = texts(tmp_path / "into")
    assert not [value for value in planted if value.encode() in whole]
    # … and yet they are there: under their tokens, and in the vault
    door = Door(KEYS)
    token = door.token(Protected.RESIDENT_ID, resident_id(5))
    assert staged(tmp_path / "into", "customers", "customer_no", f"id_no_token = '{token}'") == [("C5",)]
    assert door.reveal(vault.rows[token]) == resident_id(5)
    assert all(
        value.encode() not in row.ciphertext for value in planted for row in list(vault.rows.values())[:50]
    )


def test_an_error_of_the_reader_never_speaks_a_value(tmp_path: Path) -> None:
    planted = plant(tmp_path / "files", 12)
    (tmp_path / "files" / "balances.csv").unlink()
    with pytest.raises(ExtractRefused) as refusal:
        load(tmp_path / "files", tmp_path / "into")
    assert not [value for value in planted if value in str(refusal.value)]
