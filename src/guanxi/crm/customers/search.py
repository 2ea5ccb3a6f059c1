"""Finding a customer by what a person typed: part of a name, or the whole of a number."""

from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.protected import tokens_of
from guanxi.crm.customers.selectors import find_by_name, find_by_number
from guanxi.crm.organisation.rules import Reach

LONGEST = 64
"""Longer than any name or number: what is longer was pasted by mistake."""


def find(reach: Reach, typed: str, *, limit: int = 12) -> list[Party]:
    """Customers within reach whose number is exactly what was typed or whose name contains it; numbers first."""
    told = typed.strip()
    if not told or len(told) > LONGEST:
        return []
    return find_exactly(reach, told)[:limit] or find_by_name(reach, told, limit=limit)


def find_exactly(reach: Reach, typed: str) -> list[Party]:
    """Customers within reach with this customer, phone, card or identity number."""
    told = typed.strip()
    if not any(letter.isdigit() for letter in told) or len(told) > LONGEST:
        return []
    return find_by_number(reach, customer_no=told, tokens=tokens_of(told))


def nothing_found() -> str:
    """What to try instead."""
    return _(
        "Nobody within your reach. Part of a name is enough; phone, customer, card and id numbers must be complete."
    )
