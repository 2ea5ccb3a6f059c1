import django.db.models.deletion
from django.db import migrations, models

_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def _unit() -> tuple[str, models.ForeignKey]:
    field = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="organisation.unit",
    )
    return "unit", field


class Migration(migrations.Migration):
    dependencies = [("organisation", "0002_token"), ("scores", "0007_list_sorts")]

    operations = [
        migrations.CreateModel(
            name="Care",
            fields=[
                _ID,
                ("month", models.DateField()),
                _unit(),
                ("tier_rank", models.SmallIntegerField()),
                ("customers", models.BigIntegerField()),
                ("kept_days", models.BigIntegerField()),
                ("contacts", models.BigIntegerField()),
                ("reached_customers", models.BigIntegerField()),
                ("entitlement_uses", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("month", "unit", "tier_rank"), name="care_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="SaveRate",
            fields=[
                _ID,
                ("month", models.DateField()),
                _unit(),
                ("opened_month", models.DateField()),
                ("score_decile", models.SmallIntegerField()),
                ("aum_band", models.SmallIntegerField()),
                ("worked", models.BigIntegerField()),
                ("worked_kept", models.BigIntegerField()),
                ("alike", models.BigIntegerField()),
                ("alike_kept", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "opened_month", "unit", "score_decile", "aum_band"),
                        name="saverate_once",
                    )
                ]
            },
        ),
    ]
