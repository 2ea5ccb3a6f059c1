"""Made banks for the tests, generated once each, and a few ways to ask them."""

from __future__ import annotations

import functools
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from guanxi.pipeline.demo import GeneratedBank, generate

ON = date(2026, 10, 31)


@functools.cache
def bank(customers: int, months: int, profile: str = "2026") -> GeneratedBank:
    """A bank in a folder of its own that lasts as long as the tests."""
    folder = Path(tempfile.mkdtemp(prefix="guanxi-demo-"))
    return generate(folder, customers=customers, months=months, profile=profile, until=ON)


def asked(made: GeneratedBank) -> duckdb.DuckDBPyConnection:
    """A connection in which every file of the extract is a view, and every truth file a view `truth_<name>`."""
    connection = duckdb.connect()
    for path in sorted(made.extract.iterdir()):
        name = path.name.split(".")[0]
        if path.suffix == ".parquet":
            connection.execute(f"CREATE VIEW {name} AS FROM '{path}'")
        elif path.suffix == ".csv":
            connection.execute(f"CREATE VIEW {name} AS FROM read_csv('{path}', all_varchar = true)")
    for path in sorted(made.truth.iterdir()):
        connection.execute(f"CREATE VIEW truth_{path.stem} AS FROM '{path}'")
    return connection


# Each account's last day-end and its holder; loans are no wealth, dollars count at the last mid rate.
WEALTH = """
WITH mid AS (SELECT CAST(mid AS DECIMAL(18, 8)) AS mid FROM fx_rates ORDER BY day DESC LIMIT 1),
last AS (
    SELECT account_no, arg_max(balance, day) AS balance, arg_max(in_transit, day) AS in_transit
    FROM balances GROUP BY account_no
)
SELECT p.customer_no, SUM(CASE WHEN a.currency = 'USD' THEN CAST(ROUND(balance * mid, 2) AS DECIMAL(18, 2))
                               ELSE balance + in_transit END) AS aum
FROM last JOIN accounts AS a USING (account_no) JOIN products USING (product_code)
JOIN account_parties AS p ON p.account_no = a.account_no AND p.role = 'holder'
CROSS JOIN mid
WHERE family <> 'loan' AND a.closed_on IS NULL
GROUP BY p.customer_no
"""
