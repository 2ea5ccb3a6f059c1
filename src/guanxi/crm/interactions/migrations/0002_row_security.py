"""Row security on contacts and promises: each row is seen by who sees the customer, and follows a hand-over."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [("interactions", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        operation
        for table in ("interactions_contact", "interactions_promise")
        for operation in (scoped(table, LISTED), copies_follow_party(table))
    ]
