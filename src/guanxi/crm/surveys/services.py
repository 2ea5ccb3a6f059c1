"""Writes on surveys by people: made, worded anew, opened, closed; codes for branches; customers asked."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.acting import Acting
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Right
from guanxi.crm.surveys import rules, selectors
from guanxi.crm.surveys.models import Survey, SurveyLink, SurveyPlace, SurveyState, SurveyVersion
from guanxi.crm.surveys.policy import survey_policy

__all__ = ["Acting", "SurveyDraft", "ask", "close", "hang", "make", "open_up", "reword"]


@dataclass(frozen=True)
class SurveyDraft:
    """A survey as somebody writes it down."""

    title: str
    unit: Unit
    occasion: str
    is_anonymous: bool
    questions: Sequence[rules.Question]


@transaction.atomic
def make(acting: Acting, draft: SurveyDraft) -> Survey:
    """A new survey with its first version, not yet asking."""
    acting.need(Right.RUN_SURVEYS)
    if not (acting.reach.whole_bank or draft.unit.pk in acting.reach.unit_ids):
        raise PermissionDenied("a survey of another unit")
    survey = Survey.objects.create(
        title=draft.title, unit=draft.unit, occasion=draft.occasion, is_anonymous=draft.is_anonymous,
        made_by=acting.by, made_at=acting.now,
    )  # fmt: skip
    _version(acting, survey, draft.questions, 1)
    audit.record(by=acting.by, verb="surveys.made", on=survey, occasion=draft.occasion)
    return survey


@transaction.atomic
def reword(acting: Acting, survey: Survey, questions: Sequence[rules.Question]) -> SurveyVersion:
    """A new version; links sent before keep the questions they were sent with. Unchanged words make none."""
    locked = _own(acting, survey)
    latest = selectors.latest_version(locked)
    if latest.content_hash == _hash(questions):
        return latest
    return _version(acting, locked, questions, latest.number + 1)


@transaction.atomic
def open_up(acting: Acting, survey: Survey) -> Survey:
    """Let a survey ask."""
    locked = _own(acting, survey)
    locked.state, locked.closed_on = SurveyState.OPEN, None
    locked.save(update_fields=["state", "closed_on"])
    audit.record(by=acting.by, verb="surveys.opened", on=locked)
    return locked


@transaction.atomic
def close(acting: Acting, survey: Survey) -> Survey:
    """Ask nobody any more; links and codes open nothing from now on."""
    locked = _own(acting, survey)
    locked.state, locked.closed_on = SurveyState.CLOSED, acting.today
    locked.save(update_fields=["state", "closed_on"])
    audit.record(by=acting.by, verb="surveys.closed", on=locked)
    return locked


@transaction.atomic
def hang(acting: Acting, survey: Survey, unit: Unit) -> SurveyPlace:
    """The code of a branch, made once and prolonged when it is asked for again."""
    if not selectors.surveys_for(acting.reach).filter(pk=survey.pk, state=SurveyState.OPEN).exists():
        raise PermissionDenied("a survey out of reach or not asking")
    if not (acting.reach.whole_bank or unit.pk in acting.reach.unit_ids):
        raise PermissionDenied("another unit's code")
    until = acting.today + timedelta(days=survey_policy(acting.today).branch_days)
    place, made = SurveyPlace.objects.update_or_create(
        survey=survey, unit=unit, defaults={"until": until},
        create_defaults={"until": until, "made_by": acting.by, "made_at": acting.now},
    )  # fmt: skip
    audit.record(by=acting.by, verb="surveys.hung", on=place, unit=unit.unit_no, made=made)
    return place


@transaction.atomic
def ask(
    acting: Acting, survey: Survey, party: Party, *, subject: str, staff: Staff | None = None
) -> SurveyLink:
    """Ask one customer within reach; the same matter once. ValidationError when asked too short a time ago."""
    if not acting.reach.covers(party.unit_id, party.keeper_id) or survey.state != SurveyState.OPEN:
        raise PermissionDenied("a customer out of reach, or a survey that does not ask")
    known = SurveyLink.objects.filter(survey=survey, party=party, subject=subject).first()
    if known is not None:
        return known
    policy = survey_policy(acting.today)
    since = acting.today - timedelta(days=policy.rest_days)
    if SurveyLink.objects.filter(party=party, sent_on__gt=since).exists():
        raise ValidationError(_("This customer was asked in the last %(n)s days.") % {"n": policy.rest_days})
    link = SurveyLink.objects.create(
        survey=survey, version=selectors.latest_version(survey), party=party, unit_id=party.unit_id,
        keeper_id=party.keeper_id, staff=staff, subject=subject, sent_on=acting.today,
        until=acting.today + timedelta(days=policy.link_days),
    )  # fmt: skip
    audit.record(by=acting.by, verb="surveys.asked", on=link, party=party.pk)
    return link


def _version(
    acting: Acting, survey: Survey, questions: Sequence[rules.Question], number: int
) -> SurveyVersion:
    if rules.problems(questions):
        raise ValidationError(
            _(
                "A survey asks for satisfaction or recommendation, in both languages, with 2 to 12 choices each."
            )
        )
    made = SurveyVersion.objects.create(
        survey=survey, number=number, questions=rules.written(questions), content_hash=_hash(questions),
        made_by=acting.by, made_at=acting.now,
    )  # fmt: skip
    audit.record(by=acting.by, verb="surveys.worded", on=made, number=number, hash=made.content_hash)
    return made


def _hash(questions: Sequence[rules.Question]) -> str:
    body = json.dumps(rules.written(questions), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def _own(acting: Acting, survey: Survey) -> Survey:
    acting.need(Right.RUN_SURVEYS)
    locked = Survey.objects.select_for_update(of=("self",)).select_related("unit").get(pk=survey.pk)
    if not (acting.reach.whole_bank or locked.unit_id in acting.reach.unit_ids):
        raise PermissionDenied("a survey of another unit")
    return locked
