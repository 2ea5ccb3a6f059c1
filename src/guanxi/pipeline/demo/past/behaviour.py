"""A month on the mobile and online bank (线上行为): what customers looked at, began and left half-way."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from guanxi.crm.behaviour.models import Batch, Event
from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.behaviour.rollup import roll_up
from guanxi.crm.behaviour.taking import SCOPE
from guanxi.crm.catalog.models import Product
from guanxi.crm.organisation.models import Post, Token
from guanxi.crm.organisation.tokens import hash_of
from guanxi.pipeline.behaving import open_tasks

DAYS, MOST, SHARE = 30, 1_500, 8  # one customer in eight leaves a purchase, at some time in the month
PAGES = ("home", "account/list", "transfer", "wealth/list", "deposit/list", "loan/list", "card/bill")
STEPS = ("amount", "risk", "confirm", "pay")
SYSTEMS = {"手机银行": "mobile", "网上银行": "web"}
_WHO = """
SELECT party.id FROM customers_party AS party JOIN scores_partyscore AS score ON score.party_id = party.id
WHERE party.state = 'active' AND party.kind = 'person' AND party.keeper_id IS NOT NULL AND party.merged_into_id IS NULL
  AND (party.birth_date IS NULL OR party.birth_date < %(today)s::date - INTERVAL '18 years')
  AND NOT EXISTS (SELECT 1 FROM customers_consent AS said
                  WHERE said.party_id = party.id AND said.purpose = 'profiling' AND NOT said.agreed)
ORDER BY md5(party.id::text) LIMIT %(most)s
"""


def tell(*, today: date) -> int:
    """Events up to the evening before `today`, their counts and the tasks they mean; rows written."""
    policy = event_policy(today)
    if policy is None or Batch.objects.using("pipeline").exists():
        return 0
    tokens = _tokens(today)
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(_WHO, {"today": today, "most": MOST})
        parties = [row[0] for row in cursor.fetchall()]
    products = list(
        Product.objects.using("pipeline").filter(family__in=("wealth", "fund", "time")).order_by("product_code")
        .values_list("product_code", flat=True)[:12]
    )  # fmt: skip
    evening = timezone.make_aware(datetime.combine(today - timedelta(days=1), time(20)))
    rows = _written(tokens, parties, [code for code in products if len(code) <= 32] or ["W01"], evening)
    roll_up(policy, today=today, now=evening)
    open_tasks(policy, today=today, now=evening)
    return rows


def _tokens(today: date) -> dict[str, Token]:
    """A token of each system; what it says is told to nobody."""
    post = (
        Post.objects.using("pipeline")
        .filter(role="supervisor", valid_to=None)
        .order_by("unit__unit_no", "pk")
        .first()
    )
    if post is None:
        return {}
    at = timezone.make_aware(datetime.combine(today - timedelta(days=60), time(9)))
    return {
        source: Token.objects.using("pipeline").create(
            name=name, sha256=hash_of(secrets.token_urlsafe()), staff_id=post.staff_id, scopes=[SCOPE], made_at=at,
            approved_at=at, expires_at=at + timedelta(days=365), last_used_at=None,
        )
        for name, source in SYSTEMS.items()
    }  # fmt: skip


def _written(tokens: dict[str, Token], parties: list[int], products: list[str], evening: datetime) -> int:
    chance = random.Random("behaviour")  # noqa: S311  # a made-up bank, the same each time
    made: dict[tuple[str, int], list[Event]] = {}
    for party in parties if tokens else ():
        for source, ago, event in _month_of(party, products, evening, chance):
            made.setdefault((source, ago), []).append(event)
    for (source, ago), events in sorted(made.items()):
        batch = Batch.objects.using("pipeline").create(
            token=tokens[source], taken_at=evening - timedelta(days=ago), came=len(events) + ago % 3, new=len(events),
            known=ago % 2, waiting=0, refused=0, dropped={"no_profiling": 1 + ago % 2} if ago % 3 == 2 else {},
        )  # fmt: skip
        for event in events:
            event.batch = batch
        Event.objects.using("pipeline").bulk_create(events, batch_size=2_000)
    return sum(map(len, made.values()))


def _month_of(
    party: int, products: list[str], evening: datetime, chance: random.Random
) -> Iterator[tuple[str, int, Event]]:
    """One customer's month: some days with a log-in and a few pages, an interest, here and there something left."""
    source = "mobile" if chance.random() < 0.8 else "web"
    interest = chance.choice(products)
    days = chance.sample(range(DAYS), chance.randint(1, 5))
    leaves = None
    if chance.randrange(SHARE) == 0:
        leaves = chance.choice((0, days[0]))
    for ago in sorted({*days, *([] if leaves is None else [leaves])}):
        at = evening - timedelta(days=ago, minutes=chance.randint(0, 600))
        for number, (kind, told) in enumerate(_visit(interest, leaves == ago, chance)):
            yield source, ago, Event(
                key=uuid.UUID(int=chance.getrandbits(128), version=4), party_id=party, kind=kind, source=source,
                at=at + timedelta(minutes=number), day=timezone.localtime(at).date(), properties=told,
            )  # fmt: skip


def _visit(interest: str, leaves: bool, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "logged_in", {}
    yield "page_viewed", {"page": chance.choice(PAGES), "seconds": chance.randint(3, 180)}
    if chance.random() < 0.3:
        yield "product_viewed", {"product": interest, "seconds": chance.randint(5, 240)}
    if leaves:
        amount = chance.randint(1, 50) * 1_000_000
        yield "purchase_abandoned", {"product": interest, "step": chance.choice(STEPS), "amount_fen": amount}
    elif chance.random() < 0.02:
        yield "loan_calculated", {"months": chance.choice((12, 36, 60)), "amount_fen": 20_000_000}
