"""The acting person, told to the database for one transaction and no longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connections, transaction

from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.row_security import BOOK, REACH, RESTRICTED, STAFF, UNITS
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.organisation.selectors import reach_of

NAMES = (STAFF, REACH, UNITS, BOOK)
_READ = f"SELECT {', '.join(f'current_setting({name!r}, true)' for name in NAMES)}"
_WRITE = f"SELECT {', '.join(f'set_config({name!r}, %s, true)' for name in NAMES)}"


@contextmanager
def acting_as(staff: Staff, *, today: date, using: str = "default") -> Iterator[Reach]:
    """Open a transaction in which the database shows what `staff` may see on `today`; gives that reach.

    Requests and jobs reach customers through this and nothing else. Within another person's it is a savepoint, and
    the other person acts again afterwards.
    """
    within_another = connections[using].in_atomic_block
    with transaction.atomic(using=using):
        reach = reach_of(staff, today, using=using)
        if not within_another:
            _write(values_of(reach), using)
            yield reach
            return
        with settings_of_transaction(values_of(reach), using=using):
            yield reach


def values_of(reach: Reach) -> tuple[str, ...]:
    """The reach as the four settings that the policies read."""
    # An analyst of one legal entity among several sees that entity's units, and not 'bank', which means every row.
    narrowed = Sight.UNITS if reach.sight is Sight.BANK else reach.sight
    sight = Sight.BANK if reach.whole_bank else narrowed
    units = ",".join(map(str, sorted(reach.unit_ids)))
    book = ",".join(map(str, sorted(reach.staff_ids)))
    return str(reach.staff_id), sight.value, "" if reach.whole_bank else units, book


@contextmanager
def settings_of_transaction(values: tuple[str, ...], *, using: str) -> Iterator[None]:
    """Set the four settings within an open transaction and put back what stood there; its own end clears them anyway.

    When the block fails nothing is put back by hand: the rollback, also one to a savepoint, does it.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_READ)
        before = tuple(value or "" for value in cursor.fetchone() or ("",) * len(NAMES))
    _write(values, using)
    yield
    if not connections[using].needs_rollback:
        _write(before, using)


@contextmanager
def restricted_shown(*, using: str) -> Iterator[None]:
    """Within this block customers under a restriction exist too (限制处理): for compliance alone."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT set_config('{RESTRICTED}', 'shown', true)")
    yield
    if not connections[using].needs_rollback:
        with connections[using].cursor() as cursor:
            cursor.execute(f"SELECT set_config('{RESTRICTED}', '', true)")


def _write(values: tuple[str, ...], using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(_WRITE, values)
