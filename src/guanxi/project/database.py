"""Where the operational store is: the bank's own PostgreSQL when its addresses are given, else ours."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from guanxi.project import embedded
from guanxi.project.logins import LOGINS, Login

VARIABLES: Mapping[Login, str] = {
    "owner": "DATABASE_OWNER_URL",
    "app": "DATABASE_URL",
    "pipeline": "DATABASE_PIPELINE_URL",
}
DEFAULT_HOME = "var"
DEFAULT_DATABASE = "guanxi"


class DatabaseError(RuntimeError):
    """The addresses in the environment do not make sense together; the message says what is missing."""


def home_folder(env: Mapping[str, str]) -> Path:
    """The folder for all that Guanxi keeps: GUANXI_HOME, else ./var."""
    return Path(env.get("GUANXI_HOME") or DEFAULT_HOME).resolve()


def database_name(env: Mapping[str, str]) -> str:
    """One bank is one database: GUANXI_DATABASE names it in the embedded server."""
    return env.get("GUANXI_DATABASE") or DEFAULT_DATABASE


def given_urls(env: Mapping[str, str]) -> dict[Login, str] | None:
    """The three addresses from the environment, None when none is set; some without the rest is an error."""
    given: dict[Login, str] = {login: env[name] for login, name in VARIABLES.items() if env.get(name)}
    if not given:
        return None
    missing = [name for login, name in VARIABLES.items() if login not in given]
    if missing:
        raise DatabaseError(
            f"{' and '.join(missing)} must be set too: Guanxi signs in to PostgreSQL as three logins "
            "(owner, app, pipeline; `guanxi database roles` prints the script that makes them)."
        )
    return given


def urls(env: Mapping[str, str], database: str | None = None) -> dict[Login, str]:
    """The address for each login.

    Without any in `env`, the embedded server is started and `database` (else the one `env` names) made in it.
    """
    given = given_urls(env)
    if given is not None:
        return given
    database = database or database_name(env)
    cluster = embedded.ensure_running(home_folder(env))
    cluster.create_database(database)
    return {login: cluster.url(login, database) for login in LOGINS}


def django_settings(url: str, **more: Any) -> dict[str, Any]:
    """One address as an entry of Django's DATABASES, `more` added.

    What Django has no name for (sslmode and the like) becomes an option.
    """
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", DEFAULT_DATABASE),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": {**parts, **more.pop("OPTIONS", {})},
        **more,
    }
