"""Salons (沙龙活动), who is invited, who came. Invitations are row-secured by the customer's unit and keeper."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.models import Lead
from guanxi.crm.organisation.models import Unit
from guanxi.crm.salons.rules import Stage, State
from guanxi.crm.scores.models import fields

STAFF = settings.AUTH_USER_MODEL


class Source(models.TextChoices):
    """How somebody came onto the list."""

    PICKED = "picked", _("Picked by hand")
    BOOK = "book", _("From one's own book")
    SEGMENT = "segment", _("From a segment")
    CAMPAIGN = "campaign", _("From a campaign")
    GUEST = "guest", _("Brought by a customer")
    OPEN = "open", _("Signed up by code")
    COMMUNITY = "community", _("From the community")
    PHONE = "phone", _("Signed up with the bank's people")


class Channel(models.TextChoices):
    """How the invitation reaches people."""

    CALL = "call", _("Call by the keeper")
    SMS = "sms", _("SMS")
    WECOM = "wecom", _("WeCom")
    EMAIL = "email", _("E-mail")


class Community(models.Model):
    """A community or grid (社区网格) an outlet looks after: the villages and communities (居住村/社区) that make it up.

    A customer belongs to it by the village declared to the bank, among the customers of its unit and those below. No
    address stands here: addresses are kept as tokens and are never searched.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    villages = models.JSONField(default=list)  # names as customers declare them
    about = models.CharField(max_length=200, default="", db_default="", blank=True)
    made_by = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["unit", "name"], condition=Q(closed_on=None), name="community_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Salon(models.Model):
    """One event of an outlet (or of a unit above). `taken` and `waiting` are counted here, under this row's lock.

    `campaign`: the campaign whose treated customers are invited; only then can an effect be read. `budget_fen` in the
    base currency.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=60)
    kind = models.CharField(max_length=16)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    place = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    day = models.DateField()  # the bank's day it is held on
    seats = models.IntegerField()
    taken = models.IntegerField(default=0, db_default=0)
    waiting = models.IntegerField(default=0, db_default=0)
    owner = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    family = models.CharField(max_length=16, choices=Family, default="", db_default="", blank=True)
    budget_fen = models.BigIntegerField(default=0, db_default=0)
    about = models.CharField(max_length=400, default="", db_default="", blank=True)
    campaign = models.UUIDField(null=True)
    community = models.ForeignKey(Community, models.PROTECT, null=True, related_name="salons")
    is_open = models.BooleanField(default=False, db_default=False)  # the community may sign up by code
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in Stage],
        default=Stage.PLANNED.value,
        db_default=Stage.PLANNED.value,
    )
    made_at = models.DateTimeField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="salon_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="salon_seats",
                condition=Q(taken__gte=0, waiting__gte=0, taken__lte=F("seats"), seats__gt=0),
            ),
        ]
        indexes = [models.Index("unit", F("day").desc(), name="salon_unit")]

    def __str__(self) -> str:
        return self.title


class Invitation(models.Model):
    """One seat asked for or offered: a customer's, or a guest's (a lead), who may have been brought by a customer.

    `code` is typed at the door where the QR code cannot be read. Guests of no customer are the salon's unit's.
    """

    salon = models.ForeignKey(Salon, models.CASCADE, related_name="invitations")
    party = models.ForeignKey(
        Party, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, db_index=False, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    brought_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="guests")
    source = models.CharField(max_length=10, choices=Source)
    channel = models.CharField(max_length=8, choices=Channel, default="", db_default="", blank=True)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in State],
        default=State.INVITED.value,
        db_default=State.INVITED.value,
    )
    code = models.CharField(max_length=8)
    consent_version = models.CharField(max_length=16, default="", db_default="", blank=True)
    invited_by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    invited_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    came_at = models.DateTimeField(null=True)
    let_in_by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["salon", "party"], name="invitation_once"),
            models.UniqueConstraint(fields=["salon", "code"], name="invitation_code_once"),
            models.CheckConstraint(
                name="invitation_of_one", condition=Q(party__isnull=False) ^ Q(lead__isnull=False)
            ),
            models.CheckConstraint(
                name="invitation_answered",
                condition=Q(state=State.INVITED.value) ^ Q(answered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("salon", "state", "answered_at", name="invitation_line"),
            models.Index("party", name="invitation_party"),
        ]

    def __str__(self) -> str:
        return f"{self.salon_id} {self.code}"
