"""Read-outs of campaigns (效果评估), one look a night, and what was kept of them as evidence (证据)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import fields


class Verdict(models.TextChoices):
    """What a read-out says."""

    WORKS = "works", _("Works")
    UNCLEAR = "unclear", _("Cannot be said yet")
    NO_EFFECT = "no_effect", _("No effect")
    HARMS = "harms", _("Harms")
    BLOCKED = "blocked", _("Groups are not as drawn")


class EffectReadout(models.Model):
    """One arm against the held-out on one day, whole (`dimension` empty) or in a subgroup; written by the night alone.

    Counts and means over customers, never a customer. Money in yuan a customer, shares 0…1; `low`, `high` hold at every
    look (NULL: nothing seen yet), `fixed_*` are what a single look would say. `plain`: the difference as it is.
    """

    campaign = models.UUIDField()
    measure = models.CharField(max_length=16)
    is_main = models.BooleanField()
    arm = models.CharField(max_length=12)
    dimension = models.CharField(max_length=16, default="", db_default="")
    subgroup = models.CharField(max_length=40, default="", db_default="")
    day = models.DateField()
    n_treated = models.BigIntegerField()
    n_control = models.BigIntegerField()
    mean_treated = models.FloatField()
    mean_control = models.FloatField()
    plain = models.FloatField()
    lift = models.FloatField()
    error = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    fixed_low = models.FloatField()
    fixed_high = models.FloatField()
    variance_kept = models.FloatField()
    seen = models.FloatField()
    planned = models.FloatField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.CharField(max_length=20)
    srm_p = models.FloatField()
    differ_p = models.FloatField()
    exposed = models.BigIntegerField()
    contaminated = models.BigIntegerField()
    cost_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "measure", "arm", "dimension", "subgroup", "day"],
                name="effectreadout_once",
            )
        ]
        indexes = [models.Index("day", name="effectreadout_day")]

    def __str__(self) -> str:
        return f"{self.campaign} {self.measure} {self.arm} {self.subgroup} {self.day}"


class Evidence(models.Model):
    """A read-out as it stood when somebody kept it, for a proposal to stand on; later looks change nothing in it."""

    campaign = models.UUIDField()
    name = models.CharField(max_length=60)
    day = models.DateField()
    lines = models.JSONField()
    note = models.CharField(max_length=200)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("campaign", "made_at", name="effectevidence_campaign")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class FirstOffer(models.Model):
    """The offer a person saw first for a customer (首推), once a month: by its worth, or by chance (随机探索).

    Who is shown what chance picks follows from a keyed hash, so that what became of both can be compared.
    """

    party = models.ForeignKey(Party, models.CASCADE, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    month = models.DateField()
    day = models.DateField()
    family = models.CharField(max_length=16)
    chance = models.DecimalField(max_digits=9, decimal_places=8)
    points = models.DecimalField(max_digits=18, decimal_places=2)
    by_chance = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "month"], name="explored_once_a_month")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.month} {self.family}"
