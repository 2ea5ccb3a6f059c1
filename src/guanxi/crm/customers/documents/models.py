"""Documents about customers (资料), by version; their bytes lie encrypted in a table of their own. Row-secured."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from guanxi.crm.organisation.models import Staff

LONGEST_REMARK, LONGEST_REASON = 60, 200


def _person(*, null: bool = False) -> "models.ForeignKey[Staff, Staff]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=null, blank=null, related_name="+"
    )


class Document(models.Model):
    """One version of a document. A newer one is the next version of the same `thread`; the one before stays.

    `kept_until`: its last day of retention, set when it was replaced or withdrawn; the database deletes none before.
    """

    party = models.ForeignKey(
        "customers.Party", models.CASCADE, db_constraint=False, db_index=False, related_name="documents"
    )
    uuid = models.UUIDField(unique=True)
    thread = models.UUIDField()
    version = models.PositiveSmallIntegerField(default=1)
    is_latest = models.BooleanField(default=True)
    kind = models.CharField(max_length=24)
    remark = models.CharField(max_length=LONGEST_REMARK, default="", db_default="", blank=True)
    mime = models.CharField(max_length=24)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    ends_on = models.DateField(null=True, blank=True)
    added_by = _person()
    added_on = models.DateField()
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = _person(null=True)
    withdrawn_why = models.CharField(max_length=LONGEST_REASON, default="", db_default="", blank=True)
    kept_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "version"], name="document_version_once"),
            models.UniqueConstraint(
                fields=["thread"], condition=Q(is_latest=True), name="document_one_latest"
            ),
            models.UniqueConstraint(
                fields=["party", "sha256"],
                condition=Q(is_latest=True, withdrawn_at=None),
                name="document_file_once",
            ),
        ]
        indexes = [models.Index(fields=["party", "-added_at"], name="document_party")]

    def __str__(self) -> str:
        return f"{self.kind}/{self.version}"


class DocumentContent(models.Model):
    """The bytes of one version, encrypted; no list reads this table."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="content")
    key_id = models.CharField(max_length=32)
    ciphertext = models.BinaryField()

    def __str__(self) -> str:
        return str(self.document_id)
