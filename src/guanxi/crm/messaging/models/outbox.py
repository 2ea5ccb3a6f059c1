"""The outbox (发件箱): what is to be sent, to whom, by which account, and what became of it.

A message stands here in the same transaction as the decision to send it. No address stands here: it comes out of the
vault at the instant of sending and is forgotten with the call. `Message` and `Receipt` lead to customers and are
row-secured; accounts, claims and volumes hold counts only.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party
from guanxi.crm.scores.models import fields as columns

PERSON = settings.AUTH_USER_MODEL


class Channel(models.TextChoices):
    """What a message travels by (渠道)."""

    SMS = "sms", _("Text message")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    WECOM = "wecom", _("WeCom")
    PUSH = "push", _("App push")
    CALL = "call", _("Phone call")
    LETTER = "letter", _("Letter")


class Purpose(models.TextChoices):
    """Marketing needs consent and a budget; service notices go apart from it (用途)."""

    MARKETING = "marketing", pgettext_lazy("purpose", "Marketing")
    SERVICE = "service", pgettext_lazy("purpose", "Service notice")


class Origin(models.TextChoices):
    """Which room decided to send."""

    CAMPAIGN = "campaign", pgettext_lazy("origin", "Campaign")
    SURVEY = "survey", pgettext_lazy("origin", "Survey")
    SALON = "salon", pgettext_lazy("origin", "Salon")
    SERVICE = "service", pgettext_lazy("origin", "Service notice")
    MANUAL = "manual", pgettext_lazy("origin", "By hand")


class State(models.TextChoices):
    """Where a message stands; which may follow which is in rules.MOVES."""

    PLANNED = "planned", pgettext_lazy("message", "Planned")
    CLAIMED = "claimed", pgettext_lazy("message", "Taken by a sender")
    SUBMITTING = "submitting", pgettext_lazy("message", "Being submitted")
    ACCEPTED = "accepted", pgettext_lazy("message", "Accepted")
    DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
    FAILED = "failed", pgettext_lazy("message", "Not delivered")
    REFUSED = "refused", pgettext_lazy("message", "Not permitted")
    EXPIRED = "expired", pgettext_lazy("message", "Expired")
    UNKNOWN = "unknown", pgettext_lazy("message", "In doubt")
    STOPPED = "stopped", pgettext_lazy("message", "Stopped")


class ChannelAccount(models.Model):
    """One account at one counterpart (通道账户): one for each channel and purpose, off until a person switches it on.

    `settings` has no secrets: `secrets_from` names the environment variable with them (a JSON object). In the sandbox
    only this machine is reached, or, where `allowed` has addresses, only these.
    """

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose)
    adapter = models.CharField(max_length=32)  # a kind of guanxi.channels.register
    settings = models.JSONField(default=dict, db_default={})
    secrets_from = models.CharField(max_length=64, default="", db_default="", blank=True)
    is_on = models.BooleanField(default=False, db_default=False)
    off_reason = models.CharField(
        max_length=32, default="new", db_default="new", blank=True
    )  # rules.OFF_REASONS
    off_note = models.CharField(max_length=200, default="", db_default="", blank=True)
    switched_at = models.DateTimeField(null=True)
    switched_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, db_index=False, related_name="+"
    )  # none: the program itself
    rate = models.PositiveIntegerField()  # messages a second, over all senders
    window = models.PositiveSmallIntegerField()  # messages in one call, at most
    can_ask = models.BooleanField(default=False, db_default=False)
    takes_twice = models.BooleanField(default=True, db_default=True)
    visible_after = models.PositiveIntegerField(
        default=600, db_default=600
    )  # seconds; "not found" counts from then
    sandbox = models.BooleanField(default=True, db_default=True)
    allowed = models.JSONField(default=list, db_default=[])
    paced_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "purpose"], name="account_once_a_purpose"),
            models.CheckConstraint(name="account_has_rate", condition=Q(rate__gt=0, window__gt=0)),
            models.CheckConstraint(name="account_off_says_why", condition=Q(is_on=True) | ~Q(off_reason="")),
        ]

    def __str__(self) -> str:
        return self.code


class Message(models.Model):
    """One message to one customer, once for (origin, ref, party, channel, step).

    `uuid` is made of these five, so that the same message queued again after a restore is the same to the counterpart;
    its hex is the out-id. `fence` is the claim that may move it: who comes back from a pause with an older one changes
    nothing. `in_doubt`: an earlier call may have reached the counterpart. Money in fen.
    """

    uuid = models.UUIDField(unique=True)
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    unit = columns.unit()
    keeper = columns.keeper()
    channel = models.CharField(max_length=8, choices=Channel)
    purpose = models.CharField(max_length=10, choices=Purpose)
    template_version = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=10, choices=Origin)
    ref = models.CharField(max_length=64)
    step = models.SmallIntegerField(default=0, db_default=0)
    fields = models.JSONField(default=dict, db_default={})
    planned_at = models.DateTimeField()
    ready_at = models.DateTimeField()  # not before; moves on when permission or the counterpart says "later"
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=State, default=State.PLANNED, db_default=State.PLANNED.value
    )
    fence = models.BigIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    in_doubt = models.BooleanField(default=False, db_default=False)
    unknown_at = models.DateTimeField(null=True)
    account = models.ForeignKey(
        ChannelAccount, models.PROTECT, null=True, db_index=False, related_name="messages"
    )
    vendor_id = models.CharField(max_length=64, default="", db_default="", blank=True)
    parts = models.SmallIntegerField(null=True)
    cost_fen = models.BigIntegerField(null=True)
    consent = models.BigIntegerField(null=True)  # customers.Consent that allowed it
    text_sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    code = models.CharField(
        max_length=32, default="", db_default="", blank=True
    )  # why refused, failed, in doubt
    settled_by = models.ForeignKey(PERSON, models.PROTECT, null=True, db_index=False, related_name="+")
    settled_note = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["origin", "ref", "party", "channel", "step"], name="message_once"
            ),
            models.CheckConstraint(
                name="message_claim_has_lease",
                condition=~Q(state__in=["claimed", "submitting"]) | Q(lease_until__isnull=False, fence__gt=0),
            ),
            models.CheckConstraint(
                name="message_submitted_has_time",
                condition=~Q(state__in=["submitting", "accepted", "delivered"])
                | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="message_unknown_since", condition=~Q(state="unknown") | Q(unknown_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                "channel", "purpose", "ready_at", "id", name="message_ready", condition=Q(state="planned")
            ),
            models.Index(
                "lease_until", name="message_leased", condition=Q(state__in=["claimed", "submitting"])
            ),
            models.Index("unknown_at", name="message_in_doubt", condition=Q(state="unknown")),
            models.Index("expires_at", name="message_expiring", condition=Q(state="planned")),
            models.Index("vendor_id", name="message_vendor", condition=~Q(vendor_id="")),
            models.Index("party", F("submitted_at").desc(), name="message_party"),
            models.Index("submitted_at", name="message_sent", condition=Q(submitted_at__isnull=False)),
            models.Index("ended_at", name="message_ended", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.channel} {self.out_id}"

    @property
    def out_id(self) -> str:
        """Our id of this message at the counterpart: 32 characters, the same for ever."""
        return uuid.UUID(str(self.uuid)).hex


class Claim(models.Model):
    """One batch one sender took (领取批次); its number is the fence. What came of it is the channel's throughput."""

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="claims")
    worker = models.CharField(max_length=64)
    claimed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    taken = models.IntegerField(default=0, db_default=0)
    submitted = models.IntegerField(default=0, db_default=0)
    accepted = models.IntegerField(default=0, db_default=0)
    refused = models.IntegerField(default=0, db_default=0)
    throttled = models.IntegerField(default=0, db_default=0)
    doubtful = models.IntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index("account", F("claimed_at").desc(), name="claim_account")]

    def __str__(self) -> str:
        return f"{self.worker} {self.pk}"


