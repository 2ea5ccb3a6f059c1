"""Row security on every table about single customers; tables of sums have none."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped, through_party

LISTS = ("partyscore", "largechange", "maturity", "nearline")


class Migration(migrations.Migration):
    dependencies = [("scores", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        *(scoped(f"scores_{table}", LISTED) for table in LISTS),
        *(
            scoped(f"scores_{table}", through_party(f"scores_{table}", "party_id"))
            for table in ("partyhistory", "tierhistory")
        ),
        *(copies_follow_party(f"scores_{table}") for table in LISTS),
    ]
