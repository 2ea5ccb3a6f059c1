"""Seals over the trail: a chain of digests that a changed, removed or added row breaks."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connections, transaction

from guanxi.crm.audit.models import ChangeLog, CustomerView, Entry, ExportedCustomers, ExportLog, Seal

TABLES: tuple[type[Entry], ...] = (ChangeLog, CustomerView, ExportLog, ExportedCustomers)
SETTLED = timedelta(minutes=10)
"""A row younger than this waits: most transactions have ended by then."""
WAIT = 2.0
"""Seconds for those that have not. A row of theirs may get a lower number than one that is sealed: where one still
writes after that, however long it has been at it and whatever the clock says, the table is sealed the next time."""

_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True)
class Head:
    """A seal as it was written down outside of the database when it was made."""

    sealed_at: datetime
    table: str
    through_id: int
    rows: int
    digest: str

    def line(self) -> str:
        """As one line of the file of heads."""
        return f"{self.sealed_at.isoformat()} {self.table} {self.through_id} {self.rows} {self.digest}"

    @classmethod
    def of(cls, seal: Seal) -> "Head":
        """What is to be written down of a seal."""
        return cls(seal.sealed_at, seal.table, seal.through_id, seal.rows, seal.digest)

    @classmethod
    def read(cls, line: str) -> "Head":
        """Back from its line; ValueError for a line that is none."""
        at, table, through, rows, digest = line.split()
        return cls(datetime.fromisoformat(at), table, int(through), int(rows), digest)


@dataclass(frozen=True)
class Astray:
    """A seal that stands on one side alone: cut off or rewritten in the database, or never written down outside."""

    table: str
    through_id: int
    sealed_at: datetime
    outside: bool  # stands outside, and not in the database


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


def compare(heads: Iterable[Head], *, using: str = "default") -> list[Astray]:
    """What the file of heads and the database do not both say, by table and place.

    A seal of rows after a table's last head is about to be written down, and a file that begins late (the bank's first,
    or after it was put away) says nothing of the seals before it. Rows tell before and after, not the clock, which
    may have stood wrong when a seal was made.
    """
    outside = {(head.table, head.through_id, head.rows, head.digest): head for head in heads}
    spans: dict[str, tuple[int, int]] = {}
    for head in outside.values():
        first, last = spans.get(head.table, (head.through_id, head.through_id))
        spans[head.table] = min(first, head.through_id), max(last, head.through_id)
    inside = {
        (one.table, one.through_id, one.rows, one.digest): one for one in Seal.objects.using(using).iterator()
    }
    lost = [
        Astray(one.table, one.through_id, one.sealed_at, True)
        for key, one in outside.items()
        if key not in inside
    ]
    slipped = [
        Astray(one.table, one.through_id, one.sealed_at, False)
        for key, one in inside.items()
        if key not in outside
        and one.table in spans
        and spans[one.table][0] <= one.through_id <= spans[one.table][1]
    ]
    return sorted(lost + slipped, key=lambda one: (one.table, one.through_id, one.outside))


def write_down(file: Path, *, using: str = "default") -> int:
    """Append the heads of all seals after each table's last one in the file, so that a program that died in between
    leaves none out; how many."""
    last: dict[str, int] = {}
    for head in heads_of(file):
        last[head.table] = max(head.through_id, last.get(head.table, 0))
    rows = Seal.objects.using(using).order_by("pk")
    lines = [f"{Head.of(one).line()}\n" for one in rows if one.through_id > last.get(one.table, 0)]
    if lines:
        with file.open("a", encoding="utf8") as opened:
            opened.write("".join(lines))
    return len(lines)


def heads_of(file: Path) -> list[Head]:
    """The heads a file holds; none where there is no file. ValueError naming the line that is no head."""
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf8").splitlines(), 1):
        try:
            found.append(Head.read(line))
        except ValueError as error:
            raise ValueError(f"{file.name}, line {number}: no seal: {line[:80]}") from error
    return found


def knows(digest: str, *, using: str = "default") -> bool:
    """Whether a digest kept elsewhere is still in the chain: false when the chain's end was cut off."""
    return Seal.objects.using(using).filter(digest=digest).exists()


def _seal_table(model: type[Entry], now: datetime, using: str) -> Seal | None:
    table = model._meta.db_table  # noqa: SLF001  # Django documents it
    last = Seal.objects.using(using).filter(table=table).order_by("-through_id").first()
    after, previous = (last.through_id, last.digest) if last else (0, "")
    settled = model._default_manager.using(using).filter(pk__gt=after, at__lt=now - SETTLED)  # noqa: SLF001
    through = settled.order_by("-pk").values_list("pk", flat=True).first()
    if through is None or not _others_ended(table, using):
        return None
    rows, digest = _digest(model, after, through, previous, using)
    return Seal.objects.using(using).create(
        table=table, through_id=through, rows=rows, digest=digest, sealed_at=now
    )


def _others_ended(table: str, using: str) -> bool:
    """Whether every other transaction that has written into the table by now ends within the wait."""
    ends = time.monotonic() + WAIT
    with connections[using].cursor() as cursor:
        cursor.execute(_WRITERS, [table])
        before = set(cursor.fetchall())
        while before and time.monotonic() < ends:
            time.sleep(0.05)
            cursor.execute(_WRITERS, [table])
            before.intersection_update(cursor.fetchall())
    return not before


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
