"""Whatever stands in an address or in a form, no page breaks: every route is asked with hostile values.

Which parameters a page reads it tells itself: the names asked of `request.GET` and `request.POST` and the forms it
binds are listened to, so a new page is asked without a line here. `make faults` tries every value in every parameter as
every role.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from itertools import product
from typing import Any
from unittest import mock
from urllib.parse import quote
from zlib import crc32

import pytest
from django import forms
from django.db import transaction
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.house.test_routes import GROUPS, ROUTES, TABLE
from tests.house.world import World

from guanxi.crm import testing

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
HOSTILE = (
    "a\0b", "\ud800", "abc", "", "-1", "0", "1e400", "NaN", "Infinity", "9" * 30, "9" * 5000, "0.001", "²",
    "99999999999", "9223372036854775808", "-9223372036854775809", "9999-99", "9999-12-31", "9999-12", "0001-01-01",
    "0001-01",
    "9999-12-31T23:59", "0001-01-01T00:00", "00000000-0000-0000-0000-000000000000", "//evil.example",
    "\\\\evil.example",
    "https://evil.example/", "/\r\nX: y", "'", "%", "{", "[]", "{}", "[[]]", "null", '[{"a": "\\u0000"}]', "[" * 5000,
    '"\\ud800"', "𠮷" * 5000,
)  # fmt: skip
FIRST = ("relationship_manager", "supervisor", "analyst", "administrator", "compliance", "teller")
"""Who asks in a plain run: the first of these whom the route lets in."""
LONGEST_ADDRESS = 60_000
Told = dict[str, Any]


def fitting(asked: forms.Field) -> Any:
    """A value that this field of a form takes, so that the deed behind the form is reached."""
    if isinstance(asked, forms.ModelChoiceField):
        first = asked.queryset.first()
        return "" if first is None else asked.prepare_value(first)
    if isinstance(asked, forms.ChoiceField):
        keys = [key for key, label in asked.choices if not isinstance(label, list | tuple)]
        return next((key for key in keys if key not in {"", None}), "")
    for kind, value in FITTING.items():
        if isinstance(asked, kind):
            return value
    return "张三的事"


FITTING: dict[type[forms.Field], Any] = {
    forms.DateTimeField: f"{testing.TODAY}T10:00",
    forms.DateField: str(testing.TODAY),
    forms.IntegerField: 1,
    forms.DecimalField: 1,
    forms.BooleanField: "on",
    forms.UUIDField: "00000000-0000-4000-8000-000000000001",
}


@contextmanager
def listening() -> Iterator[Told]:
    """Hear which names are asked of requests; with a value that fits, where a form was bound to them."""
    heard: Told = {}

    def wrapped(name: str) -> Any:
        plain = getattr(QueryDict, name)

        def ask(self: QueryDict, key: Any, *more: Any) -> Any:
            heard.setdefault(str(key), "")
            return plain(self, key, *more)

        return mock.patch.object(QueryDict, name, ask)

    plain_clean = forms.BaseForm.full_clean

    def clean(form: forms.BaseForm) -> None:
        if form.is_bound:
            heard.update({form.add_prefix(name): fitting(asked) for name, asked in form.fields.items()})
        plain_clean(form)

    with (
        wrapped("get"), wrapped("__getitem__"), wrapped("getlist"), wrapped("__contains__"),
        mock.patch.object(forms.BaseForm, "full_clean", clean),
    ):  # fmt: skip
        yield heard


def ask(client: Client, method: str, address: str, told: Told) -> int:
    """The status of the answer, read to its end; whatever the request wrote is undone, in the browser's cookies too."""
    body = "&".join(
        f"{quote(name)}={quote(str(value).encode('utf8', 'surrogatepass'))}" for name, value in told.items()
    )
    cookies = {key: morsel.value for key, morsel in client.cookies.items()}
    try:
        with transaction.atomic():
            if method == "get":
                answer = client.get(f"{address}?{body[:LONGEST_ADDRESS]}")
            else:
                answer = client.post(address, body, content_type="application/x-www-form-urlencoded")
            if answer.streaming:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
    finally:
        client.cookies = SimpleCookie(cookies)
    return answer.status_code


