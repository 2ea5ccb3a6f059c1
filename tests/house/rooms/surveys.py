"""A survey of the customer's outlet that asks, with a code, a link and an answer."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.surveys import guests, rules
from guanxi.crm.surveys.forms import CSAT, NPS, WORD
from guanxi.crm.surveys.models import Answer, Survey, SurveyLink, SurveyPlace, SurveyVersion

NOON, LAST = datetime(2026, 11, 1, 4, tzinfo=UTC), date(2098, 11, 1)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`survey`, `survey_place`, `survey_answer`, and the tokens `survey_link`, `survey_code`."""
    testing.make_policies("survey", "worklist")
    made = {"made_by": keeper, "made_at": NOON}
    copies = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id}
    with testing.everything():
        survey = Survey.objects.create(
            title="服务满意度", unit_id=party.unit_id, occasion="visit", state="open", **made
        )
        questions = rules.written([CSAT, NPS, WORD])
        version = SurveyVersion.objects.create(
            survey=survey, number=1, questions=questions, content_hash="x", **made
        )
        place = SurveyPlace.objects.create(survey=survey, unit_id=party.unit_id, until=LAST, **made)
        asked = {"survey": survey, "version": version, "sent_on": testing.TODAY, "until": LAST, **copies}
        link = SurveyLink.objects.create(subject="a", **asked)
        done = SurveyLink.objects.create(subject="b", answered_on=testing.TODAY, **asked)
        answer = Answer.objects.create(
            key=uuid.uuid4(), survey=survey, version=version, link=done, csat=2, nps=3, is_low=True, day=testing.TODAY,
            at=NOON, staff=keeper, comment="等候太久", values={"csat": 2, "nps": 3}, **copies,
        )  # fmt: skip
    return {
        "survey": survey.uuid, "survey_place": place.pk, "survey_answer": answer.pk,
        "survey_link": guests.link_token(link), "survey_code": guests.place_token(place),
    }  # fmt: skip
