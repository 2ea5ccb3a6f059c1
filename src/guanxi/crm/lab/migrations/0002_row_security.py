"""Row security on the named customers of simulations; sums have none."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [("lab", "0001_initial"), ("customers", "0002_row_security")]
    operations = [scoped("lab_move", LISTED), copies_follow_party("lab_move")]
