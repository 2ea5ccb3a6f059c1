"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.interaction import InteractionPolicy


def interaction_policy(on: date) -> InteractionPolicy:
    """Outcomes, next steps and days as they count on that day; KeyError when the bank has no such policy."""
    return cast("InteractionPolicy", active(InteractionPolicy.kind, on))
