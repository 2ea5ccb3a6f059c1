"""What identity resolution publishes, and what people decide about it. Row-secured: both sides must lie within reach.

Decisions take effect with the next run: the register (`PartyLink`) and these decisions are inputs of it.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from guanxi.crm.customers.models import Party


class PairState(models.TextChoices):
    """Where a pair stands after the run."""

    REVIEW = "review", _("to be judged")
    MERGED = "merged", _("merged")
    STOPPED = "stopped", _("stopped")
    APART = "apart", _("two people")


class Verdict(models.TextChoices):
    """What a person may say of a pair."""

    MERGE = "merge", _("One person")
    APART = "apart", _("Two people")
    LATER = "later", _("Later")


class About(models.TextChoices):
    """What a decision is about."""

    PERSON = "person", _("One person")
    HOUSEHOLD = "household", _("One household")


def _party(name: str) -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey("customers.Party", models.CASCADE, db_constraint=False, related_name=name)


class IdentityPair(models.Model):
    """Two customer numbers that may be one person, with the evidence: field → [level, weight in bits]."""

    left = _party("+")
    right = _party("+")
    posterior = models.FloatField()
    weight = models.FloatField()
    rule = models.CharField(max_length=16)  # identifier, model
    conflict = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=8, choices=PairState)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["left", "right"], name="identitypair_once")]
        indexes = [
            models.Index(fields=["state", "-posterior", "id"], name="identitypair_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} ~ {self.right_id}"


class StoppedMember(models.Model):
    """A number in a group that linkage stopped: too many, too loosely linked, identifiers in conflict, told apart."""

    party = _party("+")
    group_key = models.BigIntegerField()
    reason = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party"], name="stoppedmember_once")]
        indexes = [models.Index(fields=["group_key"], name="stoppedmember_group")]

    def __str__(self) -> str:
        return self.reason


class PartySource(models.Model):
    """For a person of several numbers: which number's entry of a field stands in the golden record (客户主记录)."""

    party = _party("sources")
    field = models.CharField(max_length=24)
    customer_no = models.CharField(max_length=64)
    updated_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "field"], name="partysource_once")]

    def __str__(self) -> str:
        return f"{self.field}: {self.customer_no}"


class HouseholdHint(models.Model):
    """Two persons of one family name at one address, nothing declared between them: a question, never a figure."""

    left = _party("+")
    right = _party("+")
    family = models.CharField(max_length=40)
    members = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["left", "right"], name="householdhint_once")]

    def __str__(self) -> str:
        return self.family


class IdentityDecision(models.Model):
    """What a person said of two numbers; the latest word on a pair counts, and none is ever changed."""

    about = models.CharField(
        max_length=12, choices=About, default=About.PERSON, db_default=About.PERSON.value
    )
    left = _party("+")
    right = _party("+")
    left_no = models.CharField(max_length=64)  # the smaller of the two, as the lake orders text
    right_no = models.CharField(max_length=64)
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.CharField(max_length=200)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    staff_no = models.CharField(max_length=32)
    decided_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["left_no", "right_no", "-id"], name="identitydecision_pair")]

    def __str__(self) -> str:
        return f"{self.left_no} / {self.right_no}: {self.verdict}"
