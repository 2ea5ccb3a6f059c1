"""A question of the workbench, run in a process of its own: `python -m guanxi.lake.asking FOLDER`.

Walls, one behind the other: the text was written anew from a checked tree (insight/workbench/question.py); the process
has an empty environment, little processor time, few files and no more memory than it is told; DuckDB is opened
read-only on a file that holds no identities, without access to anything else, without extensions, and locked so. It
ends itself: at its time limit, when a file `stop` appears beside the question, or by the operating system's limit.

FOLDER/question.json goes in; FOLDER/answer.json comes out, whole or not at all, whatever happened.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

DONE, STOPPED, TOO_LONG, FAILED = "done", "stopped", "too_long", "failed"
_ASKED, _ANSWER, _STOP = "question.json", "answer.json", "stop"
_LOOK = 0.1  # seconds between two looks at the clock and for the file `stop`
_GRACE = 2.0  # seconds an interrupted query has to come back before the process ends hard
_MOST_TEXT = 500
_MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Asked:
    """What the process is told. `counted`: the last column counts customers, rows of fewer than `k` go."""

    file: str
    sql: str
    seconds: float
    rows: int
    counted: bool
    k: int
    memory: str = "1GiB"
    threads: int = 1


@dataclass(frozen=True)
class Answer:
    """How it ended. `columns`: (name, kind) with kind number | decimal | day | text; values as text, None unknown."""

    state: str
    seconds: float = 0.0
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    hidden: int = 0  # rows of fewer than k customers
    more: bool = False  # there are rows beyond those shown
    message: str = field(default="", repr=False)


def start(folder: Path, asked: Asked) -> int:
    """Start the process of one question in an empty folder; returns its id and does not wait."""
    folder.mkdir(parents=True, mode=0o700)
    (folder / _ASKED).write_text(json.dumps(asdict(asked)), encoding="utf8")
    command = [sys.executable, "-m", "guanxi.lake.asking", str(folder)]
    source = str(Path(__file__).resolve().parents[2])
    # Nothing of our environment goes along: there are secrets in it.
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": source}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # Waited for, so that no ended process is left over for as long as this one lives.
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid


def stop(folder: Path) -> None:
    """Ask a question's process to end; nothing happens when it has ended."""
    if folder.is_dir():
        (folder / _STOP).touch()


def answer_in(folder: Path) -> Answer | None:
    """The answer; None while there is none."""
    try:
        body = json.loads((folder / _ANSWER).read_text(encoding="utf8"))
    except FileNotFoundError:
        return None
    columns = tuple((name, kind) for name, kind in body["columns"])
    return Answer(**{**body, "columns": columns, "rows": tuple(tuple(row) for row in body["rows"])})


def run(folder: Path, asked: Asked) -> Answer:
    """Run one question here and now, within its limits; every failure is an answer."""
    began = time.monotonic()
    why: list[str] = []
    ended = threading.Event()
    try:
        with open_locked(Path(asked.file), asked.memory, asked.threads) as connection:
            told = (folder, asked, began, connection, ended, why)
            threading.Thread(target=_watch, args=told, daemon=True).start()
            made = connection.execute(asked.sql)
            answer = _shaped(asked, made.description or (), made.fetchall())
    except duckdb.InterruptException:
        answer = Answer(why[0] if why else STOPPED)
    except duckdb.OutOfMemoryException:
        answer = Answer(FAILED, message="out_of_memory")
    except duckdb.Error as error:
        answer = Answer(FAILED, message=f"{error}"[:_MOST_TEXT])
    finally:
        ended.set()
    return replace(answer, seconds=round(time.monotonic() - began, 3))


def open_locked(file: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """The file, read-only, with nothing else within reach and no way to change that."""
    return duckdb.connect(
        str(file),
        read_only=True,
        config={
            "memory_limit": memory,
            "threads": threads,
            "enable_external_access": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "temp_directory": "",
            "lock_configuration": True,
        },
    )


def _watch(
    folder: Path,
    asked: Asked,
    began: float,
    connection: duckdb.DuckDBPyConnection,
    ended: threading.Event,
    why: list[str],
) -> None:
    """Interrupt the query at its limit or when asked to; if it does not come back, end the process with an answer."""
    while not why:
        if ended.wait(_LOOK):
            return
        if (folder / _STOP).exists():
            why.append(STOPPED)
        elif time.monotonic() - began > asked.seconds:
            why.append(TOO_LONG)
    connection.interrupt()
    if not ended.wait(_GRACE):
        _write(folder, Answer(why[0], round(time.monotonic() - began, 3)))
        os._exit(0)


def _shaped(asked: Asked, described: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Answer:
    """Rows as text, without groups of too few, no more than may be shown."""
    kept = [row for row in rows if not asked.counted or row[-1] >= asked.k]
    shown = kept[: asked.rows]
    width = len(described) - asked.counted
    names = [str(column[0]) for column in described[:width]]
    columns = tuple((name, _kind([row[at] for row in shown])) for at, name in enumerate(names))
    made = tuple(tuple(_written(value) for value in row[:width]) for row in shown)
    return Answer(DONE, columns=columns, rows=made, hidden=len(rows) - len(kept), more=len(rows) > asked.rows)


def _kind(values: Sequence[Any]) -> str:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) and not isinstance(value, bool) for value in known):
        return "number"
    if known and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in known
    ):
        return "decimal"
    if known and all(isinstance(value, date) for value in known):
        return "day"
    return "text"


def _written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    return str(value)[:_MOST_TEXT]


def _write(folder: Path, answer: Answer) -> None:
    draft = folder / f"{_ANSWER}.draft"
    draft.write_text(json.dumps(asdict(answer), ensure_ascii=False), encoding="utf8")
    draft.rename(folder / _ANSWER)


def _limit_process(asked: Asked) -> None:
    """What the operating system holds this process to, whatever runs in it."""
    os.nice(10)
    seconds = int(asked.seconds * max(1, asked.threads)) + 10
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _MOST_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def main(arguments: Sequence[str]) -> int:
    """Read the question, run it, leave the answer."""
    folder = Path(arguments[0])
    asked = Asked(**json.loads((folder / _ASKED).read_text(encoding="utf8")))
    _limit_process(asked)
    _write(folder, run(folder, asked))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
