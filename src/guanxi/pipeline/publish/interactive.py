"""The facts of segments as one file for pages (lake/interactive.py), with the keys of unit and keeper as published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from guanxi.insight.segments.facts import WIDE
from guanxi.insight.segments.sources import SOURCES
from guanxi.insight.segments.sources import Source as Beside
from guanxi.insight.tables import TABLES
from guanxi.lake.interactive import facts_path, write_facts
from guanxi.lake.store import Manifest
from guanxi.pipeline.publish.source import Source

OWN = ("bucket",)  # columns of the wide table that no page asks


def write_facts_file(connection: psycopg.Connection[Any], source: Source) -> int:
    """Make the file of the source's run; its units and keepers must be published before. Returns its rows.

    Who moved before this publication began stands in the new file as moved; who moves while it is made stays noted.
    """
    connection.execute("DELETE FROM segments_moved WHERE moved_at <= transaction_timestamp()")
    return write_facts(
        source.engine.connection,
        facts_select(source.manifest),
        facts_path(source.lake, source.manifest.run),
        business_date=source.manifest.business_date,
        run=source.manifest.run,
    )


def facts_select(manifest: Manifest) -> str:
    """The wide table, then the columns of facts that other tables of this run hold, one row a customer each."""
    beside = _beside(manifest)
    kept = [f"wide.{name}" for name in TABLES[WIDE].column_names if name not in OWN]
    others = [
        _column(name, column, instead)
        for name, one in beside.items()
        for column, instead in one.columns.items()
    ]
    joins = [
        f"LEFT JOIN ({one.select}) AS of_{name} ON of_{name}.party_key = wide.party_key"
        for name, one in beside.items()
    ]
    return f"""
    SELECT {", ".join([*kept, *others])}, COALESCE(unit.id, root.id) AS unit_id, keeper.id AS keeper_id
    FROM {WIDE} AS wide
    LEFT JOIN publish.unit AS unit ON unit.no = wide.unit_no
    LEFT JOIN publish.keeper AS keeper ON keeper.party_key = wide.party_key
    CROSS JOIN (SELECT MIN(id) AS id FROM publish.unit) AS root
    {" ".join(joins)}
    """


def _beside(manifest: Manifest) -> Mapping[str, Beside]:
    """The sources all of whose tables the run made."""
    return {
        name: one for name, one in SOURCES.items() if all(manifest.parts.get(table) for table in one.reads)
    }


def _column(source: str, column: str, instead: str | None) -> str:
    found = f"of_{source}.{column}"
    return found if instead is None else f"COALESCE({found}, {instead}) AS {column}"
