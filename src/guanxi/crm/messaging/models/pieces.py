"""Useful information (资讯): pieces of content, whom each suits, and who was handed one by a manager."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Contact
from guanxi.crm.messaging.models.notices import Aimed
from guanxi.crm.messaging.models.outbox import Purpose
from guanxi.crm.messaging.models.permission import Template
from guanxi.crm.scores.models import fields

PERSON = settings.AUTH_USER_MODEL


class PieceTopic(models.TextChoices):
    """What a piece is about, for finding it."""

    SAFETY = "safety", pgettext_lazy("content", "Safety and fraud")
    DEPOSITS = "deposits", pgettext_lazy("content", "Deposits and rates")
    WEALTH = "wealth", pgettext_lazy("content", "Wealth and markets")
    LOANS = "loans", pgettext_lazy("content", "Loans and policies")
    LIFE = "life", pgettext_lazy("content", "Everyday services")
    OUTLETS = "outlets", pgettext_lazy("content", "Outlets and hours")


class Piece(Aimed):
    """One piece of content. Its words are templates, at most one a channel, each approved as any template is.

    All its templates have the purpose of the piece. It may be used from `valid_from` to `valid_until`, both included,
    unless it was retired.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    title = models.CharField(max_length=80)
    topic = models.CharField(max_length=10, choices=PieceTopic)
    purpose = models.CharField(max_length=10, choices=Purpose)
    templates = models.ManyToManyField(Template, related_name="pieces")
    valid_from = models.DateField()
    valid_until = models.DateField()
    written_by = models.ForeignKey(PERSON, models.PROTECT, db_index=False, related_name="+")
    written_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-valid_from", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="piece_ends_later", condition=Q(valid_until__gte=F("valid_from"))),
        ]

    def __str__(self) -> str:
        return self.title


class Handed(models.Model):
    """A piece that a person passed on to a customer (转发), with the contact it was logged as."""

    piece = models.ForeignKey(Piece, models.PROTECT, related_name="handed")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    contact = models.OneToOneField(Contact, models.CASCADE, related_name="handed")
    version = models.IntegerField()  # the template's version that was passed on
    day = models.DateField()

    class Meta:
        verbose_name_plural = "handed"
        indexes = [models.Index("party", F("day").desc(), name="handed_party")]

    def __str__(self) -> str:
        return f"{self.piece_id} {self.party_id} {self.day}"
