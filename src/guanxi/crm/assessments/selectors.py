"""Reads of assessments. They name staff and no customer: who has the right reads all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db.models import QuerySet

from guanxi.crm.assessments import rules
from guanxi.crm.assessments.activities import NAMES, kind_of
from guanxi.crm.assessments.models import Assessment, State
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.protection import ProtectionPolicy


@dataclass(frozen=True)
class Standing:
    """An activity: until when it is covered (None: it is not), and whether the policy asks for that."""

    activity: str
    until: date | None
    ends_soon: bool
    is_asked: bool


def protection(on: date) -> ProtectionPolicy | None:
    """The policy in force; None for a bank without it, where nothing waits for an assessment."""
    return cast("ProtectionPolicy | None", known(ProtectionPolicy.kind, on))


def assessments() -> QuerySet[Assessment]:
    """All of them with their people, the latest first."""
    return Assessment.objects.select_related("written_by", "decided_by")


def lacking(activities: Iterable[str], on: date) -> list[str]:
    """The activities that the policy asks an assessment for and that none covers on that day; one query."""
    policy = protection(on)
    asked = [code for code in activities if policy and kind_of(code) in policy.assessed]
    return rules.lacking(asked, _approved(), on) if asked else []


def standings(on: date) -> list[Standing]:
    """Every activity the program knows, in order."""
    policy, approved = protection(on), _approved()
    days = policy.contract_notice_days if policy else 0
    found = [(code, rules.covered_until(code, approved, on)) for code in NAMES]
    return [
        Standing(
            code,
            until,
            until is not None and (until - on).days <= days,
            policy is not None and kind_of(code) in policy.assessed,
        )
        for code, until in found
    ]


def _approved() -> list[rules.Covering]:
    rows = Assessment.objects.filter(state__in=[State.APPROVED, State.ENDED])
    return [
        rules.Covering(one.activities, one.valid_from, one.valid_until, one.ended_on)
        for one in rows
        if one.valid_from and one.valid_until
    ]
