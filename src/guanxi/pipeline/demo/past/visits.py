"""Visits of the last weeks with minutes and plans, those planned for this week and the next, and the weeks handed in.

Each visit of the past stands on a contact that the room before this one has told. A few have no evidence, one person is
at two places at once, one plan was sent back: a supervisor finds something to do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.interactions.models import Channel, Contact
from guanxi.crm.organisation.models import Post, Role, Staff
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.visits import rules
from guanxi.crm.visits.models import (
    Companion,
    MaintenancePlan,
    PlanStep,
    Visit,
    VisitPhoto,
    VisitState,
    WeekPlan,
    WeekState,
)
from guanxi.crm.visits.plans import content_of
from guanxi.crm.visits.policy import visit_policy
from guanxi.crm.worklist.models import Task
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.insight.workdays import is_workday
from guanxi.pipeline.demo.past._photos import shop_front
from guanxi.web.photos import taken

DAYS = 60
PROVEN, PLANNED_AFTER, JOINT = 0.85, 0.4, 0.15
MANAGERS = (Role.RELATIONSHIP_MANAGER, Role.CORPORATE_MANAGER)
HOURS = (time(9, 30), time(10, 45), time(14, 0), time(15, 30))
MINUTES = (
    "到客户家中面谈四十分钟。客户下月有一笔定期到期，倾向续存一年期，留三成随时可取；希望到期前三天来电提醒。",
    "在客户店里谈了近期周转。旺季进货占用资金，年前资金回笼后愿意转回我行，已说明白金客户权益。",
    "老人独居，手机银行不会用，现场教会查余额和转账；子女在外地，约定春节返乡时一起来网点。",
    "客户提到他行来推介理财，收益略高。已说明产品风险等级与期限差别，客户同意等我行本周新一期再比较。",
    "走访经营场所，设备运转正常，订单排到下季度。谈了代发工资上线的流程，财务负责人约下周到网点。",
    "回访上次反映的柜面等候问题，客户对改进满意。孩子明年买房，准备分批取用存款，已建议做期限安排。",
)
APPRAISALS = (
    "目的基本达到，下次先问用款时间再谈产品。",
    "客户时间紧，应提前发资料。",
    "气氛好，可约其配偶一起谈。",
    "",
)
PHOTOS = 40
PHOTO_PLACES = ("客户店内", "客户单位办公室")
PLACES = ("客户家中", "客户店内", "客户单位办公室", "村委会会议室")
FOCUS = ("到期承接与流失预警客户", "代发企业走访", "白金客户季度面访", "乡镇网点存量客户回访")


def tell(*, today: date) -> int:
    """Visits up to the evening before `today`, those ahead, and the weeks; rows written, 0 when told before."""
    if Visit.objects.using("pipeline").exists():
        return 0
    policy = visit_policy(today)
    managers = _managers(today)
    chance = random.Random(f"visits {today}")  # noqa: S311  # a made-up bank, the same each time
    done = list(_done(policy, managers, today))
    ahead = list(_ahead(policy, managers, today, chance))
    Visit.objects.using("pipeline").bulk_create(done + ahead, batch_size=1000)
    rows = len(done) + len(ahead) + _joined(done + ahead, managers) + _plans(done, policy, today)
    rows += _photos(done, policy)
    return rows + _tasks(ahead, today) + _weeks(done + ahead, managers, today)


def _managers(today: date) -> dict[int, Post]:
    """Managers by key with their post, in the order of their numbers."""
    rows = Post.objects.using("pipeline").filter(role__in=MANAGERS, valid_to=None, valid_from__lte=today)
    return {post.staff_id: post for post in rows.select_related("staff", "unit").order_by("staff__staff_no")}


def _aims(policy: VisitPolicy, chance: random.Random) -> list[str]:
    codes = [aim.code for aim in policy.aims if aim.code != "credit"]
    return sorted(chance.sample(codes, chance.choice((1, 1, 2))))


def _done(policy: VisitPolicy, managers: dict[int, Post], today: date) -> Iterator[Visit]:
    """One visit for each contact of that channel by a manager."""
    rows = Contact.objects.using("pipeline").filter(
        channel=Channel.VISIT,
        staff__in=managers,
        day__range=(today - timedelta(days=DAYS), today - timedelta(days=1)),
    )
    for contact in rows.order_by("day", "client_key"):
        chance = random.Random(f"visit {contact.client_key}")  # noqa: S311
        assert contact.staff_id is not None  # one of the managers
        aims, proven = _aims(policy, chance), chance.random() < PROVEN
        place = chance.choice(PLACES)
        yield Visit(
            party_id=contact.party_id, unit_id=contact.unit_id, keeper_id=contact.keeper_id, staff_id=contact.staff_id,
            day=contact.day, starts_at=contact.at, ends_at=contact.at + timedelta(minutes=policy.usual_minutes),
            place=place, aims=aims, state=VisitState.DONE, made_on=contact.day - timedelta(days=3),
            prepared_at=contact.at - timedelta(hours=18), outcome=contact.outcome, minutes=chance.choice(MINUTES),
            place_was=place if proven else "", reached=aims[: chance.randint(0, len(aims))],
            appraisal=chance.choice(APPRAISALS), closed_on=contact.day, closed_at=contact.logged_at, contact=contact,
            checked=[check.code for check in policy.checks_for(tuple(aims))][: chance.randint(2, 4)],
            evidence=["minutes", "place"] if proven else ["minutes"], is_proven=proven,
        )  # fmt: skip


def _ahead(
    policy: VisitPolicy, managers: dict[int, Post], today: date, chance: random.Random
) -> Iterator[Visit]:
    """Three to six visits of each manager in this week and the next, to the best of their customers."""
    for key, post in managers.items():
        best = (
            PartyScore.objects.using("pipeline")
            .filter(keeper=key, tier_rank__gte=3)
            .order_by("-aum_fen", "party")
        )
        scores = list(best.select_related("party").defer("details")[: chance.randint(3, 6)])
        slots = list(_slots(today, len(scores)))
        for number, (score, slot) in enumerate(zip(scores, slots, strict=True)):
            # The first manager of the bank has promised two customers the same hour.
            at = slots[0] if number == 1 and post == next(iter(managers.values())) else slot
            starts = timezone.make_aware(at)
            yield Visit(
                party_id=score.party_id, unit_id=score.unit_id, keeper_id=key, staff_id=key, day=at.date(),
                starts_at=starts, ends_at=starts + timedelta(minutes=policy.usual_minutes), made_on=today,
                place=score.party.village or chance.choice(PLACES), aims=_aims(policy, chance),
            )  # fmt: skip


def _slots(today: date, number: int) -> Iterator[datetime]:
    """Hours from today on, one a working day and then round again."""
    days = [day for day in (today + timedelta(days=ahead) for ahead in range(10)) if is_workday(day)]
    for place in range(number):
        yield datetime.combine(days[place % len(days)], HOURS[place % len(HOURS)])


def _joined(visits: list[Visit], managers: dict[int, Post]) -> int:
    """The head of the outlet comes along to some, and says so afterwards."""
    heads = Post.objects.using("pipeline").filter(role=Role.OUTLET_HEAD, valid_to=None).order_by("pk")
    head_of = {post.unit_id: post.staff_id for post in heads}
    made = []
    for visit in visits:
        chance = random.Random(f"joint {visit.party_id} {visit.day}")  # noqa: S311
        head = head_of.get(managers[visit.staff_id].unit_id)
        if head is None or chance.random() >= JOINT:
            continue
        is_done = visit.state == VisitState.DONE
        made.append(Companion(
            visit=visit, party_id=visit.party_id, unit_id=visit.unit_id, keeper_id=visit.keeper_id, staff_id=head,
            confirmed_at=visit.closed_at if is_done and visit.is_proven else None,
        ))  # fmt: skip
    Companion.objects.using("pipeline").bulk_create(made)
    proven = [one.visit for one in made if one.confirmed_at]
    for visit in proven:
        visit.evidence = [*visit.evidence, "companion"]
    Visit.objects.using("pipeline").bulk_update(proven, ["evidence"])
    return len(made)


def _photos(done: list[Visit], policy: VisitPolicy) -> int:
    """Photos of the latest visits to a shop or an office, up to so many; evidence like any other."""
    shown = [visit for visit in done if visit.place in PHOTO_PLACES][-PHOTOS:]
    made = []
    for visit in shown:
        photo = taken(
            shop_front(f"{visit.party_id} {visit.day}"), kinds=("png",), most_bytes=10_000_000, most_pixels=1_000_000,
            longest_edge=policy.photo_edge,
        )  # fmt: skip
        made.append(VisitPhoto(
            visit=visit, party_id=visit.party_id, unit_id=visit.unit_id, keeper_id=visit.keeper_id,
            staff_id=visit.staff_id, content=photo.content, small=photo.small, width=photo.width, height=photo.height,
            sha256=photo.sha256, added_on=visit.day, added_at=visit.ends_at,
        ))  # fmt: skip
        visit.evidence = [*visit.evidence, "photo"]
        visit.is_proven = len(visit.evidence) >= policy.evidence_least
    VisitPhoto.objects.using("pipeline").bulk_create(made, ignore_conflicts=True)
    Visit.objects.using("pipeline").bulk_update(shown, ["evidence", "is_proven"])
    return len(made)


def _plans(done: list[Visit], policy: VisitPolicy, today: date) -> int:
    """A maintenance plan from some visits; what is due by now is done, what lies ahead stands on the list."""
    chosen = [
        visit for visit in done if random.Random(f"plan {visit.party_id} {visit.day}").random() < PLANNED_AFTER  # noqa: S311
    ]  # fmt: skip
    plans = [
        MaintenancePlan(
            visit=visit, party_id=visit.party_id, unit_id=visit.unit_id, keeper_id=visit.keeper_id,
            staff_id=visit.staff_id, template="all", made_on=visit.day, made_at=visit.closed_at or visit.ends_at,
        )
        for visit in chosen
    ]  # fmt: skip
    MaintenancePlan.objects.using("pipeline").bulk_create(plans)
    tasks, steps = [], []
    for plan in plans:
        for number, step in enumerate(policy.steps_of("all"), start=1):
            due = plan.made_on + timedelta(days=step.after_days)
            task = _task(plan, number, step.label_zh, due, today)
            tasks.append(task)
            steps.append(PlanStep(plan=plan, channel=step.channel, text=step.label_zh, due_on=due, task=task))
    Task.objects.using("pipeline").bulk_create(tasks)
    PlanStep.objects.using("pipeline").bulk_create(steps)
    return len(plans) + len(tasks) + len(steps)


def _task(plan: MaintenancePlan, number: int, text: str, due: date, today: date) -> Task:
    told = {"state": "done", "closed_at": plan.made_at, "closed_on": due, "closed_by_id": plan.staff_id}
    return Task(
        party_id=plan.party_id, unit_id=plan.unit_id, keeper_id=plan.keeper_id, assignee_id=plan.staff_id,
        origin="visit", subject=f"plan:{plan.pk}:{number}", due_on=due, opened_on=plan.made_on,
        opened_by_id=plan.staff_id, reason={"code": "plan_step", "text": text}, link=f"visits:plan {plan.pk}",
        **(told if due < today else {}),
    )  # fmt: skip


def _tasks(ahead: list[Visit], today: date) -> int:
    """The task of each planned visit."""
    made = [
        Task(
            party_id=visit.party_id, unit_id=visit.unit_id, keeper_id=visit.keeper_id, assignee_id=visit.staff_id,
            origin="visit", subject=f"visit:{visit.pk}", due_on=visit.day, opened_on=today, opened_by_id=visit.staff_id,
            urgency=2, minutes=visit.minutes_long, link=f"visits:detail {visit.pk}",
            reason={"code": "visit_planned", "place": visit.place,
                    "time": f"{timezone.localtime(visit.starts_at):%H:%M}"},
        )
        for visit in ahead
    ]  # fmt: skip
    Task.objects.using("pipeline").bulk_create(made)
    return len(made)


def _weeks(visits: list[Visit], managers: dict[int, Post], today: date) -> int:
    """The plans of this week and the three before: confirmed, but for one sent back and some that wait."""
    this = rules.monday_of(today)
    made = []
    for place, (key, post) in enumerate(managers.items()):
        head = _head_of(post, key)
        if head is None:
            continue
        for back in range(4):
            monday = this - timedelta(days=7 * back)
            if back == 0 and place % 3 == 2:
                continue  # has not handed it in
            made.append(_week(visits, key, post, head, monday, is_open=back == 0, is_returned=place == 1))
    WeekPlan.objects.using("pipeline").bulk_create(made)
    return len(made)


def _head_of(post: Post, key: int) -> Staff | None:
    rows = Post.objects.using("pipeline").filter(unit=post.unit_id, role=Role.OUTLET_HEAD, valid_to=None)
    found = rows.exclude(staff=key).select_related("staff").order_by("pk").first()
    return found.staff if found else None


def _week(
    visits: list[Visit], key: int, post: Post, head: Staff, monday: date, *, is_open: bool, is_returned: bool
) -> WeekPlan:
    sunday = monday + timedelta(days=rules.WEEK - 1)
    own = [visit for visit in visits if visit.staff_id == key and monday <= visit.day <= sunday]
    asked = timezone.make_aware(datetime.combine(monday, time(8, 40)))
    told = {"decided_by": head, "decided_at": asked + timedelta(hours=1)}
    state = WeekState.CONFIRMED
    if is_open:
        state = WeekState.RETURNED if is_returned else WeekState.SUBMITTED
    if state == WeekState.SUBMITTED:
        told = {}
    return WeekPlan(
        staff_id=key, unit_id=post.unit_id, week=monday, state=state, focus=FOCUS[key % len(FOCUS)],
        content=content_of(own), submitted_at=asked,
        word="下周到期客户还没排进来，请补上。" if state == WeekState.RETURNED else "", **told,
    )  # fmt: skip
