"""A file that somebody brings to learn from: Parquet, or a CSV whose separator and types are found."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa


def labelled_table(path: Path) -> pa.Table:
    """Its rows in file order. Raises ValueError when the file is missing or cannot be read."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    quoted = str(path).replace("'", "''")
    parquet = path.name.endswith(".parquet")
    source = f"read_parquet('{quoted}')" if parquet else f"read_csv('{quoted}', sample_size = -1)"
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": True}) as connection:
        try:
            return connection.sql(f"SELECT * FROM {source}").to_arrow_table()
        except duckdb.Error as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error
