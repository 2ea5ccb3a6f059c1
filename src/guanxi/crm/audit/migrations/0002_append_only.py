"""The trail only grows: neither the app's nor the run's login may change or remove a row."""

from django.conf import settings
from django.db import migrations

TABLES = "audit_changelog, audit_customerview, audit_exportlog"
LOGINS = f"{settings.GUANXI_ROLES['app']}, {settings.GUANXI_ROLES['pipeline']}"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {TABLES} FROM {LOGINS}",
            f"GRANT UPDATE, DELETE ON {TABLES} TO {LOGINS}",
        )
    ]
