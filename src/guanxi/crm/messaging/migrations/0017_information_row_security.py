"""Row security on what was handed to customers."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [("messaging", "0016_information"), ("customers", "0005_merged_index")]
    operations = [
        scoped("messaging_handed", LISTED),
        copies_follow_party("messaging_handed"),
    ]
