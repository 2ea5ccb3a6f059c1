"""What an account of a channel is set to: read into a frozen dataclass, refused with every problem at once.

Secrets come apart from settings, so that settings may be shown, exported and kept in history.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

S = TypeVar("S")


class SettingsRefused(ValueError):
    """An account's settings cannot be used; `problems` holds one plain sentence each."""

    def __init__(self, kind: str, problems: list[str]) -> None:
        super().__init__(f"settings of channel {kind}: " + "; ".join(problems))
        self.problems = problems


def secret(**default: Any) -> Any:
    """A dataclass field whose value comes from the secrets and is never shown."""
    return dataclasses.field(repr=False, metadata={"secret": True}, **default)


def read_settings(shape: type[S], kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> S:
    """One account's settings, checked; raises `SettingsRefused` with all problems.

    A shape may have a method `problems()` that yields what types cannot say.
    """
    fields = {field.name: field for field in dataclasses.fields(typing.cast("Any", shape))}
    hidden = {name for name, field in fields.items() if field.metadata.get("secret")}
    problems = list(_misplaced(fields, hidden, settings))
    # Several accounts may share one set of secrets; a channel takes its own.
    own_secrets = {name: value for name, value in secrets.items() if name in hidden}
    given = {name: value for name, value in {**settings, **own_secrets}.items() if name in fields}
    problems += [
        f"{name} is missing" for name, field in fields.items() if name not in given and _needed(field)
    ]
    hints = typing.get_type_hints(shape)
    problems += [
        f"{name} must be {_words(hints[name])}" for name in given if not _fits(given[name], hints[name])
    ]
    if problems:
        raise SettingsRefused(kind, problems)
    made = shape(**{name: _shaped(value, hints[name]) for name, value in given.items()})
    own = list(getattr(made, "problems", list)())
    if own:
        raise SettingsRefused(kind, own)
    return made


def _misplaced(fields: Mapping[str, Any], hidden: set[str], settings: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if name in hidden:
            yield f"{name} belongs to the secrets"
        elif name not in fields:
            yield f"{name} is not known here (known: {', '.join(sorted(set(fields) - hidden))})"


def _needed(field: Any) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _fits(value: Any, hint: Any) -> bool:
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if typing.get_origin(hint) is tuple:
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, hint)


def _words(hint: Any) -> str:
    plain = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return plain.get(hint, "a list of texts")


def _shaped(value: Any, hint: Any) -> Any:
    return tuple(value) if typing.get_origin(hint) is tuple else float(value) if hint is float else value


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine; names other than localhost are not looked up."""
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host a web address names, empty when there is none."""
    return urlsplit(url).hostname or ""
