"""Tables about single customers; each is row-secured. Money is in fen of the base currency."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import fields
from guanxi.crm.scores.models.runs import Run

SORTED_BY = (
    "keeper", "kind", "tier_scheme", "tier_rank", "watch", "stage", "aum_fen", "daily_average_fen",
    "aum_change_fen", "next_gap_fen", "deposits_fen", "loans_fen", "composite_score",
    "contribution_12m_fen", "last_initiated_on",
)  # fmt: skip
"""What lists of an outlet are sorted and narrowed by, and the keeper, whom row security asks for."""


class PartyScore(models.Model):
    """One row a party: its figures and scores at the current run; unit and keeper are copied for the lists' indexes.

    `details` holds what the cards open to, by card: tier, stage, value, behaviour (reason codes with parameters).
    """

    party = fields.party()
    unit = fields.unit()
    keeper = fields.keeper()
    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    # wealth
    aum_fen = fields.fen()
    daily_average_fen = fields.fen()
    deposits_fen = fields.fen()
    loans_fen = fields.fen()
    families_held = models.SmallIntegerField(null=True)
    accounts_open = models.IntegerField(null=True)
    basis = fields.word(12)
    # tier
    tier_scheme = fields.word()
    tier_rank = models.SmallIntegerField(null=True)
    reached_rank = models.SmallIntegerField(null=True)
    tier_since = models.DateField(null=True)
    months_held = models.IntegerField(null=True)
    months_below = models.IntegerField(null=True)
    months_at_or_above = models.IntegerField(null=True)
    watch = models.BooleanField(default=False, db_default=False)
    next_rank = models.SmallIntegerField(null=True)
    next_gap_fen = fields.fen()
    present_needed_fen = fields.fen()
    tier_reason = fields.word(40)
    # stage
    stage = fields.word(16)
    stage_reason = fields.word(40)
    months_in_stage = models.IntegerField(null=True)
    # value card
    segment = fields.word(40)
    composite_score = models.FloatField(null=True)
    contribution_score = models.FloatField(null=True)
    risk_score = models.FloatField(null=True)
    renown_score = models.FloatField(null=True)
    relatedness_score = models.FloatField(null=True)
    contribution_12m_fen = fields.fen()
    # behaviour
    preference = fields.word(24)
    recency_rank = models.SmallIntegerField(null=True)
    frequency_rank = models.SmallIntegerField(null=True)
    money_rank = models.SmallIntegerField(null=True)
    age_band = fields.word(16)
    channel_profile = fields.word(24)
    last_initiated_on = models.DateField(null=True)
    # since the run before
    aum_change_fen = fields.fen()
    tier_before = models.SmallIntegerField(null=True)
    stage_before = fields.word(16)
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [
            models.Index("unit", F("aum_fen").desc(nulls_last=True), "party", name="score_unit_aum"),
            models.Index("keeper", F("aum_fen").desc(nulls_last=True), "party", name="score_keeper_aum"),
            models.Index(F("aum_fen").desc(nulls_last=True), "party", name="score_aum"),
            models.Index(
                "unit", "tier_rank", F("aum_fen").desc(nulls_last=True), "party", name="score_unit_tier"
            ),
            models.Index(
                "unit",
                "tier_rank",
                F("daily_average_fen").desc(nulls_last=True),
                "party",
                name="score_unit_tier_average",
            ),
            models.Index(
                "unit",
                "tier_rank",
                F("aum_change_fen").desc(nulls_last=True),
                "party",
                name="score_unit_tier_change",
            ),
            models.Index(
                "unit", "stage", F("aum_fen").desc(nulls_last=True), "party", name="score_unit_stage"
            ),
            # Every other sort of an outlet's list, however narrowed, is read from this index alone.
            models.Index(fields=["unit", "party"], include=SORTED_BY, name="score_unit_sorts"),
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class PartyHistory(models.Model):
    """One row a party: the months before the present one (at most 25), oldest first, one place in each array a month.

    Money that was zero in every month is stored as an empty array; `fill_zeros` gives it its places again.
    The present month stands in PartyScore, so that a night need not write every customer's history anew;
    `selectors.history_of` puts the two together.
    """

    party = fields.party()
    months = ArrayField(models.DateField())
    aum_fen = ArrayField(models.BigIntegerField(null=True))
    daily_average_fen = ArrayField(models.BigIntegerField(null=True))
    demand_fen = ArrayField(models.BigIntegerField(null=True))
    time_fen = ArrayField(models.BigIntegerField(null=True))
    structured_fen = ArrayField(models.BigIntegerField(null=True))
    wealth_fen = ArrayField(models.BigIntegerField(null=True))
    fund_fen = ArrayField(models.BigIntegerField(null=True))
    insurance_fen = ArrayField(models.BigIntegerField(null=True))
    other_fen = ArrayField(models.BigIntegerField(null=True))
    in_transit_fen = ArrayField(models.BigIntegerField(null=True))
    deposits_fen = ArrayField(models.BigIntegerField(null=True))
    loans_fen = ArrayField(models.BigIntegerField(null=True))
    contribution_fen = ArrayField(models.BigIntegerField(null=True))
    tier_ranks = ArrayField(models.SmallIntegerField(null=True))
    stages = ArrayField(models.CharField(max_length=16, null=True))

    class Meta:
        verbose_name_plural = "party histories"

    def __str__(self) -> str:
        return str(self.party_id)

    @classmethod
    def arrays(cls) -> list[str]:
        """The names of the arrays beside `months`."""
        return [
            field.name
            for field in cls._meta.get_fields()
            if isinstance(field, ArrayField) and field.name != "months"
        ]

    def fill_zeros(self) -> None:
        """Give the arrays stored empty their zeros, one for each month, in memory only."""
        for name in self.arrays():
            if not getattr(self, name):
                setattr(self, name, [0] * len(self.months))

    def add_month(self, present: Mapping[str, Any]) -> None:
        """Put one more month at the end, in memory only; `present` has a value (or None) by array name."""
        self.months = [*self.months, date.fromisoformat(present["month"])]
        for name in self.arrays():
            setattr(self, name, [*getattr(self, name), present.get(name)])


class TierHistory(models.Model):
    """Which tier a party held when. Corrections add rows: `known_from` is the run's business date that said so."""

    party = models.ForeignKey(
        Party, models.CASCADE, db_constraint=False, db_index=False, related_name="tiers"
    )
    scheme = models.CharField(max_length=32)
    tier_rank = models.SmallIntegerField(null=True)
    reason_code = fields.word(40)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    known_from = models.DateField()
    known_to = models.DateField(null=True)
    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(valid_to__isnull=True, known_to__isnull=True),
                name="tierhistory_one_open",
            ),
            models.UniqueConstraint(fields=["party", "valid_from", "known_from"], name="tierhistory_once"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.tier_rank}"


