"""What the API remembers of its callers: how often a token asked in a minute, and answers to writes with a key."""

from typing import ClassVar

from django.db import models

from guanxi.crm.organisation.models import Token


class Minute(models.Model):
    """How often a token asked in one minute."""

    token = models.ForeignKey(Token, models.CASCADE, db_index=False, related_name="+")
    minute = models.DateTimeField()
    calls = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["token", "minute"], name="openapi_minute_once")
        ]

    def __str__(self) -> str:
        return f"{self.token_id} {self.minute:%H:%M} {self.calls}"


class Answer(models.Model):
    """The answer to a write with an Idempotency-Key, given again when the same is asked again.

    `request` is the hash of method, path and body: the key with another request is a mistake. No body of a customer is
    kept: writes answer with keys alone.
    """

    token = models.ForeignKey(Token, models.CASCADE, db_index=False, related_name="+")
    key = models.CharField(max_length=80)
    request = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["token", "key"], name="openapi_answer_once")
        ]
        indexes = [models.Index("at", name="openapi_answer_at")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
