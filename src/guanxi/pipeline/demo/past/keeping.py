"""Keeping in the demo bank: a hand-over done and watched, one on its way, exits decided and appealed, tiers by hand.

Through the room's own services, as the people who would do it, so that the trail tells it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.keeping.models import ExitProposal, HandOver, HandOverLine, PoolEntry
from guanxi.crm.keeping.policy import keeping_policy, scope_policy
from guanxi.crm.keeping.services import exits, handover, overrides, pool
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Post, Staff, Unit
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.scores.models import PartyScore
from guanxi.insight.workdays import add_workdays

DONE_DAYS_AGO, MOVING_DAYS_AGO = 40, 2
POOL_DAYS_AGO = (12, 1)
HANDED_OVER = 6  # customers of each hand-over
LEAVE = "近半年日均持续低于起点，已联系两次，客户近期无回流安排，转网点共管。"
KEEP = "客户子女在本行办理按揭，家庭关系重要，继续由客户经理管理。"
APPEAL = "客户房款年底到账，已约定转入本行定期，申请暂缓退出。"
RAISE = "所在单位代发工资整体迁入，预计三个月内达标，先行按金卡服务。"
PROTECT = "购房首付临时支出，已确认回款日期，申请保护期。"


def tell(*, today: date) -> int:
    """Write it once; returns how many matters were told."""
    if HandOver.objects.using("pipeline").exists():
        return 0
    told = 0
    for head, managers in _outlets(today):
        told += _handovers(head, managers, today)
        told += _plant(head, managers, today)
        told += _exits(head, today)
        told += _overrides(head, managers[0], today)
        told += _pool(head, today)
    return told


def _outlets(today: date) -> Iterator[tuple[Post, list[Staff]]]:
    """Each outlet with its head and the managers who keep somebody there, by staff number."""
    for head in posts_on(today).filter(role="outlet_head").order_by("unit__unit_no", "staff__staff_no"):
        kept = Party.objects.using("pipeline").filter(unit=head.unit_id, keeper__isnull=False)
        posts = posts_on(today, units=[head.unit_id]).filter(
            role="relationship_manager", staff__in=list(kept.values_list("keeper", flat=True).distinct())
        )
        managers = [post.staff for post in posts.order_by("staff__staff_no")]
        if managers:
            yield head, managers


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _handovers(head: Post, managers: list[Staff], today: date) -> int:
    """The first manager's smaller customers went to the second a while ago; a few more are on their way now."""
    posts = posts_on(today, units=[head.unit_id]).filter(role__in=("relationship_manager", "teller"))
    seconds = [post.staff for post in posts.exclude(staff=managers[0]).order_by("role", "staff__staff_no")]
    if not seconds:
        return 0
    rows = PartyScore.objects.using("pipeline").filter(keeper=managers[0], unit=head.unit_id)
    keys = list(
        rows.order_by("-aum_fen", "party_id").values_list("party_id", flat=True)[3 : 3 + 2 * HANDED_OVER]
    )
    told = 0
    for some, days, signers in (
        (keys[:HANDED_OVER], DONE_DAYS_AGO, (managers[0], seconds[0], head.staff)),
        (keys[HANDED_OVER:], MOVING_DAYS_AGO, (managers[0],)),
    ):
        if some:
            _hand_over(head, managers[0], seconds[0], some, today - timedelta(days=days), signers)
            told += 1
    return told


def _hand_over(
    head: Post, giver: Staff, taker: Staff, keys: list[int], day: date, signers: tuple[Staff, ...]
) -> None:
    unit: Unit = head.unit
    with acting_as(head.staff, today=day) as reach:
        case = handover.draw(
            by=head.staff, reach=reach, giver=giver, taker=taker, unit=unit, parties=keys, why="balance",
            note="均衡管户，客户按居住片区划分", today=day,
        )  # fmt: skip
    for hour, signer in enumerate(signers, start=10):
        with acting_as(signer, today=day) as reach:
            handover.sign(
                by=signer, reach=reach, handover=case, file_hash=case.file_hash, today=day, now=_at(day, hour)
            )


