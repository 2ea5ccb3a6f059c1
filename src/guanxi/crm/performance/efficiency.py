"""Output an hour and a contact, adjusted for the customers kept (单位产出): counted by the night, shown by person.

Whole months only, and daily averages, so that the last day of a month decides nothing. Customers who had the same
keeper from before the first month on; the others count for nobody.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connections

from guanxi.crm.performance.measuring import COUNTED
from guanxi.crm.performance.mix import Books, Cell, Sums, standings
from guanxi.crm.performance.models import Efficiency, Output
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import Span
from guanxi.crm.performance.team import Member

FEN = 100
# The first night dates every keeper it finds with its own day and gives no reason: that says nothing about a change.
_BOOKS = f"""
WITH deals AS (
  SELECT c.party_id, c.staff_id, COUNT(*) AS deals FROM interactions_contact AS c
  WHERE c.deal_on BETWEEN %(first)s AND %(last)s AND c.intent_family <> '' AND {COUNTED}
  GROUP BY c.party_id, c.staff_id
), book AS (
  SELECT s.keeper_id, s.party_id, COALESCE(s.tier_scheme, '') AS scheme, COALESCE(s.age_band, '') AS age,
    COALESCE(place.area, '') AS area, h.tier_ranks AS ranks, h.stages, h.daily_average_fen AS averages,
    array_position(h.months, %(before)s::date) AS was_at, array_position(h.months, %(until)s::date) AS is_at,
    s.daily_average_fen AS present
  FROM scores_partyscore AS s
  JOIN scores_partyhistory AS h ON h.party_id = s.party_id
  JOIN organisation_unit AS place ON place.id = s.unit_id
  WHERE s.keeper_id = ANY(%(staff)s) AND NOT EXISTS (
    SELECT 1 FROM customers_keeperterm AS t
    WHERE t.party_id = s.party_id AND t.is_primary
      AND ((t.staff_id <> s.keeper_id AND COALESCE(t.valid_to, 'infinity') >= %(first)s)
        OR (t.valid_to IS NULL AND t.valid_from >= %(first)s AND t.reason <> '')))
), counted AS (
  SELECT book.keeper_id, book.party_id, scheme, age, area,
    COALESCE(CASE WHEN cardinality(ranks) > 0 THEN ranks[was_at] END, -1) AS rank,
    COALESCE(CASE WHEN cardinality(stages) > 0 THEN stages[was_at] END, '') AS stage,
    CASE WHEN cardinality(averages) > 0 THEN averages[was_at] ELSE 0 END AS was,
    CASE WHEN %(running)s THEN CASE WHEN cardinality(averages) > 0 THEN averages[is_at] ELSE 0 END
         ELSE present END AS now
  FROM book WHERE was_at IS NOT NULL
), told AS (
  SELECT counted.*, GREATEST(LEAST(now - was, %(cap)s), -%(cap)s)::float8 AS growth,
    COALESCE(deals.deals, 0)::float8 AS deals
  FROM counted LEFT JOIN deals ON deals.party_id = counted.party_id AND deals.staff_id = counted.keeper_id
  WHERE was IS NOT NULL AND now IS NOT NULL
)
SELECT keeper_id, scheme, rank, stage, age, area, COUNT(*), SUM(growth), SUM(growth * growth), SUM(deals),
  SUM(deals * deals)
FROM told GROUP BY 1, 2, 3, 4, 5, 6
"""
_EFFORT = f"""
SELECT c.staff_id, COALESCE(SUM(each.minutes), 0), COUNT(*) FILTER (WHERE {COUNTED})
FROM interactions_contact AS c
LEFT JOIN unnest(%(channels)s::text[], %(minutes)s::int[]) AS each (channel, minutes) ON each.channel = c.channel
WHERE c.staff_id = ANY(%(staff)s) AND c.day BETWEEN %(first)s AND %(last)s
GROUP BY c.staff_id
"""


@dataclass(frozen=True)
class Months:
    """Whole months counted: `before` is the month whose average they are held against, `until` the last one."""

    before: date
    until: date

    @property
    def span(self) -> Span:
        """The days counted."""
        return Span(month_after(self.before, 1), month_after(self.until, 1) - timedelta(days=1))


def months_until(on: date, months: int) -> Months:
    """The `months` whole months that had ended by the evening of `on`, and the one before them."""
    ended = on.day == calendar.monthrange(on.year, on.month)[1]
    until = on.replace(day=1) if ended else month_after(on.replace(day=1), -1)
    return Months(month_after(until, -months), until)


def month_after(first: date, months: int) -> date:
    """The first day of a month so many months later."""
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def efficiencies(team: Iterable[Member], terms: Terms, *, using: str) -> list[Efficiency]:
    """A row a person with a book and output, not saved yet; reads as the login of `using`, for the night everybody."""
    members = {one.key: one for one in team}
    months = months_until(terms.on, terms.work.result_months)
    told = _told(members, terms, months)
    with connections[using].cursor() as cursor:
        cursor.execute(_BOOKS, told)
        books = _books(cursor.fetchall())
        cursor.execute(_EFFORT, told)
        effort = {person: (int(minutes), contacts) for person, minutes, contacts in cursor.fetchall()}
    work = terms.work
    return [
        Efficiency(
            staff=members[person].staff, unit=members[person].unit, role=members[person].role, as_of=terms.on,
            output=output, first=months.span.first, last=months.span.last, customers=stands.customers,
            minutes=effort.get(person, (0, 0))[0], contacts=effort.get(person, (0, 0))[1],
            actual=round(stands.actual), expected=stands.expected, adjusted=stands.adjusted, low=stands.low,
            high=stands.high, share=stands.share,
        )
        for output, of_output in books.items()
        for person, stands in standings(
            of_output, prior=work.mix_prior, least_customers=work.mix_customers, least_people=work.mix_people
        ).items()
    ]  # fmt: skip


def _told(members: Mapping[int, Member], terms: Terms, months: Months) -> dict[str, Any]:
    work = terms.work
    return {
        "staff": sorted(members),
        "before": months.before,
        "until": months.until,
        "running": months.until != terms.on.replace(day=1),  # the last whole month stands in the history
        "first": months.span.first,
        "last": months.span.last,
        "cap": int(work.growth_cap_amount * FEN),
        "note_length": work.note_length,
        "reached": terms.reached,
        "channels": [one.channel for one in work.contact_minutes],
        "minutes": [one.minutes_each for one in work.contact_minutes],
    }


def _books(rows: Iterable[tuple[Any, ...]]) -> dict[Output, Books]:
    found: dict[Output, dict[int, dict[Cell, Sums]]] = {one: defaultdict(dict) for one in Output}
    for keeper, scheme, rank, stage, age, area, customers, *sums in rows:
        cell: Cell = (scheme, rank, stage, age, area)
        found[Output.GROWTH][keeper][cell] = Sums(customers, sums[0], sums[1])
        found[Output.DEALS][keeper][cell] = Sums(customers, sums[2], sums[3])
    return {output: dict(books) for output, books in found.items()}
