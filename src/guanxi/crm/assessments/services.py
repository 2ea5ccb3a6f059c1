"""Writes: handed in by one, approved by another on the hash of what was read; ended. And the gate other rooms ask."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.assessments import rules, selectors
from guanxi.crm.assessments.activities import NAMES
from guanxi.crm.assessments.models import Assessment, Risk, State
from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.services import require
from guanxi.insight.data_map.catalogue import data_map
from guanxi.insight.policies.protection import ProtectionPolicy

CONTENT = ("title", "activities", "data", "purpose", "impact", "measures", "risk")


class NotAssessed(Exception):
    """Something was to begin that no assessment in force covers; tells which activities. Answered with status 409."""

    def __init__(self, activities: Sequence[str]) -> None:
        """`activities` by their codes."""
        super().__init__(f"not assessed: {', '.join(activities)}")
        self.activities = activities


@dataclass(frozen=True)
class Draft:
    """An assessment as somebody writes it down."""

    title: str
    activities: Sequence[str]
    data: Sequence[str]
    purpose: str
    impact: str
    measures: str
    risk: str


def need_assessment(activities: Iterable[str], *, today: date) -> None:
    """Raise NotAssessed unless an assessment covers each activity that the policy asks one for."""
    if found := selectors.lacking(dict.fromkeys(activities), today):
        raise NotAssessed(found)


@transaction.atomic
def hand_in(*, by: Staff, draft: Draft, today: date, now: datetime) -> Assessment:
    """Hand an assessment in; it counts once another person approved it. ValidationError for what is none."""
    require(by, Right.WRITE_ASSESSMENTS, today)
    policy = _policy(today)
    _check(draft)
    told = asdict(draft) | {"activities": sorted(set(draft.activities)), "data": sorted(set(draft.data))}
    made = Assessment.objects.create(
        **told, content_hash=rules.content_hash(told), written_by=by, written_at=now,
        kept_until=rules.years_later(today, policy.assessment_years),
    )  # fmt: skip
    audit.record(by=by, verb="assessments.handed_in", on=made, content_hash=made.content_hash)
    return made


@transaction.atomic
def approve(*, by: Staff, assessment: Assessment, read: str, today: date, now: datetime) -> Assessment:
    """Approve exactly what was read (`read`: its hash). It counts from today for the policy's months."""
    locked, policy = _decidable(by, assessment, today), _policy(today)
    if not read == locked.content_hash == content_hash(locked):
        raise ValidationError(_("This assessment is no longer what you have read. Read it again."))
    locked.valid_from = today
    locked.valid_until = rules.months_later(today, policy.assessment_months)
    return _decide(locked, State.APPROVED, by, now, "", locked.valid_until, policy)


@transaction.atomic
def reject(*, by: Staff, assessment: Assessment, note: str, today: date, now: datetime) -> Assessment:
    """Turn it down, with the reason; it is kept as long as one that was approved."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = _decidable(by, assessment, today)
    return _decide(locked, State.REJECTED, by, now, note.strip()[:200], today, _policy(today))


@transaction.atomic
def end(*, by: Staff, assessment: Assessment, note: str, today: date) -> Assessment:
    """Let it count no more from today: what it covered may not begin again. One person is enough."""
    require(by, Right.SEE_ASSESSMENTS, today)
    locked = _locked(assessment)
    if locked.state != State.APPROVED:
        raise ValidationError(_("Only an assessment that counts can be ended."))
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked.state, locked.ended_on = State.ENDED, today
    locked.save(update_fields=["state", "ended_on"])
    audit.record(by=by, verb="assessments.ended", on=locked, note=note.strip()[:200])
    return locked


def content_hash(assessment: Assessment) -> str:
    """SHA-256 over all that is approved."""
    return rules.content_hash({name: getattr(assessment, name) for name in CONTENT})


def _check(draft: Draft) -> None:
    if not draft.activities or not set(draft.activities) <= set(NAMES):
        raise ValidationError(_("Choose what is assessed."))
    if not draft.data or not set(draft.data) <= set(data_map().kinds):
        raise ValidationError(_("Choose the data it uses."))
    if draft.risk not in Risk.values:
        raise ValidationError(_("Choose a risk grade."))
    if not all(text.strip() for text in (draft.title, draft.purpose, draft.impact, draft.measures)):
        raise ValidationError(_("Write down why and how, what it does to people, and what protects them."))


def _policy(today: date) -> ProtectionPolicy:
    policy = selectors.protection(today)
    if policy is None:
        raise ValidationError(_("The bank has no policy of the protection of personal information in force."))
    return policy


def _locked(assessment: Assessment) -> Assessment:
    return Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)


def _decidable(by: Staff, assessment: Assessment, today: date) -> Assessment:
    require(by, Right.APPROVE_ASSESSMENTS, today)
    locked = _locked(assessment)
    if locked.state != State.PROPOSED:
        raise ValidationError(_("Somebody has decided this already."))
    if by.pk == locked.written_by_id:
        raise PermissionDenied("who wrote an assessment does not approve it")
    check_second_person(by, (locked.written_by_id,), today)
    return locked


def _decide(
    assessment: Assessment,
    state: State,
    by: Staff,
    now: datetime,
    note: str,
    last: date,
    policy: ProtectionPolicy,
) -> Assessment:
    """Keep the decision; the years of retention run from its `last` day."""
    assessment.state, assessment.decided_by, assessment.decided_at = state, by, now
    assessment.decided_note = note
    assessment.kept_until = rules.years_later(last, policy.assessment_years)
    assessment.save(
        update_fields=[
            *("state", "decided_by", "decided_at", "decided_note"),
            *("valid_from", "valid_until", "kept_until"),
        ]
    )
    audit.record(
        by=by, verb=f"assessments.{state}", on=assessment, content_hash=assessment.content_hash, note=note
    )
    return assessment
