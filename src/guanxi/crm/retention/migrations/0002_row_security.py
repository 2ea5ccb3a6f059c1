"""Row security: cases by their copies of unit and keeper, offers through their case."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped

THROUGH_CASE = "EXISTS (SELECT 1 FROM retention_case AS seen WHERE seen.id = retention_caseoffer.case_id)"


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("retention_case", LISTED),
        copies_follow_party("retention_case"),
        scoped("retention_caseoffer", THROUGH_CASE),
    ]
