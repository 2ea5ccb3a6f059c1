"""Who acts on leads, and the locks every write takes first: whoever takes leads, then the lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied

from guanxi.crm.leads.models import Lead
from guanxi.crm.leads.rules import WORKED, State
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right


@dataclass(frozen=True)
class Acting:
    """Who does it, how far they see, on which day, at which moment."""

    by: Staff
    reach: Reach
    today: date
    now: datetime

    def need(self, right: Right) -> None:
        """Refuse with PermissionDenied without this right."""
        if not self.reach.may(right) or self.by.pk != self.reach.staff_id:
            raise PermissionDenied(f"{self.by.staff_no} may not {right}")


def lock_taker(person: Staff) -> None:
    """One taker at a time per person; weaker than a foreign key's lock, so nobody else waits."""
    Staff.objects.select_for_update(no_key=True).get(pk=person.pk)


def lock_lead(lead: Lead) -> Lead:
    """The lead as it stands now, locked."""
    return Lead.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=lead.pk)


def lock_leads(leads: Sequence[Lead]) -> Sequence[Lead]:
    """Several, locked in the order of their keys."""
    rows = Lead.objects.select_for_update(of=("self",)).select_related("unit", "owner")
    return list(rows.filter(pk__in=[lead.pk for lead in leads]).order_by("pk"))


def lead_in_units(acting: Acting, lead: Lead) -> Lead:
    """The lead, locked; PermissionDenied when it is not of the actor's units."""
    locked = lock_lead(lead)
    if locked.unit_id not in acting.reach.unit_ids:
        raise PermissionDenied("a lead of another unit")
    return locked


def lead_held(acting: Acting, lead: Lead, *, or_head: bool = False) -> Lead:
    """The lead, locked: one's own, of somebody covered for, or (where so said) of one's units as head.

    PermissionDenied for anybody else, and for a lead that nobody works.
    """
    locked = lock_lead(lead)
    own = locked.owner_id is not None and locked.owner_id in {acting.by.pk, *acting.reach.staff_ids}
    head = or_head and acting.reach.may(Right.ALLOCATE_LEADS) and locked.unit_id in acting.reach.unit_ids
    if not (own or head) or State(locked.state) not in WORKED:
        raise PermissionDenied(f"{acting.by.staff_no} does not hold {locked}")
    return locked
