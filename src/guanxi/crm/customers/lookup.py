"""The two statements behind search, written out: they run at each letter typed, and composing them by the ORM took
longer than answering them. Reach is in each of them, row security behind it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach

_SHOWN = [
    "id",
    "uuid",
    "customer_no",
    "kind",
    "name",
    "name_pinyin",
    "sex",
    "unit_id",
    "keeper_id",
    "id_masked",
]
# In the model's own order: from_db counts on it.
_COLUMNS = [field.attname for field in Party._meta.concrete_fields if field.attname in _SHOWN]  # noqa: SLF001  # Django's own way
_FOUND = f"""SELECT {", ".join(f"party.{name}" for name in _COLUMNS)}, unit.name, keeper.name
FROM customers_party AS party
JOIN organisation_unit AS unit ON unit.id = party.unit_id
LEFT JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id
WHERE party.id IN (%s) AND (%%(all)s OR party.unit_id = ANY(%%(units)s) OR party.keeper_id = ANY(%%(book)s))
"""  # names of our own columns
_WITH_GRAM = "SELECT gram.party_id FROM customers_namegram AS gram WHERE gram.gram = %(gram_0)s"
_WITH_ANOTHER = " AND gram.party_id IN (SELECT party_id FROM customers_namegram WHERE gram = %(gram_{at})s)"
_WITH_NUMBER = """
SELECT party_id FROM customers_identifier WHERE token = ANY(%(tokens)s)
UNION SELECT party_id FROM customers_contactpoint WHERE token = ANY(%(tokens)s)
UNION SELECT COALESCE(merged_into_id, id) FROM customers_party WHERE customer_no = %(number)s
"""


def by_grams(reach: Reach, grams: Sequence[str], *, most: int) -> list[Party]:
    """Customers within reach whose names have all these grams, in no order; of the first gram at most so many."""
    others = "".join(_WITH_ANOTHER.format(at=at) for at in range(1, len(grams)))
    told = {f"gram_{at}": gram for at, gram in enumerate(grams)}
    return _found(f"{_WITH_GRAM}{_listed(reach)}{others} LIMIT %(most)s", reach, told | {"most": most})


def by_number(reach: Reach, customer_no: str, tokens: list[str]) -> list[Party]:
    """Customers within reach with exactly this number, or one of these tokens of a protected number."""
    return _found(_WITH_NUMBER, reach, {"tokens": tokens, "number": customer_no or None})


def _listed(reach: Reach) -> str:
    """As `selectors.within`: one's units, or one's books without any; both at once would cost the index."""
    if reach.whole_bank:
        return ""
    return " AND gram.unit_id = ANY(%(units)s)" if reach.unit_ids else " AND gram.keeper_id = ANY(%(book)s)"


def _found(keys: str, reach: Reach, told: dict[str, Any]) -> list[Party]:
    scope = {"all": reach.whole_bank, "units": sorted(reach.unit_ids), "book": sorted(reach.staff_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_FOUND % keys, told | scope)
        return [_party(row) for row in cursor.fetchall()]


def _party(row: tuple[Any, ...]) -> Party:
    """A customer with the names of unit and keeper, everything else left for whoever asks for it."""
    *own, unit, keeper = row
    party: Party = Party.from_db(connection.alias, _COLUMNS, own)
    party.unit = Unit.from_db(connection.alias, ("id", "name"), (party.unit_id, unit))
    if party.keeper_id is not None:
        party.keeper = Staff.from_db(connection.alias, ("id", "name"), (party.keeper_id, keeper))
    return party
