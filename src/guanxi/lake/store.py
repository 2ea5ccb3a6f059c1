"""Where a run's files live: immutable parts under `run=<id>`, a record per finished step, the manifest last.

lake/run=20261031-1a2b3c4d/feature.wealth_month/2026-10-01.parquet     a part
lake/run=20261031-1a2b3c4d/records/feature.wealth_month@2026-10-01.json  written after the part
lake/run=20261031-1a2b3c4d/manifest.json                                 written last: now the run is complete
lake/standing.json                                                     which complete run stands for which date
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

WHOLE = "all"  # the part key of a table that is not monthly


@dataclass(frozen=True)
class Part:
    """One month (or all) of one table: the run that made it, its files below the lake, rows, seconds and a hash.

    `made_of` is a hash over the step's text and everything it read, where a later run may take the part over; else "".
    """

    run: str
    files: tuple[str, ...]
    rows: int
    seconds: float
    sha256: str
    made_of: str = ""


@dataclass(frozen=True)
class Known:
    """What a closed month stands on: the business date of the night that closed it, and the parts, by table, of all
    that the bank says without a date and people decide, as they were then."""

    on: date
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class Manifest:
    """What a complete run stands on and what it made; `parts` holds inherited months too."""

    run: str
    bank: str
    business_date: date
    previous: str | None
    inputs: Mapping[str, str]  # extract file → sha256
    policies: Mapping[str, str]  # kind → content hash
    way: str  # hash of the step texts
    parts: Mapping[str, Mapping[str, Part]]  # table → month ISO or "all" → part
    facts: Mapping[str, Any]  # reports of the run: extracts, checks, reconciliation
    known: Mapping[str, Known] = field(default_factory=dict)  # closed month ISO → what it stands on

    def part(self, table: str, month: date | None) -> Part | None:
        """The part of a table for a month (None for a table that is not monthly)."""
        return self.parts.get(table, {}).get(month.isoformat() if month else WHOLE)

    def months(self, table: str) -> tuple[date, ...]:
        """Months a table has parts for, in order."""
        return tuple(sorted(date.fromisoformat(key) for key in self.parts.get(table, {}) if key != WHOLE))


class Store:
    """The lake of one bank."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def folder(self, run: str) -> Path:
        """The folder of a run."""
        return self.root / f"run={run}"

    def part_path(self, run: str, table: str, month: date | None, group: int | None = None) -> Path:
        """Where a part (or one bucket group of it) is written."""
        name = month.isoformat() if month else WHOLE
        suffix = "" if group is None else f"-{group:03d}"
        return self.folder(run) / table / f"{name}{suffix}.parquet"

    def paths(self, part: Part | None) -> list[Path]:
        """The files of a part; none for a missing part."""
        return [self.root / name for name in part.files] if part else []

    def keep(
        self,
        run: str,
        table: str,
        month: date | None,
        files: list[Path],
        rows: int,
        seconds: float,
        made_of: str = "",
    ) -> Part:
        """Record a written part; from now on a restarted run finds it and does not make it again."""
        digest = hashlib.sha256()
        for path in files:
            digest.update(file_sha256(path).encode())
        names = tuple(str(path.relative_to(self.root)) for path in files)
        part = Part(run, names, rows, round(seconds, 3), digest.hexdigest(), made_of)
        write_json(self._record_path(run, table, month), asdict(part))
        return part

    def kept(self, run: str, table: str, month: date | None) -> Part | None:
        """The recorded part when its files still stand as recorded; None when it must be made (again)."""
        record = self._record_path(run, table, month)
        if not record.exists():
            return None
        part = _part(json.loads(record.read_text(encoding="utf8")))
        return part if self.stands(part) else None

    def stands(self, part: Part) -> bool:
        """Whether a part's files lie there as they were recorded."""
        digest = hashlib.sha256()
        for path in self.paths(part):
            if not path.exists():
                return False
            digest.update(file_sha256(path).encode())
        return digest.hexdigest() == part.sha256

    def close(self, manifest: Manifest) -> None:
        """Write the manifest: the run is complete and may become the current one."""
        body = asdict(manifest)
        body["business_date"] = manifest.business_date.isoformat()
        write_json(self.folder(manifest.run) / "manifest.json", body)

    def manifest(self, run: str) -> Manifest | None:
        """The manifest of a complete run, None when it never completed."""
        path = self.folder(run) / "manifest.json"
        if not path.exists():
            return None
        body = json.loads(path.read_text(encoding="utf8"))
        parts = {
            table: {key: _part(part) for key, part in months.items()}
            for table, months in body["parts"].items()
        }
        known = {
            month: Known(
                date.fromisoformat(held["on"]), {name: _part(part) for name, part in held["parts"].items()}
            )
            for month, held in body.get("known", {}).items()
        }
        day = date.fromisoformat(body["business_date"])
        return Manifest(**{**body, "business_date": day, "parts": parts, "known": known})

    def standing(self) -> dict[date, str]:
        """Which complete run stands for each business date, oldest first."""
        path = self.root / "standing.json"
        if not path.exists():
            return {}
        body = json.loads(path.read_text(encoding="utf8"))
        return {date.fromisoformat(day): body[day] for day in sorted(body)}

    def stand(self, manifest: Manifest) -> None:
        """From now on this run stands for its business date."""
        body = {day.isoformat(): run for day, run in self.standing().items()}
        write_json(self.root / "standing.json", body | {manifest.business_date.isoformat(): manifest.run})

    def standing_before(self, day: date) -> Manifest | None:
        """The manifest that stands for the last business date before this day."""
        earlier = [run for stood, run in self.standing().items() if stood < day]
        return self.manifest(earlier[-1]) if earlier else None

    def _record_path(self, run: str, table: str, month: date | None) -> Path:
        return self.folder(run) / "records" / f"{table}@{month.isoformat() if month else WHOLE}.json"


def file_sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _part(body: Mapping[str, Any]) -> Part:
    return Part(**{**body, "files": tuple(body["files"])})


def write_json(path: Path, body: object) -> None:
    """Write whole or not at all: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf8") as handle:
        json.dump(body, handle, ensure_ascii=False, indent=1, sort_keys=True, default=str)
        handle.flush()
        os.fsync(handle.fileno())
    draft.rename(path)
