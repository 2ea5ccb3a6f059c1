"""Each measure of each person in one statement: as many queries for a thousand people as for one.

The statements run under whoever acts: a head counts the units, a person one's own, the night everybody. `staff`: whose
work; days are both included. A contact counts when the customer was reached and, for a visit, when there is evidence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connections

from guanxi.crm.performance.models import Measure
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import Count, Span

By = Mapping[int, Count]
Tier = tuple[str, int]

# A visit planned and closed in the room of visits says itself whether it is proven; one only logged needs a note.
_EVIDENCE = """(c.channel <> 'visit'
    OR c.id IN (SELECT v.contact_id FROM visits_visit AS v WHERE v.is_proven AND v.contact_id IS NOT NULL)
    OR (c.id NOT IN (SELECT v.contact_id FROM visits_visit AS v WHERE v.contact_id IS NOT NULL)
        AND length(btrim(c.note)) >= %(note_length)s))"""
COUNTED = f"c.outcome = ANY(%(reached)s) AND {_EVIDENCE}"

_DONE = """
SELECT assignee_id, COUNT(*) FILTER (WHERE state = 'done' AND closed_on <= %(last)s), COUNT(*)
FROM worklist_task
WHERE assignee_id = ANY(%(staff)s) AND due_on BETWEEN %(first)s AND %(last)s AND state NOT IN ('handed_on', 'lapsed')
GROUP BY assignee_id
"""
_BROKEN = """
SELECT staff_id, COUNT(*) FILTER (WHERE broken_on <= %(last)s
    OR (broken_on IS NULL AND (closed_on IS NULL OR closed_on > due_on + %(grace)s) AND due_on + %(grace)s < %(last)s)),
  COUNT(*)
FROM interactions_promise
WHERE staff_id = ANY(%(staff)s) AND due_on BETWEEN %(first)s AND %(last)s AND state <> 'withdrawn'
GROUP BY staff_id
"""
_COVERAGE = f"""
SELECT s.keeper_id, s.tier_scheme, s.tier_rank, COUNT(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM interactions_contact AS c
    WHERE c.party_id = s.party_id AND c.day > %(last)s - cadence.days AND c.day <= %(last)s AND {COUNTED})), COUNT(*)
FROM scores_partyscore AS s
JOIN unnest(%(schemes)s::text[], %(ranks)s::int[], %(cadences)s::int[]) AS cadence (scheme, rank, days)
  ON cadence.scheme = s.tier_scheme AND cadence.rank = s.tier_rank
WHERE s.keeper_id = ANY(%(staff)s)
GROUP BY s.keeper_id, s.tier_scheme, s.tier_rank
"""
_UNTOUCHED = """
SELECT s.keeper_id, COUNT(*) FILTER (WHERE NOT EXISTS (
    SELECT 1 FROM interactions_contact AS c
    WHERE c.party_id = l.party_id AND c.day BETWEEN l.listed_on AND l.listed_on + %(untouched)s)), COUNT(*)
FROM foresight_listing AS l JOIN scores_partyscore AS s ON s.party_id = l.party_id
WHERE s.keeper_id = ANY(%(staff)s) AND l.listed_on >= %(first)s AND l.listed_on + %(untouched)s <= %(last)s
GROUP BY s.keeper_id
"""
_CONTACTS = f"""
SELECT c.staff_id, COUNT(*) FILTER (WHERE {COUNTED}), COUNT(*)
FROM interactions_contact AS c
WHERE c.staff_id = ANY(%(staff)s) AND c.day BETWEEN %(first)s AND %(last)s
GROUP BY c.staff_id
"""
_CONVERSION = f"""
SELECT c.staff_id, COALESCE(s.tier_scheme, ''), COALESCE(s.tier_rank, 0),
  COUNT(*) FILTER (WHERE c.deal_on <= %(last)s), COUNT(*)
FROM interactions_contact AS c JOIN scores_partyscore AS s ON s.party_id = c.party_id
WHERE c.staff_id = ANY(%(staff)s) AND c.day BETWEEN %(intents_from)s AND %(last)s AND c.intent_family <> ''
  AND {COUNTED}
