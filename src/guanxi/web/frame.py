"""What the frame around a page is told: who is here, where he may go, how fresh the data is.

The frame knows no rooms. The desk room makes a `Frame` for each request (a template context processor that
returns {"frame": …}) and these templates draw it; without one, only the page's own content is drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from django.urls import NoReverseMatch, URLResolver, get_resolver, get_script_prefix, get_urlconf, reverse
from django.utils.translation import gettext

DataCondition = Literal["green", "stale", "failed", "none"]


@dataclass(frozen=True)
class Entry:
    """A page of an area: its id, its words as a message id, its route, the roles that have it (nobody named: all)."""

    id: str
    label: str
    url_name: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Area:
    """A place in the rail: its id, its words as a message id, its icon, its pages; it leads to the first one had."""

    id: str
    label: str
    icon: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Place:
    """A place as it is drawn: the words in the reader's language, the address, and in the rail the pages within."""

    id: str
    label: str
    url: str
    icon: str = ""
    inner: Sequence["Place"] = ()
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


def places_for(areas: Iterable[Area], roles: Iterable[str]) -> tuple[Place, ...]:
    """The areas in which these roles have a page that exists, in order, in the reader's language."""
    held = frozenset(roles)
    made = ((area, _pages(area, held)) for area in areas)
    return tuple(
        Place(area.id, gettext(area.label), pages[0].url, area.icon, pages) for area, pages in made if pages
    )


def _pages(area: Area, held: frozenset[str]) -> tuple[Place, ...]:
    allowed = (entry for entry in area.entries if not entry.roles or entry.roles & held)
    made = ((entry, _address(entry.url_name)) for entry in allowed)
    return tuple(Place(entry.id, gettext(entry.label), url) for entry, url in made if url)


def mark_current(places: Sequence[Place], current: str) -> tuple[Place, ...]:
    """The same places, with the page the reader stands in and the area it belongs to marked."""
    return tuple(
        replace(
            place,
            current=any(page.id == current for page in place.inner),
            inner=tuple(replace(page, current=page.id == current) for page in place.inner),
        )
        for place in places
    )


def _address(name: str) -> str | None:
    return _kept(name, get_resolver(get_urlconf()), get_script_prefix())


# Every page draws some thirty of these; which page has which address does not change while the program runs.
@lru_cache(maxsize=1_000)
def _kept(name: str, _among: URLResolver, _prefix: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
