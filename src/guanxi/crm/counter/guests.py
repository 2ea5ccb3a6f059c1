"""Customers of other outlets at the counter (他网点客户到店): served by a whole number, and little of them is shown.

The database answers one exact document or card number with a masked name, the tier and the outlet, to somebody who
serves at a counter today and to nobody else; there is no list, and each look is a row of the trail. How many such looks
a person has in a day is the policy's.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.counter import words
from guanxi.crm.counter.policy import needed
from guanxi.crm.customers.protected import tokens_of
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.scores.tiers import tier_names

LOOK = "guest_arrival"
SHORTEST = 12  # an identity or card number in full; phones and customer numbers find nobody elsewhere


@dataclass(frozen=True)
class Guest:
    """What the counter may know of a customer of another outlet."""

    name: str  # masked by the database
    outlet: str
    tier: str
    rank: int | None
    courtesy: str


@transaction.atomic
def guest_of(*, by: Staff, number: str, today: date, now: datetime) -> Guest | None:
    """The one customer of another outlet with exactly this identity or card number; None when nobody has it.

    PermissionDenied without the right to serve; ValidationError when the looks of 24 hours are used up.
    """
    if not reach_of(by, today).may(Right.SERVE_COUNTER):
        raise PermissionDenied(f"{by.staff_no} serves no counter")
    told, policy = number.strip(), needed(today)
    if len(told) < SHORTEST:
        return None
    if looks_of(by, now) >= policy.guests_a_day:
        raise ValidationError(
            _("You have looked up %(n)s customers of other outlets today; ask the head of your outlet.")
            % {"n": policy.guests_a_day}
        )
    found = _asked(list(tokens_of(told)), today)
    if found is None:
        audit.record(by=by, verb="counter.guest_unknown", on=by)
        return None
    key, name, outlet, scheme, rank = found
    audit.viewed(by=by, party_key=key, what=LOOK)
    names = tier_names(today)
    band = names.band(scheme, rank)
    courtesy = words.said(policy.courtesy(scheme, band.code if band else None))
    return Guest(name, outlet, str(names.label(scheme, rank)), rank, courtesy)


def looks_of(by: Staff, now: datetime) -> int:
    """How many customers of other outlets this person has looked up in the last 24 hours."""
    return CustomerView.objects.filter(
        staff_no=by.staff_no, what=LOOK, at__gt=now - timedelta(days=1)
    ).count()


def _asked(tokens: list[str], today: date) -> tuple[int, str, str, str | None, int | None] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM counter_guest(%s, %s)", [tokens, today])
        rows = cursor.fetchall()
    return rows[0] if len(rows) == 1 else None
