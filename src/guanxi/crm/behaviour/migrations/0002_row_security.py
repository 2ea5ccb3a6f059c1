"""Row security through the customer; lines refused, events of nobody and sums of the bank lead to no customer."""

from django.db import migrations

from guanxi.crm.organisation.row_security import scoped, through_party

TABLES = ("behaviour_event", "behaviour_daily", "behaviour_recent")


class Migration(migrations.Migration):
    dependencies = [("behaviour", "0001_initial"), ("customers", "0002_row_security")]
    operations = [scoped(table, through_party(table, "party_id")) for table in TABLES]
