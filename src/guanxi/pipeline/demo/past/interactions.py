"""Ninety days of contacts (客户跟进) for the customers that somebody keeps, with what was promised and what came of it.

The chances below are of the made-up bank: better customers are contacted more often, some have not been contacted for
long, a few promises are broken, and part of the deals that the ledger shows were spoken of before.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from guanxi.crm.interactions.models import Contact, Promise, PromiseState
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.interactions.rules import breaks_on
from guanxi.insight.policies.interaction import InteractionPolicy, Outcome
from guanxi.insight.workdays import is_workday
from guanxi.pipeline.deals import settle_contacts
from guanxi.pipeline.demo.past import _texts as texts

DAYS = 90
LONG_AGO = 0.16  # of the kept customers: nobody has contacted them for long
KEPT, LATE, WITHDRAWN = 0.74, 0.12, 0.04  # of promises past their day; the rest is broken
OLD_DAYS, MADE_GOOD = 14, 0.9  # most of the broken ones are made good in the end
PROMISED = 0.8  # of outcomes that have a next step
SPOKEN_OF = 0.45  # of new holdings: somebody had asked about them
WAN = 1_000_000  # fen

_KEPT_CUSTOMERS = """
SELECT p.id, p.customer_no, p.unit_id, p.keeper_id, s.name, COALESCE(x.tier_rank, 1), COALESCE(x.aum_fen, 0),
       EXISTS (SELECT 1 FROM organisation_post AS post WHERE post.staff_id = s.id AND post.role IN ('teller', 'lobby'))
FROM customers_party AS p JOIN organisation_staff AS s ON s.id = p.keeper_id
LEFT JOIN scores_partyscore AS x ON x.party_id = p.id
WHERE p.merged_into_id IS NULL AND p.state = 'active' ORDER BY p.customer_no
"""
_NEW_HOLDINGS = """
SELECT h.party_id, h.family, h.opened_on, ABS(COALESCE(h.balance_base_fen, 0) + h.in_transit_base_fen)
FROM customers_holding AS h JOIN customers_party AS p ON p.id = h.party_id
WHERE p.keeper_id IS NOT NULL AND h.role = 'holder' AND h.family = ANY(%s) AND h.opened_on BETWEEN %s AND %s
ORDER BY h.party_id, h.opened_on, h.account_no
"""


@dataclass(frozen=True)
class Kept:
    """A customer somebody keeps."""

    party: int
    number: str
    unit: int
    keeper: int
    keeper_name: str
    rank: int
    aum_fen: int
    at_counter: bool


def tell(*, today: date) -> int:
    """Contacts and promises up to the evening before `today`; rows written, 0 when there are contacts already."""
    if Contact.objects.using("pipeline").exists():
        return 0
    policy = interaction_policy(today)
    customers = [Kept(*row) for row in _rows(_KEPT_CUSTOMERS, [])]
    bought = _bought(policy, today)
    contacts: list[Contact] = []
    promises: list[Promise] = []
    for customer in customers:
        chance = random.Random(f"interactions {customer.number}")  # noqa: S311  # a made-up bank, the same each time
        for contact, promise in _of(customer, bought.get(customer.party, []), policy, today, chance):
            contacts.append(contact)
            promises += [promise] if promise else []
    Contact.objects.using("pipeline").bulk_create(contacts, batch_size=2000)
    Promise.objects.using("pipeline").bulk_create(promises, batch_size=2000)
    connection = connections["pipeline"].connection
    assert connection is not None
    settle_contacts(connection, today - timedelta(days=1))
    return len(contacts) + len(promises)


def _rows(select: str, told: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(select, told)
        return list(cursor.fetchall())


def _bought(policy: InteractionPolicy, today: date) -> dict[int, list[tuple[str, date, int]]]:
    """New holdings of kept customers in the last weeks, by customer."""
    found: dict[int, list[tuple[str, date, int]]] = {}
    first = today - timedelta(days=DAYS - policy.match_days)
    told = [list(policy.intent_families), first, today - timedelta(days=1)]
    for party, family, opened_on, fen in _rows(_NEW_HOLDINGS, told):
        found.setdefault(party, []).append((family, opened_on, fen))
    return found


def _of(
    customer: Kept, bought: list[tuple[str, date, int]], policy: InteractionPolicy, today: date, chance: random.Random
) -> Iterator[tuple[Contact, Promise | None]]:  # fmt: skip
    """One customer's contacts: those before a purchase, then the others, the earliest first."""
    speaks = [one for one in policy.outcomes if one.intent]
    for number, (family, opened_on, fen) in enumerate(bought[:2]):
        day = _workday(opened_on - timedelta(days=chance.randint(1, 12)))
        if fen >= WAN and chance.random() < SPOKEN_OF and today - timedelta(days=DAYS) < day < today:
            outcome = _pick(speaks, chance)
            channel = chance.choice(outcome.channels)
            contact = _contact(
                customer, day, channel, outcome, (family, _round(fen)), f"bought {number}", chance
            )
            yield contact, _promised(contact, outcome, policy, today, chance)
    for number, day in enumerate(_days(customer, today, chance)):
        channel = _channel(customer, chance)
        outcome = _pick(policy.outcomes_on(channel), chance)
        wanted = _wanted(customer, policy, chance) if outcome.intent else None
        contact = _contact(customer, day, channel, outcome, wanted, str(number), chance)
        yield contact, _promised(contact, outcome, policy, today, chance)


