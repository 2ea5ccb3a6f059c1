"""The database of the tests: one in the tests' own cluster for each worker, migrated by the owner, used as the app.

With several workers (`make test` takes two) a file's tests stay together, so that what a file makes for all its tests
is made once; the browser's bank and the Spark session serve whole folders, which stay together likewise and go first.
"""

import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from django.db import connections
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker
from tests.database import migrated_database, test_cluster
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from guanxi.project.database import django_settings
from guanxi.project.embedded import Cluster
from guanxi.project.logins import LOGINS

__all__ = ["test_cluster"]

# As `guanxi` sets it (project/cli.py): two workers on two cores would otherwise spin against each other.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# No example is judged by the clock. CI judges the change and not the dice; every other run explores on.
settings.register_profile(
    "guanxi",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("guanxi")

TOGETHER = ("browser", "parity")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders that stay together begin, then the files with most tests: what takes longest is not left for last."""
    tests = Counter(_group(item.nodeid) for item in items)
    items.sort(key=lambda item: _order(_group(item.nodeid), tests))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """For `--dist loadgroup` a scheduler that groups by file and folder.

    pytest-xdist's own writes the group into a test's name, which pytest 9.2 no longer lets it do: every test went its
    own way, and what a file makes for all its tests was made by both workers.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False  # in the order of the items above
    return Grouped(config, log)


class Grouped(LoadScopeScheduling):
    """A worker takes a whole group of tests at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def _group(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if folder in file.split("/")), file)


def _order(group: str, tests: Mapping[str, int]) -> tuple[bool, int, str]:
    return group not in TOGETHER, -tests[group], group


def pytest_unconfigure() -> None:
    """What Spark's client still says of its closed gateway, once this process has no output left, is not printed."""
    logging.raiseExceptions = False


ALIASES = {"owner": "owner", "app": "default", "pipeline": "pipeline"}


@pytest.fixture(scope="session")
def django_db_setup(
    test_cluster: Cluster, worker_id: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A fresh database; the three aliases lead to it with their three logins, so tests see what the app sees."""
    name = f"test_guanxi_{worker_id}_{os.getpid()}"
    migrated_database(test_cluster, name)
    for login in LOGINS:
        alias = connections[ALIASES[login]]
        options = alias.settings_dict["OPTIONS"]
        alias.settings_dict.update(django_settings(test_cluster.url(login, name), OPTIONS=options))
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    test_cluster.drop_database(name)


@pytest.fixture(autouse=True)
def _empty_queue(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that really commits leaves nothing in the queue: its tables are the library's own and nobody empties them.

    A job left there counts in another test's figures, and a lock left there keeps another test's job waiting.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and bool(marker.kwargs.get("transaction"))
    if not commits:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")
