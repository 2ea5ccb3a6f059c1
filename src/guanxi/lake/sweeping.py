"""Sweeps the lake (清理): what the last nights do not stand on goes, or it would grow by a night's files every night.

The files of the last nights stay whole, and of older runs whatever these stand on: closed months they inherited and
what those were known by. Manifests stay too; they are small and say what a run was made of.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from guanxi.lake.store import Manifest, Store, write_json

MARK = "swept.json"
MANIFEST = "manifest.json"
NIGHT = re.compile(r"run=([0-9]{8})-")


@dataclass(frozen=True)
class Swept:
    """What went: files and bytes."""

    files: int = 0
    size: int = 0

    def __str__(self) -> str:
        return f"{self.files:,} files of nights past, {self.size / 1e6:,.1f} MB, swept from the lake"


def kept_from(store: Store) -> date | None:
    """The first business date whose night can be made again is the one after this; None while nothing was swept."""
    path = store.root / MARK
    if not path.exists():
        return None
    return date.fromisoformat(json.loads(path.read_text(encoding="utf8"))["kept_from"])


def sweep(store: Store, nights: int) -> Swept:
    """Keep the last `nights` business dates and what they stand on; safe to do again, also after it was cut off.

    The mark is written first: a night that could miss files is refused from then on.
    """
    standing = store.standing()
    if len(standing) <= nights:
        return Swept()
    days = sorted(standing)[-nights:]
    write_json(store.root / MARK, {"kept_from": max(days[0], kept_from(store) or days[0]).isoformat()})
    manifests = {standing[day]: store.manifest(standing[day]) for day in days}
    needed = {name for made in manifests.values() if made for name in files_of(made)}
    gone = [_sweep_run(folder, needed, store.root) for folder in _old_runs(store, set(manifests), days[-1])]
    return Swept(sum(one.files for one in gone), sum(one.size for one in gone))


def files_of(manifest: Manifest) -> set[str]:
    """Every file a run stands on, below the lake: its tables, and what its closed months are known by."""
    parts = [part for months in manifest.parts.values() for part in months.values()]
    parts += [part for known in manifest.known.values() for part in known.parts.values()]
    return {name for part in parts for name in part.files}


def _old_runs(store: Store, kept: set[str], last: date) -> list[Path]:
    """Folders of nights' runs that stand for no kept date; one begun for a later date may still be finished."""
    folders = sorted(path for path in store.root.glob("run=*") if path.is_dir())
    return [path for path in folders if path.name.removeprefix("run=") not in kept and _is_past(path, last)]


def _is_past(folder: Path, last: date) -> bool:
    """Whether this is a night's run (its name begins with its date) of no later date than `last`."""
    night = NIGHT.match(folder.name)
    return night is not None and date.fromisoformat(night[1]) <= last


def _sweep_run(folder: Path, needed: set[str], root: Path) -> Swept:
    """Take a run's files but those that are needed and its manifest."""
    files = size = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif str(path.relative_to(root)) not in needed and path != folder / MANIFEST:
            size += path.stat().st_size
            files += 1
            path.unlink()
    if not any(folder.iterdir()):
        shutil.rmtree(folder)
    return Swept(files, size)
