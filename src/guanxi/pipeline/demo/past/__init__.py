"""The demo bank's operational past: what its people did, room by room, before the first person signs in.

Each room has one module here with `tell(*, today)`: it writes contacts, tasks, cases and the like that a banker
believes, from what the run has published, as the pipeline's login, the same for the same bank and day. A room that has
been told says nothing the second time. ORDER is the order of telling: a room may build on those before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from django.db import transaction

ORDER = (
    "interactions",
    "dates",
    "worklist",
    "playbooks",
    "processors",
    "assessments",
    "campaigns",
    "messaging",
    "campaign_messages",
    "trials",
    "campaign_kinds",
    "effects",
    "first_offers",
    "behaviour",
    "visits",
    "key_people",
    "retention",
    "keeping",
    "leads",
    "campaign_deeds",
    "planning",
    "care",
    "information",
    "counter",
    "salons",
    "surveys",
    "research",
    "performance",
    "licences",
    "products",
    "archive",
    "documents",
)


class Room(Protocol):
    """A room's module."""

    def tell(self, *, today: date) -> int:
        """Write the room's past as of `today`, the bank's; returns the rows written, 0 when it was told before."""


def tell_past(*, today: date) -> dict[str, tuple[int, float]]:
    """Let every room tell its past, each in a transaction of its own; rows written and seconds by room."""
    told = {}
    for name, room in rooms():
        began = time.perf_counter()
        with transaction.atomic(using="pipeline"):
            rows = room.tell(today=today)
        told[name] = (rows, time.perf_counter() - began)
    return told


def rooms() -> Iterator[tuple[str, Room]]:
    """The modules that are here, in their order; raises LookupError for one that ORDER does not name."""
    here = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
    strange = sorted(here - set(ORDER))
    if strange:
        raise LookupError(f"{', '.join(strange)}: not named in pipeline.demo.past.ORDER")
    for name in ORDER:
        if name in here:
            yield name, cast("Room", import_module(f"{__name__}.{name}"))
