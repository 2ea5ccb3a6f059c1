"""The bank's tables of sums, by managing outlet; the selectors limit them to a person's units. Money is in fen."""

from django.db import models

from guanxi.crm.scores.models import fields


class UnitDay(models.Model):
    """业务日报: figures of an outlet's keeper (NULL: nobody's customers) on each reference day of the current run."""

    label = models.CharField(max_length=16)  # today, yesterday, month_start, year_start, last_year
    day = models.DateField()
    unit = fields.unit()
    keeper = fields.keeper()
    deposits_fen = fields.fen()
    deposits_average_fen = fields.fen()
    deposits_year_average_fen = fields.fen()
    aum_fen = fields.fen()
    wealth_fen = fields.fen()
    loans_fen = fields.fen()
    active_customers = models.BigIntegerField(null=True)
    customers = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["label", "unit", "keeper"], name="unitday_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.unit_id}"


class UnitMonth(models.Model):
    """What every monthly table of sums has: the month and the managing outlet."""

    month = models.DateField()
    unit = fields.unit()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.unit_id}"


class UnitTier(UnitMonth):
    """Customers and AUM per tier, by outlet and keeper; tier_rank -1 stands for 未评级."""

    keeper = fields.keeper()
    kind = models.CharField(max_length=16)
    tier_rank = models.SmallIntegerField()
    customers = models.BigIntegerField()
    aum_fen = fields.fen()
    daily_average_fen = fields.fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit", "keeper", "kind", "tier_rank"],
                name="unittier_once",
                nulls_distinct=False,
            )
        ]


class UnitBand(UnitMonth):
    """Month-end AUM bands of customers by managing outlet, apart from tiers."""

    band = models.SmallIntegerField()
    customers = models.BigIntegerField()
    aum_fen = fields.fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "band"], name="unitband_once")]


class AccountBand(UnitMonth):
    """Month-end balance bands of accounts by account outlet."""

    band = models.SmallIntegerField()
    accounts = models.BigIntegerField()
    balance_fen = fields.fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "band"], name="accountband_once")]


class Concentration(UnitMonth):
    """二八曲线: the share of a metric held by the top `percent` % of customers; profit may pass 1."""

    metric = models.CharField(max_length=16)
    percent = models.SmallIntegerField()
    customers = models.BigIntegerField()
    amount_fen = fields.fen()
    share = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "metric", "percent"], name="concentration_once")
        ]


class Migration(UnitMonth):
    """Tier migration month to month: how many customers went from one rank to another."""

    from_rank = models.SmallIntegerField(null=True)
    to_rank = models.SmallIntegerField(null=True)
    customers = models.BigIntegerField()
    aum_fen = fields.fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit", "from_rank", "to_rank"], name="migration_once", nulls_distinct=False
            )
        ]


class Attrition(UnitMonth):
    """Who went to lost or declining in the month, by the tier held the month before."""

    tier_rank = models.SmallIntegerField()
    customers = models.BigIntegerField()
    lost = models.BigIntegerField()
    declining = models.BigIntegerField()
    lost_base_fen = fields.fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "tier_rank"], name="attrition_once")]


class Care(UnitMonth):
    """What was done in the month for customers who have a keeper, by the tier they held."""

    tier_rank = models.SmallIntegerField()
    customers = models.BigIntegerField()
    kept_days = models.BigIntegerField()
    contacts = models.BigIntegerField()
    reached_customers = models.BigIntegerField()
    entitlement_uses = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "tier_rank"], name="care_once")]


class SaveRate(UnitMonth):
    """Cases opened from a warning in `opened_month` beside look-alikes nobody worked, by cell, and who kept wealth."""

    opened_month = models.DateField()
    score_decile = models.SmallIntegerField()
    aum_band = models.SmallIntegerField()
    worked = models.BigIntegerField()
    worked_kept = models.BigIntegerField()
    alike = models.BigIntegerField()
    alike_kept = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "opened_month", "unit", "score_decile", "aum_band"], name="saverate_once"
            )
        ]


class AgeChannel(UnitMonth):
    """Age bands by area: customers, assets and channel use."""

    area = models.CharField(max_length=16)
    age_band = models.CharField(max_length=16)
    customers = models.BigIntegerField()
    aum_fen = fields.fen()
    mobile_active = models.BigIntegerField(null=True)
    web_active = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "area", "age_band"], name="agechannel_once")
        ]


class HoldingCount(UnitMonth):
    """How many customers hold how many product families."""

    families_held = models.SmallIntegerField()
    customers = models.BigIntegerField()
    aum_fen = fields.fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "families_held"], name="holdingcount_once")
        ]


class CreditCoverage(UnitMonth):
    """评级授信面 by village and kind: rated, with a standing line, drawing on it, with an expired line alone."""

    area = models.CharField(max_length=16)
    village = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    customers = models.BigIntegerField()
    rated = models.BigIntegerField()
    granted = models.BigIntegerField()
    drawing = models.BigIntegerField()
    expired = models.BigIntegerField()
    credit_line_fen = fields.fen()
    credit_used_fen = fields.fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit", "area", "village", "kind"], name="creditcoverage_once"
            )
        ]


class ChannelUse(UnitMonth):
    """电子渠道替代率 by kind and age band: postings that customers made in the month, by channel."""

    kind = models.CharField(max_length=16)
    age_band = models.CharField(max_length=16)
    customers = models.BigIntegerField()
    counter_count = models.BigIntegerField()
    self_service_count = models.BigIntegerField()
    mobile_count = models.BigIntegerField()
    web_count = models.BigIntegerField()
    phone_count = models.BigIntegerField()
    third_party_count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "kind", "age_band"], name="channeluse_once")
        ]
