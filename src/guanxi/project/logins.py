"""The three database logins and the script that makes them, for a bank's administrator and for ourselves."""

from collections.abc import Mapping
from importlib import resources
from typing import Literal, get_args

from psycopg import sql

Login = Literal["owner", "app", "pipeline"]
LOGINS: tuple[Login, ...] = get_args(Login)

ROLES: Mapping[Login, str] = {login: f"guanxi_{login}" for login in LOGINS}

_PREFACE = """\
-- Guanxi's logins, database and grants. With the three passwords in the environment:
--   GUANXI_OWNER_PASSWORD=… GUANXI_APP_PASSWORD=… GUANXI_PIPELINE_PASSWORD=… psql --file=this.sql
\\set ON_ERROR_STOP on
\\getenv owner_password GUANXI_OWNER_PASSWORD
\\getenv app_password GUANXI_APP_PASSWORD
\\getenv pipeline_password GUANXI_PIPELINE_PASSWORD
"""


def _text(name: str) -> str:
    return resources.files("guanxi.project").joinpath("sql", name).read_text(encoding="utf-8")


def roles_sql(database: str = "guanxi") -> str:
    """The whole script for psql: logins, the database `database`, its grants. It holds no password."""
    quoted = sql.Identifier(database).as_string(None)
    return "\n".join(
        (_PREFACE, _text("logins.sql"), *_database_sql(quoted), f"\\connect {quoted}", grants_sql())
    )


def _database_sql(quoted: str) -> tuple[str, ...]:
    return (
        f"CREATE DATABASE {quoted} OWNER {ROLES['owner']} TEMPLATE template0 ENCODING 'UTF8';",
        *database_grants_sql(quoted),
    )


def database_grants_sql(quoted: str) -> tuple[str, ...]:
    """Who may enter the database (its name quoted as an identifier); temporary tables are the run's alone."""
    return (
        f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC;",
        f"GRANT CONNECT ON DATABASE {quoted} TO {ROLES['app']}, {ROLES['pipeline']};",
        f"GRANT TEMPORARY ON DATABASE {quoted} TO {ROLES['pipeline']};",
    )


def logins_sql(passwords: Mapping[Login, str]) -> str:
    """The logins as plain SQL with these passwords in it: to be executed, never printed."""
    text = _text("logins.sql")
    for login in LOGINS:
        text = text.replace(f":'{login}_password'", sql.Literal(passwords[login]).as_string(None))
    return text


def grants_sql() -> str:
    """What the logins may do, to be executed inside the database; running it again changes nothing."""
    return _text("grants.sql")
