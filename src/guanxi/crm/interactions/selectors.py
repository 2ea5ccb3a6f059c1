"""Reads of contacts and promises. Each asks for a reach; row security is behind it."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Max, QuerySet

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, within
from guanxi.crm.interactions.models import Contact, Promise, PromiseState
from guanxi.crm.organisation.rules import Reach

UNDONE = (PromiseState.OPEN, PromiseState.BROKEN)


def contacts_of(reach: Reach, party: Party) -> QuerySet[Contact]:
    """Contacts with a customer and with the numbers merged into it, the latest first; none for one out of reach."""
    rows = Contact.objects.select_related("staff")
    if not reach.covers(party.unit_id, party.keeper_id):
        return rows.none()
    return rows.filter(party__in=numbers_of(party)).order_by("-at", "-pk")


def promises_of(reach: Reach, party: Party) -> QuerySet[Promise]:
    """What was promised to a customer, the latest due first; none for one out of reach."""
    rows = Promise.objects.select_related("staff", "party")
    if not reach.covers(party.unit_id, party.keeper_id):
        return rows.none()
    return rows.filter(party__in=numbers_of(party)).order_by("-due_on", "-pk")


def last_contact_days(reach: Reach, party_ids: Iterable[int]) -> Mapping[int, date]:
    """The day of the latest contact of each of these customers within reach; who was never contacted is missing."""
    rows = within(Contact.objects.filter(party__in=list(party_ids)), reach)
    return dict(rows.values("party").annotate(last=Max("day")).values_list("party", "last"))


def promises(reach: Reach) -> QuerySet[Promise]:
    """Every promise within reach, the earliest due first, with whom it is to."""
    rows = within(Promise.objects.all(), reach)
    return rows.select_related("party", "staff", "unit", "keeper").order_by("due_on", "pk")


def promises_due(reach: Reach, until: date) -> QuerySet[Promise]:
    """Promises not kept yet that are due by that day, the earliest first; those past their day among them."""
    return promises(reach).filter(state__in=UNDONE, due_on__lte=until)


def contact_by_key(client_key: UUID) -> Contact | None:
    """The contact written down under this key, when it is within the acting person's sight."""
    return Contact.objects.filter(client_key=client_key).first()
