"""A year of care: gifts within their limits, a few that wait, news of customers, suggestions with their answers."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.care import rules
from guanxi.crm.care.models import Gift, GiftState, LifeEvent, Voice, VoiceState
from guanxi.crm.care.policy import care_policy
from guanxi.crm.organisation.models import Post
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.insight.policies.care import CarePolicy
from guanxi.insight.workdays import add_workdays, is_workday

GIFTS, EVENTS, LOWEST_RANK = 160, 26, 2
GIVEN = (
    ("card", "手写生日贺卡", 1_500, "birthday", "vip"),
    ("branded", "定制保温杯", 6_800, "birthday", "vip"),
    ("calendar", "台历春联福袋", 3_000, "festival", "union"),
    ("food", "东北大米五公斤", 5_900, "festival", "union"),
    ("flowers", "鲜花一束", 12_800, "news", "vip"),
    ("book", "儿童绘本一套", 8_600, "news", "marketing"),
    ("branded", "雨伞一把", 4_500, "apology", "marketing"),
)
WAITING = ("health", "三甲医院体检套餐", 88_000, "birthday", "vip")
NEWS = (
    ("wedding", "儿子国庆结婚"),
    ("birth", "添了孙女，母女平安"),
    ("admission", "女儿考上浙江大学"),
    ("promotion", "升任车间主任"),
    ("moving", "搬到滨河新苑"),
    ("opening", "二女儿的五金店开业"),
    ("award", "评为县劳动模范"),
    ("retirement", "下月办退休手续"),
    ("illness", "在县医院住院，下周出院"),
    ("bereavement", "父亲上周过世"),
)
VOICES = (
    ("app", "手机银行查不到大额存单到期日。", VoiceState.ADOPTED, "已列入下一版手机银行，首页增加到期提醒。"),
    ("process", "代发工资户改手机号要跑柜面，希望手机上能改。", VoiceState.TAKEN, ""),
    ("outlet", "周末老人多，希望多开一个窗口。", VoiceState.ADOPTED, "周六上午增开一个窗口，本月起执行。"),
    ("fee", "小微商户收单手续费比邻近银行高。", VoiceState.DECLINED, "费率按清算成本核定；交易量达标的可申请优惠。"),
    ("product", "希望有按月付息的三年期存款。", VoiceState.HANDED_IN, ""),
    ("process", "续贷资料每年重复提交，希望沿用上年的。", VoiceState.HANDED_IN, ""),
    ("other", "村里取款点下午常关门，请公布营业时间。", VoiceState.TAKEN, ""),
)  # fmt: skip


def tell(*, today: date) -> int:
    """Care up to the evening before `today`; rows written, 0 when told before or without a policy."""
    policy = care_policy(today)
    if policy is None or Gift.objects.using("pipeline").exists():
        return 0
    chance = random.Random("care")  # noqa: S311  # a made-up bank, the same each time
    rows = PartyScore.objects.using("pipeline").filter(
        tier_rank__gte=LOWEST_RANK, keeper__isnull=False, kind="person", party__state="active"
    )
    kept = list(rows.order_by("party")[: 4 * GIFTS])
    chance.shuffle(kept)
    gifts = _gifts(kept, policy, today, chance)
    events = [_event(score, today, chance, number) for number, score in enumerate(kept[:EVENTS])]
    voices = _voices(kept[EVENTS : EVENTS + len(VOICES)], policy, today)
    Gift.objects.using("pipeline").bulk_create(gifts)
    LifeEvent.objects.using("pipeline").bulk_create(events)
    Voice.objects.using("pipeline").bulk_create(voices)
    return len(gifts) + len(events) + len(voices)


def _gifts(kept: Sequence[PartyScore], policy: CarePolicy, today: date, chance: random.Random) -> list[Gift]:
    """Small gifts on days of this year that no limit refuses; two large ones wait for a head, within the limit too."""
    names = tier_names(today)
    made: list[Gift] = []
    first, used = today.replace(month=1, day=1), dict.fromkeys((score.party_id for score in kept), 0)
    span = (today - first).days
    for score in kept[:GIFTS] if span else []:
        told = chance.choice(GIVEN)
        if told[2] <= _year_of(score, names, policy):
            used[score.party_id] = told[2]
            day = _workday(first + timedelta(days=chance.randrange(span)))
            made.append(_gift(score, told, day, GiftState.GIVEN, chance))
    fits = [score for score in kept if used[score.party_id] + WAITING[2] <= _year_of(score, names, policy)][
        :2
    ]
    made += [_gift(score, WAITING, today + timedelta(days=3), GiftState.WAITING, chance) for score in fits]
    return made


def _year_of(score: PartyScore, names: TierNames, policy: CarePolicy) -> int:
    """What a customer of this tier may be given in a year, in fen."""
    band = names.band(score.tier_scheme, score.tier_rank)
    line = policy.tier(score.tier_scheme, band.code if band else None)
    return rules.fen(line.customer_year) if line else 0


def _gift(
    score: PartyScore,
    told: tuple[str, str, int, str, str],
    day: date,
    state: GiftState,
    chance: random.Random,
) -> Gift:
    kind, what, fen, occasion, budget = told
    assert score.keeper_id is not None  # asked for above
    return Gift(
        party_id=score.party_id, unit_id=score.unit_id, keeper_id=score.keeper_id, staff_id=score.keeper_id,
        paid_by_id=score.unit_id, kind=kind, what=what, value_fen=fen, occasion=occasion, budget=budget, day=day,
        state=state, asked_at=_at(day), client_key=uuid.UUID(int=chance.getrandbits(128), version=4),
    )  # fmt: skip


def _event(score: PartyScore, today: date, chance: random.Random, number: int) -> LifeEvent:
    kind, note = NEWS[number % len(NEWS)]
    day = today - timedelta(days=chance.randint(1, 120))
    assert score.keeper_id is not None  # asked for above
    return LifeEvent(
        party_id=score.party_id, unit_id=score.unit_id, keeper_id=score.keeper_id, staff_id=score.keeper_id,
        kind=kind, day=day, note=note, told_at=_at(day), told_up=1,
    )  # fmt: skip


def _voices(kept: Sequence[PartyScore], policy: CarePolicy, today: date) -> list[Voice]:
    posts = Post.objects.using("pipeline").filter(role="supervisor", valid_to=None).order_by("staff")
    head_office = posts.values_list("staff", flat=True).first()
    made = []
    for number, (score, (topic, text, state, answer)) in enumerate(zip(kept, VOICES, strict=False)):
        assert score.keeper_id is not None  # asked for above
        told_on = today - timedelta(days=3 + 4 * number)
        answered = state in (VoiceState.ADOPTED, VoiceState.DECLINED) and head_office is not None
        made.append(
            Voice(
                party_id=score.party_id, unit_id=score.unit_id, keeper_id=score.keeper_id, staff_id=score.keeper_id,
                topic=topic, text=text, told_on=told_on, told_at=_at(told_on),
                due_on=add_workdays(told_on, policy.answer_workdays),
                state=state if answered or state == VoiceState.TAKEN else VoiceState.HANDED_IN,
                answer=answer if answered else "", answered_by_id=head_office if answered else None,
                answered_on=today - timedelta(days=2) if answered else None,
            )
        )  # fmt: skip
    return made


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(15, 20)))


def _workday(day: date) -> date:
    while not is_workday(day):
        day += timedelta(days=1)
    return day
