"""Writes of restrictions: asked for by one of compliance, approved by another; lifted the same way."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.compliance.restrictions.models import (
    ERASURE_STANDS,
    LONGEST,
    OPEN,
    Erasure,
    Restricted,
    Restriction,
    RestrictionState,
)
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging import permission
from guanxi.crm.messaging.models import Hold, HoldReason
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.services import require


@transaction.atomic
def ask(
    *,
    by: Staff,
    party: Party,
    reason: str,
    request: SubjectRequest | None,
    kept_until: date | None,
    today: date,
    now: datetime,
) -> Restriction:
    """Ask to restrict a customer; `kept_until` the last day of legal retention, None while nobody knows it.

    ValidationError without a reason, or when one is asked for or in force.
    """
    require(by, Right.HANDLE_REQUESTS, today)
    if not reason.strip():
        raise ValidationError(_("Say why."))
    if Restriction.objects.filter(party=party, state__in=OPEN).exists():
        raise ValidationError(_("This customer is restricted already, or it waits for approval."))
    made = Restriction.objects.create(
        party=party, customer_no=party.customer_no, request=request, reason=reason.strip()[:LONGEST], asked_by=by,
        asked_at=now, kept_until=kept_until,
    )  # fmt: skip
    audit.record(
        by=by, verb="compliance.restriction_asked", on=made, reason=made.reason, kept_until=kept_until
    )
    return made


@transaction.atomic
def approve(*, by: Staff, restriction: Restriction, today: date, now: datetime) -> Restriction:
    """Restrict from this instant on: every number of the customer, messages that wait included."""
    locked = _decidable(by, restriction, RestrictionState.ASKED, "asked_by_id", today)
    locked.state, locked.decided_by, locked.decided_at, locked.since = (
        RestrictionState.IN_FORCE,
        by,
        now,
        today,
    )
    locked.save(update_fields=["state", "decided_by", "decided_at", "since"])
    for party in Party.objects.filter(Q(pk=locked.party_id) | Q(merged_into=locked.party_id)).order_by("pk"):
        Restricted.objects.create(party=party, restriction=locked)
        permission.hold(
            party=party, reason=HoldReason.RESTRICTED, at=now, by=by, subject=f"restriction:{locked.pk}"
        )
    audit.record(by=by, verb="compliance.restriction_approved", on=locked)
    return locked


@transaction.atomic
def turn_down(*, by: Staff, restriction: Restriction, today: date, now: datetime) -> Restriction:
    """Turn the question down."""
    locked = _decidable(by, restriction, RestrictionState.ASKED, "asked_by_id", today)
    locked.state, locked.decided_by, locked.decided_at = RestrictionState.REFUSED, by, now
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(by=by, verb="compliance.restriction_refused", on=locked)
    return locked


@transaction.atomic
def ask_to_lift(*, by: Staff, restriction: Restriction, reason: str, today: date) -> Restriction:
    """Ask to lift it, with the reason; it stays in force until another person agrees."""
    require(by, Right.HANDLE_REQUESTS, today)
    locked = _locked(restriction)
    if locked.state != RestrictionState.IN_FORCE:
        raise ValidationError(_("This restriction is not in force."))
    if Erasure.objects.filter(restriction=locked, state__in=ERASURE_STANDS).exists():
        raise ValidationError(_("This customer is erased, or erasing is under way."))
    if not reason.strip():
        raise ValidationError(_("Say why."))
    locked.state, locked.lift_reason, locked.lift_asked_by = (
        RestrictionState.LIFTING,
        reason.strip()[:LONGEST],
        by,
    )
    locked.save(update_fields=["state", "lift_reason", "lift_asked_by"])
    audit.record(by=by, verb="compliance.restriction_lift_asked", on=locked, reason=locked.lift_reason)
    return locked


@transaction.atomic
def lift(*, by: Staff, restriction: Restriction, today: date, now: datetime) -> Restriction:
    """Lift it: the customer is seen and used again, figures from the next night on."""
    locked = _decidable(by, restriction, RestrictionState.LIFTING, "lift_asked_by_id", today)
    locked.state, locked.lifted_by, locked.lifted_on = RestrictionState.LIFTED, by, today
    locked.save(update_fields=["state", "lifted_by", "lifted_on"])
    Restricted.objects.filter(restriction=locked).delete()
    for held in Hold.objects.filter(subject=f"restriction:{locked.pk}", released_at=None).order_by("pk"):
        permission.release(held=held, by=by, at=now)
    audit.record(by=by, verb="compliance.restriction_lifted", on=locked)
    return locked


def _locked(restriction: Restriction) -> Restriction:
    return Restriction.objects.select_for_update(of=("self",)).get(pk=restriction.pk)


def _decidable(by: Staff, restriction: Restriction, state: str, asker: str, today: date) -> Restriction:
    require(by, Right.HANDLE_REQUESTS, today)
    locked = _locked(restriction)
    if locked.state != state:
        raise ValidationError(_("Somebody has decided this already."))
    maker = getattr(locked, asker)
    if by.pk == maker:
        raise PermissionDenied("who asks does not approve")
    check_second_person(by, (maker,), today)
    return locked
