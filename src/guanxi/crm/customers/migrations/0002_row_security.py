"""Row security on everything about customers, and a hand-over that reaches the copies of unit and keeper."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, own_rows, scoped, through_party

VAULT = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} AS seen WHERE seen.token = customers_vaultentry.token)"
    for table in ("customers_identifier", "customers_contactpoint")
)


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("organisation", "0001_initial")]
    operations = [
        scoped("customers_party", LISTED),
        scoped("customers_namegram", LISTED),
        *(
            scoped(f"customers_{table}", through_party(f"customers_{table}", "party_id"))
            for table in ("identifier", "contactpoint", "consent", "holding", "credit", "keeperterm")
        ),
        scoped("customers_relation", through_party("customers_relation", "party_id", "other_id")),
        scoped("customers_vaultentry", VAULT),
        scoped("customers_savedview", own_rows()),
        copies_follow_party("customers_namegram"),
    ]
