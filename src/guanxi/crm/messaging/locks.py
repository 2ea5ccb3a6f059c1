"""Locks on customers around the call itself: an opt-out waits for the call under way, and nothing is sent after it.

A sender holds them *shared*, on its session, from before it asks permission until the counterpart has answered; so two
senders do not wait for each other. Whoever takes permission away holds one *alone*, on its transaction, as the first
lock of that transaction. A killed sender loses its session and with it the locks; a paused one keeps them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connections

from guanxi.crm.arrays import numbers

ROOM = 0x6D736700  # "msg": the first half of the lock's name, so that no other room's locks collide

_HOLD = "SELECT pg_advisory_lock_shared(%s, key) FROM (SELECT unnest(%s::int[]) AS key) AS keys"
_RELEASE = "SELECT pg_advisory_unlock_shared(%s, key) FROM (SELECT unnest(%s::int[]) AS key) AS keys"


def key_of(party_id: int) -> int:
    """The second half of the lock's name: a customer number folded into 31 bits. A collision only waits longer."""
    return (party_id ^ (party_id >> 31)) & 0x7FFFFFFF


@contextmanager
def held_for_call(party_ids: Iterable[int], *, using: str) -> Iterator[None]:
    """Hold these customers, shared, on the session of `using` until the block ends. Not within a transaction."""
    keys = numbers(sorted({key_of(party) for party in party_ids}))
    with connections[using].cursor() as cursor:
        cursor.execute(_HOLD, [ROOM, keys])
    try:
        yield
    finally:
        if connections[using].connection is not None and not connections[using].connection.closed:
            with connections[using].cursor() as cursor:
                cursor.execute(_RELEASE, [ROOM, keys])


def wait_for_calls(party_ids: Iterable[int], *, using: str = "default") -> None:
    """Wait until no call to these customers is under way and keep new ones waiting until this transaction ends.

    To be called first in the transaction that takes permission away, before any row is locked.
    """
    with connections[using].cursor() as cursor:
        for key in sorted({key_of(party) for party in party_ids}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROOM, key])


def free_of_calls(party_ids: Iterable[int], *, using: str) -> set[int]:
    """Those of these customers to whom no call is under way; they stay so until this transaction ends."""
    wanted = list(party_ids)
    keys = sorted({key_of(party) for party in wanted})
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT key FROM (SELECT unnest(%s::int[]) AS key) AS keys WHERE pg_try_advisory_xact_lock(%s, key)",
            [keys, ROOM],
        )
        free = {key for (key,) in cursor.fetchall()}
    return {party for party in wanted if key_of(party) in free}