GROUP BY 1, 2, 3
"""
_BOOKS = """
SELECT keeper_id, COALESCE(tier_scheme, ''), COALESCE(tier_rank, 0), COUNT(*)
FROM scores_partyscore WHERE keeper_id = ANY(%(staff)s)
GROUP BY 1, 2, 3
"""
_FLAGS = f"""
WITH of_span AS (
  SELECT c.id, c.staff_id, c.channel, c.at, {_EVIDENCE} AS evidence, c.source <> 'import' AS own,
    CASE WHEN c.source = 'offline' THEN c.at ELSE c.logged_at END AS written
  FROM interactions_contact AS c
  WHERE c.staff_id = ANY(%(staff)s) AND c.day BETWEEN %(first)s AND %(last)s
), visits AS (
  SELECT id, at - LAG(at) OVER around AS before, LEAD(at) OVER around - at AS after
  FROM of_span WHERE channel = 'visit' WINDOW around AS (PARTITION BY staff_id ORDER BY at, id)
), starts AS (
  SELECT id, staff_id, written, COUNT(*) OVER (
    PARTITION BY staff_id ORDER BY written RANGE BETWEEN CURRENT ROW AND %(burst)s FOLLOWING) >= %(many)s AS starts
  FROM of_span WHERE own
), bursts AS (
  SELECT id, BOOL_OR(starts) OVER (
    PARTITION BY staff_id ORDER BY written RANGE BETWEEN %(burst)s PRECEDING AND CURRENT ROW) AS burst
  FROM starts
)
SELECT c.id, c.staff_id, c.channel = 'visit' AND NOT c.evidence AS bare,
  COALESCE(v.before <= %(at_once)s, FALSE) OR COALESCE(v.after <= %(at_once)s, FALSE) AS at_once,
  COALESCE(b.burst, FALSE) AS burst
