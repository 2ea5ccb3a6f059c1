"""Restrictions asked for, in force and lifted, the short list that row security and the night read, and erasures."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party

LONGEST = 400


class RestrictionState(models.TextChoices):
    """Where a restriction stands; turned down and lifted are the end."""

    ASKED = "asked", pgettext_lazy("restriction", "Waits for approval")
    IN_FORCE = "in_force", pgettext_lazy("restriction", "In force")
    LIFTING = "lifting", pgettext_lazy("restriction", "In force; lifting waits for approval")
    REFUSED = "refused", pgettext_lazy("restriction", "Turned down")
    LIFTED = "lifted", pgettext_lazy("restriction", "Lifted")


OPEN = (RestrictionState.ASKED, RestrictionState.IN_FORCE, RestrictionState.LIFTING)


def _person(*, null: bool = False) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, db_index=False, related_name="+"
    )


class Restriction(models.Model):
    """One customer's restriction from the question to its end. `request`: the request for deletion it follows from.

    `kept_until`: the last day of legal retention, which may only move on; NULL for restrictions older than the column.
    """

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    customer_no = models.CharField(max_length=64)
    request = models.ForeignKey("compliance.SubjectRequest", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=LONGEST)
    state = models.CharField(max_length=8, choices=RestrictionState, default=RestrictionState.ASKED)
    asked_by = _person()
    asked_at = models.DateTimeField()
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    since = models.DateField(null=True)
    kept_until = models.DateField(null=True)
    lift_reason = models.CharField(max_length=LONGEST, default="", db_default="", blank=True)
    lift_asked_by = _person(null=True)
    lifted_by = _person(null=True)
    lifted_on = models.DateField(null=True)

    class Meta:
        app_label = "compliance"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(state__in=["asked", "in_force", "lifting"]),
                name="restriction_once",
            ),
            models.CheckConstraint(
                name="restriction_by_two",
                condition=~Q(state__in=["in_force", "lifting", "lifted"])
                | Q(decided_by__isnull=False, since__isnull=False) & ~Q(asked_by=F("decided_by")),
            ),
            models.CheckConstraint(
                name="restriction_lifted_by_two",
                condition=~Q(state="lifted")
                | Q(lifted_by__isnull=False, lift_asked_by__isnull=False, lifted_on__isnull=False)
                & ~Q(lift_asked_by=F("lifted_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_no} {self.state}"


class Restricted(models.Model):
    """The numbers under a restriction in force, those merged into the customer's included. Row security reads it."""

    party = models.OneToOneField(
        Party, models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    restriction = models.ForeignKey(Restriction, models.CASCADE, related_name="numbers")

    class Meta:
        app_label = "compliance"

    def __str__(self) -> str:
        return str(self.party_id)


class ErasureState(models.TextChoices):
    """Where erasing stands; turned down and done are the end."""

    ASKED = "asked", pgettext_lazy("erasure", "Erasing waits for approval")
    APPROVED = "approved", pgettext_lazy("erasure", "Erased with the next night")
    REFUSED = "refused", pgettext_lazy("erasure", "Erasing turned down")
    DONE = "done", pgettext_lazy("erasure", "Erased")


ERASURE_STANDS = (ErasureState.ASKED, ErasureState.APPROVED, ErasureState.DONE)


class Erasure(models.Model):
    """The end of a restricted customer's data: asked for, approved by another, done by the night (删除).

    `rows`: how many rows went, by table of the store. `delivered_on`: the last business date whose extract still held
    the customer, which the bank's own system then has not erased.
    """

    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="erasures")
    state = models.CharField(max_length=8, choices=ErasureState, default=ErasureState.ASKED)
    asked_by = _person()
    asked_at = models.DateTimeField()
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    erased_on = models.DateField(null=True)
    rows = models.JSONField(default=dict)
    delivered_on = models.DateField(null=True)

    class Meta:
        app_label = "compliance"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["restriction"],
                condition=Q(state__in=["asked", "approved", "done"]),
                name="erasure_once",
            ),
            models.CheckConstraint(
                name="erasure_by_two",
                condition=~Q(state__in=["approved", "done"])
                | Q(decided_by__isnull=False) & ~Q(asked_by=F("decided_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restriction_id} {self.state}"
