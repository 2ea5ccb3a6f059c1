"""What the program does for a lead where the person at hand sees too little: recognise a customer, tell the keeper."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from guanxi.crm.customers.rules import grams_asked
from guanxi.crm.organisation.acting import settings_of_transaction
from guanxi.crm.organisation.models import Unit


@dataclass(frozen=True)
class Customer:
    """A customer as matching needs it: keys only."""

    party_id: int
    unit_id: int
    keeper_id: int | None


@contextmanager
def within_units(units: Iterable[int]) -> Iterator[None]:
    """Within this block the rows of these units are there, for a deed of the program; afterwards the person's again."""
    told = ",".join(map(str, sorted(set(units))))
    with transaction.atomic(), settings_of_transaction(("", "units", told, ""), using="default"):
        yield


@contextmanager
def within_the_bank() -> Iterator[None]:
    """Within this block every unit's rows are there: for the night."""
    with within_units(Unit.objects.values_list("pk", flat=True)):
        yield


def customers_of(tokens: Iterable[str]) -> dict[str, Customer]:
    """Which of these tokens is an active customer's number, whoever keeps that customer: for matching alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM leads_customers_of(%s)", [list(tokens)])
        return {row[0]: Customer(*row[1:]) for row in cursor.fetchall()}


def company_named(name: str) -> Customer | None:
    """The active organisation of exactly this name, when there is one."""
    grams = grams_asked(name)
    if not grams:
        return None
    with connection.cursor() as cursor:
        # A name begins with its place and ends with its form: the middle is its own.
        cursor.execute("SELECT * FROM leads_company_named(%s, %s)", [name, grams[len(grams) // 2]])
        row = cursor.fetchone()
    return Customer(*row) if row else None
