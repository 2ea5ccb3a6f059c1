"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.worklist import WorklistPolicy


def worklist_policy(on: date) -> WorklistPolicy:
    """Capacity, weights and care as they count on that day; one small query. KeyError when the bank has none."""
    return cast("WorklistPolicy", active(WorklistPolicy.kind, on))
