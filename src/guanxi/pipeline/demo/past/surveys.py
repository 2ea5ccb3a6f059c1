"""Two surveys of the demo bank with the answers of five months: by link after visits, and by the branches' codes.

Some outlets are a little better than others and the largest of the city waits longest; what is written fits its score.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import F
from django.utils import timezone

from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import Post, Role, Staff, Unit
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.surveys.forms import CSAT, NPS, WORD
from guanxi.crm.surveys.guests import age_band
from guanxi.crm.surveys.models import Answer, Survey, SurveyLink, SurveyPlace, SurveyState, SurveyVersion
from guanxi.crm.surveys.policy import survey_policy
from guanxi.crm.surveys.rules import Choice, Kind, Question, written
from guanxi.crm.worklist.models import Task
from guanxi.insight.policies.survey import SurveyPolicy
from guanxi.insight.workdays import add_workdays, is_workday

DAYS, MOST_LINKS, CODE_ANSWERS = 150, 900, 55
ANSWERED, COMMENTED = 0.31, 0.35
REASON = Question(
    "own1", Kind.SINGLE, "您今天办理什么业务？", "What did you come for?",
    (Choice("c1", "存取款", "Cash"), Choice("c2", "贷款", "A loan"), Choice("c3", "理财咨询", "Advice"),
     Choice("c4", "手机银行", "The mobile bank"), Choice("c5", "其他", "Something else")),
)  # fmt: skip
COMMENTS: dict[int, tuple[str, ...]] = {
    5: (
        "客户经理上门来讲得很清楚，没有硬推产品。", "大堂帮老人取号、填单，很耐心。",
        "贷款三天就批下来，比上次快多了。",
        "到期前打电话提醒，省得我惦记。", "手机银行不会用，柜员手把手教会了。",
    ),
    4: (
        "服务不错，就是理财产品种类少了点。", "态度很好，希望周六也能办对公业务。", "讲解清楚，材料要求最好一次说全。",
        "人少的时候办得快，月初还是要等。",
    ),
    3: ("中午只开一个窗口，等了四十分钟。", "停车不方便。", "自助机经常缺纸，要去柜面排队。",
        "换了客户经理也没有人告诉我。"),
    2: ("一件事跑了三趟，材料每次说得不一样。", "理财到期没有人通知，资金闲了半个月。", "打网点电话一直占线。"),
    1: ("投诉后一直没有答复。", "推荐的产品与说明不符，要求解释。", "排队一个多小时，工作人员互相推。"),
}  # fmt: skip


def tell(*, today: date) -> int:
    """Both surveys with links, codes, answers and the calls that low scores ask for; 0 when told before."""
    if Survey.objects.using("pipeline").exists():
        return 0
    maker = _maker(today)
    bank = Unit.objects.using("pipeline").filter(parent=None).order_by("unit_no").first()
    if maker is None or bank is None:
        return 0
    visits = _survey("客户拜访满意度", bank, "visit", maker, today, [CSAT, NPS, WORD])
    branch = _survey("网点服务满意度", bank, "branch", maker, today, [CSAT, NPS, REASON, WORD])
    policy = survey_policy(today)
    by_link, links = _by_link(visits, policy, today)
    by_code, places = _by_code(branch, policy, maker, today)
    Answer.objects.using("pipeline").bulk_create(by_link + by_code, batch_size=1000)
    tasks = list(_calls(by_link + by_code, today))
    Task.objects.using("pipeline").bulk_create(tasks)
    return 4 + links + places + len(by_link) + len(by_code) + len(tasks)


def _maker(today: date) -> Staff | None:
    posts = Post.objects.using("pipeline").filter(
        role__in=(Role.ANALYST, Role.SUPERVISOR), valid_to=None, valid_from__lte=today
    )
    post = posts.select_related("staff").order_by("role", "pk").first()
    return post.staff if post else None


def _survey(
    title: str, unit: Unit, occasion: str, maker: Staff, today: date, questions: Sequence[Question]
) -> SurveyVersion:
    at = _at(today - timedelta(days=DAYS + 5))
    survey = Survey.objects.using("pipeline").create(
        title=title, unit=unit, occasion=occasion, state=SurveyState.OPEN, made_by=maker, made_at=at
    )
    return SurveyVersion.objects.using("pipeline").create(
        survey=survey, number=1, questions=written(questions), content_hash="", made_by=maker, made_at=at
    )


def _at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def _by_link(version: SurveyVersion, policy: SurveyPolicy, today: date) -> tuple[list[Answer], int]:
    """Customers asked the day after a visit, once each; about a third answer."""
    chance = random.Random(f"survey links {today}")  # noqa: S311  # a made-up bank, the same each time
    visits = Contact.objects.using("pipeline").filter(
        channel__in=("visit", "branch"), party__kind="person", unit=F("party__unit"),
        day__range=(today - timedelta(days=DAYS), today - timedelta(days=2)),
    )  # fmt: skip
    rows = visits.order_by("party", "day", "client_key").distinct("party")
    found = list(rows.values_list("party_id", "unit_id", "keeper_id", "staff_id", "day", "party__birth_date"))
    chosen = sorted(chance.sample(found, min(len(found), MOST_LINKS)), key=lambda one: (one[4], one[0]))
    links, answered = [], []
    for party, unit, keeper, staff, day, born in chosen:
        sent = day + timedelta(days=1)
        replied = sent + timedelta(days=chance.randint(0, 4)) if chance.random() < ANSWERED else None
        link = SurveyLink(
            version=version, survey=version.survey, party_id=party, unit_id=unit, keeper_id=keeper, staff_id=staff,
            subject=f"visit:{day.isoformat()}", sent_on=sent, until=sent + timedelta(days=policy.link_days),
            answered_on=replied if replied and replied < today else None,
        )  # fmt: skip
        links.append(link)
        if link.answered_on is not None:
            answered.append((link, born))
    SurveyLink.objects.using("pipeline").bulk_create(links, batch_size=1000)
    ranks = dict(
        PartyScore.objects.using("pipeline")
        .filter(party__in=[link.party_id for link, _born in answered])
        .values_list("party_id", "tier_rank")
    )
    made = []
    for link, born in answered:
        assert link.answered_on is not None
        one = _answer(
            version, policy, link.unit_id, link.answered_on, chance, f"link {link.party_id}", better=0.12
        )
        one.link, one.party_id, one.keeper_id, one.staff_id = (
            link,
            link.party_id,
            link.keeper_id,
            link.staff_id,
        )
        one.tier_rank, one.age_band = ranks.get(link.party_id), age_band(born, link.answered_on)
        one.at = _at(link.answered_on, chance.randint(8, 20), chance.randint(0, 59))
        made.append(one)
    return made, len(links)


def _by_code(
    version: SurveyVersion, policy: SurveyPolicy, maker: Staff, today: date
) -> tuple[list[Answer], int]:
    """Each outlet's code, answered by whoever passed by."""
    units = Unit.objects.using("pipeline").filter(kind="outlet").order_by("unit_no")
    at, until = _at(today - timedelta(days=DAYS)), today + timedelta(days=180)
    places = SurveyPlace.objects.using("pipeline").bulk_create(
        SurveyPlace(survey=version.survey, unit=unit, until=until, made_by=maker, made_at=at)
        for unit in units
    )
    days = [day for day in (today - timedelta(days=back) for back in range(1, DAYS)) if is_workday(day)]
    made = []
    for place in places:
        chance = random.Random(f"survey code {place.unit.unit_no} {today}")  # noqa: S311
        better = chance.uniform(-0.16, 0.10)
        for number in range(int(CODE_ANSWERS * chance.uniform(0.3, 1.4))):
            key = f"code {place.unit.unit_no} {number}"
            one = _answer(version, policy, place.unit_id, chance.choice(days), chance, key, better=better)
            one.place = place
            one.values["own1"] = chance.choice(REASON.choices).code
            made.append(one)
    return made, len(places)


