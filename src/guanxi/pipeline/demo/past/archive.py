"""Notes about customers, one in a few changed since or on top, and what earlier nights changed in profiles."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.customers.models import Note, Party, ProfileChange

CUSTOMERS = 400
SAID = (
    ("上午开会，下午三点后联系方便。", "上午不方便，下午两点到五点联系。"),
    ("只用微信联系，不接陌生电话。", "先发微信再打电话，不接陌生电话。"),
    ("资金由配偶打理，重要产品需夫妻双方一起谈。", "资金由配偶打理，配偶也是我行客户，谈方案时请一并约见。"),
    ("明年孩子出国读书，近期关注外汇汇率。", "孩子明年八月出国，需准备存款证明和购汇。"),
    ("对净值波动敏感，2022年赎回过理财，优先推荐存款类。", "对净值波动敏感，以大额存单和短期限产品为主。"),
    ("企业年底结算集中，十二月额度使用率高。", "企业十二月结算集中，请提前一个月对接额度。"),
)
BEFORE = {
    "occupation": ("个体经营", "销售人员", "教师", "公司职员", "自由职业"),
    "employer_name": ("苏州恒达机械有限公司", "园区服务中心", "新城实业有限公司"),
    "risk_grade": ("C1", "C2", "C3", "C4"),
    "size_class": ("micro", "small", "medium"),
}


def tell(*, today: date) -> int:
    """Notes and changes of some kept customers; rows written, 0 when told before."""
    if Note.objects.using("pipeline").exists():
        return 0
    rows = Party.objects.using("pipeline").filter(merged_into=None, keeper__isnull=False, state="active")
    parties = list(rows.select_related("keeper").order_by("-partyscore__aum_fen", "pk")[:CUSTOMERS])
    notes = [note for party in parties for note in _notes(party, today)]
    changes = [change for party in parties for change in _changes(party, today)]
    Note.objects.using("pipeline").bulk_create(notes)
    ProfileChange.objects.using("pipeline").bulk_create(changes)
    return len(notes) + len(changes)


def _notes(party: Party, today: date) -> Iterator[Note]:
    """A note of every third customer; every fourth of them was changed by its author, some are on top."""
    chance = random.Random(f"note {party.customer_no}")  # noqa: S311  # a made-up bank, the same each time
    if chance.random() > 0.35 or party.keeper is None:
        return
    company = party.kind not in ("person", "sole_trader")
    first, then = SAID[-1] if company else chance.choice(SAID[:-1])
    thread, pinned = uuid.uuid5(uuid.NAMESPACE_OID, f"note {party.customer_no}"), chance.random() < 0.25
    days, changed = chance.randint(30, 300), chance.random() < 0.25
    for version, text in enumerate((first, then) if changed else (first,), start=1):
        day = today - timedelta(days=days // version)
        yield Note(
            party=party, thread=thread, version=version, is_latest=version == 1 + changed, text=text, pinned=pinned,
            author=party.keeper, author_name=party.keeper.name,
            written_at=timezone.make_aware(datetime.combine(day, time(chance.randint(9, 17), chance.randrange(60)))),
        )  # fmt: skip


def _changes(party: Party, today: date) -> Iterator[ProfileChange]:
    """One or two fields of every fourth customer had another value before today's."""
    chance = random.Random(f"profile {party.customer_no}")  # noqa: S311
    if chance.random() > 0.25:
        return
    held = [name for name in BEFORE if getattr(party, name)]
    for name in chance.sample(held, k=min(len(held), chance.randint(1, 2))):
        now = str(getattr(party, name))
        old = chance.choice([value for value in BEFORE[name] if value != now])
        day = today - timedelta(days=chance.randint(5, 240))
        yield ProfileChange(party=party, day=day, field=name, old=old, new=now)
