"""How complete the records of the books are (档案完整度), what is missing most, and who brought what when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Max, Model, QuerySet

from guanxi.crm.counter.models import ToldFact
from guanxi.crm.customers.archive.models import Note, ProfileChange, ProfileField
from guanxi.crm.customers.completeness import Group, fact_name, of_books, scored
from guanxi.crm.customers.documents.models import Document
from guanxi.crm.customers.documents.selectors import archive_policy
from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.insight.policies.archive import ArchivePolicy

DAYS = 30
"""How far back it is told who brought what."""
MOST_ROWS = 100


@dataclass(frozen=True)
class Row:
    """An outlet or a book: customers, their average score (points of 100), the entry most of them lack."""

    name: str
    customers: int
    score: int
    lacking: str
    lack: int


@dataclass(frozen=True)
class Brought:
    """What one person brought in the last days, and when last."""

    name: str
    documents: int
    notes: int
    facts: int
    contacts: int
    last: date


def page(reach: Reach, today: date) -> dict[str, Any]:
    """The whole page; a fixed number of queries, none of a single customer."""
    policy, since = archive_policy(today), today - timedelta(days=DAYS)
    told: dict[str, Any] = {"days": DAYS, "policy": policy, "customers": 0}
    if policy is None:
        return told
    groups = of_books(reach, policy, today)
    customers, points, lacking = scored(groups, policy)
    units = dict(Unit.objects.filter(pk__in={one.unit for one in groups}).values_list("pk", "name"))
    keepers = dict(Staff.objects.filter(pk__in={one.keeper for one in groups}).values_list("pk", "name"))
    return told | {
        "customers": customers,
        "score": points // customers if customers else None,
        "lacking": [(fact_name(fact), n, round(n * 100 / customers)) for fact, n in lacking.most_common()],
        "outlets": _rows(groups, "unit", units, policy),
        "books": _rows(groups, "keeper", keepers, policy),
        "brought": _brought(reach, since, today),
        "changes": _changes(reach, since, today),
    }


def _rows(groups: Sequence[Group], by: str, names: dict[int, str], policy: ArchivePolicy) -> list[Row]:
    """One row for each outlet or keeper, the least complete first."""
    parted: dict[int, list[Group]] = {}
    for group in groups:
        parted.setdefault(getattr(group, by), []).append(group)
    rows = []
    for key, own in parted.items():
        customers, points, lacking = scored(own, policy)
        [(fact, lack)] = lacking.most_common(1) or [("", 0)]
        rows.append(
            Row(names.get(key, "—"), customers, points // customers, fact_name(fact) if fact else "", lack)
        )
    return sorted(rows, key=lambda row: (row.score, row.name))[:MOST_ROWS]


def _brought(reach: Reach, since: date, today: date) -> list[Brought]:
    """By person: documents, notes, entries told at the counter, contacts, of customers within reach."""
    told = {
        "documents": _by_person(_seen(Document, reach), "added_by", "added_on", since, today),
        "notes": _by_person(_seen(Note, reach), "author", "written_at__date", since, today),
        "facts": _by_person(_seen(ToldFact, reach), "staff", "at__date", since, today),
        "contacts": _by_person(_seen(Contact, reach), "staff", "day", since, today),
    }
    people = {name for rows in told.values() for name in rows}
    nothing = (0, date.min)
    rows = [
        Brought(
            name=name,
            last=max(rows.get(name, nothing)[1] for rows in told.values()),
            **{kind: rows.get(name, nothing)[0] for kind, rows in told.items()},
        )
        for name in people
    ]
    return sorted(rows, key=lambda row: (-row.documents - row.facts - row.notes, -row.contacts, row.name))[
        :MOST_ROWS
    ]


def _changes(reach: Reach, since: date, today: date) -> list[tuple[str, int, date]]:
    """Fields of profiles that the bank's records brought anew: how often, and when last."""
    rows = _seen(ProfileChange, reach).filter(day__gt=since, day__lte=today).exclude(old=F("new"))
    counted = rows.values_list("field").annotate(times=Count("pk"), last=Max("day"))
    labels = dict(ProfileField.choices)
    return [
        (str(labels.get(field, field)), times, last)
        for field, times, last in counted.order_by("-times", "field")
    ]


def _by_person(
    rows: "QuerySet[Any]", who: str, when: str, since: date, today: date
) -> dict[str, tuple[int, date]]:
    within = rows.filter(**{f"{when}__gt": since, f"{when}__lte": today, f"{who}__isnull": False})
    counted = within.values_list(f"{who}__name").annotate(times=Count("pk"), last=Max(when))
    return {name: (times, last) for name, times, last in counted.order_by()}


def _seen(table: type[Model], reach: Reach) -> "QuerySet[Any]":
    """Rows about customers within reach; row security is behind it."""
    rows = table._default_manager.all()  # noqa: SLF001  # Django documents it
    if not reach.sees_customers:
        return rows.none()
    if reach.whole_bank:
        return rows
    if reach.unit_ids:
        return rows.filter(party__unit__in=sorted(reach.unit_ids))
    return rows.filter(party__keeper__in=sorted(reach.staff_ids))
