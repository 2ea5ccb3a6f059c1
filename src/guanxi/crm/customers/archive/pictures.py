"""What the panel and the page of the archive are told; no request, no markup."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.crm.customers import words
from guanxi.crm.customers.archive import selectors
from guanxi.crm.customers.archive.models import Note, ProfileChange, ProfileField
from guanxi.crm.customers.models import Party, PartyState
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach, Right

MOST_NOTES, MOST_CHANGES, MOST_ON_PAGE = 3, 3, 200
CODES: Mapping[str, Mapping[str, Any]] = {
    ProfileField.SEX: words.SEXES,
    ProfileField.AREA: words.AREAS,
    ProfileField.RESIDENT: words.RESIDENTS,
    ProfileField.SIZE: words.SIZES,
    ProfileField.RENOWN: words.RENOWN,
    ProfileField.STATE: dict(PartyState.choices),
    ProfileField.ID_TYPE: words.ID_TYPES,
}


@dataclass(frozen=True)
class Changed:
    """One line of the history: the change, and both values in words."""

    row: ProfileChange
    old: str
    new: str


@dataclass(frozen=True)
class Thread:
    """A note with the versions before it, the latest first."""

    latest: Note
    before: Sequence[Note]
    may_withdraw: bool


def panel(reach: Reach, party: Party) -> dict[str, Any]:
    """The notes that stand and the latest changes of the profile; no query for a customer who has none, else two."""
    return {
        "archive_notes": list(selectors.notes_of(reach, party)[:MOST_NOTES]),
        "archive_changes": _changed(selectors.changes_of(reach, party)[:MOST_CHANGES], reach),
        "archive_reads": selectors.reads_notes(reach),
    }


def whole(reach: Reach, party: Party) -> dict[str, Any]:
    """All notes with their versions, those that stand first, and the profile's history; two queries."""
    threads: dict[Any, list[Note]] = {}
    for note in selectors.all_notes_of(reach, party)[:MOST_ON_PAGE]:
        threads.setdefault(note.thread, []).append(note)
    told = [_thread(versions, reach) for versions in threads.values()]
    standing = [one for one in told if one.latest.withdrawn_at is None]
    return {
        "party": party,
        "name": shown_name(party.name, hidden=reach.hides_names),
        "notes": sorted(standing, key=lambda one: not one.latest.pinned),
        "withdrawn": [one for one in told if one.latest.withdrawn_at is not None],
        "changes": _changed(selectors.changes_of(reach, party)[:MOST_ON_PAGE], reach),
        "reads": selectors.reads_notes(reach),
        "most": MOST_ON_PAGE,
    }


def _thread(versions: list[Note], reach: Reach) -> Thread:
    latest, *before = sorted(versions, key=lambda note: -note.version)
    return Thread(latest, before, latest.author_id == reach.staff_id or reach.may(Right.ASSIGN_KEEPER))


def _changed(rows: Iterable[ProfileChange], reach: Reach) -> list[Changed]:
    return [Changed(row, _said(row.field, row.old, reach), _said(row.field, row.new, reach)) for row in rows]


def _said(field: str, value: str, reach: Reach) -> str:
    if field == ProfileField.NAME:
        return shown_name(value, hidden=reach.hides_names)
    return str(CODES.get(field, {}).get(value, value))
