"""core.cluster · grain: member_key · scope: whole · months: none

Which numbers are one person: what persons decided, equal valid identifiers, pairs above the merge line, and what was
one person already when the day began. The public key of a person stands: it stays with the number that first had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from guanxi.insight.engine import Engine
from guanxi.insight.identity.resolution.grouping import (
    Evidence,
    Groups,
    Limits,
    Pair,
    Strength,
    group,
    pair,
)
from guanxi.insight.staging.keys import bucket
from guanxi.insight.tables import TABLES
from guanxi.insight.tables.shape import arrow_schema

READS = (
    "staged.customers", "core.link", "core.link_key", "ops.party_link", "ops.party_decision", "policy.identity",
)  # fmt: skip
_TOUCHED = (
    "SELECT left_no AS customer_no FROM core.link UNION SELECT right_no AS customer_no FROM core.link "
    "UNION SELECT source_no AS customer_no FROM ops.party_link "
    "UNION SELECT left_no AS customer_no FROM ops.party_decision "
    "UNION SELECT right_no AS customer_no FROM ops.party_decision"
)


def make(engine: Engine) -> pa.Table:
    """One row per number that linkage, the register or a person touched."""
    known = _known(engine)
    stood = {row["source_no"]: row for row in engine.arrow("SELECT * FROM ops.party_link").to_pylist()}
    for number, row in stood.items():
        if row["own_key"] == row["party_key"] and number not in known:
            known[number] = _gone(number, row)  # no longer delivered, and still the key of a person
    line = engine.arrow("SELECT * FROM policy.identity").to_pylist()[0]
    evidence = _evidence(engine, known, stood, float(line["merge_from"]))
    groups = group(evidence, Limits(line["most_members"], float(line["least_linked"])))
    rows = _rows(known, groups, {row["party_key"] for row in stood.values()})
    shape = arrow_schema(TABLES["core.cluster"])
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["member_key"]), schema=shape)


def _known(engine: Engine) -> dict[str, dict[str, Any]]:
    rows = engine.arrow(
        "SELECT customer.customer_no, customer.party_key, customer.party_uuid, customer.bucket, customer.since, "
        "held.id_kind, held.id_key, COALESCE(held.id_valid, FALSE) AS id_valid FROM staged.customers AS customer "
        f"JOIN ({_TOUCHED}) AS touched ON touched.customer_no = customer.customer_no "
        "LEFT JOIN core.link_key AS held ON held.customer_no = customer.customer_no ORDER BY customer.customer_no"
    ).to_pylist()
    return {row["customer_no"]: {**row, "here": True} for row in rows}


def _gone(number: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "customer_no": number, "party_key": row["own_key"], "party_uuid": row["party_uuid"], "bucket": bucket(number),
        "since": None, "id_kind": None, "id_key": None, "id_valid": False, "here": False,
    }  # fmt: skip


def _evidence(
    engine: Engine, known: Mapping[str, Mapping[str, Any]], stood: Mapping[str, Mapping[str, Any]], merge_from: float
) -> Evidence:  # fmt: skip
    said = engine.arrow("SELECT left_no, right_no, verdict FROM ops.party_decision").to_pylist()
    decided = {pair(row["left_no"], row["right_no"]): row["verdict"] for row in said}
    found = engine.arrow(
        "SELECT left_no, right_no, posterior, rule, conflict FROM core.link ORDER BY left_no, right_no"
    ).to_pylist()
    apart = frozenset(key for key, verdict in decided.items() if verdict == "apart")
    links: dict[Pair, Strength] = dict.fromkeys(_standing(stood), Strength.MODEL)
    for row in found:
        if row["rule"] == "identifier":
            links[row["left_no"], row["right_no"]] = Strength.IDENTIFIER
        elif row["posterior"] >= merge_from and not row["conflict"]:
            links[row["left_no"], row["right_no"]] = Strength.MODEL
    links = {key: kind for key, kind in links.items() if key not in apart}
    links |= {key: Strength.PERSON for key, verdict in decided.items() if verdict == "merge"}
    links = {key: kind for key, kind in links.items() if key[0] in known and key[1] in known}
    valid = {
        number: (row["id_kind"], row["id_key"])
        for number, row in known.items()
        if row["id_valid"] and row["id_key"]
    }
    return Evidence(links, apart, frozenset((row["left_no"], row["right_no"]) for row in found), valid)


def _standing(stood: Mapping[str, Mapping[str, Any]]) -> Iterable[Pair]:
    """What the program linked before stays linked: a person does not come apart because a weight moved a little."""
    first = {row["party_key"]: number for number, row in stood.items() if row["own_key"] == row["party_key"]}
    for number, row in stood.items():
        head = first.get(row["party_key"])
        if head and head != number and row["decided_by"] != "person":
            yield pair(head, number)


def _rows(known: Mapping[str, Mapping[str, Any]], groups: Groups, standing: set[int]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for members, strength in groups.merged:
        head = min(members, key=lambda number: _seniority(known[number], standing))
        for number in members:
            rows[number] = _row(known[number], known[head], len(members), strength.name.lower())
    for members, reason in groups.stopped:
        for number in members:
            row = rows.setdefault(number, _row(known[number], known[number], 1, ""))
            row |= {"stopped_key": known[members[0]]["party_key"], "stopped_reason": reason}
    return list(rows.values())


def _seniority(row: Mapping[str, Any], standing: set[int]) -> tuple[Any, ...]:
    """Who gives the person the key: whose key is in use already, then the oldest customer."""
    return (row["party_key"] not in standing, row["since"] is None, row["since"] or 0, row["customer_no"])


def _row(own: Mapping[str, Any], head: Mapping[str, Any], members: int, by: str) -> dict[str, Any]:
    return {
        "member_key": own["party_key"], "customer_no": own["customer_no"], "party_key": head["party_key"],
        "party_uuid": head["party_uuid"], "bucket": head["bucket"], "members": members, "decided_by": by,
        "stopped_key": None, "stopped_reason": None,
    }  # fmt: skip
