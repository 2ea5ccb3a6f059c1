"""A keeper's book month by month, the four indices by book, who stands where under a policy, and what a tier brings and
loses. Sums: the selectors limit them to a person's units or own book. Money is in fen."""

from django.db import models

from guanxi.crm.scores.models import fields
from guanxi.crm.scores.models.sums import UnitMonth


class BookFlow(UnitMonth):
    """管户资产轨迹: before + grown + arrived + opened - left - closed = now; keeper NULL: nobody's customers."""

    keeper = fields.keeper()
    customers_before = models.BigIntegerField()
    customers = models.BigIntegerField()
    kept = models.BigIntegerField()
    arrived = models.BigIntegerField()
    opened = models.BigIntegerField()
    left_book = models.BigIntegerField()
    closed = models.BigIntegerField()
    aum_before_fen = fields.fen()
    aum_kept_before_fen = fields.fen()
    aum_grown_fen = fields.fen()
    aum_arrived_fen = fields.fen()
    aum_opened_fen = fields.fen()
    aum_left_fen = fields.fen()
    aum_closed_fen = fields.fen()
    aum_fen = fields.fen()
    contribution_before_fen = fields.fen()
    contribution_grown_fen = fields.fen()
    contribution_arrived_fen = fields.fen()
    contribution_opened_fen = fields.fen()
    contribution_left_fen = fields.fen()
    contribution_closed_fen = fields.fen()
    contribution_fen = fields.fen()
    contribution_unknown = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit", "keeper"], name="bookflow_once", nulls_distinct=False
            )
        ]


class BookIndex(UnitMonth):
    """四项关系指数 of a book: customers, how many have the index, the sum of its points, low, middle, high."""

    keeper = fields.keeper()
    measure = models.CharField(max_length=16)
    customers = models.BigIntegerField()
    known = models.BigIntegerField()
    points = models.BigIntegerField()
    low = models.BigIntegerField()
    middle = models.BigIntegerField()
    high = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit", "keeper", "measure"], name="bookindex_once", nulls_distinct=False
            )
        ]


class Standing(models.Model):
    """Customers by tenth of the value card (kind value) and in and out of managed scope (kind scope), whole bank."""

    month = models.DateField()
    kind = models.CharField(max_length=8)
    scheme = models.CharField(max_length=32)
    standing = models.SmallIntegerField()
    customers = models.BigIntegerField()
    aum_fen = fields.fen()
    contribution_fen = fields.fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "kind", "scheme", "standing"], name="standing_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind} {self.scheme} {self.standing}"


class LifetimeCell(models.Model):
    """Of a segment and tier: customers, what one brings in a month on average, and the share lost in a month."""

    month = models.DateField()
    segment = models.CharField(max_length=32)
    tier_rank = models.SmallIntegerField()
    customers = models.BigIntegerField()
    months = models.SmallIntegerField()
    monthly_mean_fen = fields.fen()
    survivors = models.BigIntegerField()
    losses = models.BigIntegerField()
    loss_rate = models.DecimalField(max_digits=9, decimal_places=8, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "segment", "tier_rank"], name="lifetimecell_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.segment} {self.tier_rank}"
