"""From a segment to the keepers' lists (加入工作清单): who would get how many, and the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.services import require
from guanxi.crm.segments.counting import Facts, Subject
from guanxi.crm.segments.listing import SORTS, USUAL_SORT
from guanxi.crm.segments.models import Segment
from guanxi.crm.worklist.models import Origin
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.crm.worklist.services import open_many

MOST_READ = 20_000  # customers of a segment that are looked at, the wealthiest first


@dataclass(frozen=True)
class Share:
    """What one keeper would get: tasks, of so many customers of the segment."""

    keeper: Staff
    parties: tuple[Party, ...]
    customers: int


@dataclass(frozen=True)
class Shares:
    """All keepers, by name; and customers of the segment that nobody keeps."""

    keepers: tuple[Share, ...]
    nobody: int

    @property
    def tasks(self) -> int:
        """Tasks in all."""
        return sum(len(share.parties) for share in self.keepers)


def shares_of(reach: Reach, facts: Facts, subject: Subject, today: date) -> Shares:
    """Each keeper's customers in the segment, the wealthiest first, at most as many as the policy gives one keeper.

    Who may not give work to others has shares of the own book alone. Raises TooLong.
    """
    found = facts.keys(subject, SORTS[USUAL_SORT], after=None, backwards=False, size=MOST_READ)
    order = [party for _value, party in found]
    rows = visible_to(reach).filter(pk__in=order).select_related("keeper").only(
        "unit_id", "keeper__name", "keeper__staff_no", "keeper__is_active"
    )  # fmt: skip
    known = {party.pk: party for party in rows}
    return _shared([known[key] for key in order if key in known], reach, worklist_policy(today).campaign_most)


def _shared(parties: Sequence[Party], reach: Reach, most: int) -> Shares:
    wide = reach.may(Right.ASSIGN_WORK)
    books: dict[int, list[Party]] = {}
    for party in parties:
        if party.keeper_id is not None and (wide or party.keeper_id == reach.staff_id):
            books.setdefault(party.keeper_id, []).append(party)
    shares = [
        Share(book[0].keeper, tuple(book[:most]), len(book)) for book in books.values() if book[0].keeper
    ]
    shares.sort(key=lambda share: (share.keeper.name, share.keeper.staff_no))
    return Shares(tuple(shares), sum(party.keeper_id is None for party in parties))


@transaction.atomic
def give_out(*, by: Staff, segment: Segment, shares: Shares, due_on: date, today: date) -> int:
    """Open the tasks; a customer who has one from this segment already gets no second. Returns how many are new."""
    require(by, Right.SEE_WORKLIST, today)
    made = open_many(
        by=by, origin=Origin.CAMPAIGN, subject=f"segment:{segment.uuid}",
        rows=[(party, share.keeper) for share in shares.keepers for party in share.parties],
        reason={"code": "segment", "name": segment.name}, due_on=due_on, today=today,
    )  # fmt: skip
    told = {share.keeper.staff_no: len(share.parties) for share in shares.keepers}
    audit.record(by=by, verb="segments.given_out", on=segment, due_on=due_on, tasks=told, opened=made)
    return made
