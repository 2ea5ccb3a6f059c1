"""Permission to contact (触达许可): what customers said to us, what holds contact up, what was taken from the budget.

Beside them what is sent: templates and their approved versions.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party
from guanxi.crm.messaging.models.outbox import Channel, Purpose


class SaidBy(models.TextChoices):
    """How a customer's word reached us (来源)."""

    REPLY = "reply", _("Reply to a message")
    LINK = "link", _("Preference page")
    UNSUBSCRIBE = "unsubscribe", _("Unsubscribe button of the mail program")
    STAFF = "staff", _("Told a member of staff")
    IMPORT = "import", _("Brought by the bank")


class HoldReason(models.TextChoices):
    """Why a customer is not addressed for the time being (暂停原因)."""

    COMPLAINT = "complaint", _("Open or recent complaint")
    DISPUTE = "dispute", _("Dispute")
    BEREAVEMENT = "bereavement", _("Death in the family")
    WISH = "wish", _("The customer asked for a pause")
    OTHER = "other", pgettext_lazy("hold", "Other")
    RESTRICTED = "restricted", _("Processing restricted by law")


STOPPING = (HoldReason.RESTRICTED,)
"""Reasons that forbid service notices too."""


class TemplateState(models.TextChoices):
    """Where a version of a template stands."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", pgettext_lazy("template", "Waiting for approval")
    APPROVED = "approved", pgettext_lazy("template", "Approved")
    REJECTED = "rejected", pgettext_lazy("template", "Turned down")
    RETIRED = "retired", pgettext_lazy("template", "Withdrawn")


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _person() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )


class ConsentEntry(models.Model):
    """One word of a customer told to us (客户意愿): agreed or refused, for a purpose, on a channel or on "any".

    Nobody changes or removes a row, neither the application nor the run: it is the proof. `text` is what the customer
    had before them (or wrote), `by` the member of staff who heard it. An agreement taken in person also keeps its
    lawful basis, the version of the words read out, and the proof with its number (授权书编号、双录编号).
    """

    party = _party()
    purpose = models.CharField(max_length=16)
    channel = models.CharField(max_length=16)
    agreed = models.BooleanField()
    at = models.DateTimeField()
    source = models.CharField(max_length=12, choices=SaidBy)
    text = models.CharField(max_length=500, default="", db_default="", blank=True)
    by = _person()
    basis = models.CharField(max_length=16, default="", db_default="", blank=True)
    wording = models.CharField(max_length=40, default="", db_default="", blank=True)
    proof = models.CharField(max_length=16, default="", db_default="", blank=True)
    proof_no = models.CharField(max_length=60, default="", db_default="", blank=True)

    class Meta:
        indexes = [models.Index("party", F("at").desc(), name="consententry_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "purpose", "channel", "at", "agreed"], name="consententry_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.purpose}/{self.channel}"


class Suppression(models.Model):
    """A number or address that wants nothing more (拒收名单), by its keyed token; kept for ever, over every consent."""

    token = models.CharField(max_length=64)
    since = models.DateTimeField()
    source = models.CharField(max_length=12, choices=SaidBy)
    ended_at = models.DateTimeField(null=True)
    ended_by = _person()
    ended_note = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token"], condition=Q(ended_at=None), name="suppression_one_open"
            ),
            models.CheckConstraint(
                name="suppression_ended_by_somebody",
                condition=Q(ended_at=None) | (Q(ended_by__isnull=False) & ~Q(ended_note="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.since:%Y-%m-%d}"


class Hold(models.Model):
    """A customer not to be addressed from `since` on, until a day or until somebody releases it (暂停触达)."""

    party = _party()
    reason = models.CharField(max_length=12, choices=HoldReason)
    note = models.CharField(max_length=200, default="", db_default="", blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = _person()  # none: the night
    subject = models.CharField(
        max_length=64, default="", db_default="", blank=True
    )  # what the night knows it by
    released_at = models.DateTimeField(null=True)
    released_by = _person()

    class Meta:
        indexes = [models.Index("party", name="hold_standing", condition=Q(released_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "reason", "subject"], condition=~Q(subject=""), name="hold_once_a_matter"
            ),
            models.CheckConstraint(name="hold_ends_later", condition=Q(until=None) | Q(until__gt=F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.reason}"


class Budget(models.Model):
    """One row a customer, locked by whoever takes from the budget; with what the customer wished for (偏好)."""

    party = models.OneToOneField(
        Party, models.CASCADE, primary_key=True, db_constraint=False, related_name="contact_budget"
    )
    zone = models.CharField(max_length=40, default="", db_default="", blank=True)
    language = models.CharField(max_length=2, default="", db_default="", blank=True)
    most_a_month = models.SmallIntegerField(null=True)  # none: as often as the policy allows
    topics_off = models.JSONField(
        default=list, db_default=[]
    )  # topics of templates the customer does not want

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="budget_most", condition=Q(most_a_month=None) | Q(most_a_month__gte=0)
            )
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class Touch(models.Model):
    """How often marketing reached a customer on a channel on a day of the bank's zone (触达次数)."""

    party = _party()
    day = models.DateField()
    channel = models.CharField(max_length=8)
    times = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "day", "channel"], name="touch_once_a_day"),
            models.CheckConstraint(name="touch_some", condition=Q(times__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.day} {self.channel}"


class Template(models.Model):
    """What is sent (消息模板): for one channel, purpose and use; its text stands in versions."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose)
    use = models.CharField(max_length=16)  # rules of the fields: insight.contact.texts
    topic = models.CharField(max_length=16, default="", db_default="", blank=True)
    personal = models.BooleanField(default=False, db_default=False)  # chosen by scores
    made_by = _person()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["channel", "code"]

    def __str__(self) -> str:
        return self.code


class TemplateVersion(models.Model):
    """The text of a template in each language; who approves, approves its hash. Once proposed it never changes.

    `texts`: language → {"subject", "text"}. `lexicon` is the version of the list of banned words it was read with.
    """

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.SmallIntegerField()
    texts = models.JSONField()
    content_hash = models.CharField(max_length=64)
    lexicon = models.CharField(max_length=16, default="", db_default="", blank=True)
    state = models.CharField(max_length=10, choices=TemplateState, default=TemplateState.DRAFT)
    note = models.CharField(max_length=200, default="", db_default="", blank=True)
    written_by = _person()
    written_at = models.DateTimeField()
    decided_by = _person()
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["template", "number"], name="templateversion_once"),
            models.UniqueConstraint(
                fields=["template"], condition=Q(state="approved"), name="templateversion_one_approved"
            ),
            models.UniqueConstraint(
                fields=["template"],
                condition=Q(state__in=["draft", "proposed"]),
                name="templateversion_one_open",
            ),
            models.CheckConstraint(
                name="templateversion_two_people",
                condition=Q(decided_by=None) | Q(written_by=None) | ~Q(decided_by=F("written_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}.{self.number}"


class Heard(models.Model):
    """What a customer wrote back (客户回复), once a counterpart's message; `asks` is what it was taken for.

    `party` none: nobody is known by that number. Talk that asks for nothing waits for the keeper.
    """

    party = models.ForeignKey(
        Party, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=Channel)
    token = models.CharField(max_length=64)
    masked = models.CharField(max_length=40, default="", db_default="", blank=True)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    asks = models.CharField(max_length=8)  # stop, start, talk
    stopped = models.IntegerField(default=0, db_default=0)  # queued messages that went no further
    seen_by = _person()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "channel", "at", "text", "party"], nulls_distinct=False, name="heard_once"
            )
        ]
        indexes = [
            models.Index("party", F("at").desc(), name="heard_party"),
            models.Index("at", name="heard_unseen", condition=Q(seen_at=None, asks="talk")),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.asks}"
