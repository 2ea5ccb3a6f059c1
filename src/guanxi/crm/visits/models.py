"""Visits (客户拜访), who comes along, the maintenance plan from one (维护方案), the plan of a week; key people (要员),
who of ours knows them, the executive sponsor (高层联络人). Row-secured."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Channel, Contact
from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import fields
from guanxi.crm.worklist.models import Task


class VisitState(models.TextChoices):
    """Where a visit stands; done and called off are the end."""

    PLANNED = "planned", _("Planned")
    DONE = "done", _("Visited")
    CANCELLED = "cancelled", _("Called off")


class WeekState(models.TextChoices):
    """Where the plan of a week stands."""

    DRAFT = "draft", _("Not handed in")
    SUBMITTED = "submitted", _("Waiting for confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    RETURNED = "returned", _("Returned")


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _person(*, null: bool = False) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, db_index=False, related_name="+"
    )


def _codes() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=32), default=list)


class Visit(models.Model):
    """One visit of `staff` to a customer. `aims`, `checked` and `outcome` are codes of policies.

    What was written down afterwards is the contact's own record as well (`contact`). `evidence` lists what there is of
    it; `is_proven` says that it is enough: a visit without evidence counts for nothing.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=120)
    aims = _codes()
    aim_note = models.CharField(max_length=200, default="", blank=True)
    checked = _codes()
    state = models.CharField(max_length=10, choices=VisitState, default=VisitState.PLANNED)
    made_on = models.DateField()
    prepared_at = models.DateTimeField(null=True)
    cancelled_why = models.CharField(max_length=200, default="", blank=True)
    outcome = models.CharField(max_length=32, default="", blank=True)
    minutes = models.TextField(default="", blank=True)
    place_was = models.CharField(max_length=120, default="", blank=True)
    reached = _codes()
    appraisal = models.CharField(max_length=400, default="", blank=True)
    closed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    evidence = _codes()
    is_proven = models.BooleanField(default=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        indexes = [
            models.Index("staff", "day", name="visit_staff"),
            models.Index("party", F("day").desc(), name="visit_party"),
            models.Index("unit", "day", name="visit_unit"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="visit_ends_later", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="visit_done_has_contact",
                condition=(Q(state="done") & Q(contact__isnull=False) & Q(closed_at__isnull=False))
                | (~Q(state="done") & Q(contact=None) & Q(is_proven=False)),
            ),
            models.CheckConstraint(
                name="visit_cancelled_says_why", condition=~Q(state="cancelled") | ~Q(cancelled_why="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.day}"

    @property
    def minutes_long(self) -> int:
        """How long it is planned to take."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Companion(models.Model):
    """Somebody who comes along (双人拜访). Only their own word that they did is evidence."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="companions")
    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index("staff", name="companion_staff")]
        constraints = [models.UniqueConstraint(fields=["visit", "staff"], name="companion_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.staff_id}"


class VisitPhoto(models.Model):
    """A photo taken on a visit (现场照片), as evidence: written anew on arrival, without place and camera in it.

    One picture stands with one visit only: the same one sent again, with whichever visit, is refused.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    content = models.BinaryField()
    small = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    added_on = models.DateField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["sha256"], name="visitphoto_once")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.sha256[:8]}"


class MaintenancePlan(models.Model):
    """What follows from a visit: tasks with their days, by the template of the customer's class."""

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="plan")
    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    template = models.CharField(max_length=32)
    aim = models.CharField(max_length=200, default="", blank=True)
    made_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("party", F("made_on").desc(), name="maintenance_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.template}"


class PlanStep(models.Model):
    """One task of a maintenance plan; the task itself stands on the keeper's list."""

    plan = models.ForeignKey(MaintenancePlan, models.CASCADE, related_name="steps")
    channel = models.CharField(max_length=8, choices=Channel)
    text = models.CharField(max_length=120)
    due_on = models.DateField()
    task = models.ForeignKey(Task, models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.due_on}"


class WeekPlan(models.Model):
    """A person's plan of a week (周计划): handed in, confirmed or returned by the supervisor with a word.

    `content` is what was handed in, [visit, start] pairs: what was changed after the confirmation shows against it.
    """

    staff = _person()
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+")
    week = models.DateField()  # its Monday
    state = models.CharField(max_length=10, choices=WeekState, default=WeekState.DRAFT)
    focus = models.CharField(max_length=200, default="", blank=True)
    content = models.JSONField(default=list)
    submitted_at = models.DateTimeField(null=True)
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    word = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        indexes = [models.Index("unit", "week", name="weekplan_unit")]
        constraints = [
            models.UniqueConstraint(fields=["staff", "week"], name="weekplan_once"),
            models.CheckConstraint(name="weekplan_from_monday", condition=Q(week__week_day=2)),
            models.CheckConstraint(
                name="weekplan_decided_by_somebody",
                condition=~Q(state__in=["confirmed", "returned"]) | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="weekplan_by_another", condition=Q(decided_by=None) | ~Q(decided_by=F("staff"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.week}"


class KeyPost(models.TextChoices):
    """What a key person (要员) is to the customer; the last three stand around a person, not a company."""

    LEGAL = "legal_person", _("Legal representative")
    CONTROLLER = "controller", _("Actual controller")
    CHAIR = "chair", _("Chair of the board")
    MANAGER = "general_manager", _("General manager")
    DEPUTY = "deputy", _("Deputy general manager")
    FINANCE = "finance", _("Head of finance")
    ACCOUNTANT = "accountant", _("Accountant")
    OTHER = "other", _("Other post")
    SELF = "self", _("The customer")
    FAMILY = "family", _("Family member")
    ASSISTANT = "assistant", _("Assistant")


class Weight(models.TextChoices):
    """What a key person's word counts for."""

    DECIDES = "decides", _("Decides")
    ADVISES = "advises", _("Has influence")
    CARRIES_OUT = "carries_out", _("Carries it out")


class Attitude(models.TextChoices):
    """How a key person stands to us."""

    UNKNOWN = "unknown", _("Not known")
    SUPPORTS = "supports", _("Supports us")
    NEUTRAL = "neutral", _("Neutral")
    RESERVED = "reserved", _("Reserved")


class Bond(models.IntegerChoices):
    """How well one of ours knows a key person."""

    MET = 1, _("Has met")
    KNOWS = 2, _("Knows well")
    TRUSTED = 3, _("Is trusted")


class Through(models.TextChoices):
    """Where two people know each other from."""

    WORK = "work", _("Business with us")
    EVENT = "event", _("An event")
    REFERRED = "referred", _("Was introduced")
    SCHOOL = "school", _("Studied together")
    HOME = "home", _("From the same place")
    FAMILY = "family", _("Related")


class KeyPerson(models.Model):
    """Somebody whose word counts at a customer: name and post, no more, unless `linked` is a customer too.

    `left_on` is when they ceased to be one; the row stays, what was known of them is history.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    linked = models.ForeignKey(
        Party, models.SET_NULL, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.CharField(max_length=60)
    post = models.CharField(max_length=16, choices=KeyPost)
    weight = models.CharField(max_length=12, choices=Weight)
    attitude = models.CharField(max_length=10, choices=Attitude, default=Attitude.UNKNOWN)
    noted_by = _person()
    noted_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index("party", name="keyperson_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "name", "post"], condition=Q(left_on=None), name="keyperson_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.post}"


class Acquaintance(models.Model):
    """One of ours (`staff`) knows a key person: how well, from where, since which year."""

    person = models.ForeignKey(KeyPerson, models.CASCADE, related_name="known_to", db_index=False)
    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    bond = models.SmallIntegerField(choices=Bond)
    through = models.CharField(max_length=10, choices=Through)
    since_year = models.SmallIntegerField(null=True)
    noted_by = _person()
    noted_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index("party", name="acquaintance_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "staff"], condition=Q(ended_on=None), name="acquaintance_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.staff_id}"


class Sponsor(models.Model):
    """The executive sponsor (高层联络人) of a customer: one at a time, in touch at least every so many days."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = _person()
    every_days = models.PositiveSmallIntegerField()
    since_on = models.DateField()
    named_by = _person()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(ended_on=None), name="sponsor_one"),
            models.CheckConstraint(name="sponsor_has_cadence", condition=Q(every_days__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.staff_id}"
