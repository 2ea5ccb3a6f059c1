"""Which PostgreSQL is used, told by the environment."""

import pytest

from guanxi.project import database, embedded

GIVEN = {
    "DATABASE_URL": "postgresql://app@db/guanxi",
    "DATABASE_OWNER_URL": "postgresql://owner@db/guanxi",
    "DATABASE_PIPELINE_URL": "postgresql://pipeline@db/guanxi",
}


def test_the_banks_own_addresses_are_used_and_nothing_is_started(monkeypatch):
    monkeypatch.setattr(embedded, "ensure_running", lambda *_, **__: pytest.fail("started a server"))
    assert database.urls(GIVEN) == {
        "owner": GIVEN["DATABASE_OWNER_URL"],
        "app": GIVEN["DATABASE_URL"],
        "pipeline": GIVEN["DATABASE_PIPELINE_URL"],
    }


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_some_addresses_without_the_rest_are_an_error_that_names_the_missing_one(missing):
    env = {name: url for name, url in GIVEN.items() if name != missing}
    with pytest.raises(database.DatabaseError, match=missing):
        database.urls(env)


def test_an_empty_variable_counts_as_not_set(tmp_path):
    assert database.given_urls({"DATABASE_URL": ""}) is None
    assert database.home_folder({"GUANXI_HOME": str(tmp_path)}) == tmp_path


def test_an_address_becomes_djangos_settings_with_its_extra_options_kept():
    made = database.django_settings(
        "postgresql://app:p%40ss@db:5433/guanxi?sslmode=verify-full", CONN_MAX_AGE=60, OPTIONS={"pool": True}
    )
    assert made == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "guanxi",
        "USER": "app",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "verify-full", "pool": True},
        "CONN_MAX_AGE": 60,
    }


def test_a_socket_folder_becomes_djangos_host():
    made = database.django_settings("postgresql://app:x@/guanxi?host=%2Fvar%2Flib%2Fguanxi%2Fsocket")
    assert (made["HOST"], made["PORT"], made["OPTIONS"]) == ("/var/lib/guanxi/socket", "", {})
