"""Row security: by copies of unit and keeper, uses through their book; machines are about no customer."""

from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped

TABLES = ("reception", "entitlementbook", "counterevent", "toldfact")
THROUGH_BOOK = (
    "EXISTS (SELECT 1 FROM counter_entitlementbook AS seen WHERE seen.id = counter_entitlementuse.book_id)"
)


class Migration(migrations.Migration):
    dependencies = [("counter", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        *(scoped(f"counter_{table}", LISTED) for table in TABLES),
        *(copies_follow_party(f"counter_{table}") for table in TABLES),
        scoped("counter_entitlementuse", THROUGH_BOOK),
    ]
