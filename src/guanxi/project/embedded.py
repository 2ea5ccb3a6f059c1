"""The embedded PostgreSQL: starts, adopts and stops a server made from the wheel's own initdb and pg_ctl.

The wheel's helper is not used: it trusts every local connection and takes the locale from the environment
(docs/decisions/0002-own-supervisor-for-embedded-postgresql.md). Here every login has a generated password,
the server listens on a unix socket only, and it outlives the program that started it: the next one adopts it.
"""

import fcntl
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from guanxi.project import logins
from guanxi.project.logins import LOGINS, ROLES, Login, roles_sql
from guanxi.project.postgres_programs import POSTGRES_VERSION, SYSTEM_HOME, EmbeddedError, run, server_user
from guanxi.project.system_user import SystemUser

__all__ = ["Cluster", "EmbeddedError", "ensure_running", "locate", "roles_sql"]

ADMIN = "postgres"
START_SECONDS = 60
# A unix socket's path may have 107 bytes; the server adds "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 90

SETTINGS = """\
# Written by Guanxi at each start.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
wal_level = minimal
max_wal_senders = 0
random_page_cost = 1.1
jit = off
timezone = 'UTC'
# A failing statement or its detail may hold a customer's data: the log gets neither.
log_min_error_statement = panic
log_error_verbosity = terse
"""
NOT_DURABLE = """\
# For tests: a power cut may lose the cluster.
fsync = off
full_page_writes = off
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cluster:
    """One embedded server: where its files are and who runs it. Making one starts nothing."""

    base: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.base / "data"

    @property
    def secret_file(self) -> Path:
        """Passwords of the administrator and the three logins; only who runs Guanxi may read it."""
        return self.base / "secret.json"

    @property
    def log_file(self) -> Path:
        """What the server says; it names no statement and no value."""
        return self.base / "log" / "server.log"

    @property
    def sockets(self) -> Path:
        """The folder of the unix socket, short enough for the operating system."""
        beside = self.base / "socket"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER:
            return beside
        return Path(f"/tmp/guanxi-{os.getuid()}-{_short_hash(self.base)}")  # noqa: S108  # owner is checked when made

    def url(self, login: Login, database: str) -> str:
        """The address with which `login` reaches `database`; it holds the password: never print it."""
        return self._url(ROLES[login], self.passwords()[login], database)

    def is_running(self) -> bool:
        """Whether this cluster's own server answers now."""
        try:
            with self.admin() as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except (psycopg.OperationalError, OSError, EmbeddedError):
            return False
        return row is not None and Path(row[0]) == self.data

    def create_database(self, name: str, *, template: str = "template0") -> bool:
        """Make the database `name` with its grants, as a copy of `template`; True when it was not there before."""
        quoted = sql.Identifier(name)
        with _locked(self.base), self.admin() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if known is None:
                owner = sql.Identifier(ROLES["owner"])
                make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'")
                connection.execute(make.format(quoted, owner, sql.Identifier(template)))
            for statement in logins.database_grants_sql(quoted.as_string(None)):
                connection.execute(statement.encode())
            # Within the lock too: two programs that grant at once fail with "tuple concurrently updated".
            with self.admin(name) as inside:
                inside.execute(logins.grants_sql().encode())
        return known is None

    def drop_database(self, name: str) -> None:
        """Drop the database `name` with whoever is connected to it; nothing happens when there is none."""
        with self.admin() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def stop(self) -> bool:
        """Stop the server, ending open connections; False when none ran."""
        with _locked(self.base):
            if not _server_process(self):
                return False
            self.pg_ctl("stop", "--mode=fast")
            logger.info("embedded PostgreSQL stopped: %s", self.data)
            return True

    def remove(self) -> None:
        """Stop the server and delete everything it kept: databases, passwords and log."""
        if not self.base.exists():
            return
        self.stop()
        shutil.rmtree(self.base)
        if self.sockets.exists():
            shutil.rmtree(self.sockets)

    def passwords(self) -> dict[str, str]:
        """The generated passwords by login, and the superuser's as "admin"."""
        if not self.secret_file.exists():
            raise EmbeddedError(
                f"The embedded database has not been started yet: {self.secret_file} is missing."
            )
        passwords: dict[str, str] = json.loads(self.secret_file.read_text(encoding="utf-8"))
        return passwords

    def _url(self, user: str, password: str, database: str) -> str:
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{user}:{quote(password, safe='')}@/{quote(database, safe='')}?host={host}"

    def admin(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Connect as the server's superuser, each statement its own transaction; for set-up alone."""
        return psycopg.connect(self.admin_url(database), autocommit=True, connect_timeout=5)

    def admin_url(self, database: str) -> str:
        """The superuser's address of `database`; it holds the password: never print it."""
        return self._url(ADMIN, self.passwords()["admin"], database)

    def pg_ctl(self, action: str, *options: str) -> None:
        """Run pg_ctl on this cluster and wait; EmbeddedError with the log's end when it fails."""
        command = [
            "pg_ctl",
            action,
            f"--pgdata={self.data}",
            "--wait",
            f"--timeout={START_SECONDS}",
            *options,
        ]
        run(command, server_user(), said_in=self.log_file)


def locate(home: Path, *, name: str = "main", durable: bool = True) -> Cluster:
    """The cluster `name` of the Guanxi home folder `home`, running or not.

    It lives under `home`. Where root runs Guanxi it lives under /var/lib/guanxi: PostgreSQL refuses to run as
    root, and the system user that runs it instead may not be able to enter `home`. Each home has its own.
    """
    home = home.resolve()
    if os.getuid() == 0:
        return Cluster(SYSTEM_HOME / f"{name}-{_short_hash(home)}", durable)
    return Cluster(home / "postgres" / name, durable)


def ensure_running(home: Path, *, name: str = "main", durable: bool = True) -> Cluster:
    """Return the cluster `name` of `home`, running: made when new, adopted when its server already runs.

    `durable=False` is for tests: nothing waits for the disk. Raises EmbeddedError when the data was made by
    another PostgreSQL version, when its secret is gone, or when the server does not start.
    """
    cluster = locate(home, name=name, durable=durable)
    cluster.base.mkdir(parents=True, exist_ok=True)
    # The server's user enters here whatever the umask was; what matters inside has its own, narrower mode.
    cluster.base.chmod(0o755)
    with _locked(cluster.base):
        if not (cluster.data / "PG_VERSION").exists():
            _initialise(cluster)
        _check_version(cluster)
        cluster.passwords()
        if not _adopted(cluster):
            _start(cluster)
        _ensure_logins(cluster)
    return cluster


@contextmanager
def _locked(base: Path) -> Iterator[None]:
    """Let one process at a time make, start or stop the cluster."""
    with (base / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _initialise(cluster: Cluster) -> None:
    """Make the cluster beside its final place and move it there when whole: a kill leaves no half one."""
    user = server_user()
    passwords = _new_secret(cluster)
    half = cluster.base / "data.new"
    shutil.rmtree(half, ignore_errors=True)
    _own_folder(half, user)
    word = half.with_name("password.new")
    word.touch(mode=0o600)
    word.write_text(passwords["admin"], encoding="utf-8")
    os.chown(word, user.uid, user.gid)
    try:
        run(
            [
                "initdb", f"--pgdata={half}", f"--username={ADMIN}", f"--pwfile={word}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
                "--data-checksums", "--no-instructions", *([] if cluster.durable else ["--no-sync"]),
            ],
            user,
        )  # fmt: skip
    finally:
        word.unlink()
    with (half / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("\ninclude = 'guanxi.conf'\n")
    half.rename(cluster.data)
    logger.info("embedded PostgreSQL made: %s", cluster.data)


def _new_secret(cluster: Cluster) -> dict[str, str]:
    passwords = {word: secrets.token_urlsafe(24) for word in ("admin", *LOGINS)}
    cluster.secret_file.touch(mode=0o600)
    cluster.secret_file.chmod(0o600)
    cluster.secret_file.write_text(json.dumps(passwords), encoding="utf-8")
    return passwords


def _check_version(cluster: Cluster) -> None:
    found = (cluster.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != POSTGRES_VERSION:
        raise EmbeddedError(
            f"{cluster.data} was made by PostgreSQL {found}; this Guanxi brings {POSTGRES_VERSION} and does "
            f"not convert it. Make a backup with the Guanxi release that made it, move {cluster.base} "
            "away, and restore the backup."
        )


def _server_process(cluster: Cluster) -> psutil.Process | None:
    """The process named in postmaster.pid when it really is a PostgreSQL server: the file may be stale."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        process = psutil.Process(pid)
        return process if process.name() == "postgres" else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def _adopted(cluster: Cluster) -> bool:
    """Whether a server of this cluster already runs; one that is starting or recovering is waited for."""
    if _server_process(cluster) is None:
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        return False
    give_up = time.monotonic() + START_SECONDS
    while not cluster.is_running():
        if _server_process(cluster) is None:
            return False
        if time.monotonic() > give_up:
            raise EmbeddedError(
                f"A server holds {cluster.data} but does not answer. Stop the process named in "
                f"{cluster.data / 'postmaster.pid'} and start again."
            )
        time.sleep(0.1)
    logger.info("embedded PostgreSQL adopted: %s", cluster.data)
    return True


def _start(cluster: Cluster) -> None:
    user = server_user()
    _own_folder(cluster.sockets, user)
    _own_folder(cluster.log_file.parent, user)
    place = "'" + str(cluster.sockets).replace("'", "''") + "'"
    text = SETTINGS.format(sockets=place) + ("" if cluster.durable else NOT_DURABLE)
    settings = cluster.data / "guanxi.conf"
    settings.write_text(text, encoding="utf-8")
    os.chown(settings, user.uid, user.gid)
    cluster.pg_ctl("start", f"--log={cluster.log_file}", "--silent")
    logger.info("embedded PostgreSQL started: %s", cluster.data)


def _ensure_logins(cluster: Cluster) -> None:
    """Make the three logins unless they are there: a kill after the first start may have come before this."""
    with cluster.admin() as connection:
        query = "SELECT count(*) FROM pg_authid WHERE rolcanlogin AND rolname = ANY(%s)"
        found = connection.execute(query, (list(ROLES.values()),)).fetchone()
        if found is None or int(found[0]) < len(LOGINS):
            passwords = cluster.passwords()
            connection.execute(logins.logins_sql({login: passwords[login] for login in LOGINS}).encode())


def _own_folder(path: Path, user: SystemUser) -> None:
    """Make a folder that only `user` may enter; refuse one that somebody else made at that place."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {os.getuid(), user.uid}:
        raise EmbeddedError(f"{path} belongs to somebody else; remove it and start again.")
    path.chmod(0o700)
    os.chown(path, user.uid, user.gid)


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
