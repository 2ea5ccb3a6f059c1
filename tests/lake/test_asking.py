"""A question's process: behind the check of the text stands a database that reaches nothing, and a limit that holds."""

from __future__ import annotations

import json
import time
from pathlib import Path

import duckdb
import pytest

from guanxi.lake.asking import (
    DONE,
    FAILED,
    STOPPED,
    TOO_LONG,
    Answer,
    Asked,
    answer_in,
    open_locked,
    run,
    start,
    stop,
)

RUNAWAY = (
    "SELECT COUNT(*) FROM core.t AS a, core.t AS b, core.t AS c, core.t AS d WHERE a.n + b.n > c.n + d.n"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("masked") / "m.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE SCHEMA core")
        db.execute("CREATE TABLE core.t AS SELECT range AS n, range % 7 AS g FROM range(5000)")
    return path


def asked(file: Path, sql: str, **more: object) -> Asked:
    return Asked(
        **{"file": str(file), "sql": sql, "seconds": 20.0, "rows": 3, "counted": False, "k": 10, **more}
    )  # type: ignore[arg-type]


def answered(folder: Path, patience: float = 60.0) -> Answer:
    until = time.monotonic() + patience
    while (found := answer_in(folder)) is None:
        assert time.monotonic() < until, "the process left no answer"
        time.sleep(0.05)
    return found


# What the check of the text refuses already: the database itself does not do it either.
OUT = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('/x.parquet')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/**')",
    "ATTACH '/tmp/x.duckdb' AS x",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "EXPORT DATABASE '/tmp/x'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "CREATE TABLE core.x AS SELECT 1",
    "DELETE FROM core.t",
    "SELECT getenv('HOME')",
    "SELECT * FROM file",
    "SELECT * FROM asked",
]


def test_the_database_itself_lets_nothing_out_and_nothing_in(file: Path) -> None:
    with open_locked(file, "256MiB", 1) as db:
        for sql in OUT:
            with pytest.raises(duckdb.Error):
                db.execute(sql)


def test_an_answer_has_its_columns_rows_and_whether_there_are_more(file: Path, tmp_path: Path) -> None:
    made = run(
        tmp_path,
        asked(file, "SELECT n, n / 2 AS half, 'x' AS w, NULL AS nothing FROM core.t ORDER BY n LIMIT 4"),
    )
    assert (made.state, made.more, made.hidden) == (DONE, True, 0)
    assert made.columns == (("n", "number"), ("half", "decimal"), ("w", "text"), ("nothing", "text"))
    assert made.rows[1] == ("1", "0.5", "x", None)


def test_groups_of_too_few_are_taken_out_with_their_count(file: Path, tmp_path: Path) -> None:
    sql = "SELECT g, SUM(n) AS s, CASE WHEN g < 5 THEN 9 + g ELSE 700 END AS behind FROM core.t GROUP BY g ORDER BY g"
    made = run(tmp_path, asked(file, sql, counted=True))
    assert made.hidden == 1  # g = 0: nine customers
    assert [row[0] for row in made.rows] == ["1", "2", "3"]
    assert made.columns == (("g", "number"), ("s", "number"))


def test_a_query_the_database_refuses_is_an_answer_with_its_words(file: Path, tmp_path: Path) -> None:
    made = run(tmp_path, asked(file, "SELECT missing FROM core.t"))
    assert made.state == FAILED
    assert "missing" in made.message


def test_a_runaway_query_is_ended_at_its_limit_by_a_process_of_its_own(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "q"
    start(folder, asked(file, RUNAWAY, seconds=0.3))
    assert answered(folder).state == TOO_LONG
    told = json.loads((folder / "question.json").read_text(encoding="utf8"))
    assert told["sql"] == RUNAWAY


def test_a_running_query_is_ended_when_somebody_asks_for_it(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "q"
    start(folder, asked(file, RUNAWAY, seconds=120.0))
    stop(folder)
    assert answered(folder).state == STOPPED
    stop(tmp_path / "nowhere")
