"""What the frame around a page is told: who is here, where he may go, how fresh the data is.

The frame knows no rooms. The desk room makes a `Frame` for each request (a template context processor that
returns {"frame": …}) and these templates draw it; without one, only the page's own content is drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

DataCondition = Literal["green", "stale", "failed", "none"]


@dataclass(frozen=True)
class Entry:
    """A place in the rail: its id, its words as a message id, its route, its icon, the roles that have it."""

    id: str
    label: str
    url_name: str
    icon: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """A place as it is drawn: the words in the reader's language and the address."""

    id: str
    label: str
    url: str
    icon: str
    current: bool = False


@dataclass(frozen=True)
class DataState:
    """As of which day the figures are, and whether the last run was good: green, stale, failed, none (no run)."""

    condition: DataCondition
    as_of: date | None = None
    words: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Person:
    """Who is signed in: name, post and unit in words, and pages about oneself as (label, address)."""

    name: str
    post: str = ""
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Script:
    """A room's module that every page runs, and what it is told (JSON, in its `data-told`)."""

    source: str
    told: str = ""


@dataclass(frozen=True)
class Frame:
    """All that the frame draws. An address that is None is left out of the frame."""

    navigation: Sequence[Place] = ()
    person: Person | None = None
    data: DataState | None = None
    home_url: str = "/"
    search_url: str | None = None
    logout_url: str | None = None
    language_url: str | None = None
    bank_name: str = ""
    notices: Sequence[str] = field(default_factory=tuple)
    scripts: Sequence[Script] = ()


def places_for(entries: Iterable[Entry], roles: Iterable[str]) -> tuple[Place, ...]:
    """The entries that these roles have and whose pages exist, in order, in the reader's language."""
    held = frozenset(roles)
    allowed = (entry for entry in entries if not entry.roles or entry.roles & held)
    made = ((entry, _address(entry.url_name)) for entry in allowed)
    return tuple(Place(entry.id, gettext(entry.label), url, entry.icon) for entry, url in made if url)


def mark_current(places: Sequence[Place], current: str) -> tuple[Place, ...]:
    """The same places, with the one the reader stands in marked."""
    return tuple(replace(place, current=place.id == current) for place in places)


def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
