"""Half a year of retention cases (挽留任务): some in hand, most ended with why and where to, the older ones judged.

They stand on the warnings that the run has raised; said and ledger differ now and then, as they do, and what the ledger
says of those ended long ago is the night's own judgement.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from guanxi.crm.foresight.models import EarlyWarning, Signal
from guanxi.crm.organisation.models import Post, Staff
from guanxi.crm.retention import evidence, rules
from guanxi.crm.retention.models import Case, CaseOffer, CaseSource, CaseState, OfferKind, OfferState
from guanxi.crm.retention.policy import retention_policy
from guanxi.crm.worklist.models import Origin, Task
from guanxi.insight.policies.retention import LOST, SAVED, RetentionPolicy
from guanxi.insight.workdays import is_workday
from guanxi.pipeline.judging import judge_cases

DAYS = 180
MOST_ENDED, MOST_OPEN_EACH = 120, 3
ENDINGS = {LOST: 45, SAVED: 38, "false_alarm": 17}
TRUE_PLACE = 0.7  # said as the ledger shows it, where it shows anything
NOTES = (
    "他行三年定期高 0.25 个百分点，客户已转走，留了一张活期卡。",
    "孩子在外地买房付首付，属于正常用款，约定装修款回笼后再来。",
    "对排队时间不满，已请大堂经理安排预约办理，客户同意留下定期部分。",
    "单位代发换到他行，答应把生活费账户继续留在我行。",
    "客户经理已上门，介绍大额存单后续存一半。",
    "",
)


@dataclass(frozen=True)
class Told:
    """A customer with a warning, as a case is told of."""

    warning: EarlyWarning
    signals: Sequence[Signal]
    keeper: Staff

    @property
    def wealth(self) -> int:
        """What stands on the page today, in fen."""
        return evidence.wealth_of(getattr(self.warning.party, "partyscore", None)) or 0

    @property
    def amount(self) -> int:
        """What flowed out, else what is at stake."""
        flowed = next((one.amount_fen for one in self.signals if one.signal == evidence.OUTFLOW), None)
        return int(flowed or self.warning.at_stake_fen)


def tell(*, today: date) -> int:
    """Cases up to the evening before `today`; rows written, 0 when there are cases already."""
    policy = retention_policy(today)
    if policy is None or Case.objects.using("pipeline").exists():
        return 0
    people = _warned()
    chance = random.Random("retention")  # noqa: S311  # a made-up bank, the same each time
    opened = _in_hand(people, policy, today, chance)
    known = {case.party_id for case in opened}
    rest = [one for one in people if one.warning.party_id not in known]
    ended = [_ended(one, policy, today, chance) for one in rest[:MOST_ENDED]]
    cases = Case.objects.using("pipeline").bulk_create([*opened, *ended])
    offers = CaseOffer.objects.using("pipeline").bulk_create(_offers(cases, chance))
    tasks = Task.objects.using("pipeline").bulk_create(_tasks(cases, offers, today))
    connection = connections["pipeline"].connection
    assert connection is not None
    judge_cases(connection, today - timedelta(days=1))
    return len(cases) + len(offers) + len(tasks)


def _warned() -> list[Told]:
    """Customers with a warning and a keeper, the most at stake first."""
    rows = EarlyWarning.objects.using("pipeline").filter(keeper__isnull=False, at_stake_fen__gt=0)
    listed = list(
        rows.select_related("party", "party__partyscore", "party__keeper").order_by("-priority", "party")[
            :400
        ]
    )
    signals: dict[int, list[Signal]] = {}
    for one in (
        Signal.objects.using("pipeline").filter(party__in=[row.party_id for row in listed]).order_by("signal")
    ):
        signals.setdefault(one.party_id, []).append(one)
    return [
        Told(row, signals.get(row.party_id, []), row.party.keeper)
        for row in listed
        if row.party.keeper is not None
    ]


def _in_hand(
    people: Sequence[Told], policy: RetentionPolicy, today: date, chance: random.Random
) -> list[Case]:
    """A few cases a keeper, one of them late now and then."""
    made: list[Case] = []
    held: dict[int, int] = {}
    for one in people:
        if held.get(one.keeper.pk, 0) < MOST_OPEN_EACH and chance.random() < 0.5:
            held[one.keeper.pk] = held.get(one.keeper.pk, 0) + 1
            day = _workday(today - timedelta(days=chance.choice((1, 2, 2, 4, 8))))
            made.append(_case(one, day, policy))
    return made


def _case(one: Told, day: date, policy: RetentionPolicy) -> Case:
    party = one.warning.party
    score = getattr(party, "partyscore", None)
    return Case(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, source=CaseSource.WARNING,
        opened_by=one.keeper, opened_on=day, opened_at=_at(day, 9), due_on=day + timedelta(days=policy.case_days),
        evidence=evidence.frozen(one.warning, one.signals, score, day), opening_fen=one.wealth, amount_fen=one.amount,
        tier_scheme=score.tier_scheme if score else None, tier_rank=score.tier_rank if score else None,
    )  # fmt: skip


def _ended(one: Told, policy: RetentionPolicy, today: date, chance: random.Random) -> Case:
    """A case that has ended some time ago; of those who left the wealth at opening was higher by what left."""
    opened_on = _workday(today - timedelta(days=chance.randint(6, DAYS)))
    closed_on = min(_workday(opened_on + timedelta(days=chance.randint(1, 6))), today - timedelta(days=1))
    case = _case(one, opened_on, policy)
    for said in case.evidence["signals"]:
        for name in ("day", "first_on"):
            said[name] = _earlier(said[name], today - opened_on)
    case.state = chance.choices(list(ENDINGS), list(ENDINGS.values()))[0]
    if case.state == LOST:
        case.opening_fen = one.wealth + one.amount
    case.reason = chance.choice([one.code for one in policy.leaving_reasons if case.state in one.said_of])
    case.ledger_places, case.ledger_bank = evidence.ledger_word(policy, case.evidence, one.signals)
    case.place = _place(case, policy, chance)
    case.agrees = rules.agreement(case.place, case.ledger_places, policy.telling_places())
    case.note = chance.choice(NOTES)
    case.closed_by, case.closed_on, case.closed_at = one.keeper, closed_on, _at(closed_on, 16)
    case.judge_on = closed_on + timedelta(days=policy.judge_days)
    return case


def _earlier(day: str | None, by: timedelta) -> str | None:
    """What a case of then was opened on had happened then, too."""
    return (date.fromisoformat(day) - by).isoformat() if day else None


def _place(case: Case, policy: RetentionPolicy, chance: random.Random) -> str:
    if case.state != LOST:
        return next(one.code for one in policy.leaving_places if one.stays)
    if case.ledger_places and chance.random() < TRUE_PLACE:
        return str(chance.choice(case.ledger_places))
    return chance.choice([one.code for one in policy.leaving_places if not one.stays])


def _offers(cases: Sequence[Case], chance: random.Random) -> list[CaseOffer]:
    """Small things within authority; of the cases in hand a few fees above it wait for the head."""
    made = []
    for case in cases:
        if chance.random() < 0.4:
            kind, amount = chance.choice(
                ((OfferKind.FEE, 10_000), (OfferKind.GIFT, 8_000), (OfferKind.SERVICE, 1))
            )
            told: dict[str, Any] = {"case": case, "made_by": case.opened_by, "made_at": case.opened_at}
            made.append(CaseOffer(kind=kind, amount=amount, state=OfferState.APPROVED, **told))
            if case.state == CaseState.OPEN and chance.random() < 0.5:
                more = {"text": "减免大额转账手续费", "state": OfferState.ASKED}
                made.append(CaseOffer(kind=OfferKind.FEE, amount=100_000, **more, **told))
    return made


def _tasks(cases: Sequence[Case], offers: Sequence[CaseOffer], today: date) -> list[Task]:
    """What stands on the lists: of the keeper the case, of the head the question."""
    heads = dict(
        Post.objects.using("pipeline")
        .filter(role="outlet_head", valid_to=None)
        .values_list("unit_id", "staff_id")
    )
    told = [
        _task(case, case.opened_by_id, "case", case.due_on, "retention_case")
        for case in cases
        if case.state == CaseState.OPEN and case.opened_by_id is not None
    ]
    asked = [one for one in offers if one.state == OfferState.ASKED and one.case.unit_id in heads]
    return told + [
        _task(one.case, heads[one.case.unit_id], f"offer:{one.pk}", today, "retention_offer") for one in asked
    ]


def _task(case: Case, assignee: int, subject: str, due_on: date, code: str) -> Task:
    by = case.opened_by.name if case.opened_by else ""
    reason = {"code": code, "amount_fen": case.amount_fen, "day_on": case.due_on.isoformat(), "by": by}
    return Task(
        party_id=case.party_id, unit_id=case.unit_id, keeper_id=case.keeper_id, assignee_id=assignee,
        origin=Origin.RETENTION, subject=subject, due_on=due_on, opened_on=case.opened_on, opened_by=case.opened_by,
        value_fen=case.amount_fen, urgency=2, reason=reason, link=f"retention:case {case.pk}",
    )  # fmt: skip


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 20)))


def _workday(day: date) -> date:
    while not is_workday(day):
        day -= timedelta(days=1)
    return day
