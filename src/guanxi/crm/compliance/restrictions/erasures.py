"""Writes of erasures: legal retention noted and lengthened, erasing asked for once it is over, approved by another."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance.held import numbers_named
from guanxi.crm.compliance.restrictions.models import (
    ERASURE_STANDS,
    Erasure,
    ErasureState,
    Restriction,
    RestrictionState,
)
from guanxi.crm.customers.documents.models import Document
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.services import require


def retention_over(restriction: Restriction, today: date) -> bool:
    """Whether nothing but a second word stands before erasing: in force, and the last day of retention is past."""
    kept_until = restriction.kept_until
    return restriction.state == RestrictionState.IN_FORCE and kept_until is not None and kept_until < today


@transaction.atomic
def keep_until(*, by: Staff, restriction: Restriction, day: date, today: date) -> Restriction:
    """Note the last day of legal retention. ValidationError where that would shorten it, or erasing is under way."""
    require(by, Right.HANDLE_REQUESTS, today)
    locked = Restriction.objects.select_for_update(of=("self",)).get(pk=restriction.pk)
    if locked.state not in (RestrictionState.IN_FORCE, RestrictionState.LIFTING):
        raise ValidationError(_("This restriction is not in force."))
    _check_no_erasure(locked)
    if locked.kept_until and day <= locked.kept_until:
        raise ValidationError(_("Legal retention is lengthened, never shortened."))
    locked.kept_until = day
    locked.save(update_fields=["kept_until"])
    audit.record(by=by, verb="compliance.retention_noted", on=locked, until=day)
    return locked


@transaction.atomic
def ask(*, by: Staff, restriction: Restriction, today: date, now: datetime) -> Erasure:
    """Ask to erase a restricted customer. ValidationError before retention is over, that of documents too."""
    require(by, Right.HANDLE_REQUESTS, today)
    locked = Restriction.objects.select_for_update(of=("self",)).get(pk=restriction.pk)
    if locked.state != RestrictionState.IN_FORCE:
        raise ValidationError(_("This restriction is not in force."))
    _check_no_erasure(locked)
    if not retention_over(locked, today):
        raise ValidationError(_("Legal retention is not over yet."))
    latest = _documents_kept_until(locked)
    if latest and latest >= today:
        raise ValidationError(_("A document of this customer is kept until %(day)s.") % {"day": latest})
    made = Erasure.objects.create(restriction=locked, asked_by=by, asked_at=now)
    audit.record(by=by, verb="compliance.erasure_asked", on=made)
    return made


@transaction.atomic
def approve(*, by: Staff, erasure: Erasure, today: date, now: datetime) -> Erasure:
    """Agree: the next night erases, and nothing brings the data back."""
    return _decided(by, erasure, ErasureState.APPROVED, "compliance.erasure_approved", today, now)


@transaction.atomic
def turn_down(*, by: Staff, erasure: Erasure, today: date, now: datetime) -> Erasure:
    """Turn it down; the customer stays restricted."""
    return _decided(by, erasure, ErasureState.REFUSED, "compliance.erasure_refused", today, now)


def _decided(
    by: Staff, erasure: Erasure, state: ErasureState, verb: str, today: date, now: datetime
) -> Erasure:
    require(by, Right.HANDLE_REQUESTS, today)
    locked = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
    if locked.state != ErasureState.ASKED:
        raise ValidationError(_("Somebody has decided this already."))
    if by.pk == locked.asked_by_id:
        raise PermissionDenied("who asks does not approve")
    check_second_person(by, (locked.asked_by_id,), today)
    locked.state, locked.decided_by, locked.decided_at = state, by, now
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(by=by, verb=verb, on=locked)
    return locked


def _check_no_erasure(restriction: Restriction) -> None:
    if Erasure.objects.filter(restriction=restriction, state__in=ERASURE_STANDS).exists():
        raise ValidationError(_("This customer is erased, or erasing is under way."))


def _documents_kept_until(restriction: Restriction) -> date | None:
    keys = numbers_named(restriction.party).keys
    last: date | None = Document.objects.filter(party__in=keys).aggregate(last=Max("kept_until"))["last"]
    return last
