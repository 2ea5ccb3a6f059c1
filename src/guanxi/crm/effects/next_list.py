"""Next actions of one's own book (下一步行动清单): the best offer of each customer, as many as the day has room for.

The same filters and points as on a customer's page; the contact gate is asked about the whole book at once. The room
is what the day of the posts held has left beside what was done and what stands on today's list (今日必办), in minutes
and in rows. What is put on today's list is a task like any other.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.effects.next_steps import LATELY, Ground, Step, keep_first, step_of, stopped_by
from guanxi.crm.interactions.models import Contact
from guanxi.crm.messaging.permission import may_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.worklist.models import STANDING, Origin, Task
from guanxi.crm.worklist.selectors import day_within
from guanxi.crm.worklist.services import open_task
from guanxi.insight.effects.next_action import Chosen, allowed, within_capacity

LATER = 10  # of those beyond the day's room that are shown
MOST = 1_000  # customers of one book that are looked at, the wealthiest first


@dataclass(frozen=True)
class Room:
    """Minutes of the day, those that today's tasks take (done ones included), and rows the list can still hold."""

    minutes: int
    taken: int
    rows: int

    @property
    def free(self) -> int:
        """Minutes left."""
        return max(0, self.minutes - self.taken)


@dataclass
class NextList:
    """The lines that fit; the others by number: stopped by a filter, not worth the call, beyond the day's room.

    `later` are the first of those beyond. `on_today` have their offer on today's list, or had it there and it is done.
    """

    lines: list[tuple[Party, Step]] = field(default_factory=list)
    later: list[tuple[Party, Step]] = field(default_factory=list)
    room: Room = field(default_factory=lambda: Room(0, 0, 0))
    used: int = 0
    beyond: int = 0
    on_today: frozenset[int] = frozenset()
    not_worth: int = 0
    stopped: Counter[str] = field(default_factory=Counter)


def next_list(reach: Reach, *, now: datetime, today: date) -> NextList:
    """Today's list of the person who reads, of the customers this person keeps; what stands on it is kept."""
    ground = Ground.on(reach, today)
    told = NextList(room=_room(reach, today), on_today=_on_today(reach, today))
    needs = {party: need for party, need in _needs(reach).items() if party not in told.on_today}
    first = _first(needs, ground, told, _contacts(reach, list(needs), today), now)
    mine = dict.fromkeys(needs, reach.staff_id)
    taken = within_capacity(first, {reach.staff_id: told.room.free}, mine)[: told.room.rows]
    fits = {one.action.party for one in taken}
    others = within_capacity(
        [one for one in first if one.action.party not in fits], {reach.staff_id: sys.maxsize}, mine
    )
    told.beyond, told.used = len(others), sum(one.action.minutes for one in taken)
    told.lines, told.later = _lines(taken, needs), _lines(others[:LATER], needs)
    shown = [*taken, *others[:LATER]]
    keep_first([(needs[one.action.party].party, one) for one in shown], today)
    return told


@dataclass(frozen=True)
class PutOn:
    """What came of putting offers on today's list."""

    opened: int
    already: int  # they stood there
    left: int  # out of reach, no longer to be offered, or the day has no room


@transaction.atomic
def put_on_today(*, by: Staff, reach: Reach, customers: Collection[str], now: datetime, today: date) -> PutOn:
    """A task for each of these customers (uuids as text) whose offer is on the list as it stands now; twice makes one.

    What the list would not show any more (refused meanwhile, kept by somebody else, no room) is left. Each task is
    audited as every task is.
    """
    told = next_list(reach, now=now, today=today)
    wanted = [(party, step) for party, step in told.lines if str(party.uuid) in customers]
    for party, step in wanted:
        open_task(
            by=by, origin=Origin.OFFER, assignee=by, party=party, unit=party.unit, subject=step.family, due_on=today,
            reason=step.told, today=today, value_fen=step.amount_fen, minutes=step.minutes,
            offer_family=step.family,
        )  # fmt: skip
    standing = within(Party.objects.filter(pk__in=told.on_today), reach).values_list("uuid", flat=True)
    already = sum(str(uuid) in customers for uuid in standing)
    return PutOn(len(wanted), already, len(customers) - len(wanted) - already)


def _lines(chosen: Sequence[Chosen], needs: Mapping[int, PartyNeed]) -> list[tuple[Party, Step]]:
    return [(needs[one.action.party].party, step_of(needs[one.action.party], one)) for one in chosen]


def _on_today(reach: Reach, today: date) -> frozenset[int]:
    """Customers of this person whose offer is a task to do, or was one and is done today."""
    rows = Task.objects.filter(assignee=reach.staff_id, origin=Origin.OFFER)
    of_today = rows.filter(Q(state__in=STANDING) | Q(closed_on=today))
    return frozenset(of_today.values_list("party_id", flat=True))


def _needs(reach: Reach) -> dict[int, PartyNeed]:
    rows = PartyNeed.objects.filter(party__keeper=reach.staff_id, party__state="active").exclude(needs=[])
    ordered = rows.select_related("party").order_by("-party__partyscore__aum_fen", "party_id")
    return {
        row.party_id: row for row in ordered[:MOST] if reach.covers(row.party.unit_id, row.party.keeper_id)
    }


def _contacts(reach: Reach, parties: Sequence[int], today: date) -> Mapping[int, int]:
    rows = within(Contact.objects.filter(party__in=parties, day__gt=today - timedelta(days=LATELY)), reach)
    return dict(rows.values("party").annotate(times=Count("pk")).values_list("party", "times"))


def _first(
    needs: Mapping[int, PartyNeed], ground: Ground, told: NextList, contacts: Mapping[int, int], now: datetime
) -> list[Chosen]:
    """The best of each customer; the others are counted by what stopped them."""
    verdicts = may_contact(parties=list(needs), channel="call", purpose="marketing", at=now)
    peers: dict[tuple[str | None, str | None, int], dict[str, PeerNeed]] = {}
    for cell in PeerNeed.objects.all():
        peers.setdefault((cell.age_band, cell.area, cell.tier_rank), {})[cell.family] = cell
    first = []
    for party, need in needs.items():
        reason = stopped_by(verdicts.get(party))
        if reason:
            told.stopped[reason] += 1
            continue
        actions = ground.actions(need, peers.get((need.age_band, need.area, need.tier_rank), {}))
        chosen = ground.chosen(actions, contacts.get(party, 0), shown=1)
        first += chosen
        if not chosen:
            kept, stopped = allowed(actions)
            told.not_worth += bool(kept)
            told.stopped.update(list(stopped)[:1] if not kept else [])
    return first


def _room(reach: Reach, today: date) -> Room:
    """The day of the posts held, less what is done and what stands on today's list."""
    day = day_within(reach, today)
    rows = max(0, day.capacity.tasks - day.done - len(day.rows))
    return Room(day.capacity.minutes_a_day, day.done_minutes + day.minutes_left, rows)
