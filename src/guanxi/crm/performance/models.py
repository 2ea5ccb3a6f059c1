"""Figures of people and teams as a night measured them, weekly packs with their decisions, and advice given.

What is about a person is row-secured: one's own, or that of somebody in one's units while one holds a head's post.
Tables of sums (medians, rates by tier) name nobody and are open.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import Role, Staff, Unit


class Measure(models.TextChoices):
    """What is counted of a person's work: a number of cases and how many of them turned out so."""

    DONE = "done", _("Done of what was due")
    COVERAGE = "coverage", _("Customers contacted in time")
    BROKEN = "broken", _("Promises broken")
    UNTOUCHED = "untouched", _("Warnings untouched")
    CONTACTS = "contacts", _("Contacts that count")
    CONVERSION = "conversion", _("Intents that became deals")
    RESULT = "result", _("Wealth of the book")


def person() -> "models.ForeignKey[Staff, Staff]":
    """A member of staff."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")


def unit() -> "models.ForeignKey[Unit, Unit]":
    """The unit whose head may see the row."""
    return models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+")


class PersonFigure(models.Model):
    """One measure of one person on one day: `hits` of `cases`, and what was to be expected of the same cases.

    `expected` has the unit of `hits` and is NULL where nothing is expected. RESULT is in fen: `cases` the wealth at the
    start, `hits` the wealth now, of customers kept all the time; `expected` the wealth they would have now, had they
    moved as customers of their tiers did in the whole bank.
    """

    staff = person()
    unit = unit()
    role = models.CharField(max_length=24, choices=Role)
    as_of = models.DateField()
    measure = models.CharField(max_length=12, choices=Measure)
    hits = models.BigIntegerField()
    cases = models.BigIntegerField()
    expected = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "measure", "as_of"], name="personfigure_once"),
            models.CheckConstraint(name="personfigure_cases_counted", condition=Q(cases__gte=0)),
        ]
        indexes = [models.Index(fields=["unit", "as_of"], name="personfigure_unit")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.measure} {self.as_of}"


class TeamMedian(models.Model):
    """The median of a measure among people of one role in a unit and below it; never of fewer than the policy says."""

    unit = unit()
    role = models.CharField(max_length=24, choices=Role)
    as_of = models.DateField()
    measure = models.CharField(max_length=12, choices=Measure)
    people = models.IntegerField()
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "role", "measure", "as_of"], name="teammedian_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.role} {self.measure} {self.as_of}"


class TierRate(models.Model):
    """What a measure came to among customers of one tier in the whole bank: the expectation of everybody's mix."""

    as_of = models.DateField()
    measure = models.CharField(max_length=12, choices=Measure)
    scheme = models.CharField(max_length=32)
    tier_rank = models.SmallIntegerField()
    hits = models.BigIntegerField()
    cases = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "scheme", "tier_rank", "as_of"], name="tierrate_once")
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.scheme}.{self.tier_rank} {self.as_of}"


class Output(models.TextChoices):
    """What a book brings forth."""

    GROWTH = "growth", _("Growth of wealth")
    DEALS = "deals", _("Deals the ledger shows")


class Efficiency(models.Model):
    """The output of one person's book over whole months, beside what such customers bring with everybody else.

    GROWTH in fen: how far daily averages moved, each customer capped; DEALS a number. `adjusted` is what is left of
    actual less expected once luck is taken out (`mix.py`), with its 95 % interval; NULL: not enough data. `minutes`
    are those of the contacts written down, at the policy's minutes each; `contacts` are those that count.
    """

    staff = person()
    unit = unit()
    role = models.CharField(max_length=24, choices=Role)
    as_of = models.DateField()
    output = models.CharField(max_length=8, choices=Output)
    first = models.DateField()  # the first day counted
    last = models.DateField()
    customers = models.IntegerField()
    minutes = models.IntegerField()
    contacts = models.IntegerField()
    actual = models.BigIntegerField()
    expected = models.FloatField()
    adjusted = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    share = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "efficiencies"
        constraints = [
            models.UniqueConstraint(fields=["staff", "output", "as_of"], name="efficiency_once"),
            models.CheckConstraint(
                name="efficiency_adjusted_whole",
                condition=Q(adjusted=None, low=None, high=None, share=None)
                | Q(
                    adjusted__isnull=False,
                    low__lte=F("adjusted"),
                    high__gte=F("adjusted"),
                    share__isnull=False,
                ),
            ),
        ]
        indexes = [models.Index(fields=["unit", "as_of"], name="efficiency_unit")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.output} {self.as_of}"


