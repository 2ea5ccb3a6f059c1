"""What a run publishes: its own record, each customer's present scores and history, and the bank's tables.

Money is in fen of the base currency. Party, unit and keeper carry no database constraint here: the run joins them.
Tables about single customers are row-secured; tables of sums are limited by the selectors' reach.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit


def _word(length: int = 32) -> "models.CharField[str | None, str | None]":
    return models.CharField(max_length=length, null=True, blank=True)  # unknown is not ''


def _fen() -> "models.BigIntegerField[int | None, int | None]":
    return models.BigIntegerField(null=True)


def _unit() -> "models.ForeignKey[Unit, Unit]":
    return models.ForeignKey(Unit, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _keeper() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


def _party() -> "models.OneToOneField[Party, Party]":
    return models.OneToOneField(
        Party, models.CASCADE, primary_key=True, db_constraint=False, related_name="%(class)s"
    )


class RunState(models.TextChoices):
    """How a run stands. `stopped`: a quality gate refused the night, yesterday's figures stay."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped by a check")
    STALE = "stale", _("Replaced by a correction")


class Run(models.Model):
    """One nightly run. `is_current` flips in the transaction that publishes; people see that run's figures alone."""

    id = models.CharField(max_length=64, primary_key=True)
    business_date = models.DateField()
    as_of = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=8, choices=RunState, default=RunState.RUNNING, db_default=RunState.RUNNING.value
    )
    is_current = models.BooleanField(default=False, db_default=False)
    manifest = models.JSONField(default=dict, db_default={})
    notes = models.JSONField(default=list, db_default=[])
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-business_date", "-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=Q(is_current=True), name="run_one_current"
            )
        ]

    def __str__(self) -> str:
        return self.id


class RunStep(models.Model):
    """A finished step of a run: which table (and month), how many rows, how long, which checks held."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    position = models.IntegerField(default=0, db_default=0)
    table = models.CharField(max_length=80)
    month = models.DateField(null=True)
    rows = models.BigIntegerField(null=True)
    seconds = models.FloatField(null=True)
    state = models.CharField(max_length=8, default="done", db_default="done")
    checks = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "table", "month"], name="runstep_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.table


class Reconciliation(models.Model):
    """The same total seen from several sides; `difference` is to the first view. DECIMAL: totals of the whole bank."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="reconciliations")
    view_name = models.CharField(max_length=40)
    component = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=38, decimal_places=2)
    difference = models.DecimalField(max_digits=38, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "view_name", "component", "currency"], name="reconciliation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.view_name} {self.component} {self.currency}"


class RuleCount(models.Model):
    """How often a quality rule was broken in a run, by file: the whole count, while `Violation` keeps examples."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="rule_counts")
    rule = models.CharField(max_length=60)
    file = models.CharField(max_length=200)
    severity = models.CharField(max_length=12)  # refused, marked, stopped
    rows = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "rule", "file", "severity"], name="rulecount_once")
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.rows}"


class Violation(models.Model):
    """One row that broke a rule; a personal value appears masked."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="violations")
    rule = models.CharField(max_length=60)
    severity = models.CharField(max_length=12)
    file = models.CharField(max_length=200)
    line = models.BigIntegerField(null=True)
    column = models.CharField(max_length=60, default="", db_default="")
    value_masked = models.CharField(max_length=200, default="", db_default="")
    detail = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["run", "rule", "file", "line"], name="violation_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {self.file}:{self.line}"


