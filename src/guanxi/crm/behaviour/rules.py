"""A line of a batch against the register of events: taken whole, or refused with a reason. Plain values only."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy, EventProperty

FIELDS = frozenset({"key", "kind", "at", "customer", "token", "source", "properties"})
LONGEST = 64
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*", re.ASCII)
_DISTRICT = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_PLAIN_NAME = re.compile(r"[a-z][a-z_]{0,31}", re.ASCII)
_OWN_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Register:
    """The policy as lines are checked against it: kind → property → what its value must fulfil."""

    kinds: Mapping[str, Mapping[str, Check]]
    sources: frozenset[str]
    late: timedelta
    ahead: timedelta
    line_bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """An event as it was told and found sound; `identity` is a customer number, or a token when `by_token`."""

    number: int
    key: UUID
    identity: str
    by_token: bool
    kind: str
    source: str
    at: datetime
    properties: str  # JSON


@dataclass(frozen=True, slots=True)
class Bad:
    """A line not taken, and why. Nothing of its values."""

    number: int
    reason: str
    kind: str = ""
    property_name: str = ""


def register_of(policy: BehaviourEventPolicy) -> Register:
    """The policy made ready for many lines."""
    digits = re.compile(rf"[0-9]{{{policy.digits_most + 1},}}", re.ASCII)
    kinds: dict[str, dict[str, Check]] = {one.event_kind: {} for one in policy.event_kinds}
    for one in policy.event_properties:
        kinds[one.event_kind][one.property_name] = _check_of(one, digits)
    return Register(
        kinds, frozenset(policy.event_sources), timedelta(days=policy.late_days),
        timedelta(minutes=policy.ahead_minutes), policy.line_bytes,
    )  # fmt: skip


def read_line(number: int, told: Any, register: Register, *, now: datetime, salt: bytes) -> Line | Bad:
    """One event as decoded from JSON. `salt` tells senders apart: the key of one means nothing for another's."""
    if not isinstance(told, dict):
        return Bad(number, "not_an_object")
    kind = told.get("kind")
    checks = register.kinds.get(kind) if isinstance(kind, str) else None
    if checks is None:
        return Bad(number, "unknown_kind")
    assert isinstance(kind, str)
    reason, name = _wrong(told, checks, register, now)
    if reason:
        return Bad(number, reason, kind, name)
    identity, by_token = _identity(told)
    return Line(
        number, key_of(salt, told["key"]), identity, by_token, kind, told["source"],
        datetime.fromisoformat(told["at"]), json.dumps(told.get("properties") or {}, sort_keys=True),
    )  # fmt: skip


def _wrong(
    told: Mapping[str, Any], checks: Mapping[str, Check], register: Register, now: datetime
) -> tuple[str, str]:
    """Why an event of a known kind cannot be taken, with the property it is about; empty when it can."""
    reason, name = "", ""
    own, source = told.get("key"), told.get("source")
    if told.keys() - FIELDS:
        reason = "unknown_field"
    elif (found := _wrong_value(told, checks)) is not None:
        reason, name = found
    elif not isinstance(own, str) or not _OWN_KEY.fullmatch(own):
        reason = "bad_key"
    elif not isinstance(source, str) or source not in register.sources:
        reason = "unknown_source"
    elif not _identity(told)[0]:
        reason = "no_identity"
    else:
        reason = _wrong_instant(_instant(told.get("at")), register, now)
    return reason, name


def _wrong_instant(at: datetime | None, register: Register, now: datetime) -> str:
    if at is None:
        return "bad_instant"
    if at < now - register.late:
        return "too_late"
    return "ahead" if at > now + register.ahead else ""


def key_of(salt: bytes, own: str) -> UUID:
    """The event's key: a hash of the sender and the sender's own key."""
    return UUID(bytes=hashlib.blake2b(own.encode(), digest_size=16, key=salt).digest())


def too_young(birth_date: date | None, today: date, youngest: int) -> bool:
    """Whether a person is below that age; unknown births are not. Born on 29 February: of age on 1 March."""
    if birth_date is None:
        return False
    years = today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
    return years < youngest


def _wrong_value(told: Mapping[str, Any], checks: Mapping[str, Check]) -> tuple[str, str] | None:
    properties = told.get("properties")
    if properties is None:
        return None
    if not isinstance(properties, dict):
        return "bad_properties", ""
    for name, value in properties.items():
        check = checks.get(name)
        if check is None:
            # A name is repeated only where it can be nothing but a name.
            return "undeclared_property", name if _PLAIN_NAME.fullmatch(name) else ""
        if not check(value):
            return "bad_value", name
    return None


def _identity(told: Mapping[str, Any]) -> tuple[str, bool]:
    number, token = told.get("customer"), told.get("token")
    if (number is None) == (token is None):
        return "", False
    chosen = token if number is None else number
    if not isinstance(chosen, str) or not 0 < len(chosen) <= LONGEST:
        return "", False
    return (chosen if chosen.isascii() and chosen.isprintable() else ""), number is None


def _instant(told: Any) -> datetime | None:
    if not isinstance(told, str) or len(told) > 40:
        return None
    try:
        at = datetime.fromisoformat(told)
        return at if at.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def _check_of(one: EventProperty, digits: re.Pattern[str]) -> Check:
    if one.property_type == "flag":
        return _is_flag
    if one.property_type == "district":
        return _is_district
    if one.property_type in ("number", "fen"):
        return partial(_is_number, most=one.most_of)
    if one.one_of:
        return partial(_is_one_of, codes=frozenset(one.one_of))
    return partial(_is_code, most=one.most_of, digits=digits)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_district(value: Any) -> bool:
    return isinstance(value, str) and _DISTRICT.fullmatch(value) is not None


def _is_number(value: Any, *, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_one_of(value: Any, *, codes: frozenset[str]) -> bool:
    return isinstance(value, str) and value in codes


def _is_code(value: Any, *, most: int, digits: re.Pattern[str]) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= most
        and _CODE.fullmatch(value) is not None
        and digits.search(value) is None
    )
