"""Events of customers on the bank's own channels, what they add up to, and what was not taken and why.

What leads to a customer is row-secured. Keys carry no database constraint: events come by the thousand a second, and
whoever writes them has just looked the customer up.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Token


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


class Batch(models.Model):
    """One request of events: how many came, were new, known before, of unknown customers, dropped or refused.

    `dropped` counts by reason. `rolled_at` NULL: not added to the counts yet.
    """

    token = models.ForeignKey(Token, models.PROTECT, db_index=False, related_name="+")
    taken_at = models.DateTimeField()
    came = models.IntegerField()
    new = models.IntegerField()
    known = models.IntegerField()
    waiting = models.IntegerField()
    refused = models.IntegerField()
    dropped = models.JSONField(default=dict, db_default={})
    rolled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index("token", F("taken_at").desc(), name="batch_token"),
            models.Index("id", name="batch_not_rolled", condition=models.Q(rolled_at=None)),
            models.Index("rolled_at", name="batch_rolled"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} {self.taken_at:%Y-%m-%d %H:%M:%S}"


class Event(models.Model):
    """One event of one customer. `key` is made of the sender and the sender's own key: told twice, it is kept once."""

    key = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(Batch, models.CASCADE, db_constraint=False, related_name="+")
    party = _party()
    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=16)
    at = models.DateTimeField()
    day = models.DateField()
    properties = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [
            models.Index("party", F("at").desc(), name="event_party"),
            models.Index("kind", "day", name="event_kind_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}"


class Waiting(models.Model):
    """An event of a number or token that no customer has: kept for some days, then dropped."""

    key = models.UUIDField(primary_key=True)
    token = models.ForeignKey(Token, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    identity = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=16)
    at = models.DateTimeField()
    properties = models.JSONField(default=dict, db_default={})
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "waiting"
        indexes = [models.Index("taken_at", name="waiting_taken")]

    def __str__(self) -> str:
        return self.kind


class RefusedLine(models.Model):
    """A line that was not taken: where it stood and why. What it said is not kept: it may be what is forbidden."""

    batch = models.ForeignKey(Batch, models.CASCADE, db_constraint=False, related_name="lines")
    line = models.IntegerField()
    reason = models.CharField(max_length=24)
    kind = models.CharField(max_length=32, default="", db_default="")
    property_name = models.CharField(max_length=32, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.line} {self.reason}"


class Daily(models.Model):
    """How often a customer did something on a day, by channel."""

    party = _party()
    day = models.DateField()
    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=16)
    times = models.IntegerField()
    last_at = models.DateTimeField()
    last_product = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        verbose_name_plural = "daily"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["party", "day", "kind", "source"], name="daily_once")
        ]
        indexes = [models.Index("day", name="daily_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day} {self.times}"


class Recent(models.Model):
    """What a customer did lately: `counts` is {kind: [times in 7 days, in 30 days, last instant]}, as of `as_of`.

    `sources` is {channel: last day}; the product last left half-way and when.
    """

    party = models.OneToOneField(
        Party, models.CASCADE, primary_key=True, db_constraint=False, related_name="recent_behaviour"
    )
    as_of = models.DateField()
    last_at = models.DateTimeField()
    last_kind = models.CharField(max_length=32)
    last_source = models.CharField(max_length=16)
    counts = models.JSONField(default=dict, db_default={})
    sources = models.JSONField(default=dict, db_default={})
    left_kind = models.CharField(max_length=32, default="", db_default="")
    left_product = models.CharField(max_length=64, default="", db_default="")
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "recent"
        indexes = [models.Index("as_of", name="recent_as_of"), models.Index("last_at", name="recent_last")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.last_kind}"


class KindDay(models.Model):
    """How often something happened in the whole bank on a day: figures without customers."""

    day = models.DateField()
    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=16)
    times = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "kind", "source"], name="kindday_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day} {self.times}"
