"""Parquet files with typed columns: what does not fit is quarantined there as in a CSV file."""

from pathlib import Path

import duckdb
from tests.lake.bankfiles import DAY, load, staged, violations, write_bank


def test_a_future_day_in_a_typed_column_is_quarantined_and_the_rest_goes_on(tmp_path: Path) -> None:
    write_bank(tmp_path / "files", {"customers": 3, "accounts": 3, "account_parties": 3, "balances": 3})
    duckdb.connect().execute(
        "COPY (SELECT * FROM (VALUES ('E1', DATE '2026-10-30'), ('E2', DATE '2026-11-01')) AS v (event_no, day), "
        f"(SELECT customer_no FROM read_csv('{tmp_path}/files/customers.csv', all_varchar = true) LIMIT 1), "
        f"(SELECT 'complaint' AS kind)) TO '{tmp_path}/files/service_events.parquet' (FORMAT parquet)"
    )
    load(tmp_path / "files", tmp_path / "into", business_date=DAY)
    assert staged(tmp_path / "into", "service_events", "event_no") == [("E1",)]
    assert [found for found in violations(tmp_path / "into") if "day.future" in str(found)] != []
