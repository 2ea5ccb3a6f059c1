"""Who gets which arm (随机分组): a keyed hash of the unit, so that it can be repeated and not guessed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date

BUCKETS = 10_000
CONTROL = "control"
UNITS = ("customer", "household", "employer", "manager")


def bucket(key: bytes, salt: str, unit: str) -> int:
    """The bucket 0…9999 of a unit: HMAC-SHA256(key, salt and unit) mod 10,000.

    `salt` names the draw (a campaign's uuid), so draws of two campaigns have nothing in common; `unit` is what
    `unit_of` returned. Raises ValueError for an empty key: without one anybody could work out who is held out.
    """
    if not key:
        raise ValueError("assignment needs a key")
    said = f"{len(salt)}:{salt}{unit}".encode()
    return int.from_bytes(hmac.new(key, said, hashlib.sha256).digest(), "big") % BUCKETS


def arm_of(place: int, shares: Mapping[str, int]) -> str:
    """The arm of a bucket. `shares`: arm → buckets of 10,000, in their order; they must add up to 10,000.

    Growing an arm at the expense of its neighbour moves only the units in between.
    """
    if sum(shares.values()) != BUCKETS or any(share < 0 for share in shares.values()):
        raise ValueError(f"shares must be whole and add up to {BUCKETS}")
    if not 0 <= place < BUCKETS:
        raise ValueError(f"a bucket is 0 to {BUCKETS - 1}")
    border = 0
    for arm, share in shares.items():
        border += share
        if place < border:
            return arm
    raise AssertionError("shares add up, so some arm was returned")


def unit_of(
    kind: str,
    party_key: int | str,
    household: int | str | None = None,
    employer: int | str | None = None,
    manager: int | str | None = None,
) -> str:
    """What is drawn as one: the customer, or the household, employer or manager when word gets round (溢出).

    A customer without a household, employer or manager is a unit of its own. Raises ValueError for an unknown kind.
    """
    if kind not in UNITS:
        raise ValueError(f"there is no unit of assignment {kind}")
    group = {"household": household, "employer": employer, "manager": manager}.get(kind)
    return f"customer:{party_key}" if group in (None, "") else f"{kind}:{group}"


def epoch(day: date, months: int) -> str:
    """The stretch of `months` whole months a day lies in, as its first month `YYYY-MM`; 12: the calendar year."""
    if months < 1:
        raise ValueError("an epoch has at least one month")
    first = (day.year * 12 + day.month - 1) // months * months
    return f"{first // 12:04d}-{first % 12 + 1:02d}"


def in_global_control(key: bytes, party_key: int | str, day: date, share: int, months: int) -> bool:
    """Whether a customer is in the bank's global control (全局对照组) on a day: the same answer a whole epoch long.

    `share`: buckets of 10,000 (500: 5 %). Who may be in it at all (mass tiers, marketing only) is the caller's rule.
    """
    return bucket(key, f"global:{epoch(day, months)}", f"customer:{party_key}") < share