class Receipt(models.Model):
    """What the counterpart said of a message, as it came (回执); none `message` yet: it came before the answer."""

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="receipts")
    vendor_id = models.CharField(max_length=64, default="", db_default="", blank=True)
    out_id = models.CharField(max_length=32, default="", db_default="", blank=True)
    state = models.CharField(max_length=10)  # delivered, failed
    code = models.CharField(max_length=32, default="", db_default="", blank=True)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    times = models.IntegerField(default=1, db_default=1)
    message = models.ForeignKey(
        Message, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="receipts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "vendor_id", "out_id", "state"], name="receipt_once")
        ]
        indexes = [
            models.Index("heard_at", name="receipt_waiting", condition=Q(message=None)),
            models.Index("message", name="receipt_message", condition=Q(message__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.vendor_id or self.out_id}"


class Volume(models.Model):
    """How many messages one decision planned and how many were submitted: more than planned stops the channel."""

    origin = models.CharField(max_length=10, choices=Origin)
    ref = models.CharField(max_length=64)
    step = models.SmallIntegerField(default=0, db_default=0)
    channel = models.CharField(max_length=8, choices=Channel)
    planned = models.IntegerField(default=0, db_default=0)
    submitted = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "ref", "step", "channel"], name="volume_once")
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.ref} {self.step}"


class SendingHome(models.Model):
    """A place that sends. Its own file keeps the highest claim: a store behind that file was restored (恢复)."""

    home = models.UUIDField(primary_key=True)
    system = models.CharField(max_length=64)  # PostgreSQL's system identifier and timeline
    first_seen = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.home)
