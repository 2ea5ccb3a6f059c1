"""What customers do through a link or a branch's code: answer once. The program acts, and the trail says no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.program import within_units
from guanxi.crm.messaging import permission
from guanxi.crm.messaging.models import HoldReason
from guanxi.crm.organisation.models import Post, Role, Staff, Unit
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.surveys import rules, selectors
from guanxi.crm.surveys.models import (
    Answer,
    Survey,
    SurveyLink,
    SurveyPlace,
    SurveyState,
    SurveyVersion,
)
from guanxi.crm.surveys.policy import survey_policy
from guanxi.crm.worklist import services as worklist
from guanxi.insight.workdays import add_workdays
from guanxi.web.signed import seal, unseal

LINK, PLACE = "surveys.link", "surveys.place"
ORIGIN = "complaint"
"""Of the call after a low score: on the day's list it is a complaint nobody filed."""
AGES = ((35, "-34"), (55, "35-54"), (200, "55-"))


@dataclass(frozen=True)
class Door:
    """What a link or code opens: the questions, and whose they are about. `link` None: the branch's code."""

    survey: Survey
    version: SurveyVersion
    unit: Unit
    link: SurveyLink | None = None
    place: SurveyPlace | None = None


def link_token(link: SurveyLink) -> str:
    """The signed part of a customer's link."""
    return seal(LINK, link.pk, link.until)


def place_token(place: SurveyPlace) -> str:
    """The signed part of a branch's code."""
    return seal(PLACE, place.pk, place.until)


def door_of_link(token: str, today: date) -> Door | None:
    """What a customer's link opens; None for one that is false, over, answered, or of a survey closed."""
    told = unseal(LINK, token)
    unit = selectors.unit_of(told.number) if told and not told.expired_on(today) else None
    if told is None or unit is None:
        return None
    with within_units([unit]):
        rows = SurveyLink.objects.select_related("survey__unit", "version", "party", "unit", "staff")
        link = rows.filter(pk=told.number, answered_on=None, survey__state=SurveyState.OPEN).first()
    return Door(link.survey, link.version, link.unit, link=link) if link else None


def door_of_place(token: str, today: date) -> Door | None:
    """What a branch's code opens; None for one that is false, over, or of a survey closed."""
    told = unseal(PLACE, token)
    if told is None or told.expired_on(today):
        return None
    rows = SurveyPlace.objects.select_related("survey", "unit")
    place = rows.filter(pk=told.number, survey__state=SurveyState.OPEN).first()
    if place is None:
        return None
    return Door(place.survey, selectors.latest_version(place.survey), place.unit, place=place)


def kept(token: str, key: str) -> Answer | None:
    """The answer that this very page gave through this link before; None for any other key or link."""
    told = unseal(LINK, token)
    unit = selectors.unit_of(told.number) if told else None
    try:
        page = UUID(key)
    except ValueError:
        return None
    if unit is None:
        return None
    with within_units([unit]):
        return Answer.objects.select_related("survey", "unit").filter(key=page).first()


def answer(door: Door, told: Mapping[str, Sequence[str]], *, key: UUID, today: date, now: datetime) -> Answer:
    """Keep an answer, once; raises rules.Wrong for what is no answer, ValidationError for a link used already.

    A low score opens a task for the head of the outlet and, of a known customer, holds marketing for some days.
    """
    given = rules.take(rules.read_questions(door.version.questions), told)
    with within_units([door.unit.pk]):
        known = Answer.objects.filter(key=key).first()
        if known is not None:
            return known
        if door.link is not None:
            _use(door.link, today)
        made = _write(door, given, key, today, now)
        if made.is_low:
            _follow(made, door, today=today, now=now)
        audit.record(by=None, verb="surveys.answered", on=made, version=door.version.number, low=made.is_low)
    return made


def _use(link: SurveyLink, today: date) -> None:
    if not SurveyLink.objects.filter(pk=link.pk, answered_on=None).update(answered_on=today):
        raise ValidationError(_("This link has been used already."))


def _write(door: Door, given: rules.Given, key: UUID, today: date, now: datetime) -> Answer:
    row = Answer(
        key=key, survey=door.survey, version=door.version, place=door.place, unit=door.unit, day=today,
        csat=given.csat, nps=given.nps, values=dict(given.values), comment=given.comment,
        is_low=survey_policy(today).is_low(given.csat, given.nps),
    )  # fmt: skip
    if door.link is not None and not door.survey.is_anonymous:
        party = Party.objects.get(pk=door.link.party_id)
        row.link, row.party, row.at, row.staff = door.link, party, now, door.link.staff
        row.unit_id, row.keeper_id = party.unit_id, party.keeper_id
        score = PartyScore.objects.filter(party=party).only("tier_rank").first()
        row.tier_rank, row.age_band = score.tier_rank if score else None, age_band(party.birth_date, today)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same page sent twice at once
        return Answer.objects.get(key=key)
    return row


def age_band(born: date | None, today: date) -> str:
    """The band of an age that weighting knows; empty when the day of birth is not known."""
    if born is None:
        return ""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return next(name for below, name in AGES if age < below)


def _follow(made: Answer, door: Door, *, today: date, now: datetime) -> None:
    policy = survey_policy(today)
    head = head_of(door.unit)
    if head is not None:
        named = made.party is not None
        worklist.open_task(
            by=None, origin=ORIGIN, assignee=head, unit=door.unit, party=made.party, subject=f"survey:{made.pk}",
            due_on=add_workdays(today, policy.follow_workdays), urgency=3, today=today,
            reason={
                "code": "survey_low" if named else "survey_low_branch", "day_on": today.isoformat(),
                "score": _score(made),
            },
            link=f"surveys:answer {made.pk}",
        )  # fmt: skip
    if made.party is not None and policy.hold_days:
        permission.hold(
            party=made.party, reason=HoldReason.COMPLAINT, at=now, by=None, subject=f"survey:{made.pk}",
            until=now + timedelta(days=policy.hold_days),
        )  # fmt: skip


def _score(made: Answer) -> str:
    return f"{made.csat}/5" if made.csat is not None else f"{made.nps}/10"


def head_of(unit: Unit) -> Staff | None:
    """Who heads the unit now, the longest in the post first; None when nobody does."""
    rows = Post.objects.filter(unit=unit, role=Role.OUTLET_HEAD, valid_to=None, staff__is_active=True)
    post = rows.select_related("staff").order_by("valid_from", "pk").first()
    return post.staff if post else None
