"""Two weekly meetings of each outlet with what came of their decisions, advice given, and people's work measured.

Written through the room's own services as the heads of the outlets, on the days it would have happened: the figures in
it are measured as of those days. The meeting of this week is left to whoever signs in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Role, Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.performance import packs, services
from guanxi.crm.performance.models import Pack
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.rules import monday_of, seal
from guanxi.crm.performance.team import Member, place_asked, team_of
from guanxi.crm.scores.reports.places import Place
from guanxi.insight.workdays import is_workday
from guanxi.pipeline.measuring import measure_people

WEEKS_BACK = (2, 1)
HELD_AT = time(8, 15)


@dataclass(frozen=True)
class Told:
    """Something decided: the words, days until it is due, how it ended ("" when nobody has closed it)."""

    text: str
    days: int
    state: str = ""
    outcome: str = ""


DECIDED = {
    2: (
        Told("逐户联系近 30 天到期未约定转存的客户，周五前报承接方案", 7, "done",
             "已逐户联系，多数已约定转存，其余约定到期日前面谈。"),
        Told("对未处理的流失预警当天回访，说明资金去向", 5, "done", "全部回访完毕，两户资金已回流。"),
        Told("补录本月全部上门拜访的纪要", 4, "dropped", "改为当日登记，不再补录。"),
    ),
    1: (
        Told("金卡以上未按期联系的客户，每人每天至少联系 3 户", 7),
        Told("待分配客户 5 个工作日内分配到人", 5),
    ),
}  # fmt: skip
ADVISED = (
    ("coverage", "按等级排好每周联系名单，先联系最久未联系的金卡以上客户。", "每周一上午排定名单，周五自查。",
     "名单已坚持三周，个别出差客户改约下月。"),
    ("done", "当日到期的待办先办，办不完的当天暂缓并写明原因。", "每天下班前清零当日到期待办。", ""),
)  # fmt: skip


def tell(*, today: date) -> int:
    """The meetings and the advice of each outlet up to `today`; returns the rows written, 0 when told before."""
    heads = [post.staff for post in posts_on(today).filter(role=Role.OUTLET_HEAD)]
    written = sum(_of(head, today) for head in dict.fromkeys(heads))
    return written + measure_people(today - timedelta(days=1)).rows if written else 0


def _of(head: Staff, today: date) -> int:
    with acting_as(head, today=today) as reach:
        place = place_asked(reach, None)
        if Pack.objects.filter(unit=place.unit).exists():
            return 0
        team = team_of(place.members, today)
        return _meetings(head, reach, place, team, today) + _advice(head, team, today)


def _meetings(head: Staff, reach: Reach, place: Place, team: list[Member], today: date) -> int:
    rows = 0
    for back in WEEKS_BACK:
        day = _workday(monday_of(today) - timedelta(weeks=back))
        pack = _pack(head, reach, place, day)
        for number, told in enumerate(DECIDED[back]):
            _decide(head, pack, told, team[number % len(team)].staff if team else head, day)
        rows += 1 + len(DECIDED[back])
    return rows


def _pack(head: Staff, reach: Reach, place: Place, day: date) -> Pack:
    content = packs.content_of(reach, place, monday_of(day), terms_on(day))
    for figures in content["results"].values():
        value, _yesterday, since_month = figures
        # Sums of a past day are not kept: the meeting saw about what the month began with.
        figures[:] = [None if value is None or since_month is None else value - since_month, None, None]
    return Pack.objects.create(
        unit=place.unit, week=monday_of(day), as_of=day - timedelta(days=1), made_by=head, made_at=_at(day),
        content=content, sha256=seal(content),
    )  # fmt: skip


def _decide(head: Staff, pack: Pack, told: Told, owner: Staff, day: date) -> None:
    due = day + timedelta(days=told.days)
    decision = services.decide(
        by=head, pack=pack, text=told.text, owner=owner, due_on=due, today=day, now=_at(day)
    )
    if told.state:
        ended = due - timedelta(days=1)
        services.close_decision(
            by=head, decision=decision, state=told.state, outcome=told.outcome, today=ended, now=_at(ended)
        )


def _advice(head: Staff, team: list[Member], today: date) -> int:
    days = terms_on(today).work.review_days
    rows = 0
    for (measure, advice, action, outcome), member in zip(ADVISED, reversed(team), strict=False):
        given = _workday(today - timedelta(days=days + 4 if outcome else days // 2))
        kept = services.advise(
            by=head,
            staff=member.staff,
            measure=measure,
            advice=advice,
            action=action,
            joint=False,
            today=given,
        )
        if outcome:
            services.review(by=head, advice=kept, outcome=outcome, today=_workday(kept.review_on))
        rows += 1
    return rows


def _workday(day: date) -> date:
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, HELD_AT))
