"""Row security: within reach of the customer, or one's own task, or one of a person covered for.

When a customer changes hands, so do the tasks that the old keeper had about him.
"""

from django.db import migrations

from guanxi.crm.organisation.row_security import BOOK, LISTED, STAFF, scoped

TABLE, FUNCTION = "worklist_task", "worklist_task_follows_party"
_MINE = f"""assignee_id = (SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint)"""
_COVERED = f"""assignee_id = ANY(
    (SELECT string_to_array(NULLIF(current_setting('{BOOK}', true), ''), ',')::bigint[])::bigint[])"""

_FOLLOWS = f"""
CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE {TABLE} SET unit_id = NEW.unit_id, keeper_id = NEW.keeper_id,
        assignee_id = CASE WHEN state IN ('open', 'snoozed') AND assignee_id = OLD.keeper_id
                           THEN COALESCE(NEW.keeper_id, assignee_id) ELSE assignee_id END
    WHERE party_id = NEW.id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION {FUNCTION}() FROM PUBLIC;
CREATE TRIGGER {FUNCTION} AFTER UPDATE OF unit_id, keeper_id ON customers_party FOR EACH ROW
WHEN (OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.keeper_id IS DISTINCT FROM NEW.keeper_id)
EXECUTE FUNCTION {FUNCTION}();
"""


class Migration(migrations.Migration):
    dependencies = [("worklist", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped(TABLE, f"({LISTED} OR {_MINE} OR {_COVERED})"),
        migrations.RunSQL(
            _FOLLOWS, f"DROP TRIGGER {FUNCTION} ON customers_party; DROP FUNCTION {FUNCTION}()"
        ),
    ]
