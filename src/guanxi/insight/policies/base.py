"""What every policy (政策参数) is: a frozen dataclass that reads and writes plain payloads, says what is wrong with
it, gives the small tables that SQL joins, and reads itself out in words.

Payloads hold text, whole numbers, flags, lists and tables of these, so that TOML, JSON and the operational store carry
them alike; amounts and shares may be text ("50000.00") and come back as text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Self, TypeVar, cast, get_args, get_origin, get_type_hints

from guanxi.insight.policies.filling import Added

# The range of DECIMAL(18,2): stands for "no lower line" and "no upper line" so that bands have no holes.
LOWEST = Decimal("-9999999999999999.99")
HIGHEST = Decimal("9999999999999999.99")

Part = TypeVar("Part")


class PolicyError(ValueError):
    """A payload that cannot be read as this kind of policy; the message names the place and what was expected."""


@dataclass(frozen=True)
class PolicyTable:
    """A small table that SQL joins as `policy.<name>`: (column, DuckDB type) pairs and rows in that order."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]


class Policy(ABC):
    """Base of the policies; a subclass is a frozen dataclass."""

    kind: ClassVar[str]
    schema_version: ClassVar[int] = 1
    added: ClassVar[tuple[Added, ...]] = ()  # entries payloads stored by earlier versions do not have

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """A payload as it is; raises PolicyError on an unknown, missing or mistyped entry, says nothing of sense."""
        return read_part(
            cls, {key: value for key, value in payload.items() if key != "schema_version"}, cls.kind
        )

    def to_payload(self) -> dict[str, Any]:
        """The same policy as a payload: `from_payload(to_payload())` is equal to it."""
        return {"schema_version": self.schema_version, **cast("dict[str, Any]", _plain(self))}

    def content_hash(self) -> str:
        """SHA-256 over the payload, the same for equal policies on any machine."""
        return payload_hash(self.kind, self.to_payload())

    @abstractmethod
    def problems(self, language: str = "zh") -> list[str]:
        """What a bank must put right before this may be approved, one plain sentence each; empty when sound."""

    @abstractmethod
    def tables(self) -> dict[str, PolicyTable]:
        """The tables SQL joins, by full name ("policy.tier_band")."""

    @abstractmethod
    def in_words(self, language: str = "zh") -> list[str]:
        """The policy read out, one sentence a line, in "zh" or "en"."""


def payload_hash(kind: str, payload: Mapping[str, Any]) -> str:
    """SHA-256 over a payload as `to_payload` writes it, and as it is stored: nothing is filled in."""
    body = json.dumps({"kind": kind, **payload}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class Findings:
    """Sentences in both languages gathered while a policy is checked."""

    language: str
    said: list[str] = dataclasses.field(default_factory=list)

    def need(self, holds: bool, zh: str, en: str) -> None:
        """Add a sentence unless what is needed holds."""
        if not holds:
            self.said.append(speak(self.language, zh, en))


def speak(language: str, zh: str, en: str) -> str:
    """The sentence in the language asked for; Chinese unless English is."""
    return en if language.startswith("en") else zh


def yuan(amount: Decimal, language: str = "zh") -> str:
    """An amount as people say it: 50万, 5,000; English writes it out."""
    if language.startswith("en") or abs(amount) < Decimal(10_000):
        return f"{amount.normalize():,f}"
    return f"{(amount / Decimal(10_000)).normalize():,f}万"


def percent(share: Decimal) -> str:
    """0.2 → '20%'."""
    return f"{(share * 100).normalize():f}%"


def read_part(kind: type[Part], body: Any, where: str) -> Part:
    """A dataclass from a mapping, entry by entry; raises PolicyError naming the place."""
    if not isinstance(body, Mapping):
        raise PolicyError(f"{where}: expected a table, found {body!r}")
    fields = {field.name: field for field in dataclasses.fields(cast("Any", kind))}
    unknown = sorted(set(body) - set(fields))
    if unknown:
        raise PolicyError(f"{where}: unknown entries {', '.join(unknown)}")
    hints = get_type_hints(kind)
    values = {name: _read(hints[name], body[name], f"{where}.{name}") for name in fields if name in body}
    missing = sorted(
        name
        for name, field in fields.items()
        if name not in values
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    )
    if missing:
        raise PolicyError(f"{where}: missing entries {', '.join(missing)}")
    return kind(**values)


def _read(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, types.UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        return None if value is None else _read(inner[0], value, where)
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise PolicyError(f"{where}: expected a list, found {value!r}")
        return tuple(
            _read(get_args(hint)[0], item, f"{where}[{number}]") for number, item in enumerate(value)
        )
    if get_origin(hint) in (dict, Mapping):
        if not isinstance(value, Mapping):
            raise PolicyError(f"{where}: expected a table, found {value!r}")
        return {str(key): _read(get_args(hint)[1], item, f"{where}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return read_part(cast("type[Any]", hint), value, where)
    return _read_plain(hint, value, where)


def _read_plain(hint: Any, value: Any, where: str) -> Any:
    if hint is Decimal:
        return _read_decimal(value, where)
    if hint not in (str, int, bool) or type(value) is not hint:
        raise PolicyError(f"{where}: expected {getattr(hint, '__name__', hint)}, found {value!r}")
    return value


def _read_decimal(value: Any, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise PolicyError(f"{where}: expected a number, found {value!r}")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise PolicyError(f"{where}: {value!r} is no number") from error
    if not number.is_finite():
        raise PolicyError(f"{where}: {value!r} is no number")
    return number


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        entries = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: _plain(item) for name, item in entries.items() if item is not None}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