FROM of_span AS c LEFT JOIN visits AS v ON v.id = c.id LEFT JOIN bursts AS b ON b.id = c.id
"""
_FLAG_SUMS = f"""
SELECT staff_id, COUNT(*) FILTER (WHERE bare), COUNT(*) FILTER (WHERE at_once), COUNT(*) FILTER (WHERE burst)
FROM ({_FLAGS}) AS flagged GROUP BY staff_id
"""
_FLAGGED = f"SELECT id, bare, at_once, burst FROM ({_FLAGS}) AS flagged WHERE bare OR at_once OR burst"


@dataclass(frozen=True)
class Flags:
    """Contacts of one person that want a look: visits without evidence, two visits at once, written down in a burst."""

    bare: int = 0
    at_once: int = 0
    burst: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.bare or self.at_once or self.burst)


@dataclass(frozen=True)
class Book:
    """Customers of one keeper and the minutes a month they cost, by the scope policy."""

    customers: int = 0
    minutes: int = 0


class Measuring:
    """The measures of these people on a day; policies are read once, each measure is one query."""

    def __init__(self, staff: Iterable[int], terms: Terms, *, using: str = "default") -> None:
        """The day of `terms` is the last one counted."""
        self.staff, self.on, self._terms, self._using = sorted(set(staff)), terms.on, terms, using
        self.policy = terms.work
        schemes, cadence = terms.tiers.schemes, terms.cadences
        self._tiers = {(scheme.code, band.rank): band for scheme in schemes for band in scheme.bands}
        self._told: dict[str, Any] = {
            "staff": self.staff,
            "note_length": self.policy.note_length,
            "reached": terms.reached,
            "grace": terms.talk.promise_grace_days,
            "untouched": self.policy.untouched_days,
            "match": terms.talk.match_days,
            "burst": timedelta(minutes=self.policy.burst_minutes),
            "many": self.policy.burst_contacts,
            "at_once": timedelta(minutes=self.policy.visit_minutes),
            "schemes": [one[0] for one in cadence],
            "ranks": [one[1] for one in cadence],
            "cadences": [one[2] for one in cadence],
        }

    @property
    def usual(self) -> Span:
        """The days process figures look back."""
        return Span.back(self.on, self.policy.execution_days)

    def done(self, span: Span) -> By:
        """Tasks due in the span and done by its end; what was handed on or lapsed is nobody's."""
        return self._counts(_DONE, span)

    def broken(self, span: Span) -> By:
        """Promises due in the span that were broken, also those kept late."""
        return self._counts(_BROKEN, span)

    def untouched(self, span: Span) -> By:
        """Warnings listed in the span whose customer nobody contacted within the policy's days."""
        return self._counts(_UNTOUCHED, span)

    def contacts(self, span: Span) -> By:
        """Contacts of the span, and those of them that count."""
        return self._counts(_CONTACTS, span)

    def coverage(self) -> Mapping[tuple[int, Tier], Count]:
        """Customers with a cadence by keeper and tier, and those contacted within it by anybody."""
        return self._by_tier(_COVERAGE, self.usual)

    def conversion(self) -> Mapping[tuple[int, Tier], Count]:
        """Contacts with an intent by person and tier, and those the ledger shows a deal for.

        They look back the usual days and the days a deal may take.
        """
        return self._by_tier(_CONVERSION, self.usual)

    def flags(self, span: Span) -> Mapping[int, Flags]:
        """How many contacts of each person want a look."""
        return {row[0]: Flags(*row[1:]) for row in self._rows(_FLAG_SUMS, span)}

    def flagged(self, span: Span) -> Mapping[int, Flags]:
        """The contacts that want a look, by their key."""
        return {row[0]: Flags(*map(int, row[1:])) for row in self._rows(_FLAGGED, span)}

    def books(self) -> Mapping[int, Book]:
        """Customers and minutes a month by keeper; without a scope policy no minutes."""
        scope = self._terms.scope
        customers: dict[int, int] = defaultdict(int)
        minutes: dict[int, int] = defaultdict(int)
        for keeper, scheme, rank, number in self._rows(_BOOKS, self.usual):
            band = self._tiers.get((scheme, rank))
            customers[keeper] += number
            minutes[keeper] += number * (scope.minutes(scheme, band.code) if scope and band else 0)
        return {keeper: Book(customers[keeper], minutes[keeper]) for keeper in customers}

    def process(self, span: Span | None = None) -> dict[Measure, By]:
        """Every process measure by person; the usual days when no span is told."""
        over = span or self.usual
        return {
            Measure.DONE: self.done(over),
            Measure.BROKEN: self.broken(over),
            Measure.UNTOUCHED: self.untouched(over),
            Measure.CONTACTS: self.contacts(over),
            Measure.COVERAGE: summed(self.coverage()),
            Measure.CONVERSION: summed(self.conversion()),
        }

    def _rows(self, sql: str, span: Span) -> list[tuple[Any, ...]]:
        # Here and not in the statement: adding a parameter to a date needs its type there.
        told = self._told | {"first": span.first, "last": span.last}
        told["intents_from"] = span.first - timedelta(days=told["match"])
        with connections[self._using].cursor() as cursor:
            cursor.execute(sql, told)
            return list(cursor.fetchall())

    def _counts(self, sql: str, span: Span) -> By:
        return {person: Count(hits, cases) for person, hits, cases in self._rows(sql, span)}

    def _by_tier(self, sql: str, span: Span) -> Mapping[tuple[int, Tier], Count]:
        rows = self._rows(sql, span)
        return {(person, (scheme, rank)): Count(hits, cases) for person, scheme, rank, hits, cases in rows}


def summed(by_tier: Mapping[tuple[int, Tier], Count]) -> By:
    """All tiers of a person together."""
    found: dict[int, Count] = {}
    for (person, _tier), count in by_tier.items():
        found[person] = found.get(person, Count()).plus(count)
    return found


def tiers_together(by_tier: Mapping[tuple[int, Tier], Count]) -> Mapping[Tier, Count]:
    """All people of a tier together."""
    found: dict[Tier, Count] = {}
    for (_person, tier), count in by_tier.items():
        found[tier] = found.get(tier, Count()).plus(count)
    return found
