"""Row security on links and answers by copies of unit and keeper, and the one question of the open doors."""

from django.conf import settings
from django.db import migrations
from django.db.migrations import RunSQL

from guanxi.crm.organisation.row_security import LISTED, copies_follow_party, scoped

UNIT_OF = """
    CREATE FUNCTION surveys_unit_of(link bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT unit_id FROM surveys_surveylink WHERE id = link
    $$
"""
SIGNATURE = "surveys_unit_of(bigint)"
TABLES = ("surveylink", "answer")


def _made() -> RunSQL:
    """The function, for the app's login and the run's alone."""
    roles = f"{settings.GUANXI_ROLES['app']}, {settings.GUANXI_ROLES['pipeline']}"
    granted = (
        f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {roles}"
    )
    return RunSQL(f"{UNIT_OF}; {granted}", f"DROP FUNCTION {SIGNATURE}")


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        _made(),
        *(scoped(f"surveys_{table}", LISTED) for table in TABLES),
        *(copies_follow_party(f"surveys_{table}") for table in TABLES),
    ]
