"""Tasks (待办) of all origins; the rows of one person make the day's list (今日必办). Row-secured."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import fields


class Origin(models.TextChoices):
    """Where a task comes from."""

    WARNING = "warning", _("Early warning")
    MATURITY = "maturity", _("Maturity")
    REMINDER = "reminder", _("Account reminder")
    BIRTHDAY = "birthday", _("Birthday")
    ANNIVERSARY = "anniversary", _("Anniversary")
    FESTIVAL = "festival", _("Festival")
    PROMISE = "promise", _("Promise")
    VISIT = "visit", _("Visit due")
    PLAYBOOK = "playbook", _("Playbook")
    CAMPAIGN = "campaign", _("Campaign")
    OFFER = "offer", _("Suggested next step")
    COMPLAINT = "complaint", _("Complaint")
    PROFILE = "profile", _("Profile gap")
    RETENTION = "retention", _("Retention")
    LEAD = "lead", _("Lead")
    HANDOVER = "handover", _("Hand-over")
    PLANNING = "planning", _("Wealth planning")
    COACHING = "coaching", _("Coaching")
    MANUAL = "manual", _("Entered by hand")


class TaskState(models.TextChoices):
    """Where a task stands. Handed on and lapsed are ends, as done is."""

    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    SNOOZED = "snoozed", _("Later")
    HANDED_ON = "handed_on", _("Handed on")
    LAPSED = "lapsed", _("No longer due")


STANDING = (TaskState.OPEN, TaskState.SNOOZED)
"""States of a task that is still somebody's to do."""


class Task(models.Model):
    """One thing one person is to do, mostly about a customer; `reason` is a code with figures, said when read.

    `unit` and `keeper` are copies of the party's and follow it. `value_fen`: the money at stake in the base currency.
    `urgency` 0-3; `minutes` NULL: as the policy says for the origin. `link`: "route argument" of the page it is about.
    """

    party = models.ForeignKey(
        Party, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="tasks"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    keeper = fields.keeper()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="tasks"
    )
    origin = models.CharField(max_length=12, choices=Origin)
    subject = models.CharField(max_length=80)
    due_on = models.DateField()
    opened_on = models.DateField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=TaskState, default=TaskState.OPEN, db_default=TaskState.OPEN.value
    )
    snoozed_until = models.DateField(null=True)
    snooze_reason = models.CharField(max_length=200, default="", db_default="")
    value_fen = models.BigIntegerField(default=0, db_default=0)
    urgency = models.SmallIntegerField(default=1, db_default=1)
    minutes = models.SmallIntegerField(null=True)
    reason = models.JSONField(default=dict, db_default={})
    offer_family = models.CharField(max_length=16, default="", db_default="")
    link = models.CharField(max_length=200, default="", db_default="")
    outcome = models.CharField(max_length=40, default="", db_default="")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, db_index=False, related_name="tasks")
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)  # the bank's day, which in a demonstration is not the clock's
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    handed_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, db_index=False, related_name="handed_to"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "party", "subject"], condition=Q(state__in=STANDING), nulls_distinct=False,
                name="task_once_while_open",
            ),
            models.CheckConstraint(name="task_urgency_in_range", condition=Q(urgency__range=(0, 3))),
            models.CheckConstraint(
                name="task_closed_has_time", condition=Q(state__in=STANDING) ^ Q(closed_at__isnull=False)
            ),
        ]  # fmt: skip
        indexes = [
            models.Index("assignee", "due_on", name="task_to_do", condition=Q(state__in=STANDING)),
            models.Index("assignee", "closed_on", name="task_closed"),
            models.Index("unit", "state", "due_on", name="task_unit"),
            models.Index("party", "state", name="task_party"),
            models.Index("origin", "subject", name="task_subject", condition=Q(state__in=STANDING)),
            models.Index("keeper", "subject", name="task_playbook", condition=Q(origin="playbook")),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.subject}"
