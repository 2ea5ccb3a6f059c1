"""A customer under a restriction answers every role, on every page about a customer, like one that is not there."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from tests.house.test_routes import GROUPS, TABLE

from guanxi.crm import testing
from guanxi.crm.compliance.restrictions.models import Restricted, Restriction
from guanxi.crm.compliance.sight import whole_store
from guanxi.crm.openapi.scopes import SCOPES
from guanxi.crm.organisation.tokens import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
ASKED = ("relationship_manager", "teller", "outlet_head", "supervisor", "analyst")
ABOUT_ONE = sorted(
    name
    for name, line in TABLE.items()
    if "@customer" in line.get("args", {}).values() and not name.startswith("openapi:")
)


def restrict_all(world) -> None:
    two = [testing.make_staff("compliance", testing.make_unit("总行合规")) for _ in range(2)]
    with whole_store(two[0]):
        for party in set(world.customers.values()):
            made = Restriction.objects.create(
                party_id=party.pk, customer_no=party.customer_no, reason="x", state="in_force", asked_by=two[0],
                asked_at=NOON, decided_by=two[1], decided_at=NOON, since=testing.TODAY,
            )  # fmt: skip
            Restricted.objects.create(party_id=party.pk, restriction=made)


def test_it_asks_of_pages_that_are_there() -> None:
    assert len(ABOUT_ONE) > 30


@pytest.mark.parametrize("role", ASKED)
def test_no_page_about_a_restricted_customer_is_there(world, role) -> None:
    restrict_all(world)
    client = testing.client_of(world.staff[role])
    found = {}
    for name in ABOUT_ONE:
        line = TABLE[name]
        if role in GROUPS[line["roles"]]:
            ask = getattr(client, line.get("method", "get"))
            address = reverse(name, kwargs=world.arguments(role, line.get("args", {})))
            found[name] = ask(address, line.get("data", {})).status_code
    assert found
    assert {name: status for name, status in found.items() if status != 404} == {}


def test_the_api_knows_nothing_of_them(world) -> None:
    head, party = world.staff["outlet_head"], world.customers["outlet_head"]
    _token, text = make_token(
        name="核心", staff=head, scopes=list(SCOPES), now=NOON, expires_at=datetime(2027, 1, 1, tzinfo=UTC)
    )

    def ask(path: str):
        return Client().get(f"/open/v1/{path}", headers={"Authorization": f"Bearer {text}"})

    assert str(party.uuid) in ask("customers").content.decode()
    restrict_all(world)
    assert str(party.uuid) not in ask("customers").content.decode()
    assert [ask(f"customers/{party.uuid}{more}").status_code for more in ("", "/scores")] == [404, 404]
