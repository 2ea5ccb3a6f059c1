"""Row security on every table about single customers; the register of models has none."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped, through_party


class Migration(migrations.Migration):
    dependencies = [("foresight", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("foresight_warning", LISTED),
        copies_follow_party("foresight_warning"),
        *(
            scoped(f"foresight_{table}", through_party(f"foresight_{table}", "party_id"))
            for table in ("signal", "change", "listing")
        ),
    ]
