"""Contacts with customers and what was promised to them, row-secured by copies of the customer's unit and keeper."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.scores.models import fields
from guanxi.insight.policies.interaction import CONTACT_CHANNELS


class Channel(models.TextChoices):
    """How the customer was contacted (联系方式)."""

    CALL = "call", _("Phone call")
    VISIT = "visit", _("Visit")
    BRANCH = "branch", _("Talk at the outlet")
    WECOM = "wecom", _("WeCom")
    LETTER = "letter", _("Letter")
    EMAIL = "email", _("By e-mail")


assert set(Channel.values) == set(CONTACT_CHANNELS)


class Source(models.TextChoices):
    """How the contact came into the log."""

    SCREEN = "screen", _("Typed in")
    OFFLINE = "offline", _("Sent later from the phone")
    IMPORT = "import", _("Brought from a file")


class PromiseState(models.TextChoices):
    """What became of a promise."""

    OPEN = "open", _("To be kept")
    KEPT = "kept", _("Kept")
    BROKEN = "broken", _("Broken")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _person() -> "models.ForeignKey[Staff | None, Staff | None]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )


class Contact(models.Model):
    """One contact with a customer. `client_key` is made where it was written down: sent twice, it is kept once.

    `outcome` is a code of the policy `interaction`. An intent names a product family and about how much; the `deal_*`
    columns are the night's: the new holding of that family that the ledger shows (系统核实成交).
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()  # none: brought from a file whose author is nobody we know
    author_name = models.CharField(max_length=100)
    channel = models.CharField(max_length=8, choices=Channel)
    at = models.DateTimeField()
    day = models.DateField()
    outcome = models.CharField(max_length=32)
    intent_family = models.CharField(max_length=16, default="", db_default="", blank=True)
    intent_fen = fields.fen()
    note = models.CharField(max_length=1000, default="", db_default="", blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.SCREEN)
    client_key = models.UUIDField(unique=True)
    logged_at = models.DateTimeField()
    deal_account = models.CharField(max_length=64, null=True, db_default=None)  # noqa: DJ001  # none is not ''
    deal_on = models.DateField(null=True)
    deal_fen = fields.fen()

    class Meta:
        indexes = [
            models.Index("party", F("day").desc(), F("id").desc(), name="contact_party"),
            models.Index("staff", F("day").desc(), name="contact_staff"),
            models.Index("day", name="contact_day"),
            models.Index(
                "day",
                name="contact_intent_open",
                condition=~Q(intent_family="") & Q(deal_account=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="contact_intent_amount",
                condition=Q(intent_fen=None) | (Q(intent_fen__gt=0) & ~Q(intent_family="")),
            ),
            models.CheckConstraint(
                name="contact_deal_whole",
                condition=Q(deal_account=None, deal_on=None, deal_fen=None)
                | Q(deal_account__isnull=False, deal_on__isnull=False, deal_fen__isnull=False),
            ),
            models.UniqueConstraint(fields=["deal_account"], name="contact_deal_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.party_id} {self.channel} {self.day}"


class Promise(models.Model):
    """Something promised to a customer with the day it is due. A broken one may still be kept, and stays counted."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="promises"
    )  # none: made without a contact
    staff = _person()
    step = models.CharField(max_length=32)  # a next step of the policy
    text = models.CharField(max_length=200)
    made_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=PromiseState, default=PromiseState.OPEN)
    broken_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    kept_at = models.DateTimeField(null=True)
    closed_by = _person()
    closed_note = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        indexes = [
            models.Index("party", F("due_on").desc(), name="promise_party"),
            models.Index("staff", "state", "due_on", name="promise_staff"),
            models.Index("unit", "state", "due_on", name="promise_unit"),
            models.Index("keeper", "state", "due_on", name="promise_keeper"),
            models.Index("due_on", name="promise_open", condition=Q(state="open")),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="promise_closed_when_over",
                condition=(Q(state__in=["open", "broken"]) & Q(closed_on=None))
                | (Q(state__in=["kept", "withdrawn"]) & Q(closed_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="promise_broken_has_day", condition=~Q(state="broken") | Q(broken_on__isnull=False)
            ),
            models.CheckConstraint(
                name="promise_kept_has_time",
                condition=(Q(state="kept") & Q(kept_at__isnull=False)) | (~Q(state="kept") & Q(kept_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.step} {self.due_on}"
