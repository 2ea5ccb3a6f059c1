"""Reads of the trail, newest first. Which person may ask is decided by the page; compliance may, and few others."""

from datetime import datetime

from django.db.models import Model, QuerySet

from guanxi.crm.audit.models import ChangeLog, CustomerView, ExportLog


def history_of(on: Model) -> QuerySet[ChangeLog]:
    """What was done to this object."""
    kind = on._meta.label_lower  # noqa: SLF001  # Django documents it
    return ChangeLog.objects.filter(object_kind=kind, object_key=str(on.pk)).order_by("-id")


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