class PartyScore(models.Model):
    """One row a party: its figures and scores at the current run; unit and keeper are copied for the lists' indexes.

    `details` holds what the cards open to, by card: tier, stage, value, behaviour (reason codes with parameters).
    """

    party = _party()
    unit = _unit()
    keeper = _keeper()
    run = models.ForeignKey(Run, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    # wealth
    aum_fen = _fen()
    daily_average_fen = _fen()
    deposits_fen = _fen()
    loans_fen = _fen()
    families_held = models.SmallIntegerField(null=True)
    accounts_open = models.IntegerField(null=True)
    basis = _word(12)
    # tier
    tier_scheme = _word()
    tier_rank = models.SmallIntegerField(null=True)
    reached_rank = models.SmallIntegerField(null=True)
    tier_since = models.DateField(null=True)
    months_held = models.IntegerField(null=True)
    months_below = models.IntegerField(null=True)
    months_at_or_above = models.IntegerField(null=True)
    watch = models.BooleanField(default=False, db_default=False)
    next_rank = models.SmallIntegerField(null=True)
    next_gap_fen = _fen()
    present_needed_fen = _fen()
    tier_reason = _word(40)
    # stage
    stage = _word(16)
    stage_reason = _word(40)
    months_in_stage = models.IntegerField(null=True)
    # value card
    segment = _word(40)
    composite_score = models.FloatField(null=True)
    contribution_score = models.FloatField(null=True)
    risk_score = models.FloatField(null=True)
    renown_score = models.FloatField(null=True)
    relatedness_score = models.FloatField(null=True)
    contribution_12m_fen = _fen()
    # behaviour
    preference = _word(24)
    recency_rank = models.SmallIntegerField(null=True)
    frequency_rank = models.SmallIntegerField(null=True)
    money_rank = models.SmallIntegerField(null=True)
    age_band = _word(16)
    channel_profile = _word(24)
    last_initiated_on = models.DateField(null=True)
    # since the run before
    aum_change_fen = _fen()
    tier_before = models.SmallIntegerField(null=True)
    stage_before = _word(16)
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
                "unit", "stage", F("aum_fen").desc(nulls_last=True), "party", name="score_unit_stage"
            ),
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class PartyHistory(models.Model):
    """One row a party: the last months (at most 25), oldest first, one place in each array for each month."""

    party = _party()
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


class TierHistory(models.Model):
    """Which tier a party held when. Corrections add rows: `known_from` is the run's business date that said so."""

    party = models.ForeignKey(
        Party, models.CASCADE, db_constraint=False, db_index=False, related_name="tiers"
    )
    scheme = models.CharField(max_length=32)
    tier_rank = models.SmallIntegerField(null=True)
    reason_code = _word(40)
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

    party = _party()
    unit = _unit()
    keeper = _keeper()
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
    unit = _unit()
    keeper = _keeper()
    product_name = _word(200)
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

    party = _party()
    unit = _unit()
    keeper = _keeper()
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


class UnitDay(models.Model):
    """业务日报: figures of an outlet's keeper (NULL: nobody's customers) on each reference day of the current run."""

    label = models.CharField(max_length=16)  # today, yesterday, month_start, year_start, last_year
    day = models.DateField()
    unit = _unit()
    keeper = _keeper()
    deposits_fen = _fen()
    deposits_average_fen = _fen()
    deposits_year_average_fen = _fen()
    aum_fen = _fen()
    wealth_fen = _fen()
    loans_fen = _fen()
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
    unit = _unit()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.unit_id}"


class UnitTier(UnitMonth):
    """Customers and AUM per tier, by outlet and keeper; tier_rank -1 stands for 未评级."""

    keeper = _keeper()
    kind = models.CharField(max_length=16)
    tier_rank = models.SmallIntegerField()
    customers = models.BigIntegerField()
    aum_fen = _fen()
    daily_average_fen = _fen()

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
    aum_fen = _fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "band"], name="unitband_once")]


class AccountBand(UnitMonth):
    """Month-end balance bands of accounts by account outlet."""

    band = models.SmallIntegerField()
    accounts = models.BigIntegerField()
    balance_fen = _fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "band"], name="accountband_once")]


class Concentration(UnitMonth):
    """二八曲线: the share of a metric held by the top `percent` % of customers; profit may pass 1."""

    metric = models.CharField(max_length=16)
    percent = models.SmallIntegerField()
    customers = models.BigIntegerField()
    amount_fen = _fen()
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
    aum_fen = _fen()

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
    lost_base_fen = _fen()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "unit", "tier_rank"], name="attrition_once")]


class AgeChannel(UnitMonth):
    """Age bands by area: customers, assets and channel use."""

    area = models.CharField(max_length=16)
    age_band = models.CharField(max_length=16)
    customers = models.BigIntegerField()
    aum_fen = _fen()
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
    aum_fen = _fen()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "unit", "families_held"], name="holdingcount_once")
        ]
