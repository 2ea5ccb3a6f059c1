"""Spark as the engine of the way: the same steps over the same Parquet, on as many machines as a bank has.

The text of a statement is the house dialect, translated by `lake/dialect.py`. What stays in this process, on DuckDB
over the same files, is reading extracts, publishing and the small tables (`local`). Every machine of the cluster must
see the lake under the same path, for the driver and the executors read and write it as files.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import pyarrow as pa

from guanxi.insight.tables import Table
from guanxi.lake.dialect import scaled_text, sources, spark_type, to_spark, view_name
from guanxi.lake.engine import DuckEngine, EngineMissing, check_columns, counted_once, local_engine

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MIB = 2**20
# What the meaning of a figure hangs on: set here for every session and never left to a cluster's defaults.
MEANING: Mapping[str, str] = {
    # An overflow, a division by nought, a text that is no number stop the run, as on DuckDB; Spark's old way is NULL.
    "spark.sql.ansi.enabled": "true",
    # A product keeps all its decimals or fails; the default cuts to six digits when 38 are not enough.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # Dates have no zone, and nothing may move them by the zone of the machine that computes.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # Names as in DuckDB: `Party_Key` is `party_key`.
    "spark.sql.caseSensitive": "false",
    # A cast into the table's type must fit, else the run stops.
    "spark.sql.storeAssignmentPolicy": "ANSI",
    # Days before 1582 are what the file says, no calendar is changed under them.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    # Decimals as whole numbers in Parquet and times without a zone: what DuckDB writes and reads.
    "spark.sql.parquet.writeLegacyFormat": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    # A folder named run=… is no column of the files below it.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
# Where the same result is cheaper; a bank's own spark-defaults.conf says memory, cores and the rest.
SHAPE: Mapping[str, str] = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
}
INPUT_PER_PARTITION = 32 * MIB  # of compressed Parquet read by a statement, for one partition of a shuffle
CHECKED_HERE = 64 * MIB  # a result up to this size is read again by the driver, a larger one by the cluster
ROW_GROUP_BYTES = 16 * MIB  # small enough that DuckDB's threads find row groups to share


def open_session(master: str, spill: Path, settings: Mapping[str, str] | None = None) -> SparkSession:
    """A Spark session on this master (spark://host:7077 or local[2]) with more settings, none of them of MEANING.

    Raises EngineMissing when it cannot start.
    """
    if importlib.util.find_spec("pyspark") is None:
        raise EngineMissing("GUANXI_ENGINE=spark needs pyspark: pip install 'guanxi[spark]'")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise EngineMissing("GUANXI_ENGINE=spark needs Java 17: apt-get install default-jre-headless")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("guanxi").config("spark.local.dir", str(spill))
    if master.startswith("local"):
        # Asked for before any setting is read, and not to be found where nobody resolves the machine's name.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config(
            "spark.driver.host", "127.0.0.1"
        )
    # The page of a running application has no sign-in; who wants it puts it behind one.
    builder = builder.config("spark.ui.enabled", os.environ.get("GUANXI_SPARK_UI", "false"))
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.sql.warehouse.dir", str(spill / "warehouse"))  # nothing is kept there
    for key, value in {**SHAPE, **(settings or {}), **MEANING}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # a failure is raised, told once
    return session


class SparkEngine:
    """One Spark session and a DuckDB beside it; use as a context manager. A session given is not stopped at the end."""

    name: Literal["spark"] = "spark"
    # The whole bank at once: partitions of a shuffle are what groups of buckets are on one machine.
    parties_per_group = 1_000_000_000

    def __init__(self, spill: Path, *, master: str = "local[*]", session: SparkSession | None = None) -> None:
        self._stops = session is None
        self._started = session or open_session(master, spill)
        self.session = self._beside()
        self._local = local_engine(spill)
        self._files: dict[str, tuple[Table, tuple[Path, ...], tuple[int, int] | None]] = {}
        self._laid: set[str] = set()  # names whose view stands in the session
        self._written: dict[Path, list[Path]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._local.connection.close()
        if self._stops:
            self._started.stop()

    def _beside(self) -> SparkSession:
        """One more session of the same application: its own views, the same meaning."""
        session = self._started.newSession()
        for key, value in MEANING.items():
            session.conf.set(key, value)
        return session

    @property
    def local(self) -> DuckEngine:
        """DuckDB in this process over the same files."""
        return self._local

    def name_files(
        self, name: str, table: Table, paths: Sequence[Path], *, buckets: tuple[int, int] | None = None
    ) -> None:
        """As DuckEngine.name_files; the view is laid when a statement first reads it."""
        named = (table, tuple(paths), buckets)
        if self._files.get(name) != named:
            self._files[name] = named
            self._laid.discard(name)

    def name_rows(
        self, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]
    ) -> None:
        """As DuckEngine.name_rows: DuckDB gives the values their types, Spark takes them from there."""
        self._local.name_rows(name, columns, rows)
        self._files.pop(name, None)
        self._laid.discard(name)

    def write(self, select: str, table: Table, path: Path) -> int:
        """As DuckEngine.write. Rows of many partitions become files `<name>-000.parquet`, … in grain order."""
        frame = self._frame(select)
        check_columns(table, frame.columns)
        draft = path.with_suffix(".draft")
        types = dict(frame.dtypes)
        typed = [_cast(column, types[column], kind) for column, kind in table.columns]
        ordered = frame.selectExpr(*typed).orderBy(
            *(frame[column].asc_nulls_first() for column in table.grain)
        )
        ordered.write.mode("overwrite").option("parquet.block.size", ROW_GROUP_BYTES).parquet(_address(draft))
        try:
            rows = self._check_grain(table, draft)
            self._written[path] = _settle(draft, path)
        finally:
            shutil.rmtree(draft)
        return rows

    def write_rows(self, rows: pa.Table, table: Table, path: Path) -> int:
        """As DuckEngine.write_rows: the rows are in this process already, so DuckDB writes them."""
        self._written.pop(path, None)
        return self._local.write_rows(rows, table, path)

    def written(self, path: Path) -> list[Path]:
        """The files of the last write under this path, in the order of their rows."""
        return self._written.get(path, [path])

    def arrow(self, select: str) -> pa.Table:
        """The rows of a SELECT, brought to this process as an Arrow table."""
        return self._frame(select).toArrow()

    def splink(self) -> Any:
        """Splink's handle: a session beside this one, with shuffles as wide as all that is named here needs.

        Only functions that Spark has by itself: the jar Splink ships is left out.
        """
        from splink import SparkAPI

        session = self._beside()
        size = sum(path.stat().st_size for _, paths, _ in self._files.values() for path in paths)
        session.conf.set("spark.sql.shuffle.partitions", self._partitions(size))
        open_api: Any = SparkAPI  # ships no types
        return open_api(
            spark_session=session, register_udfs_automatically=False, break_lineage_method="persist"
        )

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query with a small answer, computed on the cluster."""
        return [tuple(row) for row in self._frame(query, parameters).collect()]

    def _frame(self, select: str, parameters: Sequence[object] = ()) -> DataFrame:
        """The statement over its tables, each laid as a view when it is not yet; shuffles as wide as its input."""
        read = sources(select)
        for name in read:
            if name not in self._laid:
                self._lay(name)
        size = sum(path.stat().st_size for name in read for path in self._paths(name))
        self.session.conf.set("spark.sql.shuffle.partitions", self._partitions(size))
        return self.session.sql(to_spark(select), args=list(parameters) or None)

    def _paths(self, name: str) -> tuple[Path, ...]:
        return self._files[name][1] if name in self._files else ()

    def _partitions(self, size: int) -> int:
        """One for a small input, for a shuffle costs more than it brings; else at least one for each core."""
        wanted = -(-size // INPUT_PER_PARTITION)
        return 1 if wanted <= 1 else max(wanted, self.session.sparkContext.defaultParallelism)

    def _lay(self, name: str) -> None:
        if name not in self._files:
            frame = self.session.createDataFrame(self._local.arrow(f"SELECT * FROM {name}"))
        else:
            table, paths, buckets = self._files[name]
            schema = ", ".join(f"`{column}` {spark_type(kind)}" for column, kind in table.columns)
            if paths:
                frame = self.session.read.schema(schema).parquet(*map(_address, paths))
            else:
                frame = self.session.createDataFrame([], schema)
            if buckets and "bucket" in table.column_names:
                frame = frame.where(frame["bucket"].between(*buckets))
        frame.createOrReplaceTempView(view_name(name))
        self._laid.add(name)

    def _check_grain(self, table: Table, draft: Path) -> int:
        pieces = _pieces(draft)
        if sum(piece.stat().st_size for piece in pieces) <= CHECKED_HERE:
            return self._local.check_grain(table, pieces)
        counted = self.session.read.parquet(_address(draft)).groupBy(*table.grain).count()
        rows, distinct = counted.selectExpr("SUM(count)", "COUNT(*)").collect()[0]
        return counted_once(table, rows, distinct)


def _address(path: Path) -> str:
    """The file for Spark, said to be a file: a cluster with Hadoop settings would look for it in HDFS."""
    return f"file://{path.absolute()}"


def _pieces(draft: Path) -> list[Path]:
    return sorted(draft.glob("part-*.parquet"))


def _settle(draft: Path, path: Path) -> list[Path]:
    """Move the pieces of a draft to where the part belongs: one file under its name, more of them numbered."""
    pieces = _pieces(draft)
    if len(pieces) == 1:
        return [pieces[0].rename(path)]
    return [
        piece.rename(path.with_name(f"{path.stem}-{number:03d}.parquet"))
        for number, piece in enumerate(pieces)
    ]


def _cast(column: str, made: str, kind: str) -> str:
    """`CAST(column AS kind)` with DuckDB's rounding, from the type that Spark says the column has."""
    wanted, value = spark_type(kind), f"`{column}`"
    if made == "double" and wanted.startswith("DECIMAL"):
        value = scaled_text(value, int(wanted.rstrip(")").split(",")[1]))
    elif made == "double" and wanted in ("BIGINT", "INT", "SMALLINT"):
        value = f"RINT({value})"
    elif made.startswith("decimal") and wanted in ("BIGINT", "INT", "SMALLINT"):
        value = f"ROUND({value})"
    return f"CAST({value} AS {wanted}) AS `{column}`"
