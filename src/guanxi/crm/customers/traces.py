"""Which tables hold nothing of a customer: one statement, before a page asks each of them in vain.

Most customers have no case, no visit, no complaint. Composing and planning a question costs more than answering it, so
the customer page looks first. Row security stands in this statement as in every other: what a person may not see is not
there.
"""

from collections.abc import Sequence
from functools import cache

from django.db import connection
from django.db.models import Model

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of

Tables = tuple[type[Model], ...]


def look(party: Party, tables: Tables) -> None:
    """Note on the customer which of these tables (each with a `party`) hold no row of this person; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(tables), {"own": numbers_of(party)})
        found: Sequence[bool] = cursor.fetchone() or ()
    party.without = frozenset(table for table, there in zip(tables, found, strict=True) if not there)


def nothing_in(party: Party, table: type[Model]) -> bool:
    """Whether `look` saw that this table holds nothing of the customer; False where nobody looked."""
    return table in party.without


@cache
def _statement(tables: Tables) -> str:
    quoted = connection.ops.quote_name
    asked = (
        f"EXISTS (SELECT 1 FROM {quoted(table._meta.db_table)} WHERE party_id = ANY(%(own)s))"  # noqa: SLF001  # Django documents it
        for table in tables
    )
    return f"SELECT {', '.join(asked)}"
