import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scores", "0003_fill_empty")]
    operations = [
        migrations.CreateModel(
            name="FigureProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=40)),
                ("figure", models.DecimalField(decimal_places=2, max_digits=38)),
                ("source", models.DecimalField(decimal_places=2, max_digits=38)),
                ("within", models.DecimalField(decimal_places=3, max_digits=38)),
                ("published", models.DecimalField(decimal_places=2, max_digits=38, null=True)),
                ("is_proven", models.BooleanField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proofs", to="scores.run"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="figureproof",
            constraint=models.UniqueConstraint(fields=("run", "metric"), name="figureproof_once"),
        ),
    ]
