"""The contact rules in force on a day."""

from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.contact import ContactPolicy


def contact_policy(on: date) -> ContactPolicy | None:
    """The rules that count on that day; None for a bank without any: then nothing goes out."""
    return cast("ContactPolicy | None", known(ContactPolicy.kind, on))


def bank_day(policy: ContactPolicy, at: datetime) -> date:
    """The day an instant belongs to where the bank counts."""
    return at.astimezone(ZoneInfo(policy.bank_zone)).date()
