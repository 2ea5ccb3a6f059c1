"""Surveys (满意度调查), their versions, links and codes, and what was answered. Row-secured by unit and keeper.

An answer of an anonymous survey has no customer, no link, no keeper and no hour: nothing leads from it to a person.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import fields

STAFF = settings.AUTH_USER_MODEL


class Occasion(models.TextChoices):
    """After what it is asked."""

    VISIT = "visit", _("After a visit")
    COMPLAINT = "complaint", _("After a complaint was settled")
    COUNTER = "counter", _("After service at the counter")
    BRANCH = "branch", _("By the branch's code")


class SurveyState(models.TextChoices):
    """Where a survey stands."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Asking")
    CLOSED = "closed", _("Closed")


def _party() -> "models.ForeignKey[Party | None, Party | None]":
    return models.ForeignKey(
        Party, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )


class Survey(models.Model):
    """One survey of a unit and all below it."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=10, choices=Occasion)
    is_anonymous = models.BooleanField(default=False, db_default=False)
    state = models.CharField(
        max_length=6, choices=SurveyState, default=SurveyState.DRAFT, db_default=SurveyState.DRAFT.value
    )
    made_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.title


class SurveyVersion(models.Model):
    """The questions as they were asked from a day on; never changed, a new wording is a new version."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="versions")
    number = models.SmallIntegerField()
    questions = models.JSONField()
    content_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["survey", "number"], name="surveyversion_once")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}.{self.number}"


class SurveyPlace(models.Model):
    """A code that hangs in a branch; stopped, it opens nothing any more."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="places")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+")
    until = models.DateField()
    made_by = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["survey", "unit"], name="surveyplace_once")
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.unit_id}"


class SurveyLink(models.Model):
    """One customer asked once, after one matter (`subject`), about who served (`staff`). Answered once at most."""

    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="links")
    survey = models.ForeignKey(Survey, models.CASCADE, db_index=False, related_name="links")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    staff = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    subject = models.CharField(max_length=60)
    sent_on = models.DateField()
    until = models.DateField()
    answered_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["survey", "party", "subject"], name="surveylink_once")
        ]
        indexes = [
            models.Index("party", F("sent_on").desc(), name="surveylink_party"),
            models.Index("survey", "sent_on", name="surveylink_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.subject}"


class Answer(models.Model):
    """What somebody answered. `key` is made with the page: the same page sent twice is one answer.

    `tier_rank` and `age_band` are as of the day, for weighting; empty where nobody is known.
    """

    key = models.UUIDField(unique=True)
    survey = models.ForeignKey(Survey, models.CASCADE, db_index=False, related_name="answers")
    version = models.ForeignKey(SurveyVersion, models.PROTECT, db_index=False, related_name="+")
    link = models.OneToOneField(SurveyLink, models.SET_NULL, null=True, related_name="answer")
    place = models.ForeignKey(SurveyPlace, models.SET_NULL, null=True, db_index=False, related_name="+")
    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    staff = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    tier_rank = models.SmallIntegerField(null=True)
    age_band = models.CharField(max_length=8, default="", db_default="", blank=True)
    csat = models.SmallIntegerField(null=True)
    nps = models.SmallIntegerField(null=True)
    values = models.JSONField(default=dict, db_default={})
    comment = models.CharField(max_length=500, default="", db_default="", blank=True)
    is_low = models.BooleanField(default=False, db_default=False)
    day = models.DateField()
    at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="answer_scales",
                condition=(Q(csat=None) | Q(csat__range=(1, 5))) & (Q(nps=None) | Q(nps__range=(0, 10))),
            ),
            models.CheckConstraint(
                name="answer_of_nobody_leads_to_nobody",
                condition=Q(party__isnull=False) | Q(link=None, keeper=None, staff=None, at=None),
            ),
        ]
        indexes = [
            models.Index("survey", "day", name="surveyanswer_day"),
            models.Index("party", F("day").desc(), name="surveyanswer_party"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.day}"
