"""Row security; and a book whose keeper's post ends stands in a hand-over case from the same transaction on."""

from django.conf import settings
from django.db import migrations

from guanxi.crm.organisation.row_security import LISTED, REACH, STAFF, UNITS, copies_follow_party, scoped
from guanxi.crm.organisation.rules import ROLE_RULES, Sight

LISTS = ("poolentry", "exitproposal", "sharedkeeping", "tieroverride")
_ME = f"(SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint)"
_PART = f"""(giver_id = {_ME} OR taker_id = {_ME} OR (SELECT NULLIF(current_setting('{REACH}', true), '')) = 'bank'
    OR unit_id = ANY((SELECT string_to_array(NULLIF(current_setting('{UNITS}', true), ''), ',')::bigint[])::bigint[]))"""
_THROUGH = "EXISTS (SELECT 1 FROM keeping_handover AS case_ WHERE case_.id = {table}.handover_id)"
_SEEING = ", ".join(
    f"'{role}'" for role, rule in ROLE_RULES.items() if rule.sight in {Sight.BOOK, Sight.UNITS}
)
# One open case a unit in which the person keeps customers but from that day on holds no post that sees them. Deferred to
# the end of the transaction, so that a move (close one post, open another) is judged by what it leads to.
_CASES = f"""
CREATE FUNCTION keeping_open_cases(person bigint, day date) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH opened AS (
        INSERT INTO keeping_handover (unit_id, giver_id, state, why, note, opened_on, due_on, file_hash)
        SELECT DISTINCT party.unit_id, person, 'open', 'post_ended', '', day, day, ''
        FROM customers_party AS party
        WHERE party.keeper_id = person AND NOT EXISTS (
            SELECT 1 FROM organisation_post AS post
            JOIN organisation_unitscope AS scope ON scope.unit_id = post.unit_id AND scope.member_id = party.unit_id
            JOIN organisation_staff AS staff ON staff.id = post.staff_id AND staff.is_active
            WHERE post.staff_id = person AND post.role IN ({_SEEING})
              AND (post.valid_to IS NULL OR post.valid_to > day)
        )
        ON CONFLICT (giver_id, unit_id) WHERE state = 'open' DO NOTHING RETURNING 1
    ) SELECT COUNT(*) FROM opened
$$;
CREATE FUNCTION keeping_post_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM keeping_open_cases(NEW.staff_id, NEW.valid_to);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION keeping_open_cases(bigint, date), keeping_post_ended() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keeping_open_cases(bigint, date) TO {{pipeline}};
CREATE CONSTRAINT TRIGGER keeping_post_ended AFTER UPDATE OF valid_to ON organisation_post
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.valid_to IS NOT NULL AND OLD.valid_to IS DISTINCT FROM NEW.valid_to)
EXECUTE FUNCTION keeping_post_ended();
"""


class Migration(migrations.Migration):
    dependencies = [("keeping", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        *(scoped(f"keeping_{table}", LISTED) for table in LISTS),
        scoped("keeping_handover", _PART),
        *(
            scoped(f"keeping_{table}", _THROUGH.format(table=f"keeping_{table}"))
            for table in ("handoverline", "signature")
        ),
        *(copies_follow_party(f"keeping_{table}") for table in (*LISTS, "handoverline")),
        migrations.RunSQL(
            _CASES.replace("{pipeline}", settings.GUANXI_ROLES["pipeline"]),
            "DROP TRIGGER keeping_post_ended ON organisation_post; DROP FUNCTION keeping_post_ended();"
            "DROP FUNCTION keeping_open_cases(bigint, date)",
        ),
    ]
