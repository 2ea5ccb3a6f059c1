"""Segments with their versions, the customers of brought lists, and who moved since the facts file was made.

A segment is its owner's; shared with a unit it is there for whoever holds a post in that unit or below. What it counts
is always within the reader's own reach.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import fields


class SegmentKind(models.TextChoices):
    """A rule finds its customers anew each night; a list is the customers somebody brought."""

    RULE = "rule", _("Rule")
    LIST = "list", _("Brought list")


class Segment(models.Model):
    """A named segment (客群). `shared_with` None: its owner's alone."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=SegmentKind)
    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=200, default="", db_default="", blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="segments")
    shared_with = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(retired_at__isnull=True), name="segment_name_once"
            )
        ]
        indexes = [models.Index(fields=["shared_with"], name="segment_shared")]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """What a segment meant from `made_at` until the next version: a rule, or the report of a brought list."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    rule = models.JSONField(null=True)
    content_hash = models.CharField(max_length=64)
    report = models.JSONField(default=dict, db_default={})
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segmentversion_once")]

    def __str__(self) -> str:
        return f"{self.segment_id} v{self.number}"


class Member(models.Model):
    """A customer of a brought list. Row-secured: each reader sees those within reach."""

    version = models.ForeignKey(SegmentVersion, models.CASCADE, related_name="members")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "party"], name="member_once")]

    def __str__(self) -> str:
        return str(self.party_id)


class Moved(models.Model):
    """A customer whose unit or keeper changed after the facts file was made, with where the file still has them.

    Written by a trigger, read through `segments_moved()`, emptied by the run; the application's login sees no row.
    """

    party_id = models.BigIntegerField(primary_key=True)
    unit_was = models.BigIntegerField()
    keeper_was = models.BigIntegerField(null=True)
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "moved"

    def __str__(self) -> str:
        return str(self.party_id)


class Enrolment(models.Model):
    """A customer on a playbook (经营方案) from `entered_on` until it left; `found_on`: the night that let it in.

    `playbook` is a code of the policy. For new customers the plan begins on the day the account was opened. `unit`
    and `keeper` are copies of the party's and follow it. Written by the night alone.
    """

    playbook = models.CharField(max_length=24)
    party = models.ForeignKey(
        Party, models.CASCADE, db_constraint=False, db_index=False, related_name="enrolments"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    keeper = fields.keeper()
    entered_on = models.DateField()
    found_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "playbook"], condition=Q(left_on__isnull=True), name="enrolment_once"
            ),
            models.CheckConstraint(
                name="enrolment_in_order", condition=Q(found_on__gte=models.F("entered_on"))
            ),
        ]
        indexes = [
            models.Index(fields=["party"], name="enrolment_party"),
            models.Index(
                fields=["unit", "playbook"], name="enrolment_unit", condition=Q(left_on__isnull=True)
            ),
            models.Index(
                fields=["keeper", "playbook"], name="enrolment_keeper", condition=Q(left_on__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.playbook}"
