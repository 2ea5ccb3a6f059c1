"""Every route × every role against routes.toml and rooms/*.toml; the routes come from the router, so a new one must
be placed."""

import tomllib
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guanxi.crm import testing
from guanxi.crm.organisation.access import DEMANDS

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HOUSE = Path(__file__).parent


def read_table() -> tuple[dict[str, Any], dict[str, list[str]]]:
    """All routes with what each role gets, and the groups of roles; a room's own file may add groups of its own."""
    table: dict[str, Any] = {}
    groups: dict[str, list[str]] = {}
    for file in (HOUSE / "routes.toml", *sorted((HOUSE / "rooms").glob("*.toml"))):
        told = tomllib.loads(file.read_text(encoding="utf8"))
        for name, roles in told.pop("groups", {}).items():
            assert groups.setdefault(name, roles) == roles, f"{file.name}: group {name} means two things"
        assert not table.keys() & told.keys(), (
            f"{file.name}: placed twice: {sorted(table.keys() & told.keys())}"
        )
        table |= told
    return table, groups


TABLE, GROUPS = read_table()
UNNAMED = "a route without a name"


def routes(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, Any]]:
    """Each route's full name with its view."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or UNNAMED}", pattern.callback


ROUTES = dict(routes(get_resolver().url_patterns))


def test_every_route_is_placed_in_the_table_and_every_line_has_its_route() -> None:
    assert sorted(ROUTES) == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_view_says_itself_what_it_demands(name) -> None:
    assert hasattr(ROUTES[name], DEMANDS)


def test_the_groups_name_roles_that_exist() -> None:
    known = set(GROUPS["everyone"])
    assert all(set(roles) <= known for roles in GROUPS.values())


@pytest.fixture(scope="module")
def clients(world) -> dict[str, Client]:
    """A browser for each role in which its person is signed in."""
    return {role: testing.client_of(staff) for role, staff in world.staff.items()}


def ask(client: Client, line: dict[str, Any], name: str, args: dict[str, Any]) -> int:
    """The status of the answer; whatever the request wrote is undone, in the browser's cookies too."""
    address = reverse(name, kwargs=args)
    cookies = {key: morsel.value for key, morsel in client.cookies.items()}
    with transaction.atomic():
        send = client.post if line.get("method") == "post" else client.get
        status = send(address, line.get("data", {})).status_code
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return status


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_role_gets_what_the_table_says(world, clients, name) -> None:
    line = TABLE[name]
    args, allowed, answer = line.get("args", {}), GROUPS[line["roles"]], line.get("answer", 200)
    expected = {role: answer if role in allowed else 403 for role in world.staff}
    found = {role: ask(client, line, name, world.arguments(role, args)) for role, client in clients.items()}
    assert found == expected


@pytest.mark.parametrize("name", sorted(name for name, line in TABLE.items() if "foreign" in line))
def test_an_object_out_of_reach_answers_as_the_table_says(world, clients, name) -> None:
    line = TABLE[name]
    expected = {
        role: line.get("answer", 200) if role in GROUPS[line.get("reaching", "bank")] else line["foreign"]
        for role in GROUPS[line["roles"]]
    }
    found = {
        role: ask(clients[role], line, name, world.arguments(role, line["args"], foreign=True))
        for role in expected
    }
    assert found == expected


@pytest.mark.parametrize("name", sorted(TABLE))
def test_who_is_not_signed_in_is_sent_to_the_door(world, name) -> None:
    line = TABLE[name]
    client = Client()
    send = client.post if line.get("method") == "post" else client.get
    answer = send(reverse(name, kwargs=world.arguments("nobody", line.get("args", {}))), line.get("data", {}))
    if line.get("open"):
        assert answer.status_code == line.get("answer", 200)
    else:
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in")
