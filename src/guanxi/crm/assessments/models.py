"""Impact assessments (个人信息保护影响评估). They name no customer. What was approved is never changed: a new one is
another row, and no row is deleted before its retention ends (a trigger)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

STAFF = settings.AUTH_USER_MODEL


class State(models.TextChoices):
    """Where an assessment stands."""

    PROPOSED = "proposed", pgettext_lazy("assessment", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("assessment", "Approved")
    REJECTED = "rejected", pgettext_lazy("assessment", "Turned down")
    ENDED = "ended", pgettext_lazy("assessment", "Ended")


class Risk(models.TextChoices):
    """What is left of the risk to people's rights after the measures."""

    LOW = "low", pgettext_lazy("risk to people", "Low")
    MEDIUM = "medium", pgettext_lazy("risk to people", "Medium")
    HIGH = "high", pgettext_lazy("risk to people", "High")


class Assessment(models.Model):
    """One assessment of one or more activities: why and how, what it does to people, what protects them."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)
    activities = models.JSONField()  # codes of activities.NAMES
    data = models.JSONField()  # kinds of data, codes of the data map
    purpose = models.TextField()
    impact = models.TextField()
    measures = models.TextField()
    risk = models.CharField(max_length=8, choices=Risk)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    content_hash = models.CharField(max_length=64)
    written_by = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=200, default="", db_default="", blank=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)  # the first day it counts no more
    kept_until = models.DateField()  # not deleted on or before it

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="assessment_approved_by_two",
                condition=~Q(state__in=["approved", "ended"])
                | Q(decided_by__isnull=False, valid_from__isnull=False, valid_until__isnull=False)
                & ~Q(written_by=F("decided_by")),
            ),
            models.CheckConstraint(
                name="assessment_ended_has_day", condition=~Q(state="ended") | Q(ended_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title
