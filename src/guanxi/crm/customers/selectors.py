"""Reads of customers. Each asks for a reach and shows nothing without one: the database's row security is behind it."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, Q, QuerySet
from django.http import Http404

from guanxi.crm.customers import lookup
from guanxi.crm.customers.models import (
    Consent,
    ContactPoint,
    Holding,
    Identifier,
    KeeperTerm,
    Party,
    Relation,
    SavedView,
    VaultEntry,
)
from guanxi.crm.customers.rules import folded, grams_asked
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach

Listed = TypeVar("Listed", bound=Model)


def visible_to(reach: Reach) -> QuerySet[Party]:
    """The customers within reach, each of them: for looking one up. Lists take `within`.

    A number merged into another person is none of them: its key forwards (`by_uuid`).
    """
    rows = Party.objects.filter(merged_into=None)
    if not reach.sees_customers:
        return rows.none()
    if reach.whole_bank:
        return rows
    return rows.filter(Q(unit__in=sorted(reach.unit_ids)) | Q(keeper__in=sorted(reach.staff_ids)))


def within(rows: QuerySet[Listed], reach: Reach) -> QuerySet[Listed]:
    """The list of a person: rows (of a table with `unit` and `keeper`) of their units, or of their books when they
    have no units.

    Not both at once: an OR would cost every list its index, and a customer kept across outlets stands in the book.
    """
    if not reach.sees_customers:
        return rows.none()
    if reach.whole_bank:
        return rows
    if reach.unit_ids:
        return rows.filter(unit__in=sorted(reach.unit_ids))
    return rows.filter(keeper__in=sorted(reach.staff_ids))


def by_uuid(reach: Reach, uuid: UUID, *, beside: Sequence[str] = ()) -> Party | None:
    """The customer with this public key, when within reach; else None, whether there is one or not.

    The key of a number that was merged finds the person it belongs to now. `beside`: tables of one row a customer
    (related names) that the page needs too, read in the same statement.
    """
    merged = Party.objects.filter(merged_into=OuterRef("pk")).order_by("pk").values("pk")
    seen = (
        visible_to(reach)
        .select_related("unit", "keeper", *beside)
        .annotate(merged_keys=ArraySubquery(merged))
    )
    found = seen.filter(uuid=uuid).first()
    if found is None:
        now = Party.objects.filter(uuid=uuid, merged_into__isnull=False).values("merged_into_id")
        found = seen.filter(pk__in=now).first()
    return found


def find_by_name(reach: Reach, typed: str, *, limit: int = 12) -> list[Party]:
    """Customers whose name contains what was typed, the exact name first, then by name; at most `limit`."""
    grams = grams_asked(typed)
    if not grams or not reach.sees_customers:
        return []
    letters = folded(typed)
    found = lookup.by_grams(reach, grams, most=limit * 20)  # grams in the wrong order match too
    fitting = [party for party in found if letters in folded(party.name)]
    fitting.sort(key=lambda party: (folded(party.name) != letters, party.name_pinyin, party.pk))
    return fitting[:limit]


def find_by_number(reach: Reach, *, customer_no: str = "", tokens: Iterable[str] = ()) -> list[Party]:
    """Customers with exactly this customer number, or a protected number (phone, identity, card) of these tokens."""
    found = lookup.by_number(reach, customer_no, list(tokens)) if reach.sees_customers else []
    return sorted(found, key=lambda party: (party.name_pinyin, party.pk))


def holdings_of(reach: Reach, party: Party) -> QuerySet[Holding]:
    """What a customer within reach holds, the accounts owned first; nothing for one out of reach."""
    rows = _details(Holding.objects.select_related("unit"), reach, party)
    return rows.order_by("-in_aum", "family", "matures_on", "account_no")


def contact_points_of(reach: Reach, party: Party) -> QuerySet[ContactPoint]:
    """How to reach a customer, the preferred first."""
    return _details(ContactPoint.objects.all(), reach, party).order_by("-is_primary", "kind", "pk")


def consents_given(reach: Reach, party: Party) -> QuerySet[Consent]:
    """Every word ever given, by purpose and channel, the latest first."""
    return _details(Consent.objects.all(), reach, party).order_by("purpose", "channel", "-given_on")


def consents_of(reach: Reach, party: Party) -> QuerySet[Consent]:
    """What counts today: the latest word per purpose and channel."""
    return consents_given(reach, party).distinct("purpose", "channel")


def latest_consents(given: Iterable[Consent]) -> list[Consent]:
    """The same from `consents_given`, already read."""
    first: dict[tuple[str, str], Consent] = {}
    for consent in given:
        first.setdefault((consent.purpose, consent.channel), consent)
    return list(first.values())


def relations_of(reach: Reach, party: Party) -> list[Relation]:
    """Relations both ways, with the other party where it is within reach (`other.name` is asked only then)."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return []
    return list(relations_query(party))


def relations_query(party: Party) -> QuerySet[Relation]:
    """Relations in which this party stands at either end; row security alone limits them."""
    return Relation.objects.filter(Q(party=party) | Q(other=party)).order_by("kind", "pk")


def parties_by_id(reach: Reach, keys: Iterable[int]) -> dict[int, Party]:
    """Those of these customers that lie within reach, by key: whoever is missing may not be named."""
    return {party.pk: party for party in visible_to(reach).filter(pk__in=list(keys))}


def keeper_terms_of(reach: Reach, party: Party) -> QuerySet[KeeperTerm]:
    """Who kept this customer, newest first."""
    return (
        _details(KeeperTerm.objects.all(), reach, party)
        .select_related("staff")
        .order_by("-valid_from", "-pk")
    )


def vault_entry(reach: Reach, party: Party, token: str) -> VaultEntry | None:
    """The encrypted value behind a token of this customer; None when out of reach or not this customer's."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    known = Identifier.objects.filter(party=party, token=token).exists()
    if known or ContactPoint.objects.filter(party=party, token=token).exists():
        return VaultEntry.objects.filter(token=token).first()
    return None


def saved_views_of(staff: Staff, page: str = "customers") -> QuerySet[SavedView]:
    """The tabs this person made on a page."""
    return SavedView.objects.filter(staff=staff, page=page)


def numbers_of(party: Party) -> list[int]:
    """The key of a customer and those of the numbers merged into it: whose rows are this person's.

    `by_uuid` has read them with the customer, else they are asked for once. A list of keys, and no OR over a join, so
    that each table answers from its index.
    """
    merged: list[int] | None = getattr(party, "merged_keys", None)
    if merged is None:
        merged = list(Party.objects.filter(merged_into=party).order_by("pk").values_list("pk", flat=True))
        party.merged_keys = merged  # type: ignore[attr-defined]  # as the annotation of `by_uuid` sets it
    return [party.pk, *merged]


def _details(rows: "QuerySet[Listed]", reach: Reach, party: Party) -> QuerySet[Listed]:
    return rows.filter(party=party) if reach.covers(party.unit_id, party.keeper_id) else rows.none()


def party_or_404(reach: Reach, uuid: UUID, *, beside: Sequence[str] = ()) -> Party:
    """The customer with this public key (`by_uuid`); out of reach answers exactly as not there at all."""
    party = by_uuid(reach, uuid, beside=beside)
    if party is None:
        raise Http404
    return party
