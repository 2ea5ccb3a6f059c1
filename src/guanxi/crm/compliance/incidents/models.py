"""Incidents, whom they affected, and what was noted. Row-secured: for compliance alone."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party

LONGEST_TEXT = 1_000


class Source(models.TextChoices):
    """Through what the data went out."""

    EXPORT = "export", pgettext_lazy("incident", "A file that was taken")
    STAFF = "staff", pgettext_lazy("incident", "A member of staff")
    TOKEN = "token", pgettext_lazy("incident", "A token of the API")


class IncidentState(models.TextChoices):
    """Where an incident stands; closed is the end."""

    OPEN = "open", pgettext_lazy("incident", "Not reported yet")
    REPORTED = "reported", pgettext_lazy("incident", "Reported")
    CLOSED = "closed", pgettext_lazy("incident", "Closed")


def _person(*, null: bool = False) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, db_index=False, related_name="+"
    )


def _text() -> "models.CharField[str, str]":
    return models.CharField(max_length=LONGEST_TEXT, default="", db_default="", blank=True)


class Incident(models.Model):
    """One incident. `source_no`: the export's number, a staff number or a token's name, with the span looked at.

    `report_due_at` is what the grade promised when it was recorded. `unknown` files of the source told nobody whom
    they were about: the count is then a lower bound. `harm`, `measures`, `advice` and `contact` stand in the notice.
    """

    title = models.CharField(max_length=100)
    grade = models.CharField(max_length=16)
    happened = models.CharField(max_length=LONGEST_TEXT)
    source = models.CharField(max_length=6, choices=Source)
    source_no = models.CharField(max_length=64)
    span_from = models.DateTimeField(null=True)
    span_to = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    report_due_at = models.DateTimeField()
    recorded_by = _person()
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=IncidentState, default=IncidentState.OPEN)
    affected = models.IntegerField(default=0)
    unknown = models.IntegerField(default=0)
    classes = models.JSONField(default=list)
    counted_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    reported_by = _person(null=True)
    reported_to = models.CharField(max_length=100, default="", db_default="", blank=True)
    harm = _text()
    measures = _text()
    advice = _text()
    contact = models.CharField(max_length=100, default="", db_default="", blank=True)
    root_cause = _text()
    closed_at = models.DateTimeField(null=True)
    closed_by = _person(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "report_due_at"], name="incident_state")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="incident_reported_whole",
                condition=Q(state="open", reported_at=None, reported_by=None)
                | (~Q(state="open") & Q(reported_at__isnull=False, reported_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="incident_closed_with_cause",
                condition=~Q(state="closed")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(root_cause="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.source} {self.source_no}"


class AffectedCustomer(models.Model):
    """A customer whose data went out, which classes of them, in how many looks and files."""

    incident = models.ForeignKey(Incident, models.CASCADE, db_index=False, related_name="customers")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    classes = models.JSONField()
    looks = models.IntegerField()
    files = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "party"], name="affected_once")]
        indexes = [models.Index(fields=["party"], name="affected_party")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.party_id}"
