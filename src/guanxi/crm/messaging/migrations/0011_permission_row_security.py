"""Row security on what customers said and on what was taken from their budgets; the ledger of words only grows."""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import REACH, scoped, through_party

SECURED = ("consententry", "hold", "budget", "touch")
NOBODYS = f"party_id IS NULL AND (SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank'"
LOGINS = f"{settings.GUANXI_ROLES['app']}, {settings.GUANXI_ROLES['pipeline']}"


def _through(name: str) -> str:
    return through_party(f"messaging_{name}", "party_id")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_permission"), ("customers", "0002_row_security")]
    operations = [
        *(scoped(f"messaging_{name}", _through(name)) for name in SECURED),
        scoped("messaging_heard", f"({_through('heard')}) OR ({NOBODYS})"),
        migrations.RunSQL(
            f"REVOKE UPDATE, DELETE, TRUNCATE ON messaging_consententry FROM {LOGINS}",
            f"GRANT UPDATE, DELETE ON messaging_consententry TO {LOGINS}",
        ),
    ]
