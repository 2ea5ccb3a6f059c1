"""Whom a customer is related to, for the panel: family, employer, firms; people out of reach are counted, not named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party, Relation
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import parties_by_id
from guanxi.crm.customers.words import RELATIONS
from guanxi.crm.organisation.rules import Reach

MOST = 40
SEEN_FROM_OTHER: Mapping[str, Promise] = {
    # `party` is the <kind> of `other`: what `other` is to `party`
    "spouse": _("Spouse"),
    "parent": _("Child"),
    "child": _("Parent"),
    "guardian": _("Ward"),
    "agent": _("Acts for"),
    "authorised": _("Authorised by"),
    "employee": _("Employer"),
    "owner": _("Owns"),
    "legal_person": _("Legal representative of"),
    "guarantor": _("Guarantees for"),
    "household": _("Household"),
}


@dataclass(frozen=True)
class Related:
    """One relation as this customer's page says it; `uuid` and `name` only where the other lies within reach."""

    label: str
    name: str
    uuid: Any
    evidence: str
    people: int | None


@dataclass(frozen=True)
class Relations:
    """The panel: the relations one by one, and how many employees a firm has among our customers."""

    rows: list[Related]
    employees: int


def relations_in_words(reach: Reach, party: Party) -> Relations:
    """The relations of a customer within reach; at most three queries, whatever the size of the firm."""
    rows = list(
        Relation.objects.filter(Q(party=party) | (Q(other=party) & ~Q(kind="employee")), valid_to__isnull=True)
        .order_by("kind", "pk")[:MOST]
    )  # fmt: skip
    others = {_other(row, party) for row in rows}
    known = parties_by_id(reach, others) if others else {}
    firms = {row.other_id for row in rows if row.kind == "employee" and row.other_id in known}
    heads = _employees_of({party.pk, *firms})
    made = {
        (_other(row, party), _label(row, party)): _related(row, party, known, heads, reach) for row in rows
    }
    return Relations(list(made.values()), heads.get(party.pk, 0))


def _employees_of(firms: Iterable[int]) -> dict[int, int]:
    """How many of our customers work for each of these firms."""
    rows = Relation.objects.filter(other__in=list(firms), kind="employee", valid_to__isnull=True)
    return dict(rows.values_list("other").annotate(Count("party")))


def _other(row: Relation, party: Party) -> int:
    return row.other_id if row.party_id == party.pk else row.party_id


def _label(row: Relation, party: Party) -> str:
    words = SEEN_FROM_OTHER if row.party_id == party.pk else RELATIONS
    return str(words.get(row.kind, row.kind))


def _related(
    row: Relation, party: Party, known: Mapping[int, Party], heads: Mapping[int, int], reach: Reach
) -> Related:
    other = known.get(_other(row, party))
    return Related(
        label=_label(row, party),
        name=shown_name(other.name, hidden=reach.hides_names) if other else "",
        uuid=other.uuid if other else None,
        evidence=row.evidence,
        people=heads.get(row.other_id) if row.party_id == party.pk else None,
    )
