"""A month at the counters (到店识别): who came, what was said to the one prompt, which entitlements were used."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.counter.models import Answer, EntitlementBook, EntitlementUse, Reception
from guanxi.crm.counter.policy import counter_policy
from guanxi.crm.organisation.models import Post
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.policies.counter import CounterPolicy, period_start
from guanxi.insight.workdays import is_workday

DAYS, MOST = 30, 600
LOWEST_RANK = 2
ANSWERS = {Answer.INTERESTED: 18, Answer.LATER: 50, Answer.NEVER: 8, "": 24}
PROMPTS = (
    ("need", "need:三年期定期存款", {"product": "三年期定期存款", "fit": "存款类，无须评级"}),
    ("need", "need:大额存单三年", {"product": "大额存单三年", "fit": "存款类，无须评级"}),
    ("gap", "gap:occupation", {"field": "occupation"}),
)


def tell(*, today: date) -> int:
    """Receptions and uses up to the evening before `today`; rows written, 0 when told before."""
    policy = counter_policy(today)
    if policy is None or Reception.objects.using("pipeline").exists():
        return 0
    tellers: dict[int, list[int]] = {}
    posts = Post.objects.using("pipeline").filter(role__in=("teller", "lobby"), valid_to=None)
    for unit, staff in posts.order_by("staff").values_list("unit_id", "staff_id"):
        tellers.setdefault(unit, []).append(staff)
    chance = random.Random("counter")  # noqa: S311  # a made-up bank, the same each time
    rows = PartyScore.objects.using("pipeline").filter(
        tier_rank__gte=LOWEST_RANK, unit__in=tellers, kind="person"
    )
    came = list(rows.order_by("party")[: MOST * 4])
    chance.shuffle(came)
    came = came[:MOST]
    receptions = [_reception(row, tellers[row.unit_id], today, chance) for row in came]
    Reception.objects.using("pipeline").bulk_create(receptions)
    return len(receptions) + _uses(came, tellers, policy, today, chance)


def _reception(row: PartyScore, tellers: Sequence[int], today: date, chance: random.Random) -> Reception:
    day = _workday(today - timedelta(days=chance.randint(1, DAYS)))
    at = timezone.make_aware(datetime.combine(day, time(chance.randint(9, 16), chance.randint(0, 59))))
    kind, subject, prompt = chance.choice(PROMPTS)
    answer = chance.choices(list(ANSWERS), list(ANSWERS.values()))[0]
    return Reception(
        party_id=row.party_id, unit_id=row.unit_id, keeper_id=row.keeper_id, staff_id=chance.choice(tellers), at=at,
        day=day, key=uuid.UUID(int=chance.getrandbits(128), version=4), kind=kind, subject=subject, prompt=prompt,
        answer=answer, answered_at=at if answer else None,
    )  # fmt: skip


def _uses(
    came: Sequence[PartyScore],
    tellers: dict[int, list[int]],
    policy: CounterPolicy,
    today: date,
    chance: random.Random,
) -> int:
    """Some of this period's entitlements, never more than the tier has."""
    names, books, quotas = tier_names(today), [], []
    for row in came:
        band = names.band(row.tier_scheme, row.tier_rank)
        for one in policy.entitlements:
            quota = policy.quota(one.code, row.tier_scheme, band.code if band else None)
            used = chance.randint(0, min(3, quota)) if quota else 0
            if used:
                start = period_start(one.period, today)
                books.append(
                    EntitlementBook(
                        party_id=row.party_id, unit_id=row.unit_id, keeper_id=row.keeper_id, code=one.code,
                        starts_on=start, used=used,
                    )
                )  # fmt: skip
                quotas.append(quota)
    EntitlementBook.objects.using("pipeline").bulk_create(books)
    uses = [
        EntitlementUse(
            book=book, quota=quota, staff_id=chance.choice(tellers[book.unit_id]),
            at=timezone.make_aware(datetime.combine(max(book.starts_on, today - timedelta(days=1)), time(10))),
            client_key=uuid.UUID(int=chance.getrandbits(128), version=4),
        )
        for book, quota in zip(books, quotas, strict=True)
        for _time in range(book.used)
    ]  # fmt: skip
    EntitlementUse.objects.using("pipeline").bulk_create(uses)
    return len(books) + len(uses)


def _workday(day: date) -> date:
    while not is_workday(day):
        day -= timedelta(days=1)
    return day
