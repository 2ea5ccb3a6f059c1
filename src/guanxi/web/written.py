"""A value of a list's cell as its kind writes it: one function for templates and for the long lists made without them.

Five hundred cells through nested template macros were half of a list's time.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from markupsafe import Markup, escape

from guanxi.web import formats


def missing(reason: str | None = None) -> Markup:
    """The dash for a figure that is not there, with the reason on hover."""
    why = escape(reason or translation.gettext("No figure"))
    return Markup(  # noqa: S704  # escaped above
        f'<span class="missing" title="{why}">{formats.MISSING}<span class="visually-hidden"> {why}</span></span>'
    )


def moved(change: formats.Change) -> Markup:
    """A movement with its arrow, in the colour of its direction."""
    return Markup(  # noqa: S704  # words and figures of our own
        f'<span class="change {change.direction}"><span aria-hidden="true">{change.arrow}</span> {change.text}</span>'
    )


def day(value: date | datetime) -> str:
    """A day; of a moment the day it was here."""
    aware = isinstance(value, datetime) and timezone.is_aware(value)
    return formats.day(timezone.localtime(value) if aware and isinstance(value, datetime) else value)


def moment(value: datetime) -> str:
    """A moment, as the clock here showed it."""
    return formats.moment(timezone.localtime(value) if timezone.is_aware(value) else value)


def tint_of(rank: int | None, label: object) -> str:
    """The class that colours a tier's badge: the policy's colour where the label brings one, else by rank."""
    if not rank or rank < 1:
        return "tier-0"
    return f"tier-{getattr(label, 'colour', '') or rank}"


def _language() -> str:
    return translation.get_language() or "zh-hans"


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "money": formats.money,
    "short": lambda value: formats.money_short(value, _language()),
    "number": formats.count,
    "percent": formats.percent,
    "decimal": formats.decimal,
    "day": day,
    "month": formats.month,
    "moment": moment,
    "change": lambda value: moved(formats.change_percent(value)),
    "change_money": lambda value: moved(formats.change_money(value, _language())),
    "change_number": lambda value: moved(formats.change_count(value)),
}


def html_of(kind: str, value: Any, reason: str | None = None) -> str:
    """The value as text that may stand in markup: figures and days have nothing to escape, all else is escaped."""
    if value is None:
        return missing(reason)
    writer = _WRITERS.get(kind)
    return escape(value) if writer is None else writer(value)


def written(kind: str, value: Any, reason: str | None = None) -> Markup:
    """The value as a template writes it, by the kinds of guanxi.web.lists; None is the dash with its reason."""
    return Markup(html_of(kind, value, reason))  # noqa: S704  # escaped where it needs to be
