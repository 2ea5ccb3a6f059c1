"""Seals over the trail: a chain of digests that a changed, removed or added row breaks."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from guanxi.crm.audit.models import ChangeLog, CustomerView, Entry, ExportedCustomers, ExportLog, Seal

TABLES: tuple[type[Entry], ...] = (ChangeLog, CustomerView, ExportLog, ExportedCustomers)
SETTLED = timedelta(minutes=10)
"""A row younger than this may still have an elder sister in a transaction that has not ended; it waits."""


@dataclass(frozen=True)
class Break:
    """A place where the trail is not what was sealed: rows after `after_id` up to `through_id` of a table."""

    table: str
    after_id: int
    through_id: int
    rows_sealed: int
    rows_found: int


def seal(*, now: datetime, using: str = "default") -> list[Seal]:
    """Seal what has settled since the last seals; gives the new ones, whose digests belong outside the database."""
    with transaction.atomic(using=using):
        made = [_seal_table(model, now, using) for model in TABLES]
    return [one for one in made if one is not None]


def verify(*, using: str = "default") -> list[Break]:
    """Compute every seal again; the breaks found, none when the trail is what was sealed."""
    return [found for model in TABLES for found in _breaks_of(model, using)]


def knows(digest: str, *, using: str = "default") -> bool:
    """Whether a digest kept elsewhere is still in the chain: false when the chain's end was cut off."""
    return Seal.objects.using(using).filter(digest=digest).exists()


def _seal_table(model: type[Entry], now: datetime, using: str) -> Seal | None:
    table = model._meta.db_table  # noqa: SLF001  # Django documents it
    last = Seal.objects.using(using).filter(table=table).order_by("-through_id").first()
    after, previous = (last.through_id, last.digest) if last else (0, "")
    settled = model._default_manager.using(using).filter(pk__gt=after, at__lt=now - SETTLED)  # noqa: SLF001
    through = settled.order_by("-pk").values_list("pk", flat=True).first()
    if through is None:
        return None
    rows, digest = _digest(model, after, through, previous, using)
    return Seal.objects.using(using).create(
        table=table, through_id=through, rows=rows, digest=digest, sealed_at=now
    )


def _digest(model: type[Entry], after: int, through: int, previous: str, using: str) -> tuple[int, str]:
    """How many rows lie there, and the digest over all their columns and the digest before."""
    body = hashlib.sha256(previous.encode())
    count = 0
    found = model._default_manager.using(using).filter(pk__gt=after, pk__lte=through)  # noqa: SLF001
    for row in found.order_by("pk").values().iterator():
        body.update(json.dumps(row, default=str, sort_keys=True, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count, body.hexdigest()


def _breaks_of(model: type[Entry], using: str) -> Iterator[Break]:
    table = model._meta.db_table  # noqa: SLF001  # Django documents it
    after, previous = 0, ""
    for one in Seal.objects.using(using).filter(table=table).order_by("through_id"):
        rows, digest = _digest(model, after, one.through_id, previous, using)
        if (rows, digest) != (one.rows, one.digest):
            yield Break(table, after, one.through_id, one.rows, rows)
        after, previous = one.through_id, one.digest
