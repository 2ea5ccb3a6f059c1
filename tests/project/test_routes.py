"""Every route of the router: who lacks the right is refused, and nobody meets another's customer.

The routes are read from the router, so a new one is tried without being written down here. What those get who have the
right is a line in a table of its own (tests/house/test_routes.py).
"""

import re
import uuid
from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.organisation.access import DEMANDS
from guanxi.crm.organisation.models import Role
from guanxi.crm.organisation.rules import ROLE_RULES
from guanxi.insight.policies import KINDS

pytestmark = pytest.mark.django_db
SECRET_NAME = "欧阳绝密"
ROLES = [role.value for role in Role]
ANSWERED = {
    200,
    204,
    302,
    304,
    400,
    401,
    404,
    405,
    422,
}  # 401: a machine's door, which asks for a token of its own


def routes(patterns, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each route's full name with its pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from routes(pattern.url_patterns, inner)
        else:
            yield f"{prefix}{pattern.name}", pattern


ROUTES = dict(routes(get_resolver("guanxi.project.urls").url_patterns))
OF_CUSTOMERS = [name for name, pattern in ROUTES.items() if "uuid" in pattern.pattern.converters]
VALUES = {"int": 987_654, "str": "x", "slug": "x", "path": "x"}


def address(name: str, key: uuid.UUID) -> str:
    converters = ROUTES[name].pattern.converters
    kinds = {
        given: re.sub(r"Converter$", "", type(kind).__name__).lower() for given, kind in converters.items()
    }
    return reverse(name, kwargs={given: VALUES.get(kind, key) for given, kind in kinds.items()})


@pytest.fixture
def people() -> testing.People:
    made = testing.make_people()
    testing.make_policies(*sorted(KINDS))
    made.customer.name = SECRET_NAME
    with testing.everything():
        made.customer.save()
    testing.make_score(made.customer, testing.make_run(), aum_fen=1_234_567_89)
    return made


def test_who_is_not_signed_in_sees_no_page(people) -> None:
    for name, method in product(ROUTES, ("get", "post")):
        answer = getattr(Client(), method)(address(name, people.customer.uuid))
        open_to_all = getattr(ROUTES[name].callback, DEMANDS) is None
        assert open_to_all or (answer.status_code == 302 and "/sign-in" in answer.headers["Location"]), name
        assert SECRET_NAME not in answer.content.decode(), name


@pytest.mark.parametrize("role", ROLES)
def test_who_lacks_the_right_is_refused_whatever_is_sent(people, role) -> None:
    client = testing.client_of(testing.make_staff(role, people.elsewhere))
    for name, method in product(ROUTES, ("get", "post")):
        demanded = getattr(ROUTES[name].callback, DEMANDS)
        if demanded and not set(demanded) & ROLE_RULES[role].rights:
            status = getattr(client, method)(address(name, uuid.uuid4())).status_code
            assert status in {403, 405}, f"{method} {name}: {status}"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "analyst"])
def test_a_customer_of_another_outlet_answers_as_one_that_is_not_there(people, role) -> None:
    client = testing.client_of(testing.make_staff(role, people.elsewhere))
    for name, method in product(OF_CUSTOMERS, ("get", "post")):
        real, made_up = (
            getattr(client, method)(address(name, key)) for key in (people.customer.uuid, uuid.uuid4())
        )
        assert real.status_code == made_up.status_code, name
        assert real.status_code in {401, 403, 404, 405}, name  # 401: a machine's door
        assert SECRET_NAME not in real.content.decode(), name
    assert not CustomerView.objects.exists()


def test_the_keeper_is_answered(people) -> None:
    client = testing.client_of(people.alice)
    own = ROLE_RULES["relationship_manager"].rights
    for name in OF_CUSTOMERS:
        demanded = getattr(ROUTES[name].callback, DEMANDS)
        if not demanded or set(demanded) & own:
            assert client.get(address(name, people.customer.uuid)).status_code in ANSWERED, name
