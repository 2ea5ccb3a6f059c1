"""Questions that were asked of the de-identified data, and those kept under a name. No customer is in either."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

STAFF = settings.AUTH_USER_MODEL


class AskedState(models.TextChoices):
    """How a question stands."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped by hand")
    TOO_LONG = "too_long", _("Ended at the time limit")
    FAILED = "failed", _("Failed")


class SavedQuery(models.Model):
    """A query kept under a name; shared, every analyst may run it, its owner alone changes it."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    text = models.TextField()
    owner = models.ForeignKey(STAFF, models.PROTECT, related_name="saved_queries")
    is_shared = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "saved queries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(retired_at__isnull=True), name="savedquery_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Asked(models.Model):
    """One question with its text for ever; its result lies in a file for some hours.

    `kind`: groups, rows or sums (insight/workbench/question.py); `k`: groups of fewer customers were taken out.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(STAFF, models.PROTECT, related_name="asked_queries")
    text = models.TextField()
    kind = models.CharField(max_length=8)
    tables = models.JSONField(default=list, db_default=[])
    run = models.CharField(max_length=40)
    as_of = models.DateField()
    k = models.IntegerField()
    state = models.CharField(
        max_length=8, choices=AskedState, default=AskedState.RUNNING, db_default=AskedState.RUNNING.value
    )
    asked_at = models.DateTimeField()
    until = models.DateTimeField()  # at the latest its process has ended by then
    seconds = models.FloatField(null=True)
    rows = models.IntegerField(null=True)
    hidden = models.IntegerField(default=0, db_default=0)
    has_more = models.BooleanField(default=False, db_default=False)
    message = models.CharField(max_length=500, default="", db_default="", blank=True)

    class Meta:
        verbose_name_plural = "asked"
        indexes = [
            models.Index("by", F("asked_at").desc(), name="asked_by"),
            models.Index("until", condition=Q(state="running"), name="asked_running"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.text[:40]}"
