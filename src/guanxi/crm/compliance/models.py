"""Requests about personal information (个人信息权利请求) and the files made for them. Row-secured."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party

LONGEST_WORDS = 500


class RequestKind(models.TextChoices):
    """What a person asks for."""

    ACCESS = "access", pgettext_lazy("request", "Access")
    COPY = "copy", pgettext_lazy("request", "Copy")
    CORRECT = "correct", pgettext_lazy("request", "Correction")
    DELETE = "delete", pgettext_lazy("request", "Deletion")
    EXPLAIN = "explain", pgettext_lazy("request", "Explanation")


class Asker(models.TextChoices):
    """Who asks: the customer, whom the customer empowered, or a near relative of a customer who died."""

    CUSTOMER = "customer", pgettext_lazy("asker", "The customer")
    AGENT = "agent", pgettext_lazy("asker", "Empowered by the customer")
    RELATIVE = "relative", pgettext_lazy("asker", "Near relative of a deceased customer")


class IdentityCheck(models.TextChoices):
    """How it was made sure who asks."""

    PAPERS = "papers", _("Identity papers, in person")
    SIGNED_IN = "signed_in", _("Signed in to the bank's app")
    CALL = "call", _("Called back on the number on file")
    KINSHIP = "kinship", _("Papers, proof of death and of kinship")


class RequestState(models.TextChoices):
    """Where a request stands; answered and withdrawn are the end."""

    HANDED_IN = "handed_in", _("Not taken yet")
    IN_WORK = "in_work", _("In work")
    DECIDED = "decided", _("Decided, answer to be sent")
    ANSWERED = "answered", pgettext_lazy("request", "Answered")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")


class Verdict(models.TextChoices):
    """What was decided."""

    GRANTED = "granted", _("Granted")
    PARTLY = "partly", _("Granted in part")
    REFUSED = "refused", pgettext_lazy("request", "Refused")


class Refusal(models.TextChoices):
    """Why something is refused, wholly or in part."""

    RETENTION = "retention", _("The law demands that it be kept")
    IDENTITY = "identity", _("It was not shown who asks")
    NOT_HELD = "not_held", _("The bank holds nothing of it")
    RIGHT_AS_IS = "right_as_is", _("What stands there is right")
    OTHERS = "others", _("Rights of other people stand against it")
    SECRECY = "secrecy", _("A law demands secrecy")


OPEN = (RequestState.HANDED_IN, RequestState.IN_WORK, RequestState.DECIDED)
FILE_KINDS = (RequestKind.ACCESS, RequestKind.COPY, RequestKind.EXPLAIN)


def _person(*, null: bool = False) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, db_index=False, related_name="+"
    )


class SubjectRequest(models.Model):
    """One request about a customer's personal information, from receipt to answer.

    `due_on` is what the policy promised when it was received. A corrected value is kept encrypted (`right_value`); the
    customer number is kept as a value, so that the case outlives the customer's row.
    """

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    customer_no = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=RequestKind)
    asker = models.CharField(max_length=8, choices=Asker)
    words = models.CharField(max_length=LONGEST_WORDS, default="", db_default="", blank=True)
    field = models.CharField(max_length=16, default="", db_default="", blank=True)
    right_key = models.CharField(max_length=32, default="", db_default="", blank=True)
    right_value = models.BinaryField(default=b"")
    uuid = models.UUIDField(unique=True)
    received_on = models.DateField()
    due_on = models.DateField()
    handed_in_by = _person()
    handed_in_at = models.DateTimeField()
    handler = _person(null=True)
    identity = models.CharField(max_length=9, choices=IdentityCheck, default="", db_default="", blank=True)
    identity_by = _person(null=True)
    identity_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=9, choices=RequestState, default=RequestState.HANDED_IN)
    verdict = models.CharField(max_length=7, choices=Verdict, default="", db_default="", blank=True)
    refusal = models.CharField(max_length=11, choices=Refusal, default="", db_default="", blank=True)
    reason = models.CharField(max_length=LONGEST_WORDS, default="", db_default="", blank=True)
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_on"], name="request_state"),
            models.Index(fields=["party", "-received_on"], name="request_party"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="request_decided_whole",
                condition=Q(verdict="", decided_by=None, decided_at=None)
                | (~Q(verdict="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="request_refused_with_reason",
                condition=Q(verdict__in=["", "granted"], refusal="")
                | (Q(verdict__in=["partly", "refused"]) & ~Q(refusal="") & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="request_granted_to_known", condition=Q(verdict__in=["", "refused"]) | ~Q(identity="")
            ),
            models.CheckConstraint(
                name="request_ended_with_day",
                condition=Q(state__in=["answered", "withdrawn"], ended_on__isnull=False)
                | (~Q(state__in=["answered", "withdrawn"]) & Q(ended_on=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.customer_no}"


class RequestFile(models.Model):
    """The file made for a request, encrypted, until it is fetched, which deletes it. `sha256` is of what is fetched."""

    request = models.OneToOneField(SubjectRequest, models.CASCADE, primary_key=True, related_name="file")
    made_by = _person()
    made_at = models.DateTimeField()
    kept_until = models.DateField()
    rows = models.IntegerField()
    tables = models.JSONField()  # name of each table in it
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    ciphertext = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.request_id} {self.sha256[:8]}"


from guanxi.crm.compliance.incidents.models import AffectedCustomer, Incident  # noqa: E402
from guanxi.crm.compliance.restrictions.models import Erasure, Restricted, Restriction  # noqa: E402

__all__ = [
    "AffectedCustomer",
    "Asker",
    "Erasure",
    "IdentityCheck",
    "Incident",
    "Refusal",
    "RequestFile",
    "RequestKind",
    "RequestState",
    "Restricted",
    "Restriction",
    "SubjectRequest",
    "Verdict",
]
