"""Row security on identity resolution: a pair is seen by whoever sees both sides; decisions are never changed."""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import scoped, through_party

APP = settings.GUANXI_ROLES["app"]


def _both(table: str) -> str:
    return " AND ".join(f"({through_party(table, column)})" for column in ("left_id", "right_id"))


PAIRED = ("customers_identitypair", "customers_householdhint", "customers_identitydecision")
SINGLE = ("customers_stoppedmember", "customers_partysource")


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_identity"), ("customers", "0002_row_security")]
    operations = [
        *(scoped(table, _both(table)) for table in PAIRED),
        *(scoped(table, through_party(table, "party_id")) for table in SINGLE),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE ON customers_identitydecision FROM {APP}",
            f"GRANT UPDATE, DELETE ON customers_identitydecision TO {APP}",
        ),
        migrations.RunSQL(  # keys alone, so that a night need not look at the rows that stayed
            "CREATE INDEX party_merged_into ON customers_party (merged_into_id) WHERE merged_into_id IS NOT NULL",
            "DROP INDEX party_merged_into",
        ),
    ]
