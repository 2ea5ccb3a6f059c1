"""Row security on important dates."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [("care", "0003_important_dates")]
    operations = [scoped("care_importantdate", LISTED), copies_follow_party("care_importantdate")]
