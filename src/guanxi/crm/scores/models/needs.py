"""What would help a customer next, and the tables of peers that its sentences are read from."""

from django.db import models

from guanxi.crm.scores.models import fields
from guanxi.crm.scores.models.sums import UnitMonth


class PartyNeed(models.Model):
    """下一需求 of a customer: at most three families with a suitable product, as JSON in order, and the peers' range.

    Rates stand in PeerNeed: they move every night, a customer's own row only when something changes for him.
    """

    party = fields.party()
    age_band = fields.word(16)
    area = fields.word(16)
    tier_rank = models.SmallIntegerField(default=-1, db_default=-1)
    needs = models.JSONField(default=list)
    peers = models.BigIntegerField(default=0)
    peer_low_fen = fields.fen()
    peer_middle_fen = fields.fen()
    peer_high_fen = fields.fen()
    sent_elsewhere_fen = fields.fen()

    def __str__(self) -> str:
        return f"needs of {self.party_id}"


class PeerNeed(models.Model):
    """Of customers of an age band, area and tier without the family, how many took it in the policy's window."""

    age_band = models.CharField(max_length=16)
    area = models.CharField(max_length=16)
    tier_rank = models.SmallIntegerField()
    family = models.CharField(max_length=16)
    whole_bank = models.BooleanField(default=False, db_default=False)
    exposed = models.BigIntegerField()
    takers = models.BigIntegerField()
    rate = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["age_band", "area", "tier_rank", "family"], name="peerneed_once")
        ]

    def __str__(self) -> str:
        return f"{self.age_band} {self.area} {self.tier_rank} {self.family}"


class LifetimeCheck(models.Model):
    """By decile of what was expected a year ago: expected, last year again, and what came; money in fen."""

    month = models.DateField()
    decile = models.SmallIntegerField()
    customers = models.BigIntegerField()
    predicted_fen = fields.fen()
    last_year_fen = fields.fen()
    actual_fen = fields.fen()
    error_predicted_fen = fields.fen()
    error_last_year_fen = fields.fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "decile"], name="lifetimecheck_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.decile}"


class Problem(UnitMonth):
    """问题客户 by outlet and largest cause (loss, margin, service): how many, 12-month contribution, AUM."""

    cause = models.CharField(max_length=16)
    customers = models.BigIntegerField()
    contribution_fen = fields.fen()
    aum_fen = fields.fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "cause"], name="problem_once")]