class LargeChange(models.Model):
    """昨日大额变动: AUM moved by at least the policy's amount and share from the day before."""

    party = fields.party()
    unit = fields.unit()
    keeper = fields.keeper()
    day = models.DateField()
    aum_before_fen = models.BigIntegerField()
    aum_after_fen = models.BigIntegerField()
    change_fen = models.BigIntegerField()
    change_share = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "change_fen"], name="largechange_unit"),
            models.Index(fields=["keeper", "change_fen"], name="largechange_keeper"),
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class Maturity(models.Model):
    """近 30 天到期: what matures within the policy's days, by account."""

    account_no = models.CharField(max_length=64, primary_key=True)
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="maturities")
    unit = fields.unit()
    keeper = fields.keeper()
    product_name = fields.word(200)
    family = models.CharField(max_length=16)
    amount_fen = models.BigIntegerField()
    matures_on = models.DateField()
    days_left = models.IntegerField()
    rolls_over = models.BooleanField(null=True)

    class Meta:
        verbose_name_plural = "maturities"
        indexes = [
            models.Index(fields=["unit", "matures_on"], name="maturity_unit"),
            models.Index(fields=["keeper", "matures_on"], name="maturity_keeper"),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.matures_on}"


class NearLine(models.Model):
    """临界客户: just below the next line (side below) or just above the present one (side above)."""

    party = fields.party()
    unit = fields.unit()
    keeper = fields.keeper()
    held_rank = models.SmallIntegerField(null=True)
    side = models.CharField(max_length=8)
    line_fen = models.BigIntegerField()
    daily_average_fen = models.BigIntegerField()
    gap_fen = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "side", "gap_fen"], name="nearline_unit"),
            models.Index(fields=["keeper", "side", "gap_fen"], name="nearline_keeper"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.side}"
