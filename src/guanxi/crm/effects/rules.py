"""The global control's epochs: when one began, and the number its looks are kept under. Plain values only."""

from __future__ import annotations

import uuid
from datetime import date

from guanxi.insight.effects.assignment import epoch


def global_since(on: date, months: int) -> date:
    """The first day of the stretch of `months` months a day lies in."""
    return date.fromisoformat(f"{epoch(on, months)}-01")


def next_epoch(since: date, months: int) -> date:
    """The first day of the stretch after the one that began on `since`."""
    index = since.year * 12 + since.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def global_number(since: date) -> uuid.UUID:
    """Under which the looks of an epoch are kept beside those of campaigns."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"guanxi.global-control:{since:%Y-%m}")
