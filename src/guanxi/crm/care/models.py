"""Gifts (礼品台账), life events (客户动态), suggestions (客户建议) and important dates (重要日子). Row-secured."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import fields


class GiftState(models.TextChoices):
    """Where a gift stands. Waiting and given count against the limits."""

    WAITING = "waiting", _("Waiting for approval")
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Not approved")
    WITHDRAWN = "withdrawn", _("Not given")


class VoiceState(models.TextChoices):
    """What became of a suggestion; adopted and declined are the end."""

    HANDED_IN = "handed_in", _("Waiting for head office")
    TAKEN = "taken", _("Being looked into")
    ADOPTED = "adopted", _("Adopted")
    DECLINED = "declined", _("Not adopted, explained")


class DateKind(models.TextChoices):
    """What a date is about."""

    BIRTHDAY = "birthday", pgettext_lazy("date", "Birthday")
    WEDDING = "wedding", pgettext_lazy("date", "Wedding day")
    OPENING = "opening", pgettext_lazy("date", "Began with the bank")
    FOUNDING = "founding", pgettext_lazy("date", "Founding of the company")
    OTHER = "other", pgettext_lazy("date", "Other day")


class Calendar(models.TextChoices):
    """Which calendar a date is kept by; "leap": a day of a leap month (闰月)."""

    SOLAR = "solar", _("Common calendar")
    LUNAR = "lunar", _("Lunar calendar")
    LEAP = "leap", _("Lunar calendar, leap month")


class DateSource(models.TextChoices):
    """Where a date is known from."""

    CUSTOMER = "customer", pgettext_lazy("source", "Told by the customer")
    FAMILY = "family", pgettext_lazy("source", "Told by the family")
    PAPERS = "papers", pgettext_lazy("source", "From papers")
    PUBLIC = "public", pgettext_lazy("source", "Public register")


COUNTED = (GiftState.WAITING, GiftState.GIVEN)
ANSWERED = (VoiceState.ADOPTED, VoiceState.DECLINED)


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _person(*, null: bool = False) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, db_index=False, related_name="+"
    )


class Gift(models.Model):
    """One gift of `staff` to a customer on a day, paid from a budget of the outlet `paid_by`.

    `kind`, `occasion` and `budget` are codes of the policy. `customer_limit_fen` and the like are not kept: the trail
    says which version of the policy counted. One from the policy's amount on is given only after another's approval.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    paid_by = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=32)
    what = models.CharField(max_length=80)
    value_fen = models.BigIntegerField()
    occasion = models.CharField(max_length=32)
    budget = models.CharField(max_length=32)
    day = models.DateField()
    state = models.CharField(max_length=10, choices=GiftState)
    asked_at = models.DateTimeField()
    client_key = models.UUIDField(unique=True)
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    word = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        indexes = [
            models.Index("party", F("day").desc(), name="gift_party"),
            models.Index("staff", "day", name="gift_staff"),
            models.Index("unit", F("day").desc(), name="gift_unit"),
            models.Index("paid_by", "budget", "day", name="gift_budget"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="gift_has_value", condition=Q(value_fen__gt=0)),
            models.CheckConstraint(
                name="gift_by_another", condition=Q(decided_by=None) | ~Q(decided_by=F("staff"))
            ),
            models.CheckConstraint(
                name="gift_decided_with_moment",
                condition=Q(decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="gift_refused_by_somebody", condition=~Q(state="refused") | Q(decided_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind} {self.day}"


class LifeEvent(models.Model):
    """News of a customer's life, told by `staff`; `told_up` are the leaders who were told besides the keeper."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    kind = models.CharField(max_length=32)
    day = models.DateField()
    note = models.CharField(max_length=200, default="", db_default="", blank=True)
    told_at = models.DateTimeField()
    told_up = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index("party", F("day").desc(), name="lifeevent_party"),
            models.Index("unit", F("day").desc(), name="lifeevent_unit"),
        ]
        constraints = [models.UniqueConstraint(fields=["party", "kind", "day"], name="lifeevent_once")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind} {self.day}"


class Voice(models.Model):
    """A customer's suggestion (建议直达), handed in by `staff`, answered by head office within its days."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    topic = models.CharField(max_length=32)
    text = models.CharField(max_length=500)
    told_on = models.DateField()
    told_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=VoiceState, default=VoiceState.HANDED_IN)
    answer = models.CharField(max_length=500, default="", db_default="", blank=True)
    answered_by = _person(null=True)
    answered_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index("party", F("told_on").desc(), name="voice_party"),
            models.Index("staff", F("told_on").desc(), name="voice_staff"),
            models.Index("state", "due_on", name="voice_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="voice_answered_whole",
                condition=(
                    Q(state__in=["adopted", "declined"])
                    & Q(answered_by__isnull=False, answered_on__isnull=False)
                    & ~Q(answer="")
                )
                | (~Q(state__in=["adopted", "declined"]) & Q(answered_on=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.topic} {self.told_on}"


class ImportantDate(models.Model):
    """A date of a customer that returns each year, noted by `staff`. It stands until somebody ends it.

    `month` and `dom` by `calendar`; in which year's days it is kept: insight.greetings.kept_on. `year` (of the same
    calendar) only where known. A customer has one birthday here; it stands before the birth date of the papers.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    kind = models.CharField(max_length=8, choices=DateKind)
    calendar = models.CharField(max_length=5, choices=Calendar)
    month = models.SmallIntegerField()
    dom = models.SmallIntegerField()
    year = models.SmallIntegerField(null=True)
    note = models.CharField(max_length=60, default="", db_default="", blank=True)
    source = models.CharField(max_length=8, choices=DateSource)
    noted_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index("party", name="date_party"),
            models.Index("calendar", "month", "dom", name="date_returns", condition=Q(ended_on=None)),
            models.Index("keeper", name="date_keeper", condition=Q(ended_on=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(kind="birthday", ended_on=None), name="date_one_birthday"
            ),
            models.CheckConstraint(
                name="date_in_year",
                condition=Q(month__gte=1, month__lte=12, dom__gte=1)
                & (Q(dom__lte=30) | Q(calendar="solar", dom__lte=31)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.kind} {self.month}-{self.dom}"
