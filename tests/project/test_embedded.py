"""The embedded PostgreSQL, tried for real in a cluster of its own."""

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from guanxi.project import embedded
from guanxi.project.embedded import Cluster, EmbeddedError, ensure_running, locate, roles_sql
from guanxi.project.logins import LOGINS


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory):
    made = ensure_running(tmp_path_factory.mktemp("home"), name="embedded", durable=False)
    made.create_database("bank")
    yield made
    made.remove()


@pytest.fixture
def table(cluster: Cluster):
    with psycopg.connect(cluster.url("owner", "bank"), autocommit=True) as owner:
        owner.execute("CREATE TABLE party (id BIGINT PRIMARY KEY)")
        owner.execute("CREATE TABLE staging.party (id BIGINT)")
        yield
        owner.execute("DROP TABLE party, staging.party")


def ask(cluster: Cluster, login, statement: str):
    with psycopg.connect(cluster.url(login, "bank"), autocommit=True) as connection:
        return connection.execute(statement)


def server_pid(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize("login", LOGINS)
def test_each_login_signs_in_with_its_own_password(cluster, login):
    with psycopg.connect(cluster.url(login, "bank")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (f"guanxi_{login}",)


def test_a_wrong_password_is_refused_even_through_the_socket(cluster):
    url = cluster.url("app", "bank").replace("guanxi_app:", "guanxi_app:x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_the_secret_and_the_socket_are_for_one_person_only(cluster):
    assert stat.S_IMODE(cluster.secret_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
    with psycopg.connect(cluster.url("app", "bank")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_text_sorts_the_same_on_every_machine(cluster):
    with psycopg.connect(cluster.url("app", "bank")) as connection:
        query = "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding) FROM pg_database"
        assert set(connection.execute(query)) == {("b", "C.UTF-8", "UTF8")}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("login", ["app", "pipeline"])
def test_a_login_writes_rows_and_changes_no_table(cluster, login):
    ask(cluster, login, "INSERT INTO party VALUES (1)")
    ask(cluster, login, "UPDATE party SET id = 2")
    ask(cluster, login, "DELETE FROM party")
    for statement in ("DROP TABLE party", "CREATE TABLE public.mine (id INT)", "TRUNCATE party"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(cluster, login, statement)


@pytest.mark.usefixtures("table")
def test_staging_is_for_the_pipeline_and_not_for_the_app(cluster):
    with (
        psycopg.connect(cluster.url("pipeline", "bank")) as pipeline,
        pipeline.cursor().copy("COPY staging.party FROM STDIN") as copy,
    ):
        copy.write_row((7,))
    assert ask(cluster, "pipeline", "SELECT id FROM staging.party").fetchall() == [(7,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(cluster, "app", "SELECT * FROM staging.party")


def test_no_login_may_step_around_row_security(cluster):
    query = "SELECT rolbypassrls OR rolsuper OR rolcreaterole FROM pg_roles WHERE rolname LIKE 'guanxi%'"
    assert ask(cluster, "owner", query).fetchall() == [(False,)] * 3


def test_a_second_database_is_made_once_and_dropped_with_its_visitors(cluster):
    assert cluster.create_database("second")
    assert not cluster.create_database("second")
    visitor = psycopg.connect(cluster.url("app", "second"))
    cluster.drop_database("second")
    with pytest.raises(psycopg.OperationalError):
        visitor.execute("SELECT 1")
    cluster.drop_database("second")


def test_grants_are_given_by_one_program_at_a_time(cluster, monkeypatch):
    """Two that grant at once fail with "tuple concurrently updated"."""
    grants = embedded.logins.grants_sql()

    def while_nobody_else_can() -> str:
        with (cluster.base / "lock").open("w") as another, pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return grants

    monkeypatch.setattr(embedded.logins, "grants_sql", while_nobody_else_can)
    assert not cluster.create_database("bank")


def test_a_running_server_is_adopted(cluster, monkeypatch):
    before = server_pid(cluster)
    monkeypatch.setattr(embedded, "_start", lambda _: pytest.fail("started a second server"))
    again = ensure_running_beside(cluster)
    assert server_pid(again) == before


def ensure_running_beside(cluster: Cluster) -> Cluster:
    """Call ensure_running as another program would, for the home of `cluster`."""
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(embedded, "locate", lambda *_, **__: cluster)
        return ensure_running(cluster.base, name="embedded", durable=False)


def test_a_killed_server_comes_back_with_its_rows(cluster):
    ask(cluster, "owner", "CREATE TABLE kept AS SELECT 42 AS answer")
    process = psutil.Process(server_pid(cluster))
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert not cluster.is_running()
    assert ask(ensure_running_beside(cluster), "owner", "SELECT answer FROM kept").fetchone() == (42,)


def test_a_pid_file_that_names_another_program_is_not_believed(cluster):
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not cluster.stop()
    assert ensure_running_beside(cluster).is_running()


def test_logins_lost_by_a_kill_right_after_the_first_start_are_made_again(cluster):
    passwords = json.loads(cluster.secret_file.read_text())
    admin = cluster._url("postgres", passwords["admin"], "postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("ALTER ROLE guanxi_app NOLOGIN")
    assert ask(ensure_running_beside(cluster), "app", "SELECT 1").fetchone() == (1,)


def test_data_of_another_postgresql_version_is_refused_with_the_way_out(cluster):
    version = cluster.data / "PG_VERSION"
    cluster.stop()
    version.write_text("17\n")
    try:
        with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 17.*brings 18.*restore the backup"):
            ensure_running_beside(cluster)
    finally:
        version.write_text("18\n")
    assert ensure_running_beside(cluster).is_running()


def test_data_without_its_secret_is_refused(cluster):
    away = cluster.secret_file.with_suffix(".away")
    cluster.secret_file.rename(away)
    try:
        with pytest.raises(EmbeddedError, match="is missing"):
            ensure_running_beside(cluster)
    finally:
        away.rename(cluster.secret_file)


def test_a_failing_statement_leaves_no_value_in_the_log(cluster):
    ask(cluster, "owner", "CREATE TABLE once AS SELECT '13812345678' AS phone")
    ask(cluster, "owner", "ALTER TABLE once ADD UNIQUE (phone)")
    with pytest.raises(psycopg.errors.DivisionByZero):
        ask(cluster, "owner", "SELECT 1/0, '13812345678'")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(cluster, "owner", "INSERT INTO once VALUES ('13812345678')")
    text = cluster.log_file.read_text()
    assert "duplicate key" in text
    assert "13812345678" not in text


def test_several_programs_at_once_get_one_server(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from guanxi.project.embedded import ensure_running; "
        "c = ensure_running(Path(sys.argv[1]), name='crowd', durable=False); c.create_database('x'); "
        "print((c.data / 'postmaster.pid').read_text().split()[0])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    crowd = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        assert len({program.communicate(timeout=120)[0] for program in crowd}) == 1
        assert {program.returncode for program in crowd} == {0}
    finally:
        locate(tmp_path, name="crowd").remove()


def test_two_homes_never_share_a_cluster(tmp_path: Path):
    assert locate(tmp_path / "a").base != locate(tmp_path / "b").base


def test_the_socket_path_is_short_however_deep_the_home_lies(tmp_path: Path):
    deep = Cluster(tmp_path / ("x" * 100))
    assert len(str(deep.sockets / ".s.PGSQL.5432")) <= 107


def test_the_administrators_script_holds_no_password_and_names_every_login():
    script = roles_sql("a bank")
    assert 'CREATE DATABASE "a bank"' in script
    for login in LOGINS:
        assert f"ALTER ROLE guanxi_{login} LOGIN" in script
        assert f"PASSWORD :'{login}_password'" in script
