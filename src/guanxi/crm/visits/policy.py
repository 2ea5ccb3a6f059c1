"""The policy of visits in force on a day, and its codes in the reader's language."""

from datetime import date
from typing import cast

from guanxi.crm.interactions.policy import language
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.policies.visit import VisitPolicy


def visit_policy(on: date) -> VisitPolicy:
    """Cadence, aims, evidence and plans as they count on that day; KeyError when the bank has no such policy."""
    return cast("VisitPolicy", active(VisitPolicy.kind, on))


def aim_name(policy: VisitPolicy, code: str) -> str:
    """An aim in words; a code that the policy no longer has stays a code."""
    aim = policy.aim(code)
    return aim.label(language()) if aim else code.replace("_", " ")


def plan_name(policy: VisitPolicy, code: str) -> str:
    """A maintenance plan's template in words."""
    found = next((plan for plan in policy.plans if plan.code == code), None)
    return found.label(language()) if found else code.replace("_", " ")


def class_of(score: PartyScore | None, names: TierNames) -> tuple[str, str, str]:
    """Scheme, tier code and stage of a customer, as the policy's templates ask; empty where unknown."""
    if score is None:
        return "", "", ""
    band = names.band(score.tier_scheme, score.tier_rank)
    return score.tier_scheme or "", band.code if band else "", score.stage or ""
