"""The three sources (三角验证) gathered for one page: what the run counted, what others report, what customers said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Q, Sum
from django.utils.translation import gettext as _

from guanxi.crm.analysis.policy import benchmark_policy, language
from guanxi.crm.analysis.selectors import need
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import AgeChannel, ChannelUse, HoldingCount
from guanxi.crm.scores.selectors import current_business_date, figure_proofs
from guanxi.crm.surveys.models import Answer, SurveyVersion
from guanxi.crm.surveys.policy import survey_policy
from guanxi.crm.surveys.rules import read_questions
from guanxi.crm.surveys.selectors import COUNTS
from guanxi.insight.policies.base import speak
from guanxi.insight.policies.benchmark import Asked, Benchmark
from guanxi.insight.surveys.scores import promotion, wilson
from guanxi.insight.workbench.three import FIGURES, POINTS, Reading, Source, apart
from guanxi.web import formats

SENIOR = "60+"
FAMILIES = 3


@dataclass(frozen=True)
class Cell:
    """One source's figure of one line, with where and when it is from."""

    reading: Reading
    value: str
    interval: str
    when: str
    source: str
    note: str = ""
    is_invented: bool = False


@dataclass
class Line:
    """One figure: its three cells, where there are any, and what they say against each other."""

    code: str
    name: str
    cells: dict[str, Cell] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)


def page(reach: Reach, today: date) -> dict[str, Any]:
    """What the page is told. Only for who looks at the whole bank: the figures are of all of it."""
    need(reach)
    policy = benchmark_policy(today)
    business_date = current_business_date()
    own = own_figures(business_date) if business_date else {}
    others = {one.code: _of_others(one) for one in policy.benchmarks}
    said, least = surveys(policy.questions, today)
    lines = []
    for code, names in FIGURES.items():
        line = Line(code, speak(language(), *names))
        told = (
            (Source.OWN, own.get(code)),
            (Source.BENCHMARK, others.get(code)),
            (Source.SURVEY, said.get(code)),
        )
        line.cells = {source.value: cell for source, cell in told if cell is not None}
        if len(line.cells) > 1:
            line.sentences = _sentences(line)
            lines.append(line)
    return {
        "lines": lines,
        "apart": [line for line in lines if line.sentences],
        "as_of": business_date,
        "least": least,
        "has_benchmarks": bool(others),
        "has_invented": any(one.is_invented for one in policy.benchmarks),
    }


def own_figures(business_date: date) -> dict[str, Cell]:
    """What the current run counted over the whole bank; figures it does not have are left out."""
    month = business_date.replace(day=1)
    proofs = {name: proof.figure for name, proof in figure_proofs().items()}
    ages = AgeChannel.objects.filter(month=month).aggregate(
        all=Sum("customers"),
        known=Sum("customers", filter=Q(mobile_active__isnull=False)),
        mobile=Sum("mobile_active"),
        aged=Sum("customers", filter=~Q(age_band="") & ~Q(age_band="unknown")),
        senior=Sum("customers", filter=Q(age_band=SENIOR)),
    )
    held = HoldingCount.objects.filter(month=month).aggregate(
        all=Sum("customers"), many=Sum("customers", filter=Q(families_held__gte=FAMILIES))
    )
    use = ChannelUse.objects.filter(month=month).aggregate(
        *(
            Sum(f"{name}_count")
            for name in ("counter", "self_service", "mobile", "web", "phone", "third_party")
        )
    )
    postings = sum(number or 0 for number in use.values())
    made = {
        "mobile": (ages["mobile"], ages["known"], _("Logged in to the mobile bank this month")),
        "senior": (ages["senior"], ages["aged"], _("Customers of known age")),
        "families": (held["many"], held["all"], _("Customers with a product")),
        "away_from_counter": (
            postings - (use["counter_count__sum"] or 0), postings, _("Postings customers made this month"),
        ),
        "active": (proofs.get("active_customers"), proofs.get("customers"), _("Registered figures of the run")),
        "wealth": (proofs.get("wealth_products"), proofs.get("aum"), _("Registered figures of the run, in yuan")),
    }  # fmt: skip
    return {
        code: _own(part, whole, note, business_date)
        for code, (part, whole, note) in made.items()
        if part and whole
    }


def _own(part: Any, whole: Any, note: str, on: date) -> Cell:
    share = float(part) / float(whole)
    reading = Reading(Source.OWN, share, n=int(whole))
    return Cell(reading, formats.percent(share), _("counts everybody"), formats.day(on), _("Our run"), note)


