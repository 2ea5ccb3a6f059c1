"""Key people of a customer, who of ours knows them, the executive sponsor; seen by who sees the customer."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_reminders"),
        ("organisation", "0004_licence"),
        ("visits", "0003_photos"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "post",
                    models.CharField(
                        choices=[
                            ("legal_person", "Legal representative"),
                            ("controller", "Actual controller"),
                            ("chair", "Chair of the board"),
                            ("general_manager", "General manager"),
                            ("deputy", "Deputy general manager"),
                            ("finance", "Head of finance"),
                            ("accountant", "Accountant"),
                            ("other", "Other post"),
                            ("self", "The customer"),
                            ("family", "Family member"),
                            ("assistant", "Assistant"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "weight",
                    models.CharField(
                        choices=[
                            ("decides", "Decides"),
                            ("advises", "Has influence"),
                            ("carries_out", "Carries it out"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "attitude",
                    models.CharField(
                        choices=[
                            ("unknown", "Not known"),
                            ("supports", "Supports us"),
                            ("neutral", "Neutral"),
                            ("reserved", "Reserved"),
                        ],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                ("noted_on", models.DateField()),
                ("left_on", models.DateField(null=True)),
                (
                    "keeper",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "linked",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="customers.party",
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.party",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Acquaintance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "bond",
                    models.SmallIntegerField(choices=[(1, "Has met"), (2, "Knows well"), (3, "Is trusted")]),
                ),
                (
                    "through",
                    models.CharField(
                        choices=[
                            ("work", "Business with us"),
                            ("event", "An event"),
                            ("referred", "Was introduced"),
                            ("school", "Studied together"),
                            ("home", "From the same place"),
                            ("family", "Related"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since_year", models.SmallIntegerField(null=True)),
                ("noted_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                (
                    "keeper",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.party",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_to",
                        to="visits.keyperson",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sponsor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("every_days", models.PositiveSmallIntegerField()),
                ("since_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                (
                    "keeper",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.party",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="keyperson",
            index=models.Index(models.F("party"), name="keyperson_party"),
        ),
        migrations.AddConstraint(
            model_name="keyperson",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_on", None)), fields=("party", "name", "post"), name="keyperson_once"
            ),
        ),
        migrations.AddIndex(
            model_name="acquaintance",
            index=models.Index(models.F("party"), name="acquaintance_party"),
        ),
        migrations.AddConstraint(
            model_name="acquaintance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None)), fields=("person", "staff"), name="acquaintance_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sponsor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None)), fields=("party",), name="sponsor_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="sponsor",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_days__gt", 0)), name="sponsor_has_cadence"
            ),
        ),
        scoped("visits_keyperson", LISTED),
        copies_follow_party("visits_keyperson"),
        scoped("visits_acquaintance", LISTED),
        copies_follow_party("visits_acquaintance"),
        scoped("visits_sponsor", LISTED),
        copies_follow_party("visits_sponsor"),
    ]
