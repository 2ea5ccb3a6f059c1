"""Around showing a number in full: which one is asked for, the usual reason, and the alarm above so many a day."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.audit.selectors import views_by_staff
from guanxi.crm.customers.models import ContactPoint, Identifier, Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.access import AccessPolicy

TABLES: dict[str, type[ContactPoint] | type[Identifier]] = {"contact": ContactPoint, "identifier": Identifier}


def protected_value(party: Party, kind: str, number: int) -> ContactPoint | Identifier | None:
    """The contact point or identifier of this customer with that number; None for another customer's."""
    table = TABLES.get(kind)
    return None if table is None else table.objects.filter(party=party, pk=number).first()


def usual_reason(reach: Reach, party: Party) -> str:
    """What stands in the box already: for a customer of one's own book, that; for others nothing."""
    return _("To contact a customer I keep") if party.keeper_id in reach.staff_ids else ""


def note_if_many(*, by: Staff, on: Party, today: date, now: datetime) -> int | None:
    """Raise the alarm when this person has shown more numbers today than the policy holds usual.

    Returns how many when it did, else None. Nobody is stopped: a customer stands at the counter.
    """
    try:
        policy = active("access", today)
    except KeyError:
        return None
    assert isinstance(policy, AccessPolicy)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    seen = views_by_staff(by.staff_no).filter(what__startswith="reveal", at__gte=midnight).count()
    if seen <= policy.reveals_a_day:
        return None
    audit.record(by=by, verb="customers.many_reveals", on=on, shown_today=seen, usual=policy.reveals_a_day)
    return seen
