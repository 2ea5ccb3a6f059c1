"""One index that holds what an outlet's list is sorted and narrowed by, so that no sort reads the wide rows.

It answers alone where the table's pages are known to hold nothing but visible rows, which a vacuum finds out: so the
table is vacuumed after a fiftieth of its rows changed, and not after a fifth.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scores", "0009_credit_coverage"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="partyscore",
            index=models.Index(
                fields=["unit", "party"],
                include=(
                    "keeper",
                    "kind",
                    "tier_scheme",
                    "tier_rank",
                    "watch",
                    "stage",
                    "aum_fen",
                    "daily_average_fen",
                    "aum_change_fen",
                    "next_gap_fen",
                    "deposits_fen",
                    "loans_fen",
                    "composite_score",
                    "contribution_12m_fen",
                    "last_initiated_on",
                ),
                name="score_unit_sorts",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE scores_partyscore SET (autovacuum_vacuum_scale_factor = 0.02)",
            "ALTER TABLE scores_partyscore RESET (autovacuum_vacuum_scale_factor)",
        ),
    ]
