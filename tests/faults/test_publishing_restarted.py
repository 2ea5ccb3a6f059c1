"""PostgreSQL dies or is restarted in the middle of a publication: people see the whole old run or the whole new one,
and the next start of the night comes to the same rows as one that nothing disturbed."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from tests.database import copy_database, migrated_database
from tests.faults.own_store import STRIKES, any_strike, own_cluster, start_again
from tests.pipeline.nights import ROOT, split_extract

from guanxi.lake.interactive import FactsFile, facts_path
from guanxi.pipeline.demo.bank import generate
from guanxi.project.database import VARIABLES
from guanxi.project.embedded import Cluster
from guanxi.project.logins import LOGINS

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "200"))
FIRST, SECOND = date(2026, 10, 30), date(2026, 10, 31)
NAME, BEFORE, PUBLISHED = "bank", "bank_before", "bank_published"
EACH_ITS_OWN = {("scores_run", "manifest"), ("scores_runstep", "rows"), ("scores_runstep", "seconds")}
RECORD = {"scores_run", "scores_runstep"}  # written as the night goes, for the page that shows it live
Strike = Callable[[Cluster], None]
Columns = Mapping[str, tuple[str, ...]]
Rows = dict[str, tuple[int, str]]
"""By table: how many rows, and a hash of them in no order."""


@dataclass
class Publisher:
    """The process that runs nights on this cluster's database `NAME`."""

    cluster: Cluster
    home: Path
    extracts: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        """Start it."""
        urls = {VARIABLES[login]: self.cluster.url(login, NAME) for login in LOGINS}
        told = {"GUANXI_HOME": str(self.home), "GUANXI_LOG_LEVEL": "CRITICAL", "GUANXI_DEMO": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.publisher"], cwd=ROOT, env={**os.environ, **urls, **told},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def order(self, do: str, on: date) -> None:
        """Begin a night (`compute`: without its publication)."""
        assert self.process.stdin is not None
        told = {"do": do, "on": on.isoformat(), "home": str(self.home), "extracts": str(self.extracts)}
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def heard(self) -> dict[str, Any]:
        """The next line it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the publisher died"
        told: dict[str, Any] = json.loads(line)
        return told

    def ended(self) -> dict[str, Any]:
        """How the night ended."""
        while True:
            told = self.heard()
            if "done" in told or "error" in told:
                return told

    def finished(self, do: str, on: date) -> None:
        """A night to its end; what stops it is an error."""
        self.order(do, on)
        assert self.ended() == {"done": True}


@dataclass(frozen=True)
class Bank:
    """A bank whose second night is computed and not yet published, and how its store looks before and after."""

    cluster: Cluster
    home: Path
    lake: Path  # the lake as it is before each trial
    publisher: Publisher
    columns: Columns  # those that two undisturbed nights fill alike
    old: Rows
    published: Rows  # at the publication's commit
    new: Rows
    seconds: tuple[float, float]  # until the publication begins, until it is committed

    def reset(self) -> None:
        """As before the second night's publication: the store and the lake."""
        _put_back(self.cluster, self.lake, self.home)

    def rows(self, name: str = NAME) -> Rows:
        """What people would see now."""
        return _rows(self.cluster, name, self.columns)

    def shown(self) -> str:
        """The run people are told they see."""
        with self.cluster.admin(NAME) as admin:
            ((run,),) = admin.execute("SELECT id FROM scores_run WHERE is_current").fetchall()
        return str(run)


def _put_back(cluster: Cluster, lake: Path, home: Path) -> None:
    cluster.drop_database(NAME)
    copy_database(cluster, BEFORE, NAME)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(lake, home, symlinks=True)


def _columns(cluster: Cluster) -> Columns:
    """All columns but those that may differ between two nights alike: numbers drawn and rolled back leave gaps."""
    with cluster.admin(NAME) as admin:
        found = admin.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) "
            "FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_identity = 'NO' GROUP BY table_name"
        )
        return {
            table: tuple(name for name in names if (table, name) not in EACH_ITS_OWN)
            for table, names in found.fetchall()
        }


