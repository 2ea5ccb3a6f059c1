"""Retention cases (挽留任务) and what was offered in them. Row-secured."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import fields
from guanxi.insight.policies.retention import FALSE_ALARM, FEE, GIFT, LOST, PRODUCT, RATE, SAVED, SERVICE


class CaseSource(models.TextChoices):
    """What a case was opened from."""

    WARNING = "warning", _("Early warning")
    COUNTER = "counter", _("Event at the counter")
    MANUAL = "manual", _("A manager's own word")


class CaseState(models.TextChoices):
    """Whether a case is open, and how it ended."""

    OPEN = "open", _("Being worked on")
    SAVED = SAVED, _("Saved")
    LOST = LOST, _("Left")
    FALSE_ALARM = FALSE_ALARM, _("False alarm")


class OfferKind(models.TextChoices):
    """What may be offered."""

    RATE = RATE, _("Rate uplift")
    FEE = FEE, _("Fee waiver")
    GIFT = GIFT, _("Gift")
    SERVICE = SERVICE, _("Special service")
    PRODUCT = PRODUCT, _("Fitting product")


class OfferState(models.TextChoices):
    """Where an offer stands: within one's own authority it is approved as it is made."""

    ASKED = "asked", _("waiting for approval")
    APPROVED = "approved", _("may be offered")
    REFUSED = "refused", _("turned down")


class Case(models.Model):
    """One attempt to keep one customer; at most one is open. `unit` and `keeper` are copies and follow the party.

    `evidence` is frozen at opening: the warning, its signals, the figures; `events` are what the counter told, each
    added as it came. Money in fen of the base currency; `judged_*` is the ledger's word some days after closing.
    """

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    source = models.CharField(max_length=8, choices=CaseSource)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    evidence = models.JSONField(default=dict)
    events = models.JSONField(default=list)
    opening_fen = fields.fen()  # the customer's wealth at opening; unknown before the first run
    amount_fen = models.BigIntegerField(default=0)  # what the case is about: asked for, gone, or at stake
    tier_scheme = fields.word()
    tier_rank = models.SmallIntegerField(null=True)
    said_reason = models.CharField(
        max_length=32, default="", db_default=""
    )  # at the counter, by the customer
    said_place = models.CharField(max_length=32, default="", db_default="")
    state = models.CharField(max_length=12, choices=CaseState, default=CaseState.OPEN)
    reason = models.CharField(max_length=32, default="", db_default="")
    place = models.CharField(max_length=32, default="", db_default="")
    note = models.CharField(max_length=500, default="", db_default="")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    closed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    ledger_places = models.JSONField(default=list)  # destinations that the outflow may be, as at closing
    ledger_bank = models.CharField(max_length=200, default="", db_default="")
    agrees = models.BooleanField(null=True)  # said and ledger; unknown while either says nothing
    judge_on = models.DateField(null=True)
    judged_on = models.DateField(null=True)  # the business date of the figure
    judged_fen = fields.fen()
    kept = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party"], condition=Q(state="open"), name="case_one_open"),
            models.CheckConstraint(
                name="case_closed_says_why",
                condition=Q(state="open", closed_on=None, reason="", place="")
                | (
                    ~Q(state="open")
                    & Q(closed_on__isnull=False, closed_by__isnull=False)
                    & ~Q(reason="")
                    & ~Q(place="")
                ),
            ),
            models.CheckConstraint(
                name="case_judged_whole",
                condition=Q(judged_on=None, judged_fen=None, kept=None)
                | Q(judged_on__isnull=False, judged_fen__isnull=False, kept__isnull=False),
            ),
        ]
        indexes = [
            models.Index("keeper", "state", "due_on", name="case_keeper"),
            models.Index("unit", "state", "due_on", name="case_unit"),
            models.Index("party", F("opened_on").desc(), name="case_party"),
            models.Index("closed_on", name="case_closed"),
            models.Index("judge_on", name="case_to_judge", condition=Q(judged_on=None)),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.opened_on}"


CASE_ENDED = "case_ended"  # the note of an offer that nobody decided: its case ended before


class CaseOffer(models.Model):
    """Something offered in a case. `amount`: basis points of a rate, fen of money, how many of the others.

    Above the maker's own authority, or where the law asks for a second person, it waits for another person's word.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="offers")
    kind = models.CharField(max_length=8, choices=OfferKind)
    amount = models.BigIntegerField()
    product = models.ForeignKey(Product, models.PROTECT, null=True, db_index=False, related_name="+")
    text = models.CharField(max_length=200, default="", db_default="")
    suitability = models.CharField(max_length=12, default="", db_default="")
    suitability_reason = models.CharField(max_length=32, default="", db_default="")
    state = models.CharField(max_length=8, choices=OfferState)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="caseoffer_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="caseoffer_two_people", condition=Q(decided_by=None) | ~Q(decided_by=F("made_by"))
            ),
            models.CheckConstraint(
                name="caseoffer_waits_undecided", condition=~Q(state="asked") | Q(decided_by=None)
            ),
        ]
        indexes = [models.Index("state", name="caseoffer_waiting", condition=Q(state="asked"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
