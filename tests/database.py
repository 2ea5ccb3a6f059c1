"""The tests' own embedded PostgreSQL: one for each working tree, not durable, stopped by the last who uses it.

Fixtures are taken up by name in a conftest: `from tests.database import test_cluster`.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from guanxi.project.database import VARIABLES
from guanxi.project.embedded import Cluster, ensure_running
from guanxi.project.logins import ROLES, database_grants_sql
from guanxi.project.postgres_programs import binaries

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "tests"


@pytest.fixture(scope="session")
def test_cluster() -> Iterator[Cluster]:
    """The running test cluster, shared by the workers of a session and by sessions at the same time.

    Each holds a shared lock on one file; who can have it alone at the end is the last and stops the server.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "in-use").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = ensure_running(HOME, name="tests", durable=False)
        yield cluster
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        cluster.stop()


def migrated_database(cluster: Cluster, name: str) -> None:
    """Make the database `name` with this version's tables.

    Migrating takes long and copying does not: the first who asks migrates a template, and everybody copies it for as
    long as the code stays as it is. PostgreSQL copies no database that somebody uses, so one at a time.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "template").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        cluster.create_database(name, template=_template(cluster))


def copy_database(cluster: Cluster, template: str, name: str) -> None:
    """A database as a copy of one that nobody uses.

    A copied sequence believes its next 32 numbers to be in the log, where they are not: killed before the next
    checkpoint, PostgreSQL would give them a second time.
    """
    with cluster.admin() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {ROLES['owner']}".encode())
        for grant in database_grants_sql(name):
            admin.execute(grant.encode())
        admin.execute("CHECKPOINT")


def copy_template(shared: Cluster, into: Cluster) -> None:
    """Give another cluster the migrated template of the shared one: `migrated_database` then copies it there too."""
    with (HOME / "template").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        name = _template(shared)
        said = subprocess.run(
            [str(binaries() / "pg_dump"), "--clean", "--if-exists", "--no-sync", shared.admin_url(name)],
            check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    into.create_database(name)
    subprocess.run(
        [str(binaries() / "psql"), "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", into.admin_url(name)],
        check=True, input=said.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _template(cluster: Cluster) -> str:
    name, draft = f"template_{_version()}", "template_draft"
    with cluster.admin() as admin:
        found = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'").fetchall()
        known = {str(row[0]) for row in found}
        if name in known:
            return name
        for stale in known:
            cluster.drop_database(stale)
        cluster.create_database(draft)
        urls = {variable: cluster.url(login, draft) for login, variable in VARIABLES.items()}
        migrate = [sys.executable, "-m", "guanxi.project.cli", "database", "migrate"]
        subprocess.run(
            migrate, cwd=ROOT, env={**os.environ, **urls, "GUANXI_HOME": str(HOME)}, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        admin.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def _version() -> str:
    """Of the migrations, of what they are made with (row security, roles, settings, grants), and of the libraries."""
    source = ROOT / "src" / "guanxi"
    made_with = [*source.rglob("migrations/*.py"), *(source / "project").rglob("*.py")]
    made_with += [*(source / "crm" / "organisation").glob("*.py"), *(source / "project" / "sql").iterdir()]
    whole = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted(made_with):
        whole.update(str(path.relative_to(source)).encode() + path.read_bytes())
    return whole.hexdigest()[:16]
