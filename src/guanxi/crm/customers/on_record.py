"""What stands on record about reaching and knowing a customer, from three small tables in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from guanxi.crm.customers.identity.models import PartySource
from guanxi.crm.customers.models import ContactPoint, Identifier, Party
from guanxi.crm.organisation.rules import Reach

_READ = """
SELECT 'point', id, kind, masked, is_primary, valid, NULL::date FROM customers_contactpoint WHERE party_id = %(party)s
UNION ALL
SELECT 'identifier', id, kind, masked, NULL, valid, NULL FROM customers_identifier WHERE party_id = %(party)s
UNION ALL
SELECT 'source', id, field, customer_no, NULL, NULL, updated_on FROM customers_partysource WHERE party_id = %(party)s
"""
_POINT = ("id", "kind", "masked", "is_primary", "valid")
_IDENTIFIER = ("id", "kind", "masked", "valid")
_SOURCE = ("id", "field", "customer_no", "updated_on")


@dataclass(frozen=True)
class OnRecord:
    """`points`: how to reach the customer, the preferred first; `identifiers`: documents and cards; `sources`: whose
    entry of each field stands in the golden record, empty for a person of one number. Without tokens."""

    points: Sequence[ContactPoint] = ()
    identifiers: Sequence[Identifier] = ()
    sources: Sequence[PartySource] = ()


def on_record(reach: Reach, party: Party) -> OnRecord:
    """The record of a customer within reach; an empty one out of reach. One query, row security behind it."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return OnRecord()
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"party": party.pk})
        rows = cursor.fetchall()
    points = [ContactPoint.from_db(connection.alias, _POINT, row[1:6]) for row in rows if row[0] == "point"]
    identifiers = [
        Identifier.from_db(connection.alias, _IDENTIFIER, (*row[1:4], row[5]))
        for row in rows
        if row[0] == "identifier"
    ]
    sources = [
        PartySource.from_db(connection.alias, _SOURCE, (*row[1:4], row[6]))
        for row in rows
        if row[0] == "source"
    ]
    return OnRecord(
        sorted(points, key=lambda point: (not point.is_primary, point.kind, point.pk)),
        sorted(identifiers, key=lambda one: (one.kind, one.pk)),
        sorted(sources, key=lambda one: one.field),
    )
