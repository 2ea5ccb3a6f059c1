"""The number of the sale's recording in sound and picture (双录) beside a proposal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0002_row_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="recording_no",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
    ]
