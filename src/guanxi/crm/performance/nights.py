"""What a night keeps of people's work: figures with their expectation, medians of teams, rates by tier.

A person may read the own figures and the median of the team, and may see no colleague's row: so the medians are made
here, by the program, and never of fewer people than the policy says.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from django.db import connections, transaction

from guanxi.crm.organisation.models import UnitScope
from guanxi.crm.performance.efficiency import efficiencies, month_after
from guanxi.crm.performance.measuring import By, Measuring, Tier, summed, tiers_together
from guanxi.crm.performance.models import Efficiency, Measure, PersonFigure, TeamMedian, TierRate
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.rules import Count, expected_of, middle
from guanxi.crm.performance.team import Member, team_of

KEPT_DAYS = 400
NO_TIER = -1
# The first night dates every keeper it finds with its own day and gives no reason: that says nothing about a change.
_RESULTS = """
WITH book AS (
  SELECT s.keeper_id, COALESCE(s.tier_scheme, '') AS scheme, place.at, h.aum_fen AS months, h.tier_ranks AS ranks,
    COALESCE(s.aum_fen, 0) AS now
  FROM scores_partyscore AS s JOIN scores_partyhistory AS h ON h.party_id = s.party_id
  CROSS JOIN LATERAL (SELECT array_position(h.months, %(base)s::date) AS at) AS place
  WHERE s.keeper_id IS NOT NULL AND place.at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM customers_keeperterm AS t
    WHERE t.party_id = s.party_id AND t.is_primary
      AND ((t.staff_id <> s.keeper_id AND COALESCE(t.valid_to, 'infinity') > %(base_end)s)
        OR (t.valid_to IS NULL AND t.valid_from > %(base_end)s AND t.reason <> '')))
)
SELECT keeper_id, scheme, COALESCE(CASE WHEN cardinality(ranks) > 0 THEN ranks[at] END, -1) AS rank,
  SUM(CASE WHEN cardinality(months) > 0 THEN COALESCE(months[at], 0) ELSE 0 END), SUM(now)
FROM book GROUP BY 1, 2, 3
"""


def measure_night(on: date, *, using: str = "pipeline") -> int:
    """Measure everybody's work as of a day and keep it; the same day again replaces it. Returns the rows of people.

    Reads as the login of `using`: the night sees every customer. KeyError while the bank has no policy of this kind.
    """
    team, terms = team_of(None, on), terms_on(on)
    measuring = Measuring([one.key for one in team], terms, using=using)
    conversion, results = measuring.conversion(), results_by_tier(on, measuring.policy.result_months, using)
    figures = measuring.process() | {Measure.RESULT: summed(results)}
    rates = {Measure.CONVERSION: tiers_together(conversion), Measure.RESULT: tiers_together(results)}
    by_tier = {Measure.CONVERSION: conversion, Measure.RESULT: results}
    expected = {measure: shares_expected(by_tier[measure], rates[measure]) for measure in rates}
    rows = list(_figures(team, figures, expected, on))
    outputs = efficiencies(team, terms, using=using)
    with transaction.atomic(using=using):
        for model in (PersonFigure, TeamMedian, TierRate, Efficiency):
            kept = model._default_manager.using(using)  # noqa: SLF001  # Django's documented name
            kept.filter(as_of=on).delete()
            kept.filter(as_of__lt=on - timedelta(days=KEPT_DAYS)).delete()
        PersonFigure.objects.using(using).bulk_create(rows)
        TeamMedian.objects.using(using).bulk_create(_medians(rows, on, measuring.policy.least_people, using))
        TierRate.objects.using(using).bulk_create(_rates(rates, on))
        Efficiency.objects.using(using).bulk_create(outputs)
    return len(rows)


def results_by_tier(on: date, months: int, using: str) -> Mapping[tuple[int, Tier], Count]:
    """Wealth (fen) of customers kept all the time, by keeper and tier at the start: then (cases) and now (hits)."""
    base = month_after(on.replace(day=1), -months)
    told = {"base": base, "base_end": month_after(base, 1) - timedelta(days=1)}
    with connections[using].cursor() as cursor:
        cursor.execute(_RESULTS, told)
        rows = cursor.fetchall()
    return {(keeper, (scheme, rank)): Count(int(now), int(base)) for keeper, scheme, rank, base, now in rows}


def shares_expected(
    by_tier: Mapping[tuple[int, Tier], Count], everybody: Mapping[Tier, Count]
) -> dict[int, float]:
    """What is to be expected of each person's cases, tier by tier at everybody's share."""
    mine: dict[int, dict[Tier, Count]] = defaultdict(dict)
    for (person, tier), count in by_tier.items():
        mine[person][tier] = count
    found = {person: expected_of(counts, everybody) for person, counts in mine.items()}
    return {person: value for person, value in found.items() if value is not None}


def _figures(
    team: Iterable[Member],
    figures: Mapping[Measure, By],
    expected: Mapping[Measure, Mapping[int, float]],
    on: date,
) -> Iterator[PersonFigure]:
    for member in team:
        for measure, by_person in figures.items():
            if (count := by_person.get(member.key)) is not None:
                yield PersonFigure(
                    staff=member.staff, unit=member.unit, role=member.role, as_of=on, measure=measure,
                    hits=count.hits, cases=count.cases, expected=expected.get(measure, {}).get(member.key),
                )  # fmt: skip


def value_of(figure: PersonFigure) -> float | None:
    """What is compared of a figure: against the expectation where there is one, a plain number or a share else."""
    count = Count(figure.hits, figure.cases, figure.expected)
    if figure.measure in {Measure.CONVERSION, Measure.RESULT}:
        return count.ratio
    if figure.measure in {Measure.DONE, Measure.COVERAGE}:
        return count.share
    return float(count.hits)


def _medians(rows: Iterable[PersonFigure], on: date, least: int, using: str) -> list[TeamMedian]:
    above: dict[int, list[int]] = defaultdict(list)
    for unit, member in UnitScope.objects.using(using).values_list("unit_id", "member_id"):
        above[member].append(unit)
    values: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in rows:
        if (value := value_of(row)) is not None:
            for unit in above[row.unit_id]:
                values[unit, row.role, row.measure].append(value)
    return [
        TeamMedian(unit_id=unit, role=role, measure=measure, as_of=on, people=len(found), value=median)
        for (unit, role, measure), found in values.items()
        if (median := middle(found, least)) is not None
    ]


def _rates(rates: Mapping[Measure, Mapping[Tier, Count]], on: date) -> list[TierRate]:
    return [
        TierRate(as_of=on, measure=measure, scheme=scheme, tier_rank=rank, hits=count.hits, cases=count.cases)
        for measure, by_tier in rates.items()
        for (scheme, rank), count in by_tier.items()
    ]
