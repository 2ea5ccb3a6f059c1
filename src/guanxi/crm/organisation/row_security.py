"""Row security as migration operations: the second wall behind the selectors, in the database itself.

For the app's login a row of a scoped table exists only within the acting person's reach, which `acting_as` puts into
settings of the transaction. Outside of it nothing exists: an empty setting reads as NULL, and NULL matches no row.
The settings are read in scalar subqueries, so PostgreSQL evaluates them once a statement and not once a row.
"""

from django.conf import settings
from django.db.migrations import RunSQL

REACH, UNITS, BOOK, STAFF = "guanxi.reach", "guanxi.units", "guanxi.book", "guanxi.staff"
RESTRICTED = "guanxi.restricted"


def _setting(name: str) -> str:
    return f"NULLIF(current_setting('{name}', true), '')"


def _numbers(name: str) -> str:
    # The cast inside is done once; the one outside only says "one array", where a bare ANY (SELECT …) means rows.
    return f"(SELECT string_to_array({_setting(name)}, ',')::bigint[])::bigint[]"


LISTED = (
    f"((SELECT {_setting(REACH)}) = 'bank'"
    f" OR unit_id = ANY({_numbers(UNITS)}) OR keeper_id = ANY({_numbers(BOOK)}))"
)
"""For tables that carry `unit_id` and `keeper_id` themselves."""


def through_party(table: str, *columns: str) -> str:
    """For detail tables: the row's party (in one of `columns`) is itself within reach."""
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM customers_party AS seen WHERE seen.id = {table}.{column})"
        for column in columns
    )


def own_rows(column: str = "staff_id") -> str:
    """For tables of one's own things: the row belongs to the acting person."""
    return f"{column} = (SELECT {_setting(STAFF)}::bigint)"


def scoped(table: str, condition: str) -> RunSQL:
    """Switch row security on, by force, for `table`: the app's login is held to `condition`, the others see all."""
    roles = settings.GUANXI_ROLES
    forward = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_app ON {table} TO {roles['app']} USING ({condition}) WITH CHECK ({condition})",
    ]
    backward = [f"DROP POLICY {table}_app ON {table}"]
    for login in ("owner", "pipeline"):
        forward.append(
            f"CREATE POLICY {table}_{login} ON {table} TO {roles[login]} USING (true) WITH CHECK (true)"
        )
        backward.append(f"DROP POLICY {table}_{login} ON {table}")
    backward += [
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    return RunSQL(";\n".join(forward), ";\n".join(backward))


def hides_restricted(table: str, *columns: str) -> RunSQL:
    """On top of what `scoped` allows the app's login: no row about a customer under a restriction (限制处理).

    `columns` are keys of parties. One policy that restricts, so that whoever adds a way to see rows cannot forget it;
    the few numbers are read once a statement.
    """
    name, app = f"{table}_restricted", settings.GUANXI_ROLES["app"]
    kept_back = " AND ".join(
        f"({column} IS NULL OR {column} NOT IN (SELECT party_id FROM compliance_restricted))"
        for column in columns
    )
    shown = f"(SELECT {_setting(RESTRICTED)}) = 'shown'"
    return RunSQL(
        f"CREATE POLICY {name} ON {table} AS RESTRICTIVE TO {app} USING ({shown} OR ({kept_back}))",
        f"DROP POLICY {name} ON {table}",
    )


def copies_follow_party(table: str) -> RunSQL:
    """Let `table`'s copies of unit and keeper follow the party's at once, in the same transaction.

    A trigger, since the party's room stands below the rooms with the copies and may not call them; and since a
    copy left behind would hide a customer from the new keeper until the next run, or show it to the old one.
    The run writes copies itself: a MERGE that changes no unit and no keeper fires nothing.
    """
    function = f"{table}_follows_party"
    forward = f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
        BEGIN
            UPDATE {table} SET unit_id = NEW.unit_id, keeper_id = NEW.keeper_id WHERE party_id = NEW.id;
            RETURN NULL;
        END $$;
        REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
        CREATE TRIGGER {function} AFTER UPDATE OF unit_id, keeper_id ON customers_party FOR EACH ROW
        WHEN (OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.keeper_id IS DISTINCT FROM NEW.keeper_id)
        EXECUTE FUNCTION {function}();
    """
    return RunSQL(forward, f"DROP TRIGGER {function} ON customers_party; DROP FUNCTION {function}()")
