"""The policy of this room in force on a day, and its codes in the reader's language."""

from datetime import date
from typing import cast

from django.utils.translation import get_language

from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import speak
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.policies.words import said


def interaction_policy(on: date) -> InteractionPolicy:
    """Outcomes, next steps and days as they count on that day; KeyError when the bank has no such policy."""
    found = known_policy(on)
    if found is None:
        raise KeyError(InteractionPolicy.kind)
    return found


def known_policy(on: date) -> InteractionPolicy | None:
    """The same, or None for a bank without one: its pages still show what was logged."""
    return cast("InteractionPolicy | None", known(InteractionPolicy.kind, on))


def language() -> str:
    """The reader's language as policies speak it: zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def outcome_name(policy: InteractionPolicy | None, code: str) -> str:
    """An outcome in words; a code that the policy no longer has stays a code."""
    one = policy.outcome(code) if policy else None
    return speak(language(), one.label_zh, one.label_en) if one else code.replace("_", " ")


def step_name(policy: InteractionPolicy | None, code: str) -> str:
    """A next step in words."""
    steps = policy.next_steps if policy else ()
    found = next((speak(language(), one.label_zh, one.label_en) for one in steps if one.step == code), None)
    return found or code.replace("_", " ")


def family_name(code: str) -> str:
    """A product family in words."""
    return said(code, FAMILY_LABELS, language())
