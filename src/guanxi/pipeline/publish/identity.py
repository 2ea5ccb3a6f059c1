"""Publishing of identity resolution: pairs with their evidence, stopped groups, whose entry counts, questions of
households, and the register of who belongs to whom.

The register is dated by business date; the same night published again opens and closes the same links.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from guanxi.insight.tables.identity import FIELDS
from guanxi.pipeline.copying import Merged, Sender, Target, copy_rows, make_stage, merge_rows
from guanxi.pipeline.publish.source import Source

Connection = psycopg.Connection[tuple[Any, ...]]

_EVIDENCE = ", ".join(f"'{field}', json_array(link.{field}_level, link.{field}_weight)" for field in FIELDS)
PAIRS = (
    Target(
        "customers_identitypair",
        ("left_id", "right_id"),
        ("left_id", "right_id", "posterior", "weight", "rule", "conflict", "state", "evidence"),
    ),
    f"""
    SELECT link.left_key, link.right_key, link.posterior, link.weight, link.rule, link.conflict,
           CASE WHEN one.party_key = other.party_key THEN 'merged' WHEN said.verdict = 'apart' THEN 'apart'
                WHEN one.stopped_key = other.stopped_key THEN 'stopped' ELSE 'review' END,
           json_object({_EVIDENCE})
    FROM core.link AS link
    LEFT JOIN core.cluster AS one ON one.member_key = link.left_key
    LEFT JOIN core.cluster AS other ON other.member_key = link.right_key
    LEFT JOIN ops.party_decision AS said ON said.left_no = link.left_no AND said.right_no = link.right_no
    """,
)
STOPPED = (
    Target("customers_stoppedmember", ("party_id",), ("party_id", "group_key", "reason")),
    "SELECT member_key, stopped_key, stopped_reason FROM core.cluster AS cluster "
    "JOIN core.party_member AS member ON member.own_key = cluster.member_key WHERE stopped_key IS NOT NULL",
)
SOURCES = (
    Target(
        "customers_partysource", ("party_id", "field"), ("party_id", "field", "customer_no", "updated_on")
    ),
    "SELECT party_key, field, customer_no, updated_on FROM core.party_source",
)
HOUSEHOLDS = (
    Target("customers_householdhint", ("left_id", "right_id"), ("left_id", "right_id", "family", "members")),
    "SELECT left_key, right_key, SUBSTRING(family, 1, 40), members FROM core.household_hint",
)
_REGISTER_COLUMNS = ("source_no", "own_key", "party_key", "party_uuid", "decided_by")
_REGISTER = (
    "SELECT customer_no, member_key, party_key, party_uuid, decided_by FROM core.cluster WHERE members > 1"
)
_SAME = (
    "s.source_no = link.source_no AND s.party_key = link.party_key AND s.decided_by = link.decided_by "
    "AND link.source = %(source)s"
)
_REGISTER_STATEMENTS = (
    # what this night said before and no longer says
    f"DELETE FROM customers_partylink AS link WHERE link.valid_from >= %(day)s "
    f"AND NOT EXISTS (SELECT 1 FROM stage_members AS s WHERE {_SAME})",
    f"UPDATE customers_partylink AS link SET valid_to = NULL FROM stage_members AS s "
    f"WHERE link.valid_to >= %(day)s AND {_SAME}",
    f"UPDATE customers_partylink AS link SET valid_to = %(day)s WHERE link.valid_to IS NULL "
    f"AND NOT EXISTS (SELECT 1 FROM stage_members AS s WHERE {_SAME})",
    "INSERT INTO customers_partylink (source, source_no, own_key, party_key, party_uuid, valid_from, decided_by) "
    "SELECT %(source)s, source_no, own_key, party_key, party_uuid, %(day)s, decided_by FROM stage_members AS s "
    f"WHERE NOT EXISTS (SELECT 1 FROM customers_partylink AS link WHERE link.valid_to IS NULL AND {_SAME})",
)
# Consents are proof and stay, but those of a number that left a person go back with it.
_CONSENT_COLUMNS = ("party_id", "purpose", "channel", "given_on")
_CONSENTS_LEFT = """
SELECT DISTINCT shown.party_key, given.purpose, given.channel, given.given_on
FROM publish.member_shown AS shown
JOIN core.party_member AS member ON member.own_key = shown.own_key AND member.party_key <> shown.party_key
JOIN staged.consents AS given ON given.customer_no = member.customer_no
WHERE NOT EXISTS (
    SELECT 1 FROM staged.consents AS own
    JOIN core.party_member AS whose ON whose.customer_no = own.customer_no
    WHERE whose.party_key = shown.party_key AND own.purpose = given.purpose AND own.channel = given.channel
      AND own.given_on = given.given_on
)
"""
_CONSENTS_GO = (
    "DELETE FROM customers_consent AS kept USING stage_consents_left AS s WHERE s.party_id = kept.party_id "
    "AND s.purpose = kept.purpose AND s.channel = kept.channel AND s.given_on = kept.given_on"
)


def take_members(connection: Connection, source: Source) -> None:
    """Read which numbers people see merged, before tonight's customers are written."""
    shown = connection.execute(
        "SELECT id, merged_into_id FROM customers_party WHERE merged_into_id IS NOT NULL"
    ).fetchall()
    source.take("publish.member_shown", (("own_key", "BIGINT"), ("party_key", "BIGINT")), shown)


def publish_identity(connection: Connection, source: Source, *, first: bool) -> dict[str, Merged]:
    """Pairs, groups, sources and questions to the store, then the register; inside the run's transaction."""
    due = (PAIRS, STOPPED, SOURCES, HOUSEHOLDS)
    with Sender(source.engine.connection, [select for _, select in due]) as sender:
        tables = {
            target.table: merge_rows(connection, sender.take(select), target, first=first)
            for target, select in due
        }
    _stage(connection, source, "stage_consents_left", "customers_consent", _CONSENT_COLUMNS, _CONSENTS_LEFT)
    connection.execute(_CONSENTS_GO)
    _stage(connection, source, "stage_members", "customers_partylink", _REGISTER_COLUMNS, _REGISTER)
    told = {"day": source.manifest.business_date, "source": source.manifest.bank}
    for statement in _REGISTER_STATEMENTS:
        connection.execute(statement, told)
    return tables


def _stage(
    connection: Connection, source: Source, name: str, like: str, columns: tuple[str, ...], select: str
) -> None:
    stage = sql.Identifier(name)
    make_stage(connection, stage, sql.Identifier(like), columns)
    copy_rows(connection, source.engine.connection, select, stage, columns)
    connection.execute(sql.SQL("ANALYZE {}").format(stage))
