"""Three sources: what is shown beside each other, and when they are said to disagree."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.analysis import three
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.scores.models import AgeChannel
from guanxi.crm.surveys.forms import CSAT
from guanxi.crm.surveys.models import Answer, Survey, SurveyVersion
from guanxi.crm.surveys.rules import Choice, Kind, Question, written
from guanxi.insight.workbench.three import Reading, Source, apart

pytestmark = pytest.mark.django_db
shares = st.floats(0, 1)
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(shares, shares, shares, shares)
def test_two_sources_are_apart_exactly_when_no_figure_fits_both_intervals(a, b, c, d) -> None:
    (low, high), (other_low, other_high) = sorted((a, b)), sorted((c, d))
    first = Reading(Source.SURVEY, (low + high) / 2, low, high)
    second = Reading(Source.BENCHMARK, (other_low + other_high) / 2, other_low, other_high)
    both = max(low, other_low) <= min(high, other_high)
    assert bool(apart([first, second])) is not both
    assert bool(apart([second, first])) is not both


def test_two_figures_without_an_interval_are_never_called_apart() -> None:
    assert apart([Reading(Source.OWN, 0.1), Reading(Source.BENCHMARK, 0.9)]) == []
    pair = apart([Reading(Source.OWN, 0.1), Reading(Source.SURVEY, 0.5, 0.4, 0.6)])
    assert [round(one.distance, 6) for one in pair] == [-0.4]


CHANNEL = Question(
    "own1", Kind.SINGLE, "您平时最常用哪个渠道办理业务？", "Which channel?",
    (Choice("c1", "手机银行", "Mobile"), Choice("c2", "柜面", "Counter")),
)  # fmt: skip


@pytest.fixture
def screen(settings):
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    screen = testing.make_screen()
    testing.make_policies("workbench", "benchmark", "survey")
    month = testing.BUSINESS_DATE.replace(day=1)
    for unit, mobile in ((screen.people.outlet, 150), (screen.people.elsewhere, 50)):
        AgeChannel.objects.create(
            month=month,
            unit=unit,
            area="urban",
            age_band="60+",
            customers=500,
            aum_fen=1,
            mobile_active=mobile,
        )
    made = {"made_by": screen.people.head, "made_at": NOON}
    with testing.everything():
        survey = Survey.objects.create(
            title="问卷", unit=screen.people.bank, occasion="branch", is_anonymous=True, state="open", **made
        )
        version = SurveyVersion.objects.create(
            survey=survey, number=1, questions=written([CSAT, CHANNEL]), content_hash="x", **made
        )
        Answer.objects.bulk_create(
            Answer(
                key=uuid.uuid4(), survey=survey, version=version, unit=screen.people.outlet, csat=5 if n % 2 else 2,
                values={"csat": 5, "own1": "c1" if n < 60 else "c2"}, day=testing.TODAY - timedelta(days=3),
            )
            for n in range(100)
        )  # fmt: skip
    return screen


def test_the_figures_stand_beside_each_other_with_n_interval_and_date(screen) -> None:
    analyst = testing.make_staff("analyst", screen.people.bank)
    client = testing.client_of(analyst)
    page = client.get("/analysis/three-sources").content.decode()
    assert "手机银行使用" in page
    assert "20.0%" in page  # (150 + 50) of 1,000: everybody
    assert "60.0%" in page  # of 100 answers
    assert "n = 100" in page
    assert "虚构" in page
    assert "超出各自区间" in page
    assert "电子渠道替代率" not in page  # only the benchmark knows it here


def test_a_line_needs_two_sources_and_too_few_answers_are_none(screen) -> None:
    analyst = testing.make_staff("analyst", screen.people.bank)

    def lines() -> dict[str, three.Line]:
        with acting_as(analyst, today=testing.TODAY):
            reach = reach_of(analyst, testing.TODAY)
            return {line.code: line for line in three.page(reach, testing.TODAY)["lines"]}

    told = lines()
    mobile = told["mobile"].cells
    assert (mobile["own"].reading.value, mobile["own"].reading.n) == (0.2, 1000)
    assert (mobile["survey"].reading.value, mobile["survey"].reading.n) == (0.6, 100)
    assert mobile["benchmark"].is_invented
    assert set(told["satisfied"].cells) == {"benchmark", "survey"}
    assert "nps" not in told  # nobody was asked
    with testing.everything():
        Answer.objects.filter(pk__in=list(Answer.objects.values_list("pk", flat=True)[29:])).delete()
    assert "satisfied" not in lines()
