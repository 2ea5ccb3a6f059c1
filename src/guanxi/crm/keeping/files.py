"""The hand-over file (移交档案) of each customer: what the giver knows and the taker must, frozen when it is drawn.

Written by the program for a whole book in a handful of queries: contacts, promises, tasks, maintenance plan, holdings,
relations, keepers before. Names of others stand only where the drawer may see them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from guanxi.crm.customers.models import Holding, KeeperTerm, Party, Relation
from guanxi.crm.customers.selectors import parties_by_id
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.visits.models import PlanStep
from guanxi.crm.worklist.models import STANDING, Task

SCHEMA = 1
MOST = 24
"""Contacts kept of each customer, the latest; the whole history stays on the customer's page."""

Entries = dict[int, list[dict[str, Any]]]


def files_of(reach: Reach, parties: Sequence[Party], today: date) -> Mapping[int, dict[str, Any]]:
    """The file of each customer by key, as plain values. Amounts in fen of the base currency, days as dates."""
    keys = [party.pk for party in parties]
    scores = {row.party_id: row for row in PartyScore.objects.filter(party__in=keys).defer("details")}
    parts: Mapping[str, Entries] = {
        "contacts": _contacts(keys),
        "promises": _promises(keys),
        "tasks": _tasks(keys),
        "plan": _plan(keys),
        "holdings": _holdings(keys),
        "relations": _relations(reach, keys),
        "keepers": _keepers(keys),
    }
    return {
        party.pk: _head(party, scores.get(party.pk), today)
        | {name: entries.get(party.pk, []) for name, entries in parts.items()}
        for party in parties
    }


def _head(party: Party, score: PartyScore | None, today: date) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "drawn_on": today,
        "customer_no": party.customer_no,
        "uuid": party.uuid,
        "name": party.name,
        "since": party.since,
        "risk_grade": party.risk_grade,
        "tier_scheme": score.tier_scheme if score else None,
        "tier_rank": score.tier_rank if score else None,
        "stage": score.stage if score else None,
        "aum_fen": score.aum_fen if score else None,
        "daily_average_fen": score.daily_average_fen if score else None,
        "loans_fen": score.loans_fen if score else None,
    }


def _by_party(rows: "Iterable[tuple[int, dict[str, Any]]]", most: int | None = None) -> Entries:
    found: Entries = defaultdict(list)
    for party, entry in rows:
        if most is None or len(found[party]) < most:
            found[party].append(entry)
    return found


def _contacts(keys: Sequence[int]) -> Entries:
    rows = Contact.objects.filter(party__in=keys).order_by("party_id", "-day", "-pk")
    return _by_party(
        (
            (row.party_id, {"day": row.day, "channel": row.channel, "outcome": row.outcome, "by": row.author_name,
                            "note": row.note})
            for row in rows
        ),
        MOST,
    )  # fmt: skip


def _promises(keys: Sequence[int]) -> Entries:
    rows = Promise.objects.filter(party__in=keys, state__in=("open", "broken")).order_by(
        "party_id", "due_on", "pk"
    )
    return _by_party(
        (row.party_id, {"id": row.pk, "text": row.text, "due_on": row.due_on, "state": row.state})
        for row in rows
    )


def _tasks(keys: Sequence[int]) -> Entries:
    rows = Task.objects.filter(party__in=keys, state__in=STANDING).order_by("party_id", "due_on", "pk")
    return _by_party(
        (row.party_id, {"id": row.pk, "origin": row.origin, "due_on": row.due_on, "reason": row.reason})
        for row in rows
        if row.party_id is not None
    )  # fmt: skip


def _plan(keys: Sequence[int]) -> Entries:
    rows = (
        PlanStep.objects.filter(plan__party__in=keys)
        .select_related("plan")
        .order_by("plan__party_id", "due_on", "pk")
    )
    return _by_party(
        (row.plan.party_id, {"text": row.text, "channel": row.channel, "due_on": row.due_on}) for row in rows
    )


def _holdings(keys: Sequence[int]) -> Entries:
    rows = Holding.objects.filter(party__in=keys, in_aum=True, state="open").order_by(
        "party_id", "family", "account_no"
    )
    return _by_party(

            (row.party_id, {"family": row.family, "product": row.product_name, "balance_fen": row.balance_base_fen,
                            "matures_on": row.matures_on, "rolls_over": row.rolls_over})
            for row in rows

    )  # fmt: skip


def _relations(reach: Reach, keys: Sequence[int]) -> Entries:
    rows = list(Relation.objects.filter(Q(party__in=keys) | Q(other__in=keys)).order_by("kind", "pk"))
    named = parties_by_id(reach, {key for row in rows for key in (row.party_id, row.other_id)})
    told, wanted = [], set(keys)
    for row in rows:
        for mine, other, side in ((row.party_id, row.other_id, "of"), (row.other_id, row.party_id, "is")):
            if mine in wanted:
                name = named[other].name if other in named else None
                told.append((mine, {"kind": row.kind, "side": side, "name": name}))
    return _by_party(told)


def _keepers(keys: Sequence[int]) -> Entries:
    rows: QuerySet[KeeperTerm] = KeeperTerm.objects.filter(party__in=keys).select_related("staff")
    return _by_party(

            (row.party_id, {"name": row.staff.name, "primary": row.is_primary, "from": row.valid_from,
                            "to": row.valid_to})
            for row in rows.order_by("party_id", "-valid_from", "pk")

    )  # fmt: skip
