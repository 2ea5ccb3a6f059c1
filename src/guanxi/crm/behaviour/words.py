"""What reasons, meanings and channels of events are called on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.insight.policies.behaviour_event import EVENT_PURPOSES, MEANINGS, SOURCES
from guanxi.web.formats import is_chinese

REASONS: Mapping[str, Promise] = {
    "not_an_object": _("The line is no JSON object."),
    "not_json": _("The line is no JSON."),
    "too_long": _("The line is too long."),
    "unknown_kind": _("No such kind of event is registered."),
    "unknown_field": _("The event has a field nobody knows."),
    "bad_properties": _("The properties are no JSON object."),
    "undeclared_property": _("A property is not registered for this kind."),
    "bad_value": _("A property's value is not what was registered."),
    "bad_key": _("The event's own key is missing or malformed."),
    "unknown_source": _("The channel is not registered."),
    "bad_instant": _("The instant is missing or has no zone."),
    "too_late": _("The event is too old."),
    "ahead": _("The event lies ahead."),
    "no_identity": _("Name either a customer number or a token."),
}
DROPPED: Mapping[str, Promise] = {
    "no_profiling": _("refused profiling"),
    "restricted": _("no longer a customer"),
    "child": _("too young"),
    "ambiguous": _("more than one customer"),
    "unknown": _("still unknown after the days the policy gives"),
}


def source_name(code: str) -> str:
    """A channel in words."""
    return _pair(SOURCES, code)


def meaning_name(code: str) -> str:
    """What a kind of event means."""
    return _pair(MEANINGS, code)


def purpose_name(code: str) -> str:
    """What a kind of event may be used for."""
    return _pair(EVENT_PURPOSES, code)


def _pair(words: Mapping[str, tuple[str, str]], code: str) -> str:
    zh, en = words.get(code, (code, code))
    return zh if is_chinese(get_language() or "zh") else en
