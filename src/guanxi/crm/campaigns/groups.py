"""Payroll groups (代发客群): the salaried customers of one employer, and how many of them have a product family."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from guanxi.insight.policies.campaign import CampaignPolicy

# Row security keeps both ends within the reader's reach: an employer out of reach is counted as its people, unnamed.
_GROUPS = """
SELECT firm.uuid::text, firm.name, COUNT(*) AS people, COUNT(*) FILTER (WHERE has.it), SUM(COALESCE(score.aum_fen, 0))
FROM customers_relation AS work
JOIN customers_party AS person
  ON person.id = work.party_id AND person.state = 'active' AND person.merged_into_id IS NULL
JOIN customers_party AS firm ON firm.id = work.other_id
LEFT JOIN scores_partyscore AS score ON score.party_id = person.id
CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT 1 FROM customers_holding AS held WHERE held.party_id = person.id AND held.role = 'holder'
      AND held.state = 'open' AND held.family = ANY(%(families)s)) AS it) AS has
WHERE work.kind = 'employee' AND work.valid_to IS NULL
GROUP BY firm.id, firm.uuid, firm.name HAVING COUNT(*) >= %(people)s
ORDER BY COUNT(*) FILTER (WHERE has.it)::float / COUNT(*), people DESC, firm.id LIMIT 200
"""


@dataclass(frozen=True)
class Group:
    """An employer within reach: salaried customers, those with the families, their wealth in fen."""

    uuid: str
    name: str
    people: int
    having: int
    aum_fen: int
    under_served: bool

    @property
    def share(self) -> float:
        """Penetration (覆盖率): how many of the people have the families."""
        return self.having / self.people


def payroll_groups(families: tuple[str, ...], policy: CampaignPolicy) -> list[Group]:
    """Employers with enough salaried customers within the acting person's reach, the least served first."""
    told: dict[str, Any] = {"families": list(families), "people": policy.group_people}
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, told)
        return [
            Group(uuid, name, people, having, int(aum), Decimal(having) / people < policy.group_share)
            for uuid, name, people, having, aum in cursor.fetchall()
        ]
