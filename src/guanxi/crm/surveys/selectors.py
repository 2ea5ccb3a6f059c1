"""Reads of surveys and their results. Each asks for a reach; row security is behind links and answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.http import Http404

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.organisation.models import Unit, UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.surveys.models import Answer, Survey, SurveyLink, SurveyPlace, SurveyState, SurveyVersion
from guanxi.insight.surveys.scores import PASSIVE, PROMOTER, SATISFIED, Promotion, Share, promotion, wilson

MOST_COMMENTS = 40
COUNTS = {
    "answers": Count("pk"),
    "csat_n": Count("pk", filter=Q(csat__isnull=False)),
    "csat_top": Count("pk", filter=Q(csat__gte=SATISFIED)),
    "nps_n": Count("pk", filter=Q(nps__isnull=False)),
    "promoters": Count("pk", filter=Q(nps__gte=PROMOTER)),
    "detractors": Count("pk", filter=Q(nps__lt=PASSIVE)),
    "low": Count("pk", filter=Q(is_low=True)),
}


@dataclass(frozen=True)
class Group:
    """Answers of one group (a unit, a person, a tier; key None: all): both scores, how many, how many low."""

    key: int | None
    answers: int
    low: int
    csat: Share
    nps: Promotion


def surveys_for(reach: Reach) -> QuerySet[Survey]:
    """Surveys of units within reach, and of those above them: these ask one's customers too."""
    rows = Survey.objects.select_related("unit", "made_by")
    if reach.whole_bank:
        return rows
    above = UnitScope.objects.filter(member__in=sorted(reach.post_unit_ids)).values("unit")
    return rows.filter(Q(unit__in=sorted(reach.unit_ids)) | Q(unit__in=above))


def survey_or_404(reach: Reach, uuid: UUID) -> Survey:
    """The survey with this key; out of reach answers exactly as not there at all."""
    found = surveys_for(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def may_run(reach: Reach, survey: Survey) -> bool:
    """Whether the survey is one's own to word, open and close."""
    return reach.whole_bank or survey.unit_id in reach.unit_ids


def asking(reach: Reach) -> QuerySet[Survey]:
    """Surveys that ask now and name the customer, for asking one by hand."""
    return surveys_for(reach).filter(state=SurveyState.OPEN).order_by("title", "pk")


def latest_version(survey: Survey) -> SurveyVersion:
    """The questions in force."""
    return SurveyVersion.objects.filter(survey=survey).order_by("-number")[0]


def places_of(reach: Reach, survey: Survey) -> QuerySet[SurveyPlace]:
    """The codes that hang in one's units."""
    rows = SurveyPlace.objects.filter(survey=survey).select_related("unit").order_by("unit__unit_no")
    return rows if reach.whole_bank else rows.filter(unit__in=sorted(reach.unit_ids))


def answers_of(reach: Reach, survey: Survey, since: date) -> QuerySet[Answer]:
    """What was answered from this day on, within reach."""
    rows = Answer.objects.filter(survey=survey, day__gte=since)
    return rows if reach.whole_bank else rows.filter(_near(reach))


def answer_or_404(reach: Reach, number: int) -> Answer:
    """One answer within reach."""
    rows = Answer.objects.select_related("survey", "version", "party", "unit", "staff")
    found = rows.filter(pk=number).first()
    if found is None or not reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found


def _near(reach: Reach) -> Q:
    return Q(unit__in=sorted(reach.unit_ids)) | Q(keeper__in=sorted(reach.staff_ids))


def result(reach: Reach, survey: Survey, since: date) -> Group:
    """Both scores over everything within reach."""
    return _group(None, answers_of(reach, survey, since).aggregate(**COUNTS))


def results_by(reach: Reach, survey: Survey, since: date, column: str) -> list[Group]:
    """The same by unit, staff or tier_rank; answers without one are left out. The most answers first."""
    rows: Iterable[dict[str, Any]] = (
        answers_of(reach, survey, since)
        .exclude(**{f"{column}__isnull": True})
        .values(column)
        .annotate(**COUNTS)
    )
    made = [_group(row.pop(column), row) for row in rows]
    return sorted(made, key=lambda one: (-one.answers, one.key or 0))


def _group(key: int | None, told: dict[str, int]) -> Group:
    return Group(
        key, told["answers"], told["low"], wilson(told["csat_top"], told["csat_n"]),
        promotion(told["promoters"], told["detractors"], told["nps_n"]),
    )  # fmt: skip


def response(reach: Reach, survey: Survey, since: date) -> Share:
    """Of the customers asked by link from this day on, how many answered; answers by code have nobody asked."""
    rows = SurveyLink.objects.filter(survey=survey, sent_on__gte=since)
    if not reach.whole_bank:
        rows = rows.filter(_near(reach))
    told = rows.aggregate(sent=Count("pk"), answered=Count("pk", filter=Q(answered_on__isnull=False)))
    return wilson(told["answered"], told["sent"])


def comments(reach: Reach, survey: Survey, since: date) -> list[Answer]:
    """What was written, low scores first, then the latest."""
    rows = answers_of(reach, survey, since).exclude(comment="").select_related("unit", "party")
    return list(rows.order_by("-is_low", "-day", "-pk")[:MOST_COMMENTS])


def last_score(reach: Reach, party: Party) -> Answer | None:
    """The customer's latest answer, for the customer page: one query."""
    if nothing_in(party, Answer) or not reach.covers(party.unit_id, party.keeper_id):
        return None
    rows = Answer.objects.filter(party__in=numbers_of(party)).select_related("survey")
    return rows.order_by("-day", "-pk").first()


def units_for(reach: Reach) -> QuerySet[Unit]:
    """Units one may make a survey for or hang a code in."""
    rows = Unit.objects.order_by("unit_no")
    return rows if reach.whole_bank else rows.filter(pk__in=sorted(reach.unit_ids))


def unit_of(link: int) -> int | None:
    """The unit whose rows a link stands among; None when there is none: for the open doors alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT surveys_unit_of(%s)", [link])
        row = cursor.fetchone()
    return row[0] if row else None