def _of_others(one: Benchmark) -> Cell:
    low = None if one.range_low is None else float(one.range_low)
    high = None if one.range_high is None else float(one.range_high)
    reading = Reading(Source.BENCHMARK, float(one.figure), low, high)
    interval = _span(one.code, low, high) if low is not None else _("no range given")
    return Cell(
        reading, _figure(one.code, reading.value), interval, one.as_of, one.source(language()),
        one.definition(language()), one.is_invented,
    )  # fmt: skip


def surveys(questions: tuple[Asked, ...], today: date) -> tuple[dict[str, Cell], int]:
    """What customers answered over the days surveys look back, and from how many answers on it is shown."""
    try:
        policy = survey_policy(today)
    except ValidationError:
        return {}, 0
    answers = Answer.objects.filter(day__gt=today - timedelta(days=policy.shown_days), day__lte=today)
    told = answers.aggregate(**COUNTS, first=Min("day"), last=Max("day"))
    least, found = policy.least_answers, {}
    when = _when(told["first"], told["last"])
    note = _("All surveys together, unweighted")
    if told["csat_n"] >= least:
        found["satisfied"] = _said_share("satisfied", told["csat_top"], told["csat_n"], when, note)
    if told["nps_n"] >= least:
        score = promotion(told["promoters"], told["detractors"], told["nps_n"])
        assert score.value is not None
        reading = Reading(Source.SURVEY, score.value, score.low, score.high, score.n)
        interval = _span("nps", score.low, score.high)
        found["nps"] = Cell(reading, _figure("nps", score.value), interval, when, _("Our surveys"), note)
    for asked in questions:
        hits, number, first, last = _choices(answers, asked)
        if number >= least:
            found[asked.code] = _said_share(asked.code, hits, number, _when(first, last), asked.question)
    return found, least


def _choices(answers: Any, asked: Asked) -> tuple[int, int, date | None, date | None]:
    """Of the answers to a question, by its Chinese words, how many chose what counts."""
    hits, number, days = 0, 0, []
    for version in SurveyVersion.objects.all():
        for one in read_questions(version.questions):
            if one.zh != asked.question or not one.choices:
                continue
            counted = {choice.code for choice in one.choices if choice.zh in asked.answers}
            rows = answers.filter(version=version, **{f"values__{one.code}__isnull": False})
            for value, many, first, last in rows.values_list(f"values__{one.code}").annotate(
                Count("pk"), Min("day"), Max("day")
            ):
                chosen = set(value) if isinstance(value, list) else {value}
                hits, number = hits + many * bool(chosen & counted), number + many
                days += [first, last]
    return hits, number, min(days, default=None), max(days, default=None)


def _said_share(code: str, hits: int, number: int, when: str, note: str) -> Cell:
    share = wilson(hits, number)
    assert share.value is not None
    reading = Reading(Source.SURVEY, share.value, share.low, share.high, number)
    interval = _span(code, share.low, share.high)
    return Cell(reading, _figure(code, share.value), interval, when, _("Our surveys"), note)


def _when(first: date | None, last: date | None) -> str:
    return f"{formats.day(first)} – {formats.day(last)}"


def _figure(code: str, value: float) -> str:
    return f"{value:.1f}" if code in POINTS else formats.percent(value)


def _span(code: str, low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_figure(code, low)} – {_figure(code, high)}"


def _sentences(line: Line) -> list[str]:
    """Where two sources cannot both be right within what they say of their own exactness."""
    made = []
    for pair in apart([cell.reading for cell in line.cells.values()]):
        first, second = line.cells[pair.first.source], line.cells[pair.second.source]
        points = abs(pair.distance) * (1 if line.code in POINTS else 100)
        told: Mapping[str, str] = {
            "first": _name(pair.first.source), "a": first.value, "second": _name(pair.second.source),
            "b": second.value, "points": f"{points:.1f}",
        }  # fmt: skip
        made.append(
            _(
                "%(first)s %(a)s and %(second)s %(b)s are %(points)s points apart, more than their intervals allow."
            )
            % told
        )
    return made


def _name(source: Source) -> str:
    return {
        Source.OWN: _("Own data"),
        Source.BENCHMARK: _("Benchmark"),
        Source.SURVEY: _("Questionnaire"),
    }[source]