def _plant(head: Post, managers: list[Staff], today: date) -> int:
    """What nights before would have left: two customers whom nobody keeps, one of them too long, and some below the
    line, without a loan, proposed to leave whoever keeps them."""
    line = int(scope_policy(today).enter_from * 100)
    kept = PartyScore.objects.using("pipeline").filter(keeper__isnull=False, unit=head.unit_id, kind="person")
    scores = kept.exclude(party__in=HandOverLine.objects.using("pipeline").values("party"))
    above = scores.filter(keeper__in=managers, daily_average_fen__gte=line).order_by(
        "daily_average_fen", "party_id"
    )
    for score, days in zip(above.select_related("party")[:2], POOL_DAYS_AGO, strict=False):
        _unkeep(head, score.party, today - timedelta(days=days), keeping_policy(today).pool_workdays)
    small = scores.filter(daily_average_fen__lt=line, tier_rank=2).exclude(loans_fen__gt=0).order_by(
        "-daily_average_fen", "party_id"
    )  # fmt: skip
    rows = [
        ExitProposal(
            party=score.party, unit_id=score.unit_id, keeper_id=score.keeper_id, book_id=int(score.keeper_id or 0),
            proposed_on=today - timedelta(days=1), months_below=scope_policy(today).exit_months,
            measure_fen=score.daily_average_fen, age_band=score.age_band, sex=score.party.sex, area=score.party.area,
        )
        for score in small.select_related("party")[:4]
    ]  # fmt: skip
    # As the head and not as the pipeline, whose transaction ends with the room: the head decides about them below.
    with acting_as(head.staff, today=today):
        return len(ExitProposal.objects.bulk_create(rows, ignore_conflicts=True))


def _unkeep(head: Post, party: Party, day: date, workdays: int) -> None:
    with acting_as(head.staff, today=day) as reach:
        assign_keeper(
            by=head.staff, reach=reach, party=party, keeper=None, today=day, reason="客户升入管户范围"
        )
        PoolEntry.objects.create(
            party=party, unit_id=party.unit_id, since=day, due_on=add_workdays(day, workdays), why="entered",
            hints={"main_outlet": party.unit_id},
        )  # fmt: skip


def _exits(head: Post, today: date) -> int:
    """Of what the night proposed here: one kept, the next two to leave, and of these one appealed."""
    rows = ExitProposal.objects.using("pipeline").filter(unit=head.unit_id, state="proposed").order_by("pk")
    found = list(rows.select_related("book")[:4])
    day = today - timedelta(days=1)
    for number, row in enumerate(found[1:]):
        leave = number > 0
        with acting_as(head.staff, today=day) as reach:
            exits.decide(
                by=head.staff, reach=reach, proposals=[row.pk], leave=leave, note=LEAVE if leave else KEEP, today=day,
                now=_at(day, 15),
            )  # fmt: skip
        if number == 1:
            with acting_as(row.book, today=today) as reach:
                exits.appeal(by=row.book, reach=reach, proposal=row.pk, note=APPEAL, today=today)
    return max(len(found) - 1, 0)


def _overrides(head: Post, manager: Staff, today: date) -> int:
    """One tier set by hand and approved, one protection that waits for the second person."""
    rows = PartyScore.objects.using("pipeline").filter(
        keeper=manager, unit=head.unit_id, tier_scheme="person", tier_rank=3
    )
    found = list(rows.select_related("party").order_by("-daily_average_fen", "party_id")[:2])
    day = today - timedelta(days=4)
    for number, score in enumerate(found):
        rank, reason, days = (4, RAISE, 180) if number == 0 else (None, PROTECT, 90)
        with acting_as(manager, today=day) as reach:
            made = overrides.propose(
                by=manager, reach=reach, party=score.party, rank=rank, scheme="person", reason=reason, valid_from=day,
                valid_to=day + timedelta(days=days), today=day, now=_at(day, 10),
            )  # fmt: skip
        if number == 0:
            with acting_as(head.staff, today=day) as reach:
                overrides.decide(
                    by=head.staff, reach=reach, override=made, approve=True, note="已核对代发协议", today=day,
                    now=_at(day, 16),
                )  # fmt: skip
    return len(found)


def _pool(head: Post, today: date) -> int:
    """The program has proposed keepers for the pool; the head has not decided yet."""
    with acting_as(head.staff, today=today) as reach:
        return pool.propose(by=head.staff, reach=reach, today=today)
