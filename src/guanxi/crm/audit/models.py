"""The trail's tables. The database itself refuses UPDATE and DELETE to every login but the owner's."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Entry(models.Model):
    """What every row of the trail says: when, who (as values, so that it outlives the person's row), from where."""

    at = models.DateTimeField(auto_now_add=True)
    staff_no = models.CharField(max_length=32)
    staff_name = models.CharField(max_length=100)
    request_id = models.CharField(max_length=36, default="", db_default="")
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        abstract = True


class ChangeLog(Entry):
    """One change: `verb` (room.deed) on an object named by kind, key and label, with the service's details."""

    verb = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=60)
    object_key = models.CharField(max_length=64)
    object_label = models.CharField(max_length=200)
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [
            models.Index(fields=["object_kind", "object_key", "-id"], name="audit_change_object"),
            models.Index(fields=["staff_no", "-id"], name="audit_change_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_no} {self.verb} {self.object_kind}:{self.object_key}"


class CustomerView(Entry):
    """One look at a customer: the page, or a protected value that was unmasked (then with the reason)."""

    party_key = models.BigIntegerField()
    what = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["party_key", "-id"], name="audit_view_party"),
            models.Index(fields=["staff_no", "-id"], name="audit_view_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_no} saw {self.what} of {self.party_key}"


class ExportLog(Entry):
    """One file that left: what list, how many rows, which columns, and the hash of its content."""

    what = models.CharField(max_length=60)
    rows = models.IntegerField()
    columns = models.JSONField(default=list, db_default=[])
    filters = models.JSONField(default=dict, db_default={})
    content_hash = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["staff_no", "-id"], name="audit_export_staff")]

    def __str__(self) -> str:
        return f"{self.staff_no} exported {self.rows} rows of {self.what}"


class ExportedCustomers(Entry):
    """Whom a file was about that left: the keys of the customers in it, each once, in order.

    Beside the export and not in it: lists of the trail do not read it. An export without a row here told nobody whom
    it was about; one about nobody has a row with no keys.
    """

    export = models.OneToOneField(ExportLog, models.PROTECT, related_name="customers")
    party_keys = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.export_id}: {len(self.party_keys)}"


class Seal(models.Model):
    """A seal over the rows of one table since the seal before: `digest` is of them and of that seal's digest.

    Whoever changes, removes or adds a sealed row breaks the chain. Cutting its end shows only against a digest kept
    elsewhere, so the bank sends each new one away (`manage.py audit_trail seal` prints it).
    """

    table = models.CharField(max_length=40)
    through_id = models.BigIntegerField()
    rows = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "through_id"], name="audit_seal_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.through_id} {self.digest}"
