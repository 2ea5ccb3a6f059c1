"""The contact rules in force on a day, read once in the life of the process."""

from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.contact import ContactPolicy

_known: dict[str, ContactPolicy] = {}  # by content hash: a policy's payload never changes


def contact_policy(on: date) -> ContactPolicy | None:
    """The rules that count on that day; None for a bank without any: then nothing goes out."""
    content = hash_in_force(ContactPolicy.kind, on)
    if content is None:
        return None
    if content not in _known:
        _known[content] = cast("ContactPolicy", active(ContactPolicy.kind, on))
    return _known[content]


def bank_day(policy: ContactPolicy, at: datetime) -> date:
    """The day an instant belongs to where the bank counts."""
    return at.astimezone(ZoneInfo(policy.bank_zone)).date()
