"""Protected numbers on the way to the screen: their tokens for a search, and the value for who may see it."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from guanxi.crm.customers.models import VaultEntry
from guanxi.insight.staging.identifiers import Protected
from guanxi.lake.door import Door, VaultRow, read_keys

SHORTEST = 6
"""Fewer characters are no phone, identity or card number."""


@lru_cache(maxsize=1)
def _door(home: Path) -> Door:
    return Door(read_keys(home))


def door() -> Door:
    """The door with this bank's keys, read once."""
    return _door(settings.GUANXI_BANK_HOME)


def tokens_of(typed: str) -> tuple[str, ...]:
    """The tokens a typed number may have, as whatever kind of number; empty for what can be none."""
    told = typed.strip()
    if len(told) < SHORTEST or not any(letter.isdigit() for letter in told):
        return ()
    kinds = [kind for kind in Protected if kind is not Protected.NAME]
    return tuple(dict.fromkeys(token for kind in kinds for token in door().tokens(kind, told)))


def value_of(entry: VaultEntry) -> str:
    """The value behind a vault entry; whoever calls this has checked the right and written the trail."""
    return door().reveal(VaultRow(entry.token, entry.kind, entry.key_id, bytes(entry.ciphertext)))
