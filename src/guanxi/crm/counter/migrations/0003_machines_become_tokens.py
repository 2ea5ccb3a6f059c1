"""Machines of the counter become tokens of one scope; what they are called, act as and are hashed to stays."""

from django.db import migrations

FORWARD = """
INSERT INTO organisation_token (name, sha256, staff_id, scopes, made_at, approved_at, stopped_at)
SELECT name, sha256, staff_id, '["counter:events"]', made_at, made_at, stopped_at FROM counter_machine
"""
BACKWARD = """
INSERT INTO counter_machine (name, sha256, staff_id, made_at, stopped_at)
SELECT name, sha256, staff_id, made_at, stopped_at FROM organisation_token WHERE scopes @> '["counter:events"]'
"""


class Migration(migrations.Migration):
    dependencies = [("counter", "0002_row_security"), ("organisation", "0002_token")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.DeleteModel("Machine"),
    ]
