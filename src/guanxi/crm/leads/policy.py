"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.utils.translation import get_language

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.lead import LeadPolicy, Named


def lead_policy(on: date) -> LeadPolicy:
    """Days, limits, weights and words as they count on that day; KeyError when the bank has no such policy."""
    return cast("LeadPolicy", active(LeadPolicy.kind, on))


def said(one: Named) -> str:
    """The words of a code in the reader's language."""
    return one.label_zh if (get_language() or "zh").startswith("zh") else one.label_en


def choices(rows: tuple[Named, ...]) -> list[tuple[str, str]]:
    """Codes with their words, in the policy's order."""
    return [(one.code, said(one)) for one in rows]
