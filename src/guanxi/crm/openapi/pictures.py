"""What the page of tokens and the page of the document show; no request, no markup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.openapi.scopes import SCOPES
from guanxi.crm.organisation.models import Staff, Token

SOON = timedelta(days=14)
METHODS = ("get", "post")
COLOURS = {"get": "accent", "post": "green"}


@dataclass(frozen=True)
class TokenLine:
    """A token with its state in words."""

    token: Token
    scopes: list[str]
    state: str
    state_kind: str
    may_approve: bool
    may_stop: bool


def tokens(by: Staff, now: datetime) -> dict[str, Any]:
    """All tokens: those that wait first, then those that work, then the ended."""
    rows = Token.objects.select_related("staff", "made_by", "approved_by").order_by("stopped_at", "name")
    lines = [_line(row, by, now) for row in rows]
    order = {"amber": 0, "green": 1, "red": 2, "grey": 3}
    return {
        "lines": sorted(lines, key=lambda line: order[line.state_kind]),
        "waiting": sum(one.may_approve for one in lines),
    }


def _line(row: Token, by: Staff, now: datetime) -> TokenLine:
    state, kind = _state(row, now)
    waits = row.approved_at is None and row.stopped_at is None
    return TokenLine(
        row, [str(SCOPES[one].words) if one in SCOPES else one for one in row.scopes], state, kind,
        waits and row.made_by_id != by.pk, row.stopped_at is None,
    )  # fmt: skip


def _state(row: Token, now: datetime) -> tuple[str, str]:
    if row.stopped_at is not None:
        return _("Stopped"), "grey"
    if row.approved_at is None:
        return _("Waits for a second person"), "amber"
    if row.expires_at is not None and row.expires_at <= now:
        return _("Expired"), "grey"
    if row.expires_at is not None and row.expires_at - now < SOON:
        return _("Expires soon"), "red"
    return _("Works"), "green"


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    colour: str
    path: str
    summary: str
    about: str
    parameters: list[dict[str, Any]]
    body: str
    fields: list[tuple[str, str]]
    answers: list[tuple[str, str]]


def operations(document: Mapping[str, Any]) -> dict[str, Any]:
    """The operations by tag, in the document's order."""
    groups: dict[str, list[Operation]] = {}
    for path, each in document["paths"].items():
        for method, told in each.items():
            if method in METHODS:
                groups.setdefault(told["tags"][0], []).append(_operation(document, method, path, told))
    return {"groups": groups, "info": document["info"], "scopes": SCOPES}


def _operation(document: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]) -> Operation:
    body = ""
    fields: list[tuple[str, str]] = []
    for content in told.get("requestBody", {}).get("content", {}).values():
        body, fields = _shape(document, content["schema"])
    answers = []
    for status, answer in told["responses"].items():
        shapes = [_shape(document, content["schema"])[0] for content in answer.get("content", {}).values()]
        answers.append((str(status), shapes[0] if shapes else ""))
    return Operation(
        method.upper(), COLOURS[method], path, told.get("summary", ""), told.get("description", ""),
        list(told.get("parameters", [])), body, fields, answers,
    )  # fmt: skip


def _shape(document: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """A shape's name and its fields with their types."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if schema.get("type") == "array":
        inner, fields = _shape(document, schema["items"])
        return f"[{inner}]", fields
    found = document["components"]["schemas"].get(name, schema)
    needed = set(found.get("required", ()))
    fields = [
        (field, _type(about) + ("" if field in needed else "?"))
        for field, about in found.get("properties", {}).items()
    ]
    return name or str(schema.get("type", "")), fields


def _type(about: Mapping[str, Any]) -> str:
    if "anyOf" in about:
        return " | ".join(_type(one) for one in about["anyOf"])
    if "$ref" in about:
        return str(about["$ref"]).rpartition("/")[2]
    return str(about.get("format") or about.get("type") or ("enum" if "enum" in about else ""))
