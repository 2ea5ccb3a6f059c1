"""The nights after: a delta that goes on exactly where the history stopped."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.pipeline.demo.banks import asked, bank

from guanxi.pipeline.demo import GeneratedBank, generate_day

DAY, NEXT = date(2026, 11, 1), date(2026, 11, 2)


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> tuple[GeneratedBank, GeneratedBank]:
    made = bank(4_000, 14)
    folder = tmp_path_factory.mktemp("nights")
    shutil.copytree(made.extract.parent, folder, dirs_exist_ok=True)
    return generate_day(folder, DAY), generate_day(folder, NEXT)


def test_the_dated_files_hold_that_day_only(nights) -> None:
    for made, day in zip(nights, (DAY, NEXT), strict=True):
        connection = asked(made)
        for name in ("balances", "transactions", "channel_events"):
            assert connection.execute(f"SELECT MIN(day), MAX(day), COUNT(*) > 0 FROM {name}").fetchone() == (
                day,
                day,
                True,
            )


def test_unchanged_files_are_the_same_bytes(nights) -> None:
    before = bank(4_000, 14).extract
    for name in ("customers.csv", "contact_points.csv.gz", "units.csv", "staff.csv"):
        assert (nights[1].extract / name).read_bytes() == (before / name).read_bytes()


def test_balances_move_by_the_days_postings(nights) -> None:
    before, after = asked(bank(4_000, 14)), nights[0].extract / "balances.parquet"
    postings = nights[0].extract / "transactions.parquet"
    query = f"""
        WITH old AS (SELECT account_no, arg_max(balance, day) AS balance FROM balances GROUP BY account_no),
        moved AS (SELECT account_no, SUM(CASE direction WHEN 'credit' THEN amount ELSE -amount END) AS change
                  FROM '{postings}' GROUP BY account_no)
        SELECT COUNT(*), SUM(CASE WHEN old.balance + moved.change <> new.balance THEN 1 ELSE 0 END)
        FROM '{after}' AS new JOIN moved USING (account_no) JOIN old USING (account_no)
    """
    rows, wrong = before.execute(query).fetchone()
    assert rows > 50
    assert wrong == 0
    assert duckdb.connect().execute(f"SELECT MIN(balance) FROM '{after}'").fetchone()[0] >= 0


def test_what_matured_rolled_over_or_closed(nights) -> None:
    connection = asked(bank(4_000, 14))
    accounts = nights[1].extract / "accounts.csv"
    query = f"""
        SELECT SUM(CASE WHEN old.rolls_over = 'true' AND new.started_on = old.matures_on THEN 1
                        WHEN old.rolls_over = 'false' AND new.closed_on = old.matures_on THEN 1 ELSE 0 END), COUNT(*)
        FROM accounts AS old JOIN read_csv('{accounts}', all_varchar = true) AS new USING (account_no)
        WHERE old.closed_on IS NULL AND old.product_code LIKE 'TD-%' AND old.matures_on IN ('2026-11-01', '2026-11-02')
    """
    right, due = connection.execute(query).fetchone()
    assert right == due
    assert due > 0


def test_the_same_night_twice_gives_the_same_bytes(nights, tmp_path) -> None:
    shutil.copytree(bank(4_000, 14).extract.parent, tmp_path, dirs_exist_ok=True)
    again = generate_day(tmp_path, DAY)
    for path in nights[0].extract.iterdir():
        assert (again.extract / path.name).read_bytes() == path.read_bytes(), path.name


def test_how_the_history_is_cut_into_pieces_changes_nothing(nights, tmp_path) -> None:
    before = bank(4_000, 14).extract
    shutil.copytree(before.parent, tmp_path, dirs_exist_ok=True)
    in_pieces(before / "channel_events.parquet", tmp_path / before.name / "channel_events.parquet")
    again = generate_day(tmp_path, DAY)
    both = (made.extract / "channel_events.parquet" for made in (again, nights[0]))
    one, other = (
        duckdb.connect().execute(f"SELECT * FROM '{path}' ORDER BY ALL").fetchall() for path in both
    )
    assert one == other


def in_pieces(source: Path, path: Path) -> None:
    """The same rows, as a large bank's file holds them: many row groups, each with dictionaries of its own."""
    rows = pq.read_table(source)
    plain = rows.cast(
        pa.schema(
            [
                (field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
                for field in rows.schema
            ]
        )
    )
    with pq.ParquetWriter(path, rows.schema) as writer:
        for start in range(0, len(plain), 2_000):
            writer.write_table(plain.slice(start, 2_000).combine_chunks().cast(rows.schema))


def test_a_night_that_is_not_the_next_is_refused(nights) -> None:
    with pytest.raises(ValueError, match="2026-11-03"):
        generate_day(nights[0].extract.parent, date(2026, 11, 9))
    with pytest.raises(ValueError, match="generate the bank first"):
        generate_day(nights[0].extract, DAY)
