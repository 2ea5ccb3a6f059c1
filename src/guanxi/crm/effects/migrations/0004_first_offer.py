"""Not only what chance picked is kept, but every first offer: without the others there is nothing to compare with.

Row security goes with the table to its new name; the trigger names the table in its body and is made anew.
"""

from django.db import migrations, models

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped

OLD, NEW = "effects_explored", "effects_firstoffer"


def undone(operation: migrations.RunSQL) -> migrations.RunSQL:
    """The operation turned round."""
    return migrations.RunSQL(operation.reverse_sql, operation.sql)


class Migration(migrations.Migration):
    dependencies = [("effects", "0003_row_security")]
    operations = [
        undone(copies_follow_party(OLD)),
        undone(scoped(OLD, LISTED)),
        migrations.RenameModel("Explored", "FirstOffer"),
        migrations.AddField(
            "firstoffer", "by_chance", models.BooleanField(default=True), preserve_default=False
        ),
        scoped(NEW, LISTED),
        copies_follow_party(NEW),
    ]
