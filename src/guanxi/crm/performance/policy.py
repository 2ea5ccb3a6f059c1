"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.performance import PerformancePolicy


def performance_policy(on: date) -> PerformancePolicy:
    """Days, shares and lines as they count on that day; KeyError when the bank has no such policy."""
    return cast("PerformancePolicy", active(PerformancePolicy.kind, on))
