"""A survey of the demo bank about channels and deposits (渠道与存款问卷): what three sources are compared with.

Anonymous answers of two months. People say that they use the mobile bank more than their log-ins show, as people do.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.organisation.models import Post, Role, Unit
from guanxi.crm.surveys.forms import CSAT
from guanxi.crm.surveys.models import Answer, Survey, SurveyState, SurveyVersion
from guanxi.crm.surveys.rules import Choice, Kind, Question, written
from guanxi.insight.workdays import is_workday

TITLE = "渠道与存款问卷"
DAYS, ANSWERS = 60, 220
CHANNEL = Question(
    "own1", Kind.SINGLE, "您平时最常用哪个渠道办理业务？", "Which channel do you use most?",
    (Choice("c1", "手机银行", "The mobile bank"), Choice("c2", "柜面", "The counter"),
     Choice("c3", "自助设备", "A machine"), Choice("c4", "第三方支付", "A payment app")),
)  # fmt: skip
WALLET = Question(
    "own2", Kind.SINGLE, "您的存款大约有多少放在我行？", "How much of your deposits is with us?",
    (Choice("c1", "不到一半", "Less than half"), Choice("c2", "一半以上", "More than half"),
     Choice("c3", "几乎全部", "Nearly all"), Choice("c4", "不便回答", "I would rather not say")),
)  # fmt: skip
SHARES = {"own1": (0.52, 0.24, 0.09, 0.15), "own2": (0.44, 0.26, 0.17, 0.13)}


def tell(*, today: date) -> int:
    """The survey with its answers; 0 when told before."""
    if Survey.objects.using("pipeline").filter(title=TITLE).exists():
        return 0
    post = Post.objects.using("pipeline").filter(role=Role.ANALYST, valid_to=None).order_by("pk").first()
    units = list(Unit.objects.using("pipeline").filter(kind="outlet").order_by("unit_no"))
    bank = Unit.objects.using("pipeline").filter(parent=None).order_by("unit_no").first()
    if post is None or bank is None or not units:
        return 0
    at = timezone.make_aware(datetime.combine(today - timedelta(days=DAYS + 5), time(10)))
    survey = Survey.objects.using("pipeline").create(
        title=TITLE, unit=bank, occasion="branch", is_anonymous=True, state=SurveyState.OPEN, made_by=post.staff,
        made_at=at,
    )  # fmt: skip
    version = SurveyVersion.objects.using("pipeline").create(
        survey=survey, number=1, questions=written([CSAT, CHANNEL, WALLET]), content_hash="", made_by=post.staff,
        made_at=at,
    )  # fmt: skip
    days = [day for day in (today - timedelta(days=back) for back in range(1, DAYS)) if is_workday(day)]
    chance = random.Random(f"research {today}")  # noqa: S311  # a made-up bank, the same each time
    answers = [_answer(version, units, days, chance, number) for number in range(ANSWERS)]
    Answer.objects.using("pipeline").bulk_create(answers)
    return 2 + len(answers)


def _answer(
    version: SurveyVersion, units: list[Unit], days: list[date], chance: random.Random, number: int
) -> Answer:
    csat = chance.choices((5, 4, 3, 2, 1), (0.40, 0.36, 0.16, 0.05, 0.03))[0]
    values: dict[str, int | str] = {"csat": csat}
    for one in (CHANNEL, WALLET):
        values[one.code] = chance.choices([choice.code for choice in one.choices], SHARES[one.code])[0]
    return Answer(
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"guanxi:survey:{TITLE}:{number}"), survey=version.survey, version=version,
        unit=chance.choice(units), csat=csat, values=values, day=chance.choice(days),
    )  # fmt: skip