def _days(customer: Kept, today: date, chance: random.Random) -> list[date]:
    """The working days on which this customer was contacted: more often the better the tier."""
    most = max(3, min(8, customer.rank + 2))
    number = chance.randint(0, most)
    latest = chance.randint(45, DAYS - 5) if chance.random() < LONG_AGO else 1
    ages = sorted((chance.randint(latest, DAYS) for _ in range(number)), reverse=True)
    return [_workday(today - timedelta(days=age)) for age in ages]


def _workday(day: date) -> date:
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def _channel(customer: Kept, chance: random.Random) -> str:
    weights = texts.AT_COUNTER if customer.at_counter else texts.BY_MANAGER
    return chance.choices(list(weights), list(weights.values()))[0]


def _pick(outcomes: Sequence[Outcome], chance: random.Random) -> Outcome:
    weights = [texts.OUTCOMES.get(one.outcome, 1) for one in outcomes]
    return chance.choices(outcomes, weights)[0]


def _wanted(customer: Kept, policy: InteractionPolicy, chance: random.Random) -> tuple[str, int]:
    families = [family for family in policy.intent_families if family in texts.FAMILIES]
    family = chance.choices(families, [texts.FAMILIES[one] for one in families])[0]
    return family, _round(int(max(customer.aum_fen, 5 * WAN) * chance.uniform(0.1, 0.5)))


def _round(fen: int) -> int:
    """As people speak of it: in whole 万, above 20 in fives."""
    step = 5 * WAN if fen >= 20 * WAN else WAN
    return max(WAN, round(fen / step) * step)


def _contact(
    customer: Kept, day: date, channel: str, outcome: Outcome, wanted: tuple[str, int] | None, key: str,
    chance: random.Random,
) -> Contact:  # fmt: skip
    at = datetime.combine(day, time(9, 0), timezone.get_current_timezone()) + timedelta(
        minutes=chance.randint(0, 500)
    )
    family, fen = wanted or ("", None)
    return Contact(
        party_id=customer.party, unit_id=customer.unit, keeper_id=customer.keeper, staff_id=customer.keeper,
        author_name=customer.keeper_name, channel=channel, at=at, day=day, outcome=outcome.outcome,
        intent_family=family, intent_fen=fen, note=texts.note(outcome.outcome, family, chance),
        logged_at=at + timedelta(minutes=5), client_key=uuid.uuid5(uuid.NAMESPACE_OID, f"{customer.number} {key}"),
    )  # fmt: skip


def _promised(
    contact: Contact, outcome: Outcome, policy: InteractionPolicy, today: date, chance: random.Random
) -> Promise | None:
    if not outcome.next_step or chance.random() >= PROMISED:
        return None
    return _promise(contact, outcome, policy, today, chance)


def _promise(
    contact: Contact, outcome: Outcome, policy: InteractionPolicy, today: date, chance: random.Random
) -> Promise:
    step = next(one for one in policy.next_steps if one.step == outcome.next_step)
    due = contact.day + timedelta(days=outcome.next_days)
    while not is_workday(due):
        due += timedelta(days=1)
    promise = Promise(
        party_id=contact.party_id, unit_id=contact.unit_id, keeper_id=contact.keeper_id, contact=contact,
        staff_id=contact.staff_id, step=step.step, text=texts.promise(step.step, step.label_zh, chance),
        made_on=contact.day, due_on=due,
    )  # fmt: skip
    if due < today:
        _end(promise, policy, today, chance)
    return promise


def _fate(promise: Promise, today: date, chance: random.Random) -> str:
    """kept, late, withdrawn, or nothing: one left open the night marks as broken."""
    luck = chance.random()
    if luck < KEPT:
        return "late" if luck < KEPT * LATE else "kept"
    if luck < KEPT + WITHDRAWN:
        return "withdrawn"
    old = (today - promise.due_on).days > OLD_DAYS
    return "late" if old and chance.random() < MADE_GOOD else ""


def _end(promise: Promise, policy: InteractionPolicy, today: date, chance: random.Random) -> None:
    """What became of a promise whose day is past."""
    fate = _fate(promise, today, chance)
    if not fate:
        return
    day = promise.due_on + timedelta(days=chance.randint(1, 4) if fate == "late" else 0)
    promise.closed_on = max(promise.made_on, min(day, today - timedelta(days=1)))
    promise.closed_by_id = promise.staff_id
    broken = breaks_on(promise.due_on, policy.promise_grace_days)
    promise.broken_on = broken if promise.closed_on >= broken else None
    if fate == "withdrawn":
        promise.state, promise.closed_note = PromiseState.WITHDRAWN, "客户改期，已另约"
    else:
        promise.state = PromiseState.KEPT
        promise.kept_at = datetime.combine(promise.closed_on, time(16, 30), timezone.get_current_timezone())
