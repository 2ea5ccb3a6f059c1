"""Row security on messages and receipts, fences from a sequence of claims, room in the pages for changes of state."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped

THROUGH_MESSAGE = (
    "EXISTS (SELECT 1 FROM messaging_message AS seen WHERE seen.id = messaging_receipt.message_id)"
)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("messaging_message", LISTED),
        copies_follow_party("messaging_message"),
        scoped("messaging_receipt", THROUGH_MESSAGE),
        migrations.RunSQL(
            "ALTER TABLE messaging_message SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05)",
            "ALTER TABLE messaging_message RESET (fillfactor, autovacuum_vacuum_scale_factor)",
        ),
    ]
