"""Each customer's closed months as arrays: one row a party, written as PostgreSQL reads arrays in CSV.

DuckDB joins and orders the months; lists are then no more work, for the values of a party lie side by side. Gathering
them by an aggregate took twice the processor (50,000 customers, 24 months). An array of nothing but zeros leaves as
`{}`, for most customers never own most kinds of wealth; `history_of` puts the zeros back.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guanxi.pipeline.copying import Target

_PARTIES_AT_ONCE = 60_000  # some 1.5 million months: a quarter of a gigabyte in memory
_WEALTH = (
    "aum", "daily_average", "demand", "time", "structured", "wealth", "fund", "insurance", "other", "in_transit",
    "deposits", "loans",
)  # fmt: skip
_MONEY = {f"{name}_fen": f"fen(wealth.{name})" for name in _WEALTH} | {
    "contribution_fen": "fen(gain.contribution)"
}
_COLUMNS = {"months": "wealth.month", **_MONEY, "tier_ranks": "tier.held_rank", "stages": "stage.stage"}
TARGET = Target("scores_partyhistory", ("party_id",), ("party_id", *_COLUMNS))

_MONTHS = f"""
SELECT wealth.party_key, {", ".join(f"{said} AS {column}" for column, said in _COLUMNS.items())}
FROM past.feature_wealth_month AS wealth
JOIN core.party AS party ON party.party_key = wealth.party_key
LEFT JOIN past.feature_contribution_month AS gain
  ON gain.party_key = wealth.party_key AND gain.month = wealth.month
LEFT JOIN past.score_tier AS tier ON tier.party_key = wealth.party_key AND tier.month = wealth.month
LEFT JOIN past.score_stage AS stage ON stage.party_key = wealth.party_key AND stage.month = wealth.month
WHERE wealth.month < (SELECT month FROM publish.day) AND wealth.party_key BETWEEN $first AND $last
ORDER BY wealth.party_key, wealth.month
"""
_RANGES = f"""
SELECT MIN(party_key), MAX(party_key)
FROM (SELECT party_key, ROW_NUMBER() OVER (ORDER BY party_key) AS place FROM core.party)
GROUP BY (place - 1) // {_PARTIES_AT_ONCE} ORDER BY 1
"""
_AS_ARRAYS = ", ".join(f"TRANSLATE(CAST({column} AS VARCHAR), '[]', '{{}}')" for column in _COLUMNS)


def write_history(cursor: duckdb.DuckDBPyConnection, to: int) -> None:
    """Write the rows of `TARGET` as CSV into a file descriptor, by ranges of customers."""
    for first, last in cursor.execute(_RANGES).fetchall():
        months = cursor.sql(_MONTHS, params={"first": first, "last": last}).to_arrow_table()
        if months.num_rows:
            cursor.register("held", _lists(months.combine_chunks()))
            cursor.execute(
                f"COPY (SELECT party_key, {_AS_ARRAYS} FROM held) TO '/dev/fd/{to}' (FORMAT csv, HEADER false)"
            )
            cursor.unregister("held")


def _lists(months: pa.Table) -> pa.Table:
    """Months ordered by party and month → one row a party, each column a list."""
    keys = months["party_key"].to_numpy()
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    lengths = np.diff(np.append(starts, len(keys)))
    return pa.table(
        {"party_key": keys[starts]}
        | {name: _list(_one(months[name]), starts, lengths, zeros=name not in _MONEY) for name in _COLUMNS}
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _list(values: pa.Array, starts: np.ndarray, lengths: np.ndarray, *, zeros: bool) -> pa.ListArray:
    """The values of each party as a list; without `zeros` a list of nothing but zeros is empty. NULL is not zero."""
    if not zeros:
        told = pc.fill_null(pc.not_equal(values, 0), True).to_numpy(zero_copy_only=False)
        some = np.logical_or.reduceat(told, starts)
        values = values.filter(pa.array(np.repeat(some, lengths)))
        lengths = np.where(some, lengths, 0)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)
