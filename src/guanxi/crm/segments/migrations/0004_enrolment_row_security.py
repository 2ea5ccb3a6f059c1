"""Row security on who is on which playbook: it follows the customer."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [("segments", "0003_enrolment")]
    operations = [
        scoped("segments_enrolment", LISTED),
        copies_follow_party("segments_enrolment"),
    ]
