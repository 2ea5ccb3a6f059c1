"""Row security on segments and their customers, and the two questions that look behind it and tell no more than asked."""

from django.conf import settings
from django.db import migrations
from django.db.migrations import RunSQL

from guanxi.crm.organisation.row_security import BOOK, REACH, STAFF, UNITS, own_rows, scoped, through_party

SHARED = f"""EXISTS (
    SELECT 1 FROM organisation_unitscope AS scope JOIN organisation_post AS post ON post.unit_id = scope.member_id
    WHERE scope.unit_id = shared_with_id
      AND post.staff_id = (SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint))"""
SEGMENT = f"({own_rows('owner_id')} OR (shared_with_id IS NOT NULL AND {SHARED}))"
VERSION = "EXISTS (SELECT 1 FROM segments_segment AS seen WHERE seen.id = segments_segmentversion.segment_id)"
MEMBER = f"({through_party('segments_member', 'party_id')})"
NEVER = "false"

# The run's own moves are made in the transaction that also makes the file, so they are swept by its time.
KEEP_MOVES = """
    CREATE FUNCTION segments_keep_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
    BEGIN
        INSERT INTO segments_moved (party_id, unit_was, keeper_was, moved_at)
        VALUES (OLD.id, OLD.unit_id, OLD.keeper_id, now()) ON CONFLICT (party_id) DO NOTHING;
        RETURN NULL;
    END $$;
    REVOKE ALL ON FUNCTION segments_keep_move() FROM PUBLIC;
    CREATE TRIGGER segments_keep_move AFTER UPDATE OF unit_id, keeper_id ON customers_party FOR EACH ROW
    WHEN (OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.keeper_id IS DISTINCT FROM NEW.keeper_id)
    EXECUTE FUNCTION segments_keep_move()
"""


def _numbers(name: str) -> str:
    return f"string_to_array(NULLIF(current_setting('{name}', true), ''), ',')::bigint[]"


def _within(unit: str, keeper: str) -> str:
    """As lists see it (`customers.selectors.within`): the units where there are some, else the books."""
    return f"""COALESCE(CASE WHEN current_setting('{REACH}', true) = 'bank' THEN true
        WHEN NULLIF(current_setting('{UNITS}', true), '') IS NOT NULL THEN {unit} = ANY({_numbers(UNITS)})
        ELSE {keeper} = ANY({_numbers(BOOK)}) END, false)"""


MOVED = f"""
    CREATE FUNCTION segments_moved() RETURNS TABLE (party_id bigint, inside boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT moved.party_id, {_within("party.unit_id", "party.keeper_id")}
        FROM segments_moved AS moved JOIN customers_party AS party ON party.id = moved.party_id
        WHERE {_within("party.unit_id", "party.keeper_id")} OR {_within("moved.unit_was", "moved.keeper_was")}
    $$
"""
KNOWN = """
    CREATE FUNCTION segments_known(numbers text[], tokens text[]) RETURNS TABLE (number text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT customer_no FROM customers_party WHERE customer_no = ANY(numbers)
        UNION SELECT token FROM customers_identifier WHERE token = ANY(tokens)
    $$
"""


def _for_the_app(signature: str) -> str:
    app = settings.GUANXI_ROLES["app"]
    return f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {signature} TO {app}"


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        scoped("segments_segment", SEGMENT),
        scoped("segments_segmentversion", VERSION),
        scoped("segments_member", MEMBER),
        scoped("segments_moved", NEVER),
        RunSQL(
            KEEP_MOVES,
            "DROP TRIGGER segments_keep_move ON customers_party; DROP FUNCTION segments_keep_move()",
        ),
        RunSQL(f"{MOVED}; {_for_the_app('segments_moved()')}", "DROP FUNCTION segments_moved()"),
        RunSQL(
            f"{KNOWN}; {_for_the_app('segments_known(text[], text[])')}",
            "DROP FUNCTION segments_known(text[], text[])",
        ),
    ]
