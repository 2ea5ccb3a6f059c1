"""Warnings and signals of single customers (row-secured, written by the run), and the register of models."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import fields


class ModelState(models.TextChoices):
    """Where a version of a model stands."""

    MADE = "made", _("made, not switched on")
    ASKED = "asked", _("waiting for a second person")
    ON = "on", _("on")
    OFF = "off", _("off")
    REFUSED = "refused", _("turned down")


class RiskGrade(models.TextChoices):
    """How much could go wrong when the model is wrong."""

    LOW = "low", _("Low risk")
    MEDIUM = "medium", _("Medium risk")
    HIGH = "high", _("High risk")


class ModelVersion(models.Model):
    """One training of one purpose: the model's text with its hash, its card, and who switched it on or off."""

    purpose = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)  # logistic | trees; empty when there was too little to learn from
    body = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    card = models.JSONField(default=dict)
    kept = models.BooleanField(default=False)  # better than the one-line rule on months it had not seen
    why = models.CharField(max_length=40, blank=True)
    run_id = models.CharField(max_length=32)
    business_date = models.DateField()
    made_at = models.DateTimeField()
    risk_grade = models.CharField(max_length=8, choices=RiskGrade.choices, default=RiskGrade.MEDIUM)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=ModelState.choices, default=ModelState.MADE)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="modelversion_once"),
            models.UniqueConstraint(fields=["purpose"], condition=Q(state="on"), name="modelversion_one_on"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class ModelNight(models.Model):
    """How the nights of a month were served: the model or the rule, how far the population drifted, who was scored."""

    month = models.DateField(primary_key=True)
    served_by = models.CharField(max_length=64)
    fallback = fields.word(40)
    drift = models.FloatField(null=True)
    customers = models.BigIntegerField()
    expected = models.FloatField(null=True)  # sum of the chances

    def __str__(self) -> str:
        return f"{self.month} {self.served_by}"


class ListState(models.TextChoices):
    """Whether a warning stands on its keeper's list, and why not."""

    LISTED = "listed", _("On the list")
    OVER_BUDGET = "over_budget", _("Beyond the day's number")
    QUIET = "quiet", _("Shown lately")
    SMALL = "small", _("Little at stake")
    NO_KEEPER = "no_keeper", _("Nobody keeps the customer")


class EarlyWarning(models.Model):
    """One warning a customer. The run writes what it is about; publishing decides who is shown it."""

    party = fields.party()
    unit = fields.unit()
    keeper = fields.keeper()
    signal = models.CharField(max_length=32)
    signals = models.SmallIntegerField()
    urgency = models.SmallIntegerField()
    points = models.SmallIntegerField()
    amount_fen = fields.fen()
    at_stake_fen = models.BigIntegerField()
    chance = models.FloatField(null=True)
    place = models.BigIntegerField(null=True)
    reasons = models.JSONField(default=list, db_default=[])
    priority = models.BigIntegerField()
    raised_on = models.DateField(null=True)
    listed_on = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=ListState.choices, default="", db_default="")
    rank = models.IntegerField(null=True)  # its place among the keeper's of the same state

    class Meta:
        db_table = "foresight_warning"
        indexes = [
            models.Index("keeper", "state", F("priority").desc(), "party", name="warning_keeper"),
            models.Index("unit", "state", F("priority").desc(), "party", name="warning_unit"),
            models.Index("state", F("priority").desc(), "party", name="warning_all"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.signal}"


class Signal(models.Model):
    """One leading indicator that speaks of a customer, with its figures. `first_on`: since when it does."""

    party = models.ForeignKey(
        Party, models.CASCADE, db_constraint=False, db_index=False, related_name="signals"
    )
    signal = models.CharField(max_length=32)
    amount_fen = fields.fen()
    usual_fen = fields.fen()
    share = models.FloatField(null=True)
    times = models.IntegerField(null=True)
    usual_times = models.IntegerField(null=True)
    day = models.DateField(null=True)
    place = fields.word(200)
    destination = fields.word(24)
    first_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "signal"], name="signal_once")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.signal}"


class Change(models.Model):
    """What is materially different about a customer from the run before."""

    party = models.ForeignKey(
        Party, models.CASCADE, db_constraint=False, db_index=False, related_name="changes"
    )
    kind = models.CharField(max_length=16)
    what = models.CharField(max_length=40)  # the signal, tier scheme or nothing
    before = fields.word(40)
    after = fields.word(40)
    amount_fen = fields.fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "kind", "what"], name="change_once")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind}"


class Listing(models.Model):
    """A warning put on a keeper's list on a day: what keeps it quiet afterwards, and what is measured later."""

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    listed_on = models.DateField()
    signal = models.CharField(max_length=32)
    urgency = models.SmallIntegerField()
    at_stake_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "listed_on"], name="listing_once")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.listed_on}"
