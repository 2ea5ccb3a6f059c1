"""What is on record of a customer, entry by entry (档案完整度): one set of conditions for page, report and the night.

Each condition speaks of a row `party` of customers_party; `%(today)s`, `%(hint_days)s` and `%(identifying)s` (kinds of
document that say who somebody is) come with `asked`. The weighing is `insight.completeness`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from guanxi.crm.customers.documents.selectors import archive_policy
from guanxi.crm.customers.documents.words import language
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.rules import Reach
from guanxi.insight.completeness import FACTS, Completeness, completeness
from guanxi.insight.policies.access import ROLE_NAMES
from guanxi.insight.policies.archive import ArchivePolicy, WeighedFact
from guanxi.insight.policies.base import speak


def _reached_by(*kinds: str) -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""EXISTS (SELECT 1 FROM customers_contactpoint AS point
        WHERE point.party_id = party.id AND point.kind IN ({named}) AND point.valid IS NOT FALSE)"""


def _papers(condition: str) -> str:
    """Customers with such a document on file, those of numbers merged into them too."""
    return f"""SELECT COALESCE(own.merged_into_id, own.id)
        FROM customers_document AS paper JOIN customers_party AS own ON own.id = paper.party_id
        WHERE paper.is_latest AND paper.withdrawn_at IS NULL AND {condition}"""


_KIN = "kin.kind IN ('spouse', 'parent', 'child')"
HELD: Mapping[str, str] = {
    "phone": _reached_by("mobile", "phone"),
    "address": _reached_by("address"),
    "birth_date": "party.birth_date IS NOT NULL",
    "identity": "COALESCE(party.id_masked, '') <> '' AND party.id_valid IS NOT FALSE",
    "occupation": "COALESCE(party.occupation, '') <> ''",
    "employer_name": "COALESCE(party.employer_name, '') <> ''",
    "village": "COALESCE(party.village, '') <> ''",
    "risk": "party.risk_grade IS NOT NULL AND COALESCE(party.risk_expires_on >= %(today)s, TRUE)",
    "family": f"""(EXISTS (SELECT 1 FROM customers_relation AS kin WHERE kin.party_id = party.id AND {_KIN})
        OR EXISTS (SELECT 1 FROM customers_relation AS kin WHERE kin.other_id = party.id AND {_KIN}))""",
    "size_class": "COALESCE(party.size_class, '') <> ''",
    "industry": "COALESCE(party.industry, '') <> ''",
    "legal_person": """EXISTS (SELECT 1 FROM customers_relation AS kin
        WHERE kin.other_id = party.id AND kin.kind = 'legal_person')""",
    "document": "party.id IN ("
    + _papers("paper.kind = ANY(%(identifying)s) AND COALESCE(paper.ends_on >= %(today)s, TRUE)")
    + ")",
    "document_ends": "party.id NOT IN ("
    + _papers("paper.ends_on <= %(today)s::date + %(hint_days)s::int")
    + ")",
}


@dataclass(frozen=True)
class Missing:
    """An entry that is not on record: its name, its weight, who may ask for it and how."""

    fact: str
    label: str
    weight: int
    asked_by: str
    how: str


@dataclass(frozen=True)
class Group:
    """Customers of one kind, outlet and keeper whose records hold the same entries."""

    unit: int
    keeper: int
    kind: str
    held: frozenset[str]
    customers: int


def asked(policy: ArchivePolicy, today: date) -> dict[str, Any]:
    """The parameters of the conditions."""
    return {"today": today, "hint_days": policy.hint_days, "identifying": policy.identifying()}


def of_customer(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """Score and what is missing of one customer, the heaviest first; one query, none without a policy."""
    policy = archive_policy(today)
    wanted = policy.facts_of(party.kind) if policy else {}
    if policy is None or not wanted or not reach.covers(party.unit_id, party.keeper_id):
        return {"completeness": None}
    with connection.cursor() as cursor:
        told = {**asked(policy, today), "party": party.pk}
        cursor.execute(
            f"SELECT {_held(wanted)} FROM customers_party AS party WHERE party.id = %(party)s", told
        )
        row = cursor.fetchone()
    found = completeness(row[0] if row else (), policy.weights_of(party.kind))
    assert found is not None  # there is something to ask for
    return {"completeness": found, "missing_facts": [_missing(wanted[fact]) for fact in found.missing]}


def of_books(reach: Reach, policy: ArchivePolicy, today: date) -> list[Group]:
    """Customers in books within reach by what their records hold; one query, grouped, without a customer's key."""
    facts = dict.fromkeys(one.fact for one in policy.weighed_facts)
    kinds = list(dict.fromkeys(one.customer_kind for one in policy.weighed_facts))
    if not reach.sees_customers or not facts:
        return []
    within = (
        "TRUE" if reach.whole_bank else "(party.unit_id = ANY(%(units)s) OR party.keeper_id = ANY(%(staff)s))"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT unit_id, keeper_id, kind, held, COUNT(*) FROM (
                SELECT party.unit_id, party.keeper_id, party.kind, {_held(facts)} AS held
                FROM customers_party AS party
                WHERE party.keeper_id IS NOT NULL AND party.merged_into_id IS NULL AND party.state = 'active'
                  AND party.kind = ANY(%(kinds)s) AND {within}
            ) AS record GROUP BY unit_id, keeper_id, kind, held""",
            asked(policy, today)
            | {"kinds": kinds, "units": sorted(reach.unit_ids), "staff": sorted(reach.staff_ids)},
        )
        return [
            Group(unit, keeper, kind, frozenset(held), n) for unit, keeper, kind, held, n in cursor.fetchall()
        ]


def scored(groups: Iterable[Group], policy: ArchivePolicy) -> tuple[int, int, Counter[str]]:
    """Customers, the sum of their scores, and how many lack each entry, of some groups."""
    customers, points, lacking = 0, 0, Counter[str]()
    for group in groups:
        found: Completeness | None = completeness(group.held, policy.weights_of(group.kind))
        if found is None:
            continue
        customers += group.customers
        points += found.score * group.customers
        lacking.update(dict.fromkeys(found.missing, group.customers))
    return customers, points, lacking


def fact_name(fact: str) -> str:
    """An entry in the reader's language."""
    return speak(language(), *FACTS.get(fact, (fact, fact)))


def _held(facts: Iterable[str]) -> str:
    cases = ", ".join(f"CASE WHEN {HELD[fact]} THEN '{fact}' END" for fact in facts)
    return f"ARRAY_REMOVE(ARRAY[{cases}]::text[], NULL)"


def _missing(one: WeighedFact) -> Missing:
    comma = speak(language(), "、", ", ")
    roles = comma.join(speak(language(), *ROLE_NAMES[role]) for role in one.asked_by)
    return Missing(one.fact, fact_name(one.fact), one.weight, roles, one.how(language()))
