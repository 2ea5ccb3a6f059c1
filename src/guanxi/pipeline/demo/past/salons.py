"""Salons of the demo bank: two that are over, with who came, and one ahead with people signed up and some waiting.

Their customers are the wealthiest of the outlet's keepers; nobody of them moved money for having come: the generator
knows nothing of salons, so any difference between who came and who did not is chance, as the page says of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.utils import timezone

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Post, Role
from guanxi.crm.salons.models import Channel, Community, Invitation, Salon, Source
from guanxi.crm.salons.rules import CODE_LENGTH, CODE_LETTERS, Stage, State, code_of
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.worklist.models import Task
from guanxi.insight.workdays import add_workdays, is_workday

OUTLETS = 3


@dataclass(frozen=True)
class Evening:
    """A salon to tell: how many days from today, and what it is."""

    days: int
    title: str
    kind: str
    family: str
    place: str
    about: str
    seats: int
    invited: int
    is_open: bool = False
    community: int | None = None  # for which of the outlet's communities


EVENINGS = (
    Evening(-47, "秋季家庭资产配置沙龙", "wealth", "wealth", "二楼贵宾理财中心",
            "讲解存款、理财与保险的搭配，介绍到期资金安排，现场答疑。", 24, 60),
    Evening(-19, "防电信诈骗与养老金融讲座", "safety", "", "一楼营业大厅",
            "民警讲解常见骗局，网点教老年客户使用手机银行。", 40, 70, is_open=True, community=0),
    Evening(9, "岁末健康与财富沙龙", "health", "insurance", "二楼贵宾理财中心",
            "市医院专家谈冬季养生，理财师谈年末资金安排；名额有限，先到先得。", 18, 50, is_open=True),
    Evening(16, "金融知识进社区", "community", "", "社区活动中心",
            "现场换零、辨假币、存款保险宣传，可在居委会或网点报名。", 30, 40, is_open=True, community=0),
)  # fmt: skip
COMMUNITIES = 2  # an outlet, of the villages most of its customers declare


def tell(*, today: date) -> int:
    """The salons of the first outlets; rows written, 0 when told before."""
    if Salon.objects.using("pipeline").exists():
        return 0
    heads = Post.objects.using("pipeline").filter(role=Role.OUTLET_HEAD, valid_to=None, valid_from__lte=today)
    rows = 0
    for post in heads.select_related("unit", "staff").order_by("unit__unit_no", "pk")[:OUTLETS]:
        kept = _communities(post, today)
        for evening in EVENINGS:
            rows += _tell_one(post, evening, kept, today)
        rows += len(kept)
    return rows


def _communities(post: Post, today: date) -> list[Community]:
    """The villages most customers of the outlet declare, each a community of its own."""
    declared = Party.objects.using("pipeline").filter(unit=post.unit, state="active", merged_into=None)
    counted = declared.exclude(village=None).order_by().values_list("village").annotate(n=Count("pk"))
    made_at = timezone.make_aware(datetime.combine(today - timedelta(days=120), time(9)))
    rows = [
        Community(
            unit=post.unit, name=f"{village}网格", villages=[village], about="每季度一次活动，居委会可代为通知。",
            made_by=post.staff, made_at=made_at,
        )
        for village, _n in counted.order_by("-n", "village")[:COMMUNITIES]
    ]  # fmt: skip
    return Community.objects.using("pipeline").bulk_create(rows)


def _tell_one(post: Post, evening: Evening, kept: list[Community], today: date) -> int:
    chance = random.Random(f"salon {evening.title} {post.unit.unit_no} {today}")  # noqa: S311  # made up, the same each time
    day = _workday(today + timedelta(days=evening.days), ahead=evening.days > 0)
    starts = timezone.make_aware(datetime.combine(day, time(14, 30)))
    over = evening.days < 0
    salon = Salon(
        title=evening.title, kind=evening.kind, unit=post.unit, place=evening.place, starts_at=starts,
        ends_at=starts + timedelta(hours=2), day=day, seats=evening.seats, owner=post.staff, family=evening.family,
        budget_fen=chance.choice((200_000, 300_000, 500_000)), about=evening.about, is_open=evening.is_open,
        state=Stage.ENDED if over else Stage.PLANNED, made_at=starts - timedelta(days=24),
        ended_on=day if over else None, community=_one_of(kept, evening.community),
    )  # fmt: skip
    invited = list(_invited(salon, evening, chance, over=over))
    salon.taken = sum(one.state == State.COMING for one in invited)
    salon.waiting = sum(one.state == State.WAITING for one in invited)
    salon.save(using="pipeline", force_insert=True)
    Invitation.objects.using("pipeline").bulk_create(invited)
    tasks = list(_calls(salon, invited, today))
    Task.objects.using("pipeline").bulk_create(tasks)
    return 1 + len(invited) + len(tasks)


def _one_of(kept: list[Community], place: int | None) -> Community | None:
    return kept[place] if place is not None and place < len(kept) else None


def _workday(day: date, *, ahead: bool) -> date:
    while not is_workday(day):
        day += timedelta(days=1 if ahead else -1)
    return day


def _invited(salon: Salon, evening: Evening, chance: random.Random, *, over: bool) -> Iterator[Invitation]:
    """The wealthiest of the outlet's keepers; answers until the seats are taken, then the waiting list."""
    scores = PartyScore.objects.using("pipeline").filter(unit=salon.unit, keeper__isnull=False, kind="person")
    if salon.community is not None:
        scores = scores.filter(party__village__in=salon.community.villages)
    rows = list(scores.order_by("-aum_fen", "party").values_list("party_id", "keeper_id")[: evening.invited])
    source = Source.COMMUNITY if salon.community is not None else Source.BOOK
    codes = chance.sample(range(len(CODE_LETTERS) ** CODE_LENGTH), len(rows))
    free = evening.seats
    for (party, keeper), number in zip(rows, codes, strict=True):
        invited_at = salon.starts_at - timedelta(days=chance.randint(14, 20), hours=chance.randint(0, 6))
        state = _answer(chance, free, over=over)
        free -= state == State.COMING
        came = over and state == State.COMING and chance.random() < 0.82
        yield Invitation(
            salon=salon, party_id=party, unit_id=salon.unit_id, keeper_id=keeper, source=source,
            channel=Channel.CALL, state=state, code=code_of(number), invited_by_id=keeper, invited_at=invited_at,
            answered_at=None if state == State.INVITED else invited_at + timedelta(days=chance.randint(1, 5)),
            came_at=salon.starts_at + timedelta(minutes=chance.randint(-35, 20)) if came else None,
            let_in_by_id=salon.owner_id if came else None,
        )  # fmt: skip


