"""One world for all tests of a file, in a transaction around the tests' own: what a test writes is undone after it."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from tests.house.world import World, make_world

from guanxi.crm.scores.models import Run
from guanxi.crm.segments.tests.facts_bank import write_facts_of


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:  # noqa: ARG001  # makes it first
    """A small bank with a person for each role, and the facts file of its run."""
    home = tmp_path_factory.mktemp("world")
    with override_settings(GUANXI_BANK_HOME=home), django_db_blocker.unblock(), transaction.atomic():
        made = make_world()
        write_facts_of(home, Run.objects.get(is_current=True))
        yield made
        transaction.set_rollback(True)
