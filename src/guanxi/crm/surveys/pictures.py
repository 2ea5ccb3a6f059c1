"""What the pages of surveys show. A score of fewer answers than the policy asks for is not shown, to nobody."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.surveys import selectors, weighting
from guanxi.crm.surveys.models import Answer, Survey, SurveyState
from guanxi.crm.surveys.policy import language, survey_policy
from guanxi.crm.surveys.rules import Kind, Question, read_questions

COLOURS = {SurveyState.DRAFT: "grey", SurveyState.OPEN: "green", SurveyState.CLOSED: "grey"}
PERSON = "person"


@dataclass(frozen=True)
class Shown:
    """A group's line: its name, how many, both scores with their intervals as text; empty text: too few to show."""

    name: str
    answers: int
    low: int
    csat: str
    csat_range: str
    nps: str
    nps_range: str


def shown(group: selectors.Group, name: str, least: int) -> Shown:
    """A group as it may be shown."""
    csat, nps = group.csat, group.nps
    told = ["", "", "", ""]
    if csat.n >= least and csat.value is not None and csat.low is not None and csat.high is not None:
        told[:2] = [f"{csat.value:.1%}", f"{csat.low:.1%} – {csat.high:.1%}"]
    if nps.n >= least and nps.value is not None and nps.low is not None and nps.high is not None:
        told[2:] = [f"{nps.value:+.0f}", f"{nps.low:+.0f} … {nps.high:+.0f}"]
    return Shown(name, group.answers, group.low, *told)


def results(reach: Reach, survey: Survey, today: date, *, weighted: bool) -> dict[str, Any]:
    """Scores over all, by unit, by person and by tier; how many answered of those asked; what was written."""
    policy = survey_policy(today)
    since, least = today - timedelta(days=policy.shown_days), policy.least_answers
    whole = shown(selectors.result(reach, survey, since), _("All"), least)
    by = {name: selectors.results_by(reach, survey, since, f"{name}_id") for name in ("unit", "staff")}
    tiers = selectors.results_by(reach, survey, since, "tier_rank")
    names = tier_names(today)
    return {
        "whole": whole, "least": least, "since": since,
        "response": selectors.response(reach, survey, since),
        "groups": [
            (_("By outlet"), _named(by["unit"], dict(Unit.objects.values_list("pk", "name")), least)),
            (_("By manager"), _named(by["staff"], _people(by["staff"]), least)),
            (_("By tier"), [shown(one, names.label(PERSON, one.key), least) for one in tiers]),
        ],
        "comments": [_comment(one, reach) for one in selectors.comments(reach, survey, since)],
        "weighted": weighting.csat(reach, survey, since) if weighted and whole.csat else None,
    }  # fmt: skip


def _people(groups: list[selectors.Group]) -> dict[int, str]:
    return dict(Staff.objects.filter(pk__in=[one.key for one in groups]).values_list("pk", "name"))


def _named(groups: list[selectors.Group], names: dict[int, str], least: int) -> list[Shown]:
    return [shown(one, names.get(one.key or 0, "—"), least) for one in groups]


def _comment(one: Answer, reach: Reach) -> dict[str, Any]:
    name = shown_name(one.party.name, hidden=reach.hides_names) if one.party else ""
    return {"answer": one, "name": name, "party": one.party}


def said(one: Answer, reach: Reach) -> dict[str, Any]:
    """One answer with its questions in words."""
    tongue = language()
    questions = read_questions(one.version.questions)
    lines = [
        (asked.ask(tongue), _value(asked, one, tongue)) for asked in questions if asked.kind != Kind.TEXT
    ]
    name = shown_name(one.party.name, hidden=reach.hides_names) if one.party else _("nobody named")
    return {"answer": one, "lines": lines, "name": name, "party": one.party}


def _value(asked: Question, one: Answer, tongue: str) -> str | None:
    value = one.values.get(asked.code)
    if value is None:
        return None
    words = {choice.code: choice.en if tongue == "en" else choice.zh for choice in asked.choices}
    if isinstance(value, list):
        return "、".join(words.get(str(code), str(code)) for code in value)
    return words.get(value, str(value)) if isinstance(value, str) else str(value)


def panel(reach: Reach, party: Party) -> dict[str, Any]:
    """The customer's latest score, for the customer page; the button to ask for who may see surveys."""
    return {
        "last_answer": selectors.last_score(reach, party),
        "may_survey": reach.may(Right.SEE_SURVEYS) and not reach.hides_names,
    }
