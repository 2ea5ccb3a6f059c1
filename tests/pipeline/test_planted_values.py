"""Identity, phone and card numbers of a published bank stand in clear in no table and no file of the server."""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connections
from tests.pipeline.nights import ROOT

from guanxi.pipeline.bank import open_bank
from guanxi.pipeline.demo import generate
from guanxi.pipeline.nightly import run_nightly
from guanxi.project.embedded import Cluster

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "pipeline"])
ON = date(2026, 10, 31)
DIGITS = re.compile(rb"[0-9]{11,}[Xx]?")
LENGTHS = (11, 16, 17, 18, 19)


def planted(extract: Path) -> set[bytes]:
    """Every identity, mobile and card number of the extract."""
    points = gzip.decompress((extract / "contact_points.csv.gz").read_bytes()).decode("gb18030")
    rows = list(csv.DictReader(points.splitlines(), delimiter="|"))
    values = [row["value"] for row in rows if row["kind"] == "mobile"]
    for name, column in (("customers", "id_no"), ("accounts", "card_no")):
        with (extract / f"{name}.csv").open(encoding="utf8", newline="") as lines:
            values += [row[column] for row in csv.DictReader(lines)]
    return {value.encode() for value in values if len(value) in LENGTHS}


def spotted(text: bytes, values: set[bytes]) -> Iterator[bytes]:
    """Planted values within the text, also inside longer runs of digits."""
    for run in DIGITS.findall(text):
        for length in LENGTHS:
            for start in range(len(run) - length + 1):
                if run[start : start + length] in values:
                    yield run[start : start + length]


def bytes_of(path: Path) -> bytes:
    """A file of the running server; one that it has just taken away holds nothing."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def tables() -> Iterable[str]:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall()]


def test_no_protected_value_stands_in_clear_in_a_table_or_a_file_of_the_server(
    tmp_path, test_cluster: Cluster
) -> None:
    generate(tmp_path / "extracts", customers=400, months=1, seed=31, until=ON)
    values = planted(tmp_path / "extracts" / ON.isoformat())
    assert len(values) > 1000
    bank = open_bank(ROOT / "banks" / "demo", tmp_path / "home")
    run_nightly(bank, tmp_path / "extracts", ON, now=lambda: datetime(2026, 11, 1, tzinfo=UTC))
    with connections["pipeline"].cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            for (row,) in cursor:
                assert not list(spotted(row.encode(), values)), table
    files = [path for path in test_cluster.data.rglob("*") if path.is_file()]
    assert any("pg_wal" in path.parts for path in files)
    for path in files:
        assert not list(spotted(bytes_of(path), values)), path
