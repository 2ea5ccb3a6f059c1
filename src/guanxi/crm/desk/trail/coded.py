"""Codes that a service wrote into the trail, as words: each kind of object knows its own, from its model's choices."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers import words as customers
from guanxi.crm.foresight import words as foresight
from guanxi.crm.keeping import words as keeping
from guanxi.crm.leads import words as leads
from guanxi.crm.messaging import models as messaging

PEOPLE = ("staff", "absent", "covering", "keeper", "about", "owner", "assignee", "giver", "taker")
"""The details that hold a staff number."""
OWN: Mapping[str, Mapping[str, Any]] = {
    "leads.lead": {code: name for code, (name, _kind) in leads.STATES.items()},
    "keeping.handover": keeping.WHY,
    "foresight.modelversion": {**foresight.PURPOSES, **foresight.NOT_KEPT},
    "messaging.consententry": {**customers.CONSENT_PURPOSES, **customers.CONSENT_CHANNELS},
    "messaging.volume": {**dict(messaging.Purpose.choices), **dict(messaging.Origin.choices)},
}
EVERYWHERE: Mapping[str, Mapping[str, Any]] = {"family": dict(Family.choices)}
_NUMBERED = ("performance.", "keeping.handover")
_LEADING = re.compile(r"^\d+ (→ \d+ )?")
_PLACEHOLDER = re.compile(r"^[a-z]+ \d+$")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def label_in_words(kind: str, label: str, names: Mapping[str, str]) -> str:
    """What an object is called: its codes in words, the store's own numbers left out, a campaign by its name."""
    if _PLACEHOLDER.fullmatch(label) and label.partition(" ")[0] == kind.rpartition(".")[2]:
        return ""
    plain = _LEADING.sub("", label) if kind.startswith(_NUMBERED) else label
    if kind == "planning.proposal":
        return plain.replace(" ", "-")
    known = _codes(kind)
    said = (names.get(token) or _joined(token, known) for token in plain.split(" "))
    return " ".join(said)


def details_in_codes(kind: str, details: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The details with the codes of this kind of object in words, and people by name."""
    known = _codes(kind)
    said = {name: _said(name, value, known, names) for name, value in details.items()}
    if kind == "planning.proposal" and isinstance(details.get("lines"), list):
        said["products"] = "、".join(str(line[1]) for line in said.pop("lines"))
    return said


def campaigns_in(rows: Iterable[Any]) -> list[str]:
    """The campaigns that the labels of these rows name, as their uuids."""
    return sorted({found for row in rows for found in _UUID.findall(getattr(row, "object_label", ""))})


def _said(name: str, value: Any, known: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    if name in PEOPLE and isinstance(value, str) and value in names:
        return f"{names[value]} ({value})"
    if isinstance(value, str):
        return str({**known, **EVERYWHERE.get(name, {})}.get(value, value))
    return value


def _joined(text: str, known: Mapping[str, Any]) -> str:
    """One word; two codes may be written with a stroke between them."""
    if text == "None":
        return _("no tier")
    return "/".join(str(known.get(part, part)) for part in text.split("/"))


@lru_cache(maxsize=256)
def _codes(kind: str) -> Mapping[str, Any]:
    """The codes that this kind of object uses; the names are lazy, so they follow the reader's language."""
    try:
        fields = apps.get_model(kind)._meta.get_fields()  # noqa: SLF001  # Django's own way to a model's fields
    except LookupError:
        return OWN.get(kind, {})
    found = {
        str(code): label
        for field in fields
        for code, label in (getattr(field, "choices", None) or ())
        if code != label
    }
    return {**found, **OWN.get(kind, {})}
