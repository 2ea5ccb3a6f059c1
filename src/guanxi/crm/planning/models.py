"""Joint cases of a manager with a wealth planner (理财规划), and the proposals made in them. Row-secured.

A planner sees no customer table of a customer shared: the case carries a copy of what was shared, taken when it was
shared, and is shown to the planner only while it is open. A case that ends empties the copy.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import fields


class CaseState(models.TextChoices):
    """Where a joint case stands; agreed, declined and withdrawn are the end."""

    ASKED = "asked", _("Waiting for the planner")
    OPEN = "open", _("In planning")
    PROPOSED = "proposed", _("Proposal ready")
    AGREED = "agreed", _("Next step agreed")
    DECLINED = "declined", _("Not taken")
    WITHDRAWN = "withdrawn", _("Taken back")


OPEN_STATES = (CaseState.ASKED, CaseState.OPEN, CaseState.PROPOSED)


def _person() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")


class PlanningCase(models.Model):
    """One customer shared by `manager` with `planner`, for a question; `shared` is the copy (rules.Shared as JSON)."""

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    manager = _person()
    planner = _person()
    state = models.CharField(max_length=10, choices=CaseState, default=CaseState.ASKED)
    question = models.CharField(max_length=400)
    shared = models.JSONField(default=dict)
    shared_on = models.DateField()
    asked_at = models.DateTimeField()
    answer_by = models.DateField()
    ended_on = models.DateField(null=True)
    ended_why = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        indexes = [
            models.Index("planner", "state", name="planning_planner"),
            models.Index("manager", "state", name="planning_manager"),
            models.Index("party", F("asked_at").desc(), name="planning_party"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(state__in=OPEN_STATES), name="planning_one_open"
            ),
            models.CheckConstraint(name="planning_two_people", condition=~Q(manager=F("planner"))),
            models.CheckConstraint(
                name="planning_ended_keeps_no_copy",
                condition=(Q(state__in=OPEN_STATES) & Q(ended_on=None))
                | (Q(ended_on__isnull=False) & Q(shared={})),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.state}"


class Proposal(models.Model):
    """A proposal as it was handed out: its bytes with their fingerprint. Never changed, only followed by another.

    `lines`: what was proposed, with the verdict of the suitability check at that moment.
    """

    case = models.ForeignKey(PlanningCase, models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField()
    lines = models.JSONField()
    assumptions = models.JSONField()
    next_step = models.CharField(max_length=120)
    next_due = models.DateField()
    valid_until = models.DateField()
    made_by = _person()
    made_at = models.DateTimeField()
    policy_hash = models.CharField(max_length=64)
    recording_no = models.CharField(
        max_length=32, default="", blank=True
    )  # 双录编号, where the policy asks for one
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="proposal_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"
