"""Row security on explored offers, by copies of the customer's unit and keeper."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [("effects", "0002_explored"), ("customers", "0002_row_security")]
    operations = [scoped("effects_explored", LISTED), copies_follow_party("effects_explored")]
