"""Versions of the bank's policies: the database is the authority, the bank's folder only seeds version 1."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a version stands. `retired` covers both a replaced and a rejected one; `decided_note` says which."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    ACTIVE = "active", pgettext_lazy("policy version", "Active")
    RETIRED = "retired", _("Retired")
    REJECTED = "rejected", _("Rejected")


class PolicyVersion(models.Model):
    """One version of one kind of policy. Approval is of `content_hash`: another payload needs another version.

    In force on a day is the version with the latest `valid_from` on or before it among the active and retired ones.
    """

    kind = models.CharField(max_length=40)
    version = models.IntegerField()
    payload = models.JSONField()
    content_hash = models.CharField(max_length=64)
    schema_version = models.IntegerField(default=1, db_default=1)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_default=State.DRAFT.value)
    valid_from = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, default="", db_default="", blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="policies_proposed"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="policies_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_note = models.CharField(max_length=500, default="", db_default="", blank=True)

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="policy_version_once"),
            models.UniqueConstraint(
                fields=["kind", "valid_from"],
                condition=Q(state__in=["active", "retired"]),
                name="policy_one_a_day",
            ),
            models.CheckConstraint(
                name="policy_active_has_day", condition=~Q(state="active") | Q(valid_from__isnull=False)
            ),
            models.CheckConstraint(
                name="policy_two_people",
                condition=Q(proposed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(proposed_by=F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"