def parameters(client: Client, method: str, address: str, told: Told) -> Told | None:
    """The parameters a page reads when asked politely, each with a value that lets it go on; None: not this method."""
    known = dict(told)
    for _round in range(3):
        with listening() as heard:
            status = ask(client, method, address, known)
        assert status < 500, (method, address, known)
        if status == 405:
            return None
        new = {name: value for name, value in heard.items() if name not in known}
        if not new:
            break
        known |= new
    return known


@pytest.fixture(scope="module")
def clients(world) -> dict[str, Client]:
    """A browser for each role in which its person is signed in."""
    return {role: testing.client_of(staff) for role, staff in world.staff.items()}


def asked_as(name: str, roles: Iterable[str]) -> list[str]:
    """Those of these whom the route lets in; for one that lets in nobody of this world, whoever is let in to most."""
    allowed = GROUPS[TABLE[name]["roles"]]
    return [role for role in roles if role in allowed] or allowed[:1] or ["supervisor"]


def address_of(world: World, name: str, role: str) -> str:
    return reverse(name, kwargs=world.arguments(role, TABLE[name].get("args", {})))


def status_of(client: Client, method: str, address: str, told: Told) -> str:
    """The status in words; 500 with the reason for a page that would fail."""
    try:
        return str(ask(client, method, address, told))
    except Exception as failure:  # noqa: BLE001  # whatever it is: the page would be a 500
        return f"500 {failure!r}"


@contextmanager
def answering(place: str) -> Iterator[None]:
    """Have every parameter that anybody asks for hold a hostile value: the same at each run, another for each name."""
    values = [value for value in HOSTILE if "\0" not in value]  # refused before a page asks

    def one(_self: QueryDict, key: Any, *_more: Any) -> str:
        return values[crc32(f"{place} {key}".encode()) % len(values)].encode("utf8", "replace").decode()

    with (
        mock.patch.object(QueryDict, "get", one), mock.patch.object(QueryDict, "__getitem__", one),
        mock.patch.object(QueryDict, "getlist", lambda *told: [one(*told)]),
        mock.patch.object(QueryDict, "__contains__", return_value=True),
    ):  # fmt: skip
        yield


def methods_of(name: str) -> list[str]:
    """What a route's view takes: asked of the view itself, since a whole request for a 405 costs as much as a page."""
    return [method for method in ("get", "post") if _takes(ROUTES[name], method)]


def _takes(view: Any, method: str) -> bool:
    try:
        return view(RequestFactory().generic(method.upper(), "/")).status_code != 405
    except Exception:  # noqa: BLE001  # past the methods, it misses its arguments and what middleware gives a request
        return True


def test_no_page_breaks_when_all_it_asks_for_is_hostile(world, clients) -> None:
    broken = []
    for name in sorted(TABLE):
        (role, *_others) = asked_as(name, FIRST)
        address = address_of(world, name, role)
        for method in methods_of(name):
            with answering(f"{name} {method}"):
                found = status_of(clients[role], method, address, {"any": "thing"})
            broken += [(name, role, method, found)] if found.startswith("5") else []
    assert broken == []


@settings(max_examples=30)
@given(
    st.sampled_from(sorted(TABLE)),
    st.sampled_from(["get", "post"]),
    st.integers(0, len(HOSTILE) - 1),
    st.data(),
)
def test_no_page_breaks_at_one_hostile_value_among_fitting_ones(
    world, clients, name, method, place, data
) -> None:
    role = data.draw(st.sampled_from(asked_as(name, sorted(clients))))
    address = address_of(world, name, role)
    known = parameters(clients[role], method, address, TABLE[name].get("data", {}))
    if known:
        told = known | {data.draw(st.sampled_from(sorted(known))): HOSTILE[place]}
        assert not status_of(clients[role], method, address, told).startswith("5")


@pytest.mark.faults
@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_page_breaks_at_any_hostile_value_as_any_role(world, clients, name) -> None:
    broken = []
    for role, method in product(asked_as(name, sorted(clients)), ("get", "post")):
        address = address_of(world, name, role)
        known = parameters(clients[role], method, address, TABLE[name].get("data", {})) or {}
        for parameter, value in product(known, HOSTILE):
            found = status_of(clients[role], method, address, known | {parameter: value})
            broken += [(role, method, parameter, value[:40], found)] if found.startswith("5") else []
    assert broken == []
