"""Writes on customers, and the one read that counts as a deed: showing a protected value."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers import protected, rules
from guanxi.crm.customers.models import KeeperTerm, Party, SavedView
from guanxi.crm.customers.selectors import vault_entry, visible_to
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of


@transaction.atomic
def reveal(*, by: Staff, reach: Reach, party: Party, token: str, reason: str) -> str:
    """Show one protected value of a customer in clear; the trail keeps who, what and why.

    PermissionDenied where the role may not, or the customer or the value is out of reach; ValidationError without
    a reason.
    """
    if reach.masked or not reach.may(Right.REVEAL):
        raise PermissionDenied(f"{by.staff_no} may not unmask")
    if not reason.strip():
        raise ValidationError(_("Say why you need to see it."))
    entry = vault_entry(reach, party, token)
    if entry is None:
        raise PermissionDenied("no such value within reach")
    audit.viewed(by=by, party_key=party.pk, what=f"reveal:{entry.kind}", reason=reason.strip()[:200])
    return protected.value_of(entry)


@transaction.atomic
def assign_keeper(
    *, by: Staff, reach: Reach, party: Party, keeper: Staff | None, today: date, reason: str
) -> KeeperTerm | None:
    """Make `keeper` the primary keeper (管户人) from today; None gives the customer back to the pool (待分配).

    Closes the open term and opens the next; the copies of the keeper in lists follow in the same transaction.
    """
    if not reach.may(Right.ASSIGN_KEEPER):
        raise PermissionDenied(f"{by.staff_no} may not assign keepers")
    locked = visible_to(reach).select_for_update(of=("self",)).filter(pk=party.pk).first()
    if locked is None:
        raise PermissionDenied("no such customer within reach")
    if keeper is not None:
        check_may_keep(keeper, locked, today)
    _close_term(locked, today)
    term = None
    if keeper is not None:
        term = KeeperTerm.objects.create(party=locked, staff=keeper, valid_from=today, reason=reason)
    Party.objects.filter(pk=locked.pk).update(keeper=keeper)
    party.keeper = keeper
    audit.record(
        by=by, verb="customers.keeper_assigned", on=locked, keeper=keeper.staff_no if keeper else None, reason=reason
    )  # fmt: skip
    return term


def check_may_keep(keeper: Staff, party: Party, today: date) -> None:
    """Refuse a keeper who is not active in a customer-seeing post at the customer's own unit."""
    theirs = reach_of(keeper, today)
    fits = rules.may_keep(
        is_active=keeper.is_active,
        holds_seeing_post=theirs.sees_customers,
        same_unit=party.unit_id in theirs.post_unit_ids,
    )
    if not fits:
        raise ValidationError(_("%(name)s has no post at this customer's outlet.") % {"name": keeper.name})


@transaction.atomic
def save_view(*, by: Staff, page: str, name: str, query: dict[str, object]) -> SavedView:
    """Keep a list's filters as a tab; the same name replaces the one before."""
    view, _created = SavedView.objects.update_or_create(
        staff=by, page=page, name=name, defaults={"query": query}
    )
    return view


@transaction.atomic
def remove_view(*, by: Staff, view_id: int) -> None:
    """Drop a tab of one's own; somebody else's is not there."""
    SavedView.objects.filter(staff=by, pk=view_id).delete()


def _close_term(party: Party, today: date) -> None:
    """End the open primary term; one that began today never was."""
    for term in KeeperTerm.objects.filter(party=party, is_primary=True, valid_to=None):
        if term.valid_from >= today:
            term.delete()
        else:
            term.valid_to = today
            term.save(update_fields=["valid_to"])
