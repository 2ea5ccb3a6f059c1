"""Notes about customers (备注), version by version, and the history of their profile (档案变更). Row-secured."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from guanxi.crm.customers.models import Party

LONGEST_NOTE = 500


def _party(name: str) -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(
        "customers.Party", models.CASCADE, db_constraint=False, db_index=False, related_name=name
    )


class Note(models.Model):
    """One version of a note. A change is the next version of the same `thread`; the version before stays readable."""

    party = _party("notes")
    thread = models.UUIDField()
    version = models.PositiveSmallIntegerField(default=1)
    is_latest = models.BooleanField(default=True)
    text = models.CharField(max_length=LONGEST_NOTE)
    pinned = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "version"], name="note_version_once"),
            models.UniqueConstraint(fields=["thread"], condition=Q(is_latest=True), name="note_one_latest"),
        ]
        indexes = [models.Index(fields=["party", "-written_at"], name="note_party")]

    def __str__(self) -> str:
        return f"{self.thread}/{self.version}"


class ProfileField(models.TextChoices):
    """The fields of a customer's profile whose history is kept."""

    NAME = "name", _("Customer's name")
    SEX = "sex", _("Sex")
    BIRTH_DATE = "birth_date", _("Date of birth")
    AREA = "area", _("Town or country")
    VILLAGE = "village", _("Village or community")
    OCCUPATION = "occupation", _("Occupation")
    EMPLOYER = "employer_name", _("Employer")
    RESIDENT = "resident_type", _("Kind of resident")
    SIZE = "size_class", _("Size class")
    INDUSTRY = "industry", _("Industry")
    RISK = "risk_grade", _("Risk grade")
    RENOWN = "renown_kind", _("Renown")
    STATE = "state", _("State")
    ID_TYPE = "id_type", _("Kind of document")
    ID_MASKED = "id_masked", _("Document number")


class ProfileChange(models.Model):
    """What a night brought of a customer known before: another value of one field. Protected values are masked."""

    party = _party("profile_changes")
    day = models.DateField()  # the business date of the night
    field = models.CharField(max_length=16, choices=ProfileField)
    old = models.CharField(max_length=200, default="", db_default="", blank=True)
    new = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "day", "field"], name="profilechange_once")]

    def __str__(self) -> str:
        return f"{self.field} {self.day}"
