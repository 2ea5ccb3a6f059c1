"""Requests to take more rows than the own role may (导出申请). They name a list with its filters and no customer."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

STAFF = settings.AUTH_USER_MODEL


class State(models.TextChoices):
    """Where a request stands; one that was approved and not taken in time has run out."""

    ASKED = "asked", pgettext_lazy("export", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("export", "Approved")
    REFUSED = "refused", pgettext_lazy("export", "Turned down")
    TAKEN = "taken", pgettext_lazy("export", "Taken")


class ExportRequest(models.Model):
    """One list with its filters (`address`: path and query), for one purpose, of so many rows when it was asked for."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    what = models.CharField(max_length=40)  # code of the list, as in the trail
    address = models.TextField()
    purpose = models.CharField(max_length=20)
    rows = models.PositiveIntegerField()
    reason = models.CharField(max_length=400)
    asked_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, related_name="+")  # the asker's
    asked_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=200, default="", db_default="", blank=True)
    expires_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="export_approved_by_two",
                condition=~Q(state__in=["approved", "taken"])
                | Q(decided_by__isnull=False, expires_at__isnull=False) & ~Q(asked_by=F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.rows}"
