"""Drafts people try, simulations of them with their figures, who would move, and which proposal stands on which."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit
from guanxi.crm.policies.models import PolicyVersion


class Draft(models.Model):
    """A policy as somebody tries it. What it says never changes: another content is another draft.

    `evidence`: what was measured and speaks for it, frozen: [{title, day, finding, note, by, link, key}].
    """

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    content_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    dropped = models.BooleanField(default=False, db_default=False)
    evidence = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """How a simulation stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", pgettext_lazy("simulation", "Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class Simulation(models.Model):
    """One run of the lab: up to three drafts of one kind beside the active version, over months of a published run.

    `drafts` keeps what was tried word by word: name, payload, content_hash, and the draft or version it came from.
    `result` holds sums only, money in fen (guanxi.pipeline.lab.figures); customers by name stand in `Move`.
    """

    kind = models.CharField(max_length=40)
    active_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    drafts = models.JSONField()
    month = models.DateField()
    months = models.IntegerField(default=1, db_default=1)
    state = models.CharField(
        max_length=8, choices=State, default=State.WAITING, db_default=State.WAITING.value
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done = models.IntegerField(default=0, db_default=0)
    total = models.IntegerField(default=0, db_default=0)
    piece = models.CharField(max_length=120, default="", db_default="", blank=True)
    error = models.CharField(max_length=1000, default="", db_default="", blank=True)
    run = models.CharField(max_length=64, default="", db_default="", blank=True)
    policies = models.JSONField(default=dict, db_default={})  # kind → content hash of all that were in force
    result = models.JSONField(default=dict, db_default={})

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="simulation_months", condition=Q(months__gte=1, months__lte=24)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Move(models.Model):
    """A customer who would stand elsewhere under a draft; row-secured as the customer is. Ranks: -1 for none."""

    simulation = models.ForeignKey(Simulation, models.CASCADE, related_name="moved")
    draft = models.SmallIntegerField()
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    scheme = models.CharField(max_length=40)
    from_rank = models.SmallIntegerField()
    to_rank = models.SmallIntegerField()
    aum_fen = models.BigIntegerField()  # nothing known counts as nothing, so that pages by key stay simple
    contribution_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["simulation", "draft", "party"], name="move_once"),
        ]
        indexes = [
            models.Index(fields=["simulation", "draft", "-aum_fen", "party"], name="move_aum"),
            models.Index(fields=["simulation", "draft", "unit", "-aum_fen", "party"], name="move_unit"),
            models.Index(fields=["simulation", "draft", "keeper", "-aum_fen", "party"], name="move_keeper"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.from_rank} {self.to_rank}"


class Attachment(models.Model):
    """The simulation that a proposed version was made from: who decides about the version reads it first."""

    version = models.OneToOneField(PolicyVersion, models.CASCADE, related_name="+")
    simulation = models.ForeignKey(Simulation, models.PROTECT, related_name="attachments")
    draft = models.SmallIntegerField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version} {self.simulation_id}"
