import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0003_knock")]

    operations = [
        migrations.CreateModel(
            name="Licence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fund", "Fund sales qualification"),
                            ("insurance", "Insurance sales registration"),
                            ("wealth", "Wealth management qualification"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                ("issued_on", models.DateField()),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_on", None)), fields=["expires_on"], name="licence_expiry"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("staff", "kind", "number", "issued_on"), name="licence_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None),
                            ("expires_on__gte", models.F("issued_on")),
                            _connector="OR",
                        ),
                        name="licence_days_in_order",
                    ),
                ],
            },
        ),
    ]
