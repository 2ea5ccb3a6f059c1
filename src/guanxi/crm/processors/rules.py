"""Whether data may leave through a connector on a day: pure, on the entries of the register."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ABSENT, EARLY, OVER, FOREIGN = "no_processor", "contract_early", "contract_over", "abroad"
UNCONFIRMED, NO_POLICY = "processor_unconfirmed", "no_protection"
FIELDS = ("name", "mobile", "email", "address", "wecom", "device", "content", "holdings", "tier")
"""What of a customer may go to a processor."""


@dataclass(frozen=True)
class Entry:
    """What counts of one entry of the register: `until` is the contract's last day, `ended_on` the first without."""

    state: str
    country: str
    since: date
    until: date | None
    ended_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the contract holds on that day."""
        return self.since <= day and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Whether it held only before that day."""
        return (self.until is not None and self.until < day) or (
            self.ended_on is not None and self.ended_on <= day
        )


def why_not(entries: Iterable[Entry], day: date, home: str | None) -> str:
    """Why nothing may leave through a connector that day, as a code; empty when it may.

    `entries`: those that name it; `home`: the country the bank is in, None when no policy says so. Of two contracts
    that hold at once the worse one counts. An entry to be confirmed counts where none was approved.
    """
    known = [one for one in entries if one.state in ("approved", "ended", "to_confirm")]
    approved = [one for one in known if one.state == "approved"]
    holding = [one for one in approved if one.covers(day)]
    if holding:
        if home is None:
            return NO_POLICY
        return FOREIGN if any(one.country != home for one in holding) else ""
    waiting = [one for one in known if one.state == "to_confirm"]
    if not approved and waiting:
        return "" if any(one.covers(day) for one in waiting) else UNCONFIRMED
    if any(one.since > day for one in approved):
        return EARLY
    return OVER if known else ABSENT


def ends_soon(entry: Entry, day: date, notice_days: int) -> bool:
    """Whether an entry that holds on that day ends within so many days."""
    return (
        entry.state in ("approved", "to_confirm")
        and entry.covers(day)
        and entry.until is not None
        and entry.until <= day + timedelta(days=notice_days)
    )


def supervision_due(last: date | None, since: date, months: int, day: date) -> bool:
    """Whether a processor was to be looked at again by that day: so many months after the last time, or the start."""
    from_day = last or since
    passed = (day.year - from_day.year) * 12 + day.month - from_day.month - (day.day < from_day.day)
    return passed >= months


def content_hash(told: Mapping[str, Any]) -> str:
    """SHA-256 over what is approved; days as ISO text."""
    return hashlib.sha256(
        json.dumps(dict(told), sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()