def _answer(
    version: SurveyVersion,
    policy: SurveyPolicy,
    unit: int,
    day: date,
    chance: random.Random,
    key: str,
    *,
    better: float,
) -> Answer:
    draw = chance.random() - better
    csat = next(
        score for below, score in ((0.42, 5), (0.74, 4), (0.88, 3), (0.95, 2), (2.0, 1)) if draw < below
    )
    nps = min(10, max(0, 2 * csat + chance.choice((-2, -1, -1, 0, 0, 1))))
    comment = chance.choice(COMMENTS[csat]) if chance.random() < COMMENTED + 0.3 * (csat <= 2) else ""
    return Answer(
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"guanxi:survey:{version.survey.title}:{key}"), survey=version.survey,
        version=version, unit_id=unit, csat=csat, nps=nps, values={"csat": csat, "nps": nps}, comment=comment,
        is_low=policy.is_low(csat, nps), day=day,
    )  # fmt: skip


def _calls(answers: Sequence[Answer], today: date) -> Iterator[Task]:
    """The head's call after each low score of the last weeks: done, but for the freshest."""
    heads = Post.objects.using("pipeline").filter(role=Role.OUTLET_HEAD, valid_to=None).order_by("-pk")
    head_of = {post.unit_id: post.staff_id for post in heads}
    for one in answers:
        head, due = head_of.get(one.unit_id), add_workdays(one.day, 1)
        if not one.is_low or head is None or one.day < today - timedelta(days=30):
            continue
        done = {"state": "done", "closed_at": _at(due, 16), "closed_on": due, "closed_by_id": head}
        named = one.party_id is not None
        yield Task(
            party_id=one.party_id, unit_id=one.unit_id, keeper_id=one.keeper_id, assignee_id=head, origin="complaint",
            subject=f"survey:{one.pk}", due_on=due, opened_on=one.day, urgency=3, link=f"surveys:answer {one.pk}",
            reason={
                "code": "survey_low" if named else "survey_low_branch", "day_on": one.day.isoformat(),
                "score": f"{one.csat}/5",
            },
            **(done if due < today else {}),
        )  # fmt: skip
