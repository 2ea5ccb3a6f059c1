"""Erases customers whom two people of compliance agreed to erase (删除): from the lake, then from the store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from guanxi.crm.compliance.restrictions import erasing
from guanxi.lake.erasing import Whom, erase_from_runs
from guanxi.lake.store import Manifest, Store

LIST = "erased.log"
"""In the bank's home, outside of the database: a line for each customer number, for who restores an older backup."""


def erase_approved(home: Path, store: Store, on: date) -> int:
    """Erase whoever waits for it, before the night of business date `on`; how many customers.

    The lake first: a customer is noted as erased, with what went, only when nothing is left anywhere.
    """
    waiting = erasing.approved()
    for one, named in waiting:
        whom = Whom(frozenset(named.customer_nos), frozenset(named.keys))
        tokens = erase_from_runs(store.root, whom).tokens
        with (home / LIST).open("a", encoding="utf8") as lines:
            lines.writelines(f"{on} {number}\n" for number in named.customer_nos)
        erasing.erase(one, named, tokens, on)
    return len(waiting)


def note_delivered(manifest: Manifest) -> None:
    """Tell compliance of erased customers whom the bank's extract still held."""
    numbers = manifest.facts.get("erased_delivered", [])
    if numbers:
        erasing.delivered(numbers, manifest.business_date)