def _rows(cluster: Cluster, name: str, columns: Columns) -> Rows:
    """By table, over these columns."""
    found = {}
    with cluster.admin(name) as admin:
        for table, names in columns.items():
            row = sql.SQL("md5(ROW({})::text)").format(sql.SQL(", ").join(map(sql.Identifier, names)))
            asked = sql.SQL("SELECT COUNT(*), COALESCE(md5(string_agg({}, '' ORDER BY {})), '') FROM {}")
            ((count, told),) = admin.execute(asked.format(row, row, sql.Identifier(table))).fetchall()
            found[table] = (int(count), str(told))
    return found


@pytest.fixture(scope="module")
def bank(test_cluster: Cluster, tmp_path_factory) -> Iterator[Bank]:
    base = tmp_path_factory.mktemp("restarted")
    generate(base / "whole", customers=60, months=1, seed=37, until=SECOND)
    extracts = split_extract(base / "whole" / SECOND.isoformat(), base / "extracts", FIRST, SECOND)
    with own_cluster(test_cluster, base) as cluster:
        migrated_database(cluster, NAME)
        publisher = Publisher(cluster, base / "home", extracts)
        try:
            publisher.finished("night", FIRST)
            publisher.order("compute", SECOND)
            assert publisher.ended()["error"] == "Unpublished"
            shutil.copytree(base / "home", base / "lake", symlinks=True)
            copy_database(cluster, NAME, BEFORE)
            yield _known(cluster, base, publisher)
        finally:
            publisher.process.kill()
            publisher.process.wait()


def _known(cluster: Cluster, base: Path, publisher: Publisher) -> Bank:
    """The second night, undisturbed: its publication, then all of it, which publishes nothing new."""
    columns = _columns(cluster)
    began = time.monotonic()
    publisher.order("publish", SECOND)
    assert publisher.heard() == {"publishing": True}
    publishing = time.monotonic() - began
    assert publisher.ended() == {"done": True}
    copy_database(cluster, NAME, PUBLISHED)
    published = time.monotonic() - began
    publisher.finished("night", SECOND)
    old, after, new = (_rows(cluster, name, columns) for name in (BEFORE, PUBLISHED, NAME))
    return Bank(
        cluster, base / "home", base / "lake", publisher, columns, old, after, new, (publishing, published)
    )


def check_struck(bank: Bank, strike: Strike, chance: random.Random) -> bool:
    """Strike at a random instant of the publication or of what follows it; whether people saw the new run then."""
    bank.reset()
    run_before = bank.shown()
    publishing, whole = bank.seconds
    bank.publisher.order("night", SECOND)
    time.sleep(chance.uniform(0.8 * publishing, 1.2 * whole))
    strike(bank.cluster)
    said = bank.publisher.ended()
    start_again(bank.home.parent)
    now = bank.rows()
    is_new = bank.shown() != run_before
    stands = bank.published if is_new else bank.old
    # What follows the publication has a transaction for each deed and may have begun.
    moved = {table for table in bank.old if bank.old[table] != bank.published[table]} - RECORD
    seen = {table for table in moved if bank.published[table] == bank.new[table]}
    assert {"scores_partyscore", "customers_holding", "scores_unitday"} <= seen
    assert {table: now[table] for table in seen} == {table: stands[table] for table in seen}
    assert said == {"done": True} or said["error"] == "lost", said
    assert "done" not in said or is_new
    facts = FactsFile(facts_path(bank.home / "demo" / "lake", bank.shown()))
    assert facts.run == bank.shown()
    facts.close()
    bank.publisher.finished("night", SECOND)
    again = bank.rows()
    assert [table for table in again if again[table] != bank.new[table]] == []
    return is_new


@pytest.mark.parametrize("name", STRIKES)
def test_a_publication_struck_is_whole_or_not_there(bank, name) -> None:
    check_struck(bank, STRIKES[name], random.Random(name))  # noqa: S311  # moments, not secrets


@pytest.mark.faults
def test_publications_struck_at_many_moments_are_whole_or_not_there(bank) -> None:
    chance = random.Random(11)  # noqa: S311  # the same moments each time
    seen = [check_struck(bank, any_strike(chance), chance) for _ in range(TRIALS)]
    assert 0 < sum(seen) < len(seen), "all before the commit, or all after it"
