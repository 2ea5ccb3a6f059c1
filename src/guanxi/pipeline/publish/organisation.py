"""Units, people and posts from the extract. People made by hand in the system stay; posts are closed, never deleted."""

from __future__ import annotations

import psycopg
from psycopg import sql

from guanxi.crm.organisation.services import rebuild_unit_scope
from guanxi.pipeline.copying import copy_rows
from guanxi.pipeline.publish.source import Source

UNITS = """
SELECT unit_no, name, parent_no, kind, area FROM staged.units
"""

STAFF = """
SELECT staff_no, name, unit_no, post, valid_from, valid_to FROM staged.staff
"""


def publish_organisation(
    connection: psycopg.Connection[tuple[object, ...]], source: Source, bank_code: str, bank_name: str
) -> None:
    """Bring units, their closure, staff and posts to what the extract says. A bank without units gets one root."""
    _stage(connection, source, "stage_units", ("unit_no", "name", "parent_no", "kind", "area"), UNITS)
    _stage(
        connection,
        source,
        "stage_staff",
        ("staff_no", "name", "unit_no", "post", "valid_from", "valid_to"),
        STAFF,
    )
    connection.execute(
        "INSERT INTO stage_units SELECT %s, %s, NULL, 'legal_entity', NULL "
        "WHERE NOT EXISTS (SELECT 1 FROM stage_units WHERE kind = 'legal_entity' AND parent_no IS NULL)",
        (bank_code, bank_name),
    )
    connection.execute(_ORPHANS)
    for statement in _UNIT_STATEMENTS + _STAFF_STATEMENTS:
        connection.execute(statement)
    rebuild_unit_scope(using="pipeline")


def _stage(
    connection: psycopg.Connection[tuple[object, ...]],
    source: Source,
    name: str,
    columns: tuple[str, ...],
    select: str,
) -> None:
    dates = {"valid_from", "valid_to"}
    declared = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL("date" if column in dates else "text"))
        for column in columns
    )
    stage = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(stage, declared))
    copy_rows(connection, source.engine.connection, select, stage, columns)


# A unit whose parent the extract does not know hangs below the root, where it can be seen and mended.
_ORPHANS = """
UPDATE stage_units AS lost SET parent_no = root.unit_no
FROM (
    SELECT unit_no FROM stage_units WHERE kind = 'legal_entity' AND parent_no IS NULL ORDER BY unit_no LIMIT 1
) AS root
WHERE lost.unit_no <> root.unit_no AND lost.kind <> 'legal_entity'
  AND NOT EXISTS (SELECT 1 FROM stage_units AS parent WHERE parent.unit_no = lost.parent_no)
"""

_UNIT_STATEMENTS = (
    # Roots first, then each level below, so that a parent's key is there when a child needs it.
    """
    INSERT INTO organisation_unit (unit_no, name, kind, area)
    SELECT unit_no, name, kind, area FROM stage_units WHERE kind = 'legal_entity'
    ON CONFLICT (unit_no) DO UPDATE SET name = EXCLUDED.name, area = EXCLUDED.area
    """,
    """
    INSERT INTO organisation_unit (unit_no, name, kind, area, parent_id)
    SELECT s.unit_no, s.name, s.kind, s.area, root.id FROM stage_units AS s
    CROSS JOIN (SELECT id FROM organisation_unit WHERE parent_id IS NULL ORDER BY id LIMIT 1) AS root
    WHERE s.kind <> 'legal_entity'
    ON CONFLICT (unit_no) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind, area = EXCLUDED.area
    """,
    """
    UPDATE organisation_unit AS child SET parent_id = parent.id
    FROM stage_units AS s JOIN organisation_unit AS parent ON parent.unit_no = s.parent_no
    WHERE child.unit_no = s.unit_no AND child.parent_id IS DISTINCT FROM parent.id AND child.id <> parent.id
    """,
)

_STAFF_STATEMENTS = (
    """
    INSERT INTO organisation_staff (staff_no, name)
    SELECT DISTINCT ON (staff_no) staff_no, name FROM stage_staff ORDER BY staff_no, valid_from DESC, name
    ON CONFLICT (staff_no) DO UPDATE SET name = EXCLUDED.name WHERE organisation_staff.name <> EXCLUDED.name
    """,
    """
    UPDATE organisation_post AS post SET valid_to = s.valid_to
    FROM stage_staff AS s
    JOIN organisation_staff AS staff ON staff.staff_no = s.staff_no
    JOIN organisation_unit AS unit ON unit.unit_no = s.unit_no
    WHERE post.staff_id = staff.id AND post.unit_id = unit.id AND post.role = s.post
      AND post.valid_from = s.valid_from AND post.valid_to IS DISTINCT FROM s.valid_to
      -- A post that an administrator ended stays ended: a file that knows no end yet does not open it again.
      AND s.valid_to IS NOT NULL
    """,
    """
    INSERT INTO organisation_post (staff_id, unit_id, role, valid_from, valid_to)
    SELECT staff.id, unit.id, s.post, s.valid_from, s.valid_to
    FROM stage_staff AS s
    JOIN organisation_staff AS staff ON staff.staff_no = s.staff_no
    JOIN organisation_unit AS unit ON unit.unit_no = s.unit_no
    ON CONFLICT DO NOTHING
    """,
)
