"""What was handed in is not changed, and no assessment is deleted before its retention ends."""

from django.conf import settings
from django.db import migrations

APP = settings.GUANXI_ROLES["app"]
TABLE = "assessments_assessment"
LOCK = f"""
CREATE FUNCTION {TABLE}_retention() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.kept_until < OLD.kept_until THEN
            RAISE EXCEPTION 'the retention of an assessment is not shortened' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.kept_until >= CURRENT_DATE THEN
        RAISE EXCEPTION 'an assessment is not deleted before its retention ends' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER {TABLE}_retention BEFORE UPDATE OF kept_until OR DELETE ON {TABLE}
FOR EACH ROW EXECUTE FUNCTION {TABLE}_retention();
REVOKE UPDATE, DELETE ON {TABLE} FROM {APP};
GRANT UPDATE (state, decided_by_id, decided_at, decided_note, valid_from, valid_until, ended_on, kept_until)
ON {TABLE} TO {APP};
"""


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]
    operations = [
        migrations.RunSQL(
            LOCK,
            f"GRANT UPDATE, DELETE ON {TABLE} TO {APP}; DROP TRIGGER {TABLE}_retention ON {TABLE};"
            f"DROP FUNCTION {TABLE}_retention()",
        ),
    ]
