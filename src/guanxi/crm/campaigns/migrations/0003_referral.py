"""A referral names the lead the newcomer came as; its reward is the ledger's, once a newcomer."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_row_security"), ("leads", "0002_row_security")]
    operations = [
        # No page has written one yet.
        migrations.RunSQL("DELETE FROM campaigns_referral", migrations.RunSQL.noop),
        migrations.RemoveConstraint("referral", "campaignreferral_once"),
        migrations.RemoveField("referral", "code"),
        migrations.AddField(
            "referral",
            "lead",
            models.OneToOneField(
                default=0,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="referral",
                to="leads.lead",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "referral", "consent_version", models.CharField(default="", max_length=20), preserve_default=False
        ),
        migrations.AddField("referral", "qualified_fen", models.BigIntegerField(null=True)),
        migrations.AlterField(
            "referral",
            "noted_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            "referral",
            models.Index(models.F("campaign"), models.F("noted_on"), name="campaignreferral_campaign"),
        ),
        migrations.AddConstraint(
            "referral",
            models.UniqueConstraint(
                condition=models.Q(("rewarded_on__isnull", False)),
                fields=("brought",),
                name="campaignreferral_rewarded_once",
            ),
        ),
        migrations.AddConstraint(
            "referral",
            models.CheckConstraint(
                condition=models.Q(
                    ("brought__isnull", True),
                    models.Q(("brought", models.F("party")), _negated=True),
                    _connector="OR",
                ),
                name="campaignreferral_not_oneself",
            ),
        ),
        migrations.AddConstraint(
            "referral",
            models.CheckConstraint(
                condition=models.Q(
                    ("rewarded_on__isnull", True), ("brought__isnull", False), _connector="OR"
                ),
                name="campaignreferral_reward_has_newcomer",
            ),
        ),
    ]