class Pack(models.Model):
    """A weekly meeting pack (周例会包): one frozen snapshot a unit and week; `sha256` is of `content`.

    The content names customers by key only: who they are is read when shown, within the reader's reach.
    """

    unit = unit()
    week = models.DateField()  # its Monday
    as_of = models.DateField(null=True)  # business date of the figures
    made_by = person()
    made_at = models.DateTimeField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "week"], name="pack_once_a_week")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.week}"


class DecisionState(models.TextChoices):
    """What came of a decision."""

    OPEN = "open", _("To do")
    DONE = "done", _("Carried out")
    DROPPED = "dropped", _("Given up")


class Decision(models.Model):
    """Something decided in a weekly meeting: who does what by when; it is a task of its owner until it is closed."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="decisions")
    unit = unit()
    text = models.CharField(max_length=300)
    owner = person()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=DecisionState, default=DecisionState.OPEN)
    outcome = models.CharField(max_length=300, default="", db_default="")
    decided_by = person()
    decided_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_closed_with_outcome",
                condition=Q(state="open", closed_on=None, closed_by=None)
                | (~Q(state="open") & Q(closed_on__isnull=False) & ~Q(outcome="")),
            )
        ]
        indexes = [
            models.Index(fields=["unit", "state", "due_on"], name="decision_unit"),
            models.Index(fields=["owner", "state", "due_on"], name="decision_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.text[:40]}"


class Advice(models.Model):
    """Coaching (辅导): advice about one measure, the action agreed, and the same measure some weeks later.

    Before and after are figures beside each other; nothing here says that the advice was the cause.
    """

    staff = person()
    unit = unit()
    coach = person()
    measure = models.CharField(max_length=12, choices=Measure)
    advice = models.CharField(max_length=500)
    action = models.CharField(max_length=300)
    given_on = models.DateField()
    review_on = models.DateField()
    before_hits = models.BigIntegerField(null=True)
    before_cases = models.BigIntegerField(null=True)
    after_hits = models.BigIntegerField(null=True)
    after_cases = models.BigIntegerField(null=True)
    reviewed_on = models.DateField(null=True)
    outcome = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        verbose_name_plural = "advice"
        constraints = [
            models.CheckConstraint(name="advice_by_another", condition=~Q(staff=F("coach"))),
            models.CheckConstraint(name="advice_looked_at_later", condition=Q(review_on__gt=F("given_on"))),
            models.CheckConstraint(
                name="advice_reviewed_with_outcome", condition=Q(reviewed_on=None) | ~Q(outcome="")
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "review_on"], name="advice_unit"),
            models.Index(fields=["staff", "-given_on"], name="advice_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.measure} {self.given_on}"


class DisputeState(models.TextChoices):
    """Where a disputed figure stands."""

    OPEN = "open", _("Waiting for an answer")
    UPHELD = "upheld", _("Found to be wrong")
    DISMISSED = "dismissed", _("Found to be right")


class Dispute(models.Model):
    """A person disputes a figure of the own work (考核申诉); the head answers. Nobody changes the figure by hand.

    `hits` and `cases` are the figure as it was disputed. An upheld dispute stands beside the figure; what made it wrong
    is put right at its source, and the next night counts again.
    """

    staff = person()
    unit = unit()
    measure = models.CharField(max_length=12, choices=Measure)
    as_of = models.DateField()
    hits = models.BigIntegerField()
    cases = models.BigIntegerField()
    text = models.CharField(max_length=500)
    raised_on = models.DateField()
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=DisputeState, default=DisputeState.OPEN)
    answer = models.CharField(max_length=500, default="", db_default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answered_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "measure"], condition=Q(state="open"), name="dispute_one_open"
            ),
            models.UniqueConstraint(fields=["staff", "measure", "as_of"], name="dispute_once_a_figure"),
            models.CheckConstraint(
                name="dispute_answered_by_another", condition=Q(answered_by=None) | ~Q(answered_by=F("staff"))
            ),
            models.CheckConstraint(
                name="dispute_answered_whole",
                condition=Q(state="open", answer="", answered_by=None, answered_on=None)
                | (
                    ~Q(state="open") & ~Q(answer="") & Q(answered_by__isnull=False, answered_on__isnull=False)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state", "due_on"], name="dispute_unit"),
            models.Index(fields=["staff", "-raised_on"], name="dispute_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.measure} {self.as_of}"