def _answer(chance: random.Random, free: int, *, over: bool) -> State:
    draw = chance.random()
    if draw < (0.58 if over else 0.45):
        return State.COMING if free > 0 else State.WAITING
    return State.DECLINED if draw < 0.75 else State.INVITED


def _calls(salon: Salon, invited: list[Invitation], today: date) -> Iterator[Task]:
    """Calls still to be made before, and calls afterwards: done where the days have passed."""
    over = salon.state == Stage.ENDED
    reason = {"name": salon.title, "day_on": salon.day.isoformat()}
    for one in invited:
        if over and one.came_at is not None:
            due = add_workdays(salon.day, 3)
            done = {"state": "done", "closed_at": one.came_at + timedelta(days=2), "closed_on": due}
            told = done | {"closed_by_id": one.keeper_id} if due < today else {}
            yield _task(salon, one, "after", due, {"code": "salon_came", **reason}, **told)
        elif not over and one.state == State.INVITED:
            due = max(today, salon.day - timedelta(days=2))
            yield _task(salon, one, "invite", due, {"code": "salon_invite", **reason})


def _task(
    salon: Salon, one: Invitation, matter: str, due: date, reason: dict[str, str], **told: object
) -> Task:
    assert one.keeper_id is not None  # chosen from keepers' books
    return Task(
        party_id=one.party_id, unit_id=one.unit_id, keeper_id=one.keeper_id, assignee_id=one.keeper_id,
        origin="campaign", subject=f"salon:{salon.uuid}:{matter}", due_on=due, opened_on=one.invited_at.date(),
        opened_by_id=salon.owner_id, reason=reason, **told,
    )  # fmt: skip
