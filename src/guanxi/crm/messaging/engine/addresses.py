"""Addresses out of the vault at the instant of sending: read, used for one call and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.db import connections

from guanxi.crm.arrays import numbers
from guanxi.lake.door import Door, DoorError, VaultRow

KINDS: Mapping[str, tuple[str, ...]] = {
    "sms": ("mobile",),
    "call": ("mobile", "phone"),
    "email": ("email",),
    "wecom": ("wecom",),
    "push": ("mobile",),
    "letter": ("address",),
}
"""Which contact points a channel may use, the first that is there."""

# A number merged into a person leads to the person's own contact points first, then to those it came with.
_POINTS = """
SELECT asked.party, vault.token, vault.kind, vault.key_id, vault.ciphertext
FROM (
    SELECT own.id AS party, own.id AS looked, 0 AS rank
    FROM customers_party AS own WHERE own.id = ANY(%(parties)s::bigint[])
    UNION ALL
    SELECT own.id, own.merged_into_id, 1 FROM customers_party AS own
    WHERE own.id = ANY(%(parties)s::bigint[]) AND own.merged_into_id IS NOT NULL
) AS asked
JOIN customers_contactpoint AS point ON point.party_id = asked.looked AND point.kind = ANY(%(kinds)s)
JOIN customers_vaultentry AS vault ON vault.token = point.token
WHERE point.valid IS NOT FALSE
ORDER BY asked.party, asked.rank, array_position(%(kinds)s::text[], point.kind::text), point.is_primary DESC, point.id
"""

Addresses = Callable[[Iterable[int], str, str], Mapping[int, str]]


def from_vault(door: Door) -> Addresses:
    """How a sender finds addresses with this bank's keys: (parties, channel, login) → address by party.

    Who has none on that channel, or one that no key opens, is missing.
    """

    def read(parties: Iterable[int], channel: str, using: str) -> Mapping[int, str]:
        told: dict[str, str | list[str]] = {"parties": numbers(parties), "kinds": list(KINDS[channel])}
        found: dict[int, str] = {}
        with connections[using].cursor() as cursor:
            cursor.execute(_POINTS, told)
            for party, token, kind, key_id, ciphertext in cursor.fetchall():
                if party in found:
                    continue
                try:
                    found[party] = door.reveal(VaultRow(token, kind, key_id, bytes(ciphertext)))
                except DoorError:
                    continue
        return found

    return read
