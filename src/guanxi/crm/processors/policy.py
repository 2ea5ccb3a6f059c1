"""The policy of the protection of personal information in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.protection import ProtectionPolicy


def protection_policy(on: date) -> ProtectionPolicy | None:
    """Where data may go and when contracts are spoken of; None for a bank without it, which lets nothing leave."""
    return cast("ProtectionPolicy | None", known(ProtectionPolicy.kind, on))
