"""Who is offered nothing looks to everybody like one whom nothing suits: the same pages, lists, files and answers.

The one customer is asked about twice, the second time with nothing offered; whatever differs would tell (tipping-off).
"""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.house.test_routes import GROUPS, TABLE

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.openapi.scopes import SCOPES
from guanxi.crm.organisation.tokens import make_token
from guanxi.crm.scores.models import PartyNeed

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
CHANGING = re.compile(
    rb'(csrfmiddlewaretoken" value="|nonce="|X-CSRFToken": "|X-CSRFToken&#34;: &#34;)[^"&]+'
)
KEYS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")  # of a form sent once
ASKED = ("relationship_manager", "outlet_head", "analyst", "compliance")
LISTS: dict[str, dict[str, str]] = {
    "desk:customers": {},
    "effects:next_actions": {},
    "worklist:page": {},
    "desk:search": {"q": "王"},
}
LOOKED = sorted(
    name
    for name, line in TABLE.items()
    if line.get("method", "get") == "get" and "@customer" in line.get("args", {}).values()
)


def pages_of(world, role: str) -> dict[str, Any]:
    """Every page about this role's customer, and the lists, as this role gets them; nothing that was written stays."""
    client, told = testing.client_of(world.staff[role]), {}
    asked = [(name, TABLE[name].get("data", {})) for name in LOOKED if role in GROUPS[TABLE[name]["roles"]]]
    asked += [(name, data) for name, data in LISTS.items() if name in TABLE]
    for name, data in asked:
        with transaction.atomic():
            answer = client.get(
                reverse(name, kwargs=world.arguments(role, TABLE[name].get("args", {}))), data
            )
            body = b"".join(answer) if answer.streaming else answer.content
            transaction.set_rollback(True)
        told[name] = (answer.status_code, KEYS.sub(b"-", CHANGING.sub(b"", body)), len(answer.headers))
    return told


def offer_nothing(world) -> None:
    with testing.everything():
        Party.objects.filter(pk__in=[party.pk for party in world.customers.values()]).update(
            offers_paused=True
        )


def test_it_looks_at_pages_that_are_there() -> None:
    assert len(LOOKED) > 20
    assert not LISTS.keys() - TABLE.keys()


@pytest.mark.parametrize("role", ASKED)
def test_no_page_differs_for_a_customer_to_whom_nothing_is_offered(world, role) -> None:
    with testing.everything():
        PartyNeed.objects.update(needs=[])
    before = pages_of(world, role)
    if role == "relationship_manager":
        assert before == pages_of(world, role), "a page changes by itself: the comparison would say nothing"
    offer_nothing(world)
    after = pages_of(world, role)
    assert [name for name in before if before[name] != after[name]] == []


def test_the_api_answers_the_same(world) -> None:
    now = datetime(2026, 11, 1, 4, tzinfo=UTC)
    head, party = world.staff["outlet_head"], world.customers["outlet_head"]
    _token, text = make_token(
        name="核心", staff=head, scopes=list(SCOPES), now=now, expires_at=datetime(2027, 1, 1, tzinfo=UTC)
    )
    paths = [f"/open/v1/customers/{party.uuid}", "/open/v1/customers"]

    def answers() -> list[tuple[int, bytes]]:
        told = [Client().get(path, headers={"Authorization": f"Bearer {text}"}) for path in paths]
        return [(one.status_code, one.content) for one in told]

    with testing.everything():
        PartyNeed.objects.update(needs=[])
    before = answers()
    assert {status for status, _ in before} == {200}
    offer_nothing(world)
    assert answers() == before
