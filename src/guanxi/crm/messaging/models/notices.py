"""Service notices (服务通知): one approved text to the customers it is meant for, decided by two people.

No customer stands here: who it goes to is read when it is approved, and then stands in the outbox.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from guanxi.crm.messaging.models.permission import TemplateVersion

PERSON = settings.AUTH_USER_MODEL


class NoticeState(models.TextChoices):
    """Where a notice stands; what became of its messages is told by the outbox."""

    PROPOSED = "proposed", pgettext_lazy("notice", "Waiting for approval")
    APPROVED = "approved", pgettext_lazy("notice", "Approved")
    REJECTED = "rejected", pgettext_lazy("notice", "Turned down")
    STOPPED = "stopped", pgettext_lazy("notice", "Stopped")


class Aimed(models.Model):
    """Whom something is meant for (对象): each part that is filled narrows; within a part any entry does.

    `tiers`: keys "scheme.rank" of the tier policy; `families` and `products`: who holds one of either; `segment`: the
    version of a saved segment as it was chosen (its rule and name), read within its author's reach; {} for none.
    """

    tiers = models.JSONField(default=list, db_default=[])
    families = models.JSONField(default=list, db_default=[])
    products = models.JSONField(default=list, db_default=[])
    stages = models.JSONField(default=list, db_default=[])
    segment = models.JSONField(default=dict, db_default={})

    class Meta:
        abstract = True


class Notice(Aimed):
    """One notice; it never changes after it was handed in. `piece`: the content it carries, when it carries one."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    title = models.CharField(max_length=80)
    piece = models.ForeignKey(
        "messaging.Piece", models.PROTECT, null=True, blank=True, related_name="notices"
    )
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="notices")
    planned_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.PROPOSED)
    content_hash = models.CharField(max_length=64)
    queued = models.IntegerField(default=0, db_default=0)
    written_by = models.ForeignKey(PERSON, models.PROTECT, db_index=False, related_name="+")
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_note = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="notice_two_people", condition=Q(decided_by=None) | ~Q(decided_by=F("written_by"))
            ),
            models.CheckConstraint(name="notice_ends_later", condition=Q(expires_at__gt=F("planned_at"))),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """What its messages in the outbox belong to."""
        return self.uuid.hex
