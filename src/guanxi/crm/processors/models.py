"""The register of processors (受托处理者登记): who gets customers' data through which channel, under which contract.

It holds no customer. What was approved is never changed: another endpoint or a new contract is another entry.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STAFF = settings.AUTH_USER_MODEL


class State(models.TextChoices):
    """Where an entry stands."""

    TO_CONFIRM = "to_confirm", _("To be confirmed")
    PROPOSED = "proposed", pgettext_lazy("processor", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("processor", "Approved")
    REJECTED = "rejected", pgettext_lazy("processor", "Turned down")
    ENDED = "ended", pgettext_lazy("processor", "Ended")


class Processor(models.Model):
    """One contract with one vendor, or a channel that the bank runs itself (`is_own`), which needs no contract's end.

    `connectors` are codes of channel accounts, or names of other ways out (a partner's list). An entry to be confirmed
    was made by the program for a channel that stood before there was a register; it counts until `contract_until`.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    vendor = models.CharField(max_length=80)
    is_own = models.BooleanField(default=False, db_default=False)
    purpose = models.CharField(max_length=200, default="", db_default="", blank=True)
    connectors = models.JSONField()
    fields = models.JSONField(default=list, db_default=[])  # codes of rules.FIELDS
    country = models.CharField(
        max_length=2, default="", db_default="", blank=True
    )  # of the endpoint, ISO 3166
    contract_no = models.CharField(max_length=40, default="", db_default="", blank=True)
    contract_from = models.DateField()
    contract_until = models.DateField(null=True)  # its last day; none: until it is ended
    supervisor = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    content_hash = models.CharField(max_length=64, default="", db_default="", blank=True)
    written_by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=200, default="", db_default="", blank=True)
    ended_on = models.DateField(null=True)  # the first day it counts no more

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="processor_approved_by_two",
                condition=~Q(state="approved")
                | Q(written_by__isnull=False, decided_by__isnull=False) & ~Q(written_by=F("decided_by")),
            ),
            models.CheckConstraint(
                name="processor_vendor_has_end",
                condition=Q(is_own=True) | Q(contract_until__isnull=False),
            ),
            models.CheckConstraint(
                name="processor_ended_has_day", condition=~Q(state="ended") | Q(ended_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.vendor


class Supervision(models.Model):
    """One look at how a processor keeps the data (监督记录): when, by whom, what was found. Rows are only added."""

    processor = models.ForeignKey(Processor, models.CASCADE, related_name="supervisions")
    on = models.DateField()
    by = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    finding = models.CharField(max_length=400)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.processor_id} {self.on}"
