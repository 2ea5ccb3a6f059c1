"""Secondary keepers (协办): who helps beside the primary keeper, since when. Dated terms; they give no sight."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.customers.services import check_may_keep
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right


@transaction.atomic
def add(*, by: Staff, reach: Reach, party: Party, staff: Staff, today: date, reason: str) -> KeeperTerm:
    """Let `staff` help with a customer within reach from today. Not the keeper himself, nobody twice at once."""
    locked = _locked(by, reach, party)
    check_may_keep(staff, locked, today)
    terms = KeeperTerm.objects.filter(party=locked, staff=staff)
    if locked.keeper_id == staff.pk or terms.filter(valid_to=None).exists():
        raise ValidationError(_("%(name)s already keeps this customer.") % {"name": staff.name})
    if terms.filter(valid_from=today).exists():
        raise ValidationError(_("A term of this person began and ended today; begin another one tomorrow."))
    term = KeeperTerm.objects.create(
        party=locked, staff=staff, is_primary=False, valid_from=today, reason=reason.strip()[:200]
    )
    audit.record(by=by, verb="keeping.secondary_added", on=locked, staff=staff.staff_no, reason=term.reason)
    return term


@transaction.atomic
def end(*, by: Staff, reach: Reach, party: Party, term: int, today: date) -> None:
    """End a secondary term today; one that began today never was."""
    locked = _locked(by, reach, party)
    found = KeeperTerm.objects.filter(pk=term, party=locked, is_primary=False, valid_to=None)
    row = found.select_related("staff").first()
    if row is None:
        raise ValidationError(_("Somebody else has already dealt with it. Look again."))
    audit.record(by=by, verb="keeping.secondary_ended", on=locked, staff=row.staff.staff_no)
    if row.valid_from >= today:
        row.delete()
    else:
        row.valid_to = today
        row.save(update_fields=["valid_to"])


def _locked(by: Staff, reach: Reach, party: Party) -> Party:
    if not reach.may(Right.DECIDE_KEEPING):
        raise PermissionDenied(f"{by.staff_no} does not decide about keeping")
    locked = visible_to(reach).select_for_update(of=("self",)).filter(pk=party.pk).first()
    if locked is None:
        raise PermissionDenied("no such customer within reach")
    return locked
