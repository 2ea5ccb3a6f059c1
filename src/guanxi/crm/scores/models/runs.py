"""A run's own record: its steps, checks and totals, and what the quality rules found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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


class FigureProof(models.Model):
    """A registered figure as the run proved it: as screens sum it, from its source, and as published.

    Money is in the base currency with two places, as the proof compared it; counts are whole.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="proofs")
    metric = models.CharField(max_length=40)
    figure = models.DecimalField(max_digits=38, decimal_places=2)
    source = models.DecimalField(max_digits=38, decimal_places=2)
    within = models.DecimalField(max_digits=38, decimal_places=3)
    published = models.DecimalField(max_digits=38, decimal_places=2, null=True)
    is_proven = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "metric"], name="figureproof_once")]

    def __str__(self) -> str:
        return f"{self.metric} {self.run_id}"
