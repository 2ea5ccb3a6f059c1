"""Whom an incident affected, from the trail alone: looks at customers and files that left. Within `whole_store`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from guanxi.crm.audit.models import CustomerView, ExportedCustomers, ExportLog
from guanxi.crm.audit.selectors import between
from guanxi.crm.compliance.incidents.classes import classes_of_export, classes_of_look
from guanxi.crm.compliance.incidents.models import Source
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Token

OF_API = "api"
"""What looks through the API begin with."""


@dataclass
class Touched:
    """What of one customer went out: the classes of data, and in how many looks and files."""

    classes: set[str] = field(default_factory=set)
    looks: int = 0
    files: int = 0


@dataclass(frozen=True)
class Affected:
    """The customers by key, a person of several numbers once; `unknown` files named nobody in the trail."""

    customers: Mapping[int, Touched]
    unknown: int

    @property
    def classes(self) -> list[str]:
        """Every class of data of anybody, in order."""
        return sorted({one for touched in self.customers.values() for one in touched.classes})


def affected_by(
    source: str, source_no: str, first: datetime | None = None, last: datetime | None = None
) -> Affected:
    """Who was affected through a file (by its number), a member of staff or a token (by name), from `first` to before
    `last`; an open end is open. Nobody for a source that left no trace."""
    looks, files = _traces(source, source_no)
    looks, files = between(looks, first, last), between(files, first, last)
    found: dict[int, Touched] = defaultdict(Touched)
    for key, what in looks.values_list("party_key", "what").iterator():
        found[key].looks += 1
        found[key].classes |= classes_of_look(what)
    unknown = files.filter(customers=None).count()
    about = ExportedCustomers.objects.filter(export__in=files).select_related("export")
    for one in about.iterator():
        classes = classes_of_export(one.export.what, one.export.columns)
        for key in one.party_keys:
            found[key].files += 1
            found[key].classes |= classes
    return Affected(_as_persons(found), unknown)


def _traces(source: str, source_no: str) -> tuple[QuerySet[CustomerView], QuerySet[ExportLog]]:
    """The looks and files of a source."""
    if source == Source.EXPORT:
        number = int(source_no) if source_no.isdecimal() else 0
        return CustomerView.objects.none(), ExportLog.objects.filter(pk=number)
    if source == Source.STAFF:
        return CustomerView.objects.filter(staff_no=source_no), ExportLog.objects.filter(staff_no=source_no)
    acts_as = Token.objects.filter(name=source_no).values_list("staff__staff_no", flat=True).first() or ""
    # A look outside of the API's own addresses says whom the token acts as, and not which token it was.
    by_token = Q(reason=f"token {source_no}"[:200]) | ~Q(what__startswith=OF_API)
    return (
        CustomerView.objects.filter(by_token, staff_no=acts_as),
        ExportLog.objects.filter(staff_no=acts_as, filters__token=source_no),
    )


def _as_persons(found: Mapping[int, Touched]) -> dict[int, Touched]:
    """The same with numbers merged into another person told under that person."""
    merged = _merged(found)
    persons: dict[int, Touched] = defaultdict(Touched)
    for key, touched in found.items():
        person = persons[merged.get(key, key)]
        person.classes |= touched.classes
        person.looks += touched.looks
        person.files += touched.files
    return dict(persons)


def _merged(keys: Iterable[int]) -> dict[int, int]:
    rows = Party.objects.filter(pk__in=list(keys), merged_into__isnull=False)
    return {key: int(into) for key, into in rows.values_list("pk", "merged_into_id") if into is not None}
