"""Next actions of one's own book (下一步行动清单): the best offer of each customer, as many as the day has minutes for.

The same filters and points as on a customer's page; the contact gate is asked about the whole book at once. The minutes
are the share of the day that offers may take (`minutes_share` of the campaign policy), by the posts held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import within
from guanxi.crm.effects.next_steps import LATELY, Ground, Step, keep_first, step_of, stopped_by
from guanxi.crm.interactions.models import Contact
from guanxi.crm.messaging.permission import may_contact
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.insight.effects.next_action import Chosen, allowed, within_capacity

MOST = 1_000  # customers of one book that are looked at, the wealthiest first


@dataclass
class NextList:
    """The lines that fit; the others by number: stopped by a filter, not worth the call, beyond the minutes."""

    lines: list[tuple[Party, Step]] = field(default_factory=list)
    minutes: int = 0  # that offers may take today
    used: int = 0
    beyond: int = 0
    not_worth: int = 0
    stopped: Counter[str] = field(default_factory=Counter)


def next_list(reach: Reach, *, now: datetime, today: date) -> NextList:
    """Today's list of the person who reads, of the customers this person keeps; what stands on it is kept."""
    ground = Ground.on(reach, today)
    told = NextList(minutes=_minutes(reach, ground, today))
    needs = _needs(reach)
    first = _first(needs, ground, told, _contacts(reach, list(needs), today), now)
    mine = dict.fromkeys(needs, reach.staff_id)
    taken = within_capacity(first, {reach.staff_id: told.minutes}, mine)
    told.beyond, told.used = len(first) - len(taken), sum(one.action.minutes for one in taken)
    told.lines = [(needs[one.action.party].party, step_of(needs[one.action.party], one)) for one in taken]
    keep_first([(needs[one.action.party].party, one) for one in taken], today)
    return told


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


def _minutes(reach: Reach, ground: Ground, today: date) -> int:
    day = worklist_policy(today).day_of(reach.roles)
    return int((day.minutes_a_day if day else 0) * ground.costs.minutes_share)
