"""Two persons accepting what stopped a night: a file whose rows changed beyond the policy (经办、复核)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.scores.models.runs import Run


class AcceptanceState(models.TextChoices):
    """Where a request stands."""

    ASKED = "asked", _("waiting for a second person")
    ACCEPTED = "accepted", _("accepted by two persons")
    REFUSED = "refused", _("turned down")


class VolumeAcceptance(models.Model):
    """One file of one run: who asked that its changed number of rows be accepted, why, and who decided.

    A run's id is made of its files' hashes, the policies and the run it stands on: other files are another run, and
    nothing accepted here counts for it.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="acceptances")
    file = models.CharField(max_length=60)
    rows_before = models.BigIntegerField()
    rows_now = models.BigIntegerField()
    state = models.CharField(
        max_length=8, choices=AcceptanceState, default=AcceptanceState.ASKED, db_default=AcceptanceState.ASKED.value
    )  # fmt: skip
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        ordering = ["run", "file", "asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "file"], condition=~Q(state="refused"), name="volumeacceptance_one_open"
            ),
            models.CheckConstraint(
                name="volumeacceptance_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="volumeacceptance_decided_by_somebody",
                condition=Q(state="asked", decided_by__isnull=True)
                | (~Q(state="asked") & Q(decided_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.file} {self.rows_before} → {self.rows_now}"
