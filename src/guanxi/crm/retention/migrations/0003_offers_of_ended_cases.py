"""The note of an offer whose case ended is a code; it was a phrase in the language of whoever ended the case."""

from django.db import migrations

TO_CODE = """
    UPDATE retention_caseoffer SET decided_note = 'case_ended'
    WHERE state = 'refused' AND decided_by_id IS NULL AND decided_note IN ('case ended', '任务已结案')
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_row_security")]
    operations = [migrations.RunSQL(TO_CODE, migrations.RunSQL.noop)]
