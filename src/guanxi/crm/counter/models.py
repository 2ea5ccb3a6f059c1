"""Who was received at the counter, what was used of entitlements, what was asked for, what was told. Row-secured."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.retention.models import Case
from guanxi.crm.scores.models import fields


class Answer(models.TextChoices):
    """What the customer said to the one prompt."""

    INTERESTED = "interested", _("Yes, interested")
    LATER = "later", _("Not now")
    NEVER = "never", _("Never again")


class EventKind(models.TextChoices):
    """What a customer asks for that may be leaving."""

    CLOSING = "closing", _("Account closing")
    EARLY_WITHDRAWAL = "early_withdrawal", _("Early withdrawal")
    LARGE_CASH = "large_cash", _("Large cash withdrawal")


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _person(*, null: bool = False) -> "models.ForeignKey[Staff, Staff]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, db_index=False, related_name="+"
    )


class Reception(models.Model):
    """One customer recognised at the counter by one person, with the one prompt shown and its answer.

    `subject` names what the prompt was about, so that 不再提 is remembered; `prompt` holds the figures of its sentence.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    at = models.DateTimeField()
    day = models.DateField()
    key = models.UUIDField(unique=True)  # of the contact that the answer becomes
    kind = models.CharField(max_length=12, default="", db_default="")  # of the prompt; none when empty
    subject = models.CharField(max_length=120, default="", db_default="")
    prompt = models.JSONField(default=dict)
    answer = models.CharField(max_length=12, choices=Answer, default="", db_default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        indexes = [
            models.Index("party", F("day").desc(), name="reception_party"),
            models.Index("staff", F("day").desc(), name="reception_staff"),
            models.Index("unit", "day", name="reception_unit"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="reception_answered_at", condition=Q(answer="") ^ Q(answered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.day}"


class EntitlementBook(models.Model):
    """How often a customer has used an entitlement (权益台账) in the period that begins on `starts_on`."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    code = models.CharField(max_length=32)
    starts_on = models.DateField()
    used = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party", "code", "starts_on"], name="entitlementbook_once"),
            models.CheckConstraint(name="entitlementbook_not_below", condition=Q(used__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.code} {self.used}"


class EntitlementUse(models.Model):
    """One use: by whom, when, and the quota then in force. `client_key` makes two taps one use."""

    book = models.ForeignKey(EntitlementBook, models.CASCADE, related_name="uses")
    quota = models.IntegerField()
    staff = _person()
    at = models.DateTimeField()
    client_key = models.UUIDField(unique=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = _person(null=True)

    def __str__(self) -> str:
        return f"{self.book_id} {self.at}"


class CounterEvent(models.Model):
    """Somebody asks at the counter to close, to withdraw early, or for much cash. Once by the caller's own number."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    source = models.CharField(max_length=40)  # page, command, or the machine's number
    number = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=EventKind)
    amount_fen = fields.fen()
    staff = _person(null=True)
    at = models.DateTimeField()
    day = models.DateField()
    said_reason = models.CharField(max_length=32, default="", db_default="")
    said_place = models.CharField(max_length=32, default="", db_default="")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "number"], name="counterevent_once"),
            models.CheckConstraint(
                name="counterevent_amount", condition=Q(amount_fen=None) | Q(amount_fen__gt=0)
            ),
        ]
        indexes = [models.Index("party", F("day").desc(), name="counterevent_party")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ToldFact(models.Model):
    """A missing entry of the record, as the customer told it at the counter; the core system stays the master."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    field = models.CharField(max_length=24)
    value = models.CharField(max_length=100)
    staff = _person()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party", "field"], name="toldfact_once")
        ]

    def __str__(self) -> str:
        return self.field
