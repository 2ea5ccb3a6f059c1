"""Reads of the trail, newest first. Which person may ask is decided by the page; compliance may, and few others."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Count, Max, Model, Q, QuerySet
from django.db.models.functions import TruncDate

from guanxi.crm.audit.models import ChangeLog, CustomerView, Entry, ExportLog

Listed = TypeVar("Listed", bound=Entry)


def history_of(on: Model) -> QuerySet[ChangeLog]:
    """What was done to this object."""
    kind = on._meta.label_lower  # noqa: SLF001  # Django documents it
    return ChangeLog.objects.filter(object_kind=kind, object_key=str(on.pk)).order_by("-id")


def about_staff(staff_no: str) -> QuerySet[ChangeLog]:
    """What was done to a person's account, posts and leave cover, by whomever."""
    named = Q(details__staff=staff_no) | Q(details__absent=staff_no) | Q(details__covering=staff_no)
    account = Q(object_kind="organisation.staff", object_label__endswith=f"({staff_no})")
    kinds = ("organisation.post", "organisation.postrequest", "organisation.cover")
    around = Q(object_kind__in=kinds) & named
    return ChangeLog.objects.filter(account | around).exclude(verb="organisation.signed_in").order_by("-id")


def changes(*, staff_no: str = "", since: datetime | None = None) -> QuerySet[ChangeLog]:
    """Changes of everybody or of one person, since an instant."""
    rows = ChangeLog.objects.order_by("-id")
    if staff_no:
        rows = rows.filter(staff_no=staff_no)
    return rows if since is None else rows.filter(at__gte=since)


def views_of_customer(party_key: int) -> QuerySet[CustomerView]:
    """Who looked at this customer."""
    return CustomerView.objects.filter(party_key=party_key).order_by("-id")


def views_by_staff(staff_no: str) -> QuerySet[CustomerView]:
    """Whom this person looked at."""
    return CustomerView.objects.filter(staff_no=staff_no).order_by("-id")


def exports(*, staff_no: str = "") -> QuerySet[ExportLog]:
    """Files that left, of everybody or of one person."""
    rows = ExportLog.objects.order_by("-id")
    return rows.filter(staff_no=staff_no) if staff_no else rows


def between(rows: QuerySet[Listed], first: datetime | None, last: datetime | None) -> QuerySet[Listed]:
    """Rows from an instant on and before another; None leaves that end open."""
    if first is not None:
        rows = rows.filter(at__gte=first)
    return rows if last is None else rows.filter(at__lt=last)


def looks(*, staff_no: str = "") -> QuerySet[CustomerView]:
    """Looks at customers, of everybody or of one person."""
    return views_by_staff(staff_no) if staff_no else CustomerView.objects.order_by("-id")


def verbs() -> list[str]:
    """Every deed that stands in the trail."""
    return sorted(ChangeLog.objects.order_by().values_list("verb", flat=True).distinct())


def sorts_of_looks() -> list[str]:
    """Everything that was looked at: the page, and each sort of number shown in full."""
    return sorted(CustomerView.objects.order_by().values_list("what", flat=True).distinct())


def name_of(staff_no: str) -> str:
    """The name a person last appeared under in the trail; empty for one who never did."""
    for model in (ChangeLog, CustomerView, ExportLog):
        found = (
            model.objects.filter(staff_no=staff_no)
            .order_by("-id")
            .values_list("staff_name", flat=True)
            .first()
        )
        if found:
            return str(found)
    return ""


@dataclass(frozen=True)
class Browsing:
    """How many different customers a person looked at on a day, against their own days before."""

    staff_no: str
    staff_name: str
    customers: int
    numbers: int
    usual: float | None  # mean over the days before on which they looked at any; None without such a day

    @property
    def above(self) -> float:
        """How many more than usual."""
        return self.customers - (self.usual or 0)


def browsing(start: datetime, end: datetime, before: datetime) -> list[Browsing]:
    """Who looked at more customers in [start, end) than on their own average day in [before, start), most above first.

    Days count in the server's zone. Whoever had no day before is listed with all they looked at.
    """
    day = CustomerView.objects.filter(at__gte=start, at__lt=end).values("staff_no").order_by()
    seen = day.annotate(
        name=Max("staff_name"),
        customers=Count("party_key", distinct=True),
        numbers=Count("pk", filter=Q(what__startswith="reveal")),
    )
    past = (
        CustomerView.objects.filter(at__gte=before, at__lt=start)
        .values("staff_no", day=TruncDate("at"))
        .order_by()
    )
    days: dict[str, list[int]] = defaultdict(list)
    for row in past.annotate(customers=Count("party_key", distinct=True)):
        days[row["staff_no"]].append(row["customers"])
    found = [
        Browsing(row["staff_no"], row["name"], row["customers"], row["numbers"], _mean(days[row["staff_no"]]))
        for row in seen
    ]
    return sorted((one for one in found if one.above > 0), key=lambda one: (-one.above, one.staff_no))


def _mean(counts: list[int]) -> float | None:
    return sum(counts) / len(counts) if counts else None
