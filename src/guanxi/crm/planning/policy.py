"""The policies of this room in force on a day."""

from datetime import date
from typing import cast

from guanxi.crm.interactions.policy import language
from guanxi.crm.policies.selectors import active, hash_in_force
from guanxi.insight.policies.base import speak
from guanxi.insight.policies.planning import GROUPS, PlanningPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy

ENGLISH = {"liquid": "Ready money", "steady": "Steady", "growth": "Growth", "protection": "Protection"}


def planning_policy(on: date) -> PlanningPolicy:
    """Ranges, limits and days as they count on that day; KeyError when the bank has no such policy."""
    return cast("PlanningPolicy", active(PlanningPolicy.kind, on))


def suitability_policy(on: date) -> SuitabilityPolicy:
    """Which grade may be offered to whom on that day."""
    return cast("SuitabilityPolicy", active(SuitabilityPolicy.kind, on))


def policy_hash(on: date) -> str:
    """What a proposal's ranges were taken from."""
    return hash_in_force(PlanningPolicy.kind, on) or ""


def group_name(code: str) -> str:
    """A group of the allocation in words."""
    return speak(language(), GROUPS[code], ENGLISH[code])
