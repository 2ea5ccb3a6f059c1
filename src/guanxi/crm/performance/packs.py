"""周例会包: what goes into a weekly pack. The content is plain values, frozen with its hash; customers are keys."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from guanxi.crm.keeping.models import PoolEntry
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance import cockpit, selectors
from guanxi.crm.performance.measuring import By, Flags, Measuring
from guanxi.crm.performance.models import Efficiency, Measure, Pack
from guanxi.crm.performance.outputs import STANDING
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import NOTHING, Count, Span
from guanxi.crm.performance.team import Member, team_of
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.reports.places import Place
from guanxi.crm.scores.selectors import current_business_date
from guanxi.crm.worklist.models import Origin

VERSION = 1
WEEK_DAYS = 7
MOST_STUCK = 15
TOLD_ABOVE = (Origin.PROMISE, Origin.WARNING)  # stuck promises and warnings stand in the pack themselves
SHOWN = (Measure.DONE, Measure.COVERAGE, Measure.CONTACTS, Measure.BROKEN, Measure.UNTOUCHED)

KEPT = ("output", "minutes", "contacts", *STANDING)  # of an adjusted output

Content = dict[str, Any]


def content_of(reach: Reach, place: Place, week: date, terms: Terms) -> Content:
    """The pack of a place: results, process of the last seven days by person, stuck items, what came of decisions."""
    team = team_of(place.members, terms.on)
    measuring = Measuring([one.key for one in team], terms)
    span = Span.back(terms.on, WEEK_DAYS)
    figures, flags = measuring.process(span), measuring.flags(span)
    people = [_person(one, {name: figures[name] for name in SHOWN}, flags) for one in team]
    return {
        "version": VERSION,
        "unit": place.unit.name,
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "as_of": _iso(current_business_date()),
        "results": {
            one.code: [one.value, one.day_change, one.month_change]
            for one in cockpit.results_of(reach, place)
        },
        "process": {name: _sum(people, name) for name in SHOWN},
        "people": people,
        "outputs": [_output(one) for one in selectors.outputs_of([one.key for one in team])],
        "stuck": _stuck(reach, place, terms),
        "decisions": [
            {
                "id": one.pk,
                "text": one.text,
                "owner": one.owner.name,
                "due_on": one.due_on.isoformat(),
                "state": one.state,
                "outcome": one.outcome,
            }
            for one in selectors.decisions_before(place.unit.pk, week)
        ],
    }


def _person(member: Member, figures: Mapping[Measure, By], flags: Mapping[int, Flags]) -> Content:
    counts = {name: by.get(member.key, NOTHING) for name, by in figures.items()}
    seen = flags.get(member.key, Flags())
    return {
        "staff": member.key,
        "name": member.staff.name,
        "unit": member.unit.name,
        "away": member.away_until is not None,
        "flags": [seen.bare, seen.at_once, seen.burst],
        **{name.value: [count.hits, count.cases] for name, count in counts.items()},
    }


def _output(row: Efficiency) -> Content:
    days = {"first": row.first.isoformat(), "last": row.last.isoformat()}
    return (
        {"staff": row.staff_id, "name": row.staff.name}
        | {name: _plain(getattr(row, name)) for name in KEPT}
        | days
    )


def _plain(value: str | float | None) -> str | float | None:
    """A value that the store of JSON gives back as it was: it knows no negative zero, and the seal is over the text."""
    return round(value, 4) + 0.0 if isinstance(value, float) else value


def _sum(people: Iterable[Content], measure: Measure) -> list[int]:
    found = [one[measure.value] for one in people]
    return [sum(one[0] for one in found), sum(one[1] for one in found)]


def _stuck(reach: Reach, place: Place, terms: Terms) -> Content:
    """What does not move, the oldest first, at most so many of each kind, with how many there are."""
    warnings = selectors.untouched_warnings(reach, place, terms)
    promises = selectors.broken_promises(reach, place, terms)
    pool = selectors.unassigned(reach, place)
    tasks = selectors.standing_tasks(reach, place, cockpit.stuck_since(terms.on, terms.work.stuck_days))
    tasks = tasks.exclude(origin__in=TOLD_ABOVE)
    return {
        "warnings": _listed(
            warnings,
            lambda row: [row.party_id, row.keeper_id, _iso(row.listed_on), row.at_stake_fen, row.signal],
        ),
        "promises": _listed(
            promises, lambda row: [row.party_id, row.staff_id, _iso(row.due_on), None, row.text]
        ),
        "tasks": _listed(
            tasks,
            lambda row: [row.party_id, row.assignee_id, _iso(row.due_on), row.value_fen or None, row.origin],
        ),
        "pool": _listed(pool, lambda row: [row.party_id, None, _iso(row.since), wealth_of(row), ""]),
    }


def _listed(rows: "QuerySet[Any]", told: Any) -> Content:
    return {
        "count": rows.order_by().count(),
        "rows": [told(row) for row in islice(rows[:MOST_STUCK], MOST_STUCK)],
    }


def wealth_of(entry: PoolEntry) -> int | None:
    """AUM (fen) of a customer who waits; None where the customer has no scores."""
    score: PartyScore | None = getattr(entry.party, "partyscore", None)
    return score.aum_fen if score else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def pack_before(pack: Pack) -> Pack | None:
    """The latest pack of the same unit before this one."""
    return Pack.objects.filter(unit=pack.unit_id, week__lt=pack.week).order_by("-week").first()


def count_in(content: Content, measure: Measure) -> Count:
    """A process figure of a pack, all people together."""
    return Count(*content["process"][measure.value])
