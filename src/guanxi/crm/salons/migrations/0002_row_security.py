"""Row security on invitations by copies of unit and keeper, and the one question of the open doors: whose unit's rows."""

from django.conf import settings
from django.db import migrations
from django.db.migrations import RunSQL

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped

UNIT_OF = """
    CREATE FUNCTION salons_unit_of(invitation bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT unit_id FROM salons_invitation WHERE id = invitation
    $$
"""
SIGNATURE = "salons_unit_of(bigint)"


def _made() -> RunSQL:
    """The function, for the app's login and the run's alone."""
    roles = f"{settings.GUANXI_ROLES['app']}, {settings.GUANXI_ROLES['pipeline']}"
    granted = (
        f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {roles}"
    )
    return RunSQL(f"{UNIT_OF}; {granted}", f"DROP FUNCTION {SIGNATURE}")


class Migration(migrations.Migration):
    dependencies = [
        ("salons", "0001_initial"),
        ("customers", "0002_row_security"),
        ("leads", "0002_row_security"),
    ]
    operations = [
        _made(),
        scoped("salons_invitation", LISTED),
        copies_follow_party("salons_invitation"),
    ]
