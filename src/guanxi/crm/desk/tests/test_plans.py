"""No page of the desk reads a scoped table from end to end: every SELECT of a request is explained as it is sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.desk.keyset import encode
from guanxi.crm.desk.listing import EXACT_UP_TO
from guanxi.crm.scores.tests.test_plans import BIG, _filled, person, scans

__all__ = ["_filled", "person"]  # fixtures: a bank of 30,000 customers, and somebody of a role in it
COUNT_THAT_STOPS = f"LIMIT {EXACT_UP_TO + 1})"
KEY = encode((500_000, 15_000))
LISTS = {
    "the list": "/customers/",
    "its next page": f"/customers/?after={KEY}",
    "the page before": f"/customers/?before={KEY}",
    "a tier": "/customers/?tier=person.3",
    "an AUM range": "/customers/?aum_from=1000&aum_to=2000",
    "a product family": "/customers/?family=time",
}


@contextmanager
def explained() -> Iterator[set[str]]:
    """The big tables that SELECTs within this block read from end to end."""
    found: set[str] = set()
    busy = False

    def look(execute, sql, params, many, context):
        nonlocal busy
        if sql.startswith("SELECT") and COUNT_THAT_STOPS not in sql and not busy:
            busy = True
            with context["connection"].cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                (told,) = cursor.fetchone()
            busy = False
            plan = told if isinstance(told, list) else json.loads(told)
            found.update({f'"{name}"' for name in scans(plan[0]["Plan"])} & BIG)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield found


@pytest.mark.parametrize(
    "person", ["relationship_manager", "teller", "outlet_head", "analyst"], indirect=True
)
@pytest.mark.parametrize("page", LISTS)
def test_the_list_seeks_whatever_it_is_narrowed_by(person, page) -> None:
    client = testing.client_of(person)
    with explained() as read:
        assert client.get(LISTS[page]).status_code == 200
    assert read == set()


@pytest.mark.parametrize("person", ["relationship_manager", "outlet_head"], indirect=True)
@pytest.mark.parametrize("asked", ["sort=name", "sort=-name", "sort=name&tier=person.3"])
def test_the_list_by_name_seeks_within_an_outlet_or_a_book(person, asked) -> None:
    client = testing.client_of(person)
    with explained() as read:
        assert client.get(f"/customers/?{asked}").status_code == 200
    assert read == set()


@pytest.mark.parametrize("person", ["relationship_manager", "teller", "outlet_head"], indirect=True)
def test_the_first_page_seeks(person) -> None:
    client = testing.client_of(person)
    with explained() as read:
        assert client.get("/").status_code == 200
    assert read == set()


@pytest.mark.parametrize("person", ["outlet_head", "analyst"], indirect=True)
@pytest.mark.parametrize("typed", [chr(30_007), "王建国", "C77", "13812342210"])
def test_search_seeks(person, typed, settings, tmp_path) -> None:
    settings.GUANXI_BANK_HOME = tmp_path
    client = testing.client_of(person)
    with explained() as read:
        assert client.post("/search", {"q": typed}, headers={"HX-Request": "true"}).status_code == 200
    assert read == set()


@pytest.mark.parametrize("person", ["outlet_head"], indirect=True)
def test_the_customer_page_and_its_panels_seek(person) -> None:
    client = testing.client_of(person)
    with testing.everything():
        uuid = Party.objects.filter(unit__posts__staff=person).order_by("pk").first().uuid
    with explained() as read:
        for panel in (
            "",
            "rest",
            "holdings",
            "relations",
            "contacts",
            "credit",
            "wealth",
            "value",
            "stage",
            "timeline",
        ):
            assert client.get(f"/customers/{uuid}/{panel}").status_code == 200
    assert read == set()
