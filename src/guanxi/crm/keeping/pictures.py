"""Rows of this room as its pages show them; no request, no markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import KeeperTerm, Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import within
from guanxi.crm.customers.words import RELATIONS
from guanxi.crm.foresight.models import EarlyWarning, ListState
from guanxi.crm.interactions.models import Channel
from guanxi.crm.keeping import rules, selectors, words
from guanxi.crm.keeping.matching import Candidate
from guanxi.crm.keeping.models import (
    ExitProposal,
    ExitState,
    HandOver,
    HandOverState,
    OverrideState,
    PoolEntry,
    SharedKeeping,
    TierOverride,
)
from guanxi.crm.keeping.services.handover import has_left
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.insight.workdays import UnknownYear, workdays_between

AT_ONCE = 200


@dataclass(frozen=True)
class Line:
    """One customer on a list: who, tier, and the row itself."""

    row: Any
    uuid: Any
    name: str
    rank: int | None
    tier: str
    fen: int | None
    late: bool = False
    days: int = 0
    said: str = ""
    kind: str = "grey"


def _line(row: Any, party: Party, reach: Reach, names: TierNames, **more: Any) -> Line:
    score = getattr(party, "partyscore", None)
    scheme, rank = (score.tier_scheme, score.tier_rank) if score else (None, None)
    fen = score.daily_average_fen if score else None
    name = shown_name(party.name, hidden=reach.hides_names)
    return Line(row, party.uuid, name, rank, names.label(scheme, rank), fen, **more)


def waited(since: date, today: date) -> int:
    """Working days a customer has waited; calendar days where a year's holidays are not known."""
    try:
        return workdays_between(since, today)
    except UnknownYear:
        return (today - since).days


def pool_lines(reach: Reach, entries: Iterable[PoolEntry], today: date) -> list[Line]:
    """The pool: age in working days, overdue or not, and why the program would choose whom."""
    names = tier_names(today)
    return [
        _line(
            entry, entry.party, reach, names, late=entry.due_on < today, days=waited(entry.since, today),
            said=str(words.REASONS.get(entry.reason.get("code", ""), "")),
        )
        for entry in entries
    ]  # fmt: skip


def books(candidates: Sequence[Candidate]) -> list[tuple[str, int, int, int]]:
    """Each who may be proposed: name, customers, minutes, limit; the fullest first."""
    people = Staff.objects.in_bulk([one.key for one in candidates])
    rows = [(people[one.key].name, one.customers, one.minutes, one.minutes_limit) for one in candidates]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def handover_lines(rows: Iterable[HandOver], reach: Reach, today: date) -> list[dict[str, Any]]:
    """Hand-overs with their state, overdue or not, and whether the reader is the one to sign."""
    cases = list(rows)
    numbers = dict(
        HandOver.objects.filter(pk__in=[case.pk for case in cases])
        .annotate(number=Count("lines"))
        .values_list("pk", "number")
    )
    return [
        {
            "case": case,
            "number": numbers.get(case.pk, 0),
            "kind": words.HANDOVER_KINDS[case.state],
            "why": words.WHY.get(case.why, case.why),
            "late": case.done_on is None and case.state != HandOverState.CANCELLED and case.due_on < today,
            "mine": _waits_for(case, reach),
            "watched": case.watch_until is not None and case.watch_until >= today,
        }
        for case in cases
    ]


def _waits_for(case: HandOver, reach: Reach) -> bool:
    """Whether the next signature is the reader's own (as giver or taker)."""
    side = rules.SIGNS.get(case.state, ("", ""))[0]
    return {"giver": case.giver_id, "taker": case.taker_id}.get(side) == reach.staff_id


def books_to_give(reach: Reach) -> list[dict[str, Any]]:
    """Every book within reach: keeper, unit, customers and wealth, to begin a hand-over from."""
    rows = (
        within(PartyScore.objects.filter(keeper__isnull=False), reach)
        .values("keeper_id", "unit_id")
        .annotate(number=Count("*"), fen=Sum("aum_fen"))
        .order_by("-number", "keeper_id")
    )
    found = list(rows[:AT_ONCE])
    people = Staff.objects.in_bulk([row["keeper_id"] for row in found])
    units = Unit.objects.in_bulk([row["unit_id"] for row in found])
    return [row | {"giver": people[row["keeper_id"]], "unit": units[row["unit_id"]]} for row in found]


def keeps_at(giver: Staff, unit: Unit) -> bool:
    """Whether this person keeps anybody of the unit, as far as the reader sees."""
    return Party.objects.filter(keeper=giver, unit=unit).exists()


def book_lines(reach: Reach, giver: Staff, unit: Unit, today: date) -> list[Line]:
    """A book to choose from, the wealthiest first; who is in a hand-over already is shown and says so."""
    rows = within(PartyScore.objects.filter(keeper=giver, unit=unit), reach).select_related("party")
    names, moving = tier_names(today), selectors.moving(giver, unit)
    found = []
    for score in rows.defer("details").order_by("-aum_fen", "party_id")[: AT_ONCE * 2]:
        score.party.partyscore = score
        said = _("In a hand-over already") if score.party_id in moving else ""
        found.append(_line(score.party_id, score.party, reach, names, said=said))
    return found


def handover(reach: Reach, case: HandOver, today: date) -> dict[str, Any]:
    """One hand-over: customers with their files, signatures, what the reader may do, and the book since."""
    lines = list(selectors.lines_of(case))
    signatures = {sign.side: sign for sign in case.signatures.select_related("staff")}
    signed = {sign.staff_id for sign in signatures.values()}
    decides = reach.may(Right.DECIDE_KEEPING) and case.unit_id in reach.unit_ids
    return {
        "case": case,
        "lines": lines,
        "names": tier_names(today),
        "relation_words": RELATIONS,
        "family_words": dict(Family.choices),
        "channel_words": dict(Channel.choices),
        "kind": words.HANDOVER_KINDS[case.state],
        "why": words.WHY.get(case.why, case.why),
        "signatures": signatures,
        "untouched": all(rules.is_untouched(line.file, line.file_hash) for line in lines),
        "may_sign": reach.staff_id not in signed and _may_sign(case, reach, decides, today),
        "for_giver": case.state == HandOverState.DRAWN and reach.staff_id != case.giver_id,
        "may_cancel": decides and rules.may_move(rules.HANDOVER_MOVES, case.state, HandOverState.CANCELLED)
        and case.state != HandOverState.OPEN,
        "decides": decides,
        "late": case.done_on is None and case.due_on < today,
        "watch": watch(case, [line.party_id for line in lines]) if case.done_on and decides else None,
        "today": today,
    }  # fmt: skip


def _may_sign(case: HandOver, reach: Reach, decides: bool, today: date) -> bool:
    side = rules.SIGNS.get(case.state, ("", ""))[0]
    if side == "giver" and reach.staff_id != case.giver_id:
        return decides and reach.staff_id != case.taker_id and has_left(case.giver, case.unit_id, today)
    if side == "supervisor":
        return decides and reach.staff_id not in {case.giver_id, case.taker_id}
    return _waits_for(case, reach)


@dataclass(frozen=True)
class Watch:
    """A book after the hand-over against what it was when it was drawn: customers, wealth, warnings."""

    customers: int
    before_fen: int
    now_fen: int
    fell: int
    warned_before: int
    warned_now: int

    @property
    def moved(self) -> float | None:
        """By what share the wealth has moved."""
        return (self.now_fen - self.before_fen) / self.before_fen if self.before_fen else None


FELL_SHARE = 10
"""A customer counts as fallen when a tenth of the wealth is gone."""


def watch(case: HandOver, keys: Sequence[int]) -> Watch:
    """The book handed over as it stands at the current run."""
    lines = list(selectors.lines_of(case).filter(moved=True))
    now = dict(PartyScore.objects.filter(party__in=keys).values_list("party_id", "aum_fen"))
    warned = EarlyWarning.objects.filter(party__in=keys, state=ListState.LISTED).count()
    before = [(line.aum_fen or 0, now.get(line.party_id) or 0) for line in lines]
    return Watch(
        customers=len(lines),
        before_fen=sum(was for was, _now in before),
        now_fen=sum(stands for _was, stands in before),
        fell=sum(stands * FELL_SHARE < was * (FELL_SHARE - 1) for was, stands in before),
        warned_before=sum(line.warned for line in lines),
        warned_now=warned,
    )


def exit_states(reach: Reach, current: str) -> list[tuple[str, str, bool, int]]:
    """States of exits as tabs with their numbers; what was dropped is not one of them."""
    rows = selectors.exits(reach).select_related(None).order_by().values("state").annotate(number=Count("*"))
    numbers = {row["state"]: row["number"] for row in rows}
    address = reverse("keeping:exits")
    return [
        (str(state.label), f"{address}?state={state}", state == current, numbers.get(state, 0))
        for state in ExitState
        if state != ExitState.DROPPED
    ]


def exit_lines(rows: Iterable[ExitProposal], reach: Reach, today: date) -> list[Line]:
    """Exits with the customer, his tier, and what comes next as a sentence."""
    names = tier_names(today)
    return [
        _line(row, row.party, reach, names, said=next_step(row), kind=words.EXIT_KINDS[row.state])
        for row in rows
    ]


def next_step(row: ExitProposal) -> str:
    """What happens next with an exit."""
    said = {
        ExitState.PROPOSED: _("waits for a decision"),
        ExitState.NOTICED: _("leaves on %(day)s unless appealed") % {"day": row.leaves_on},
        ExitState.APPEALED: _("waits for another person's answer"),
        ExitState.KEPT: row.heard_note or row.decision_note,
        ExitState.LEFT: _("kept by the outlet together since %(day)s") % {"day": row.closed_on},
    }
    return said.get(ExitState(row.state), "")


def exit_page(row: ExitProposal, reach: Reach, today: date, appeal_days: int) -> dict[str, Any]:
    """One exit: its story, and what this reader may do."""
    decides = reach.may(Right.DECIDE_KEEPING)
    own = row.book_id == reach.staff_id
    appeals = rules.may_appeal(
        state=row.state, appealed_before=row.appealed_on is not None, decided_on=row.decided_on, today=today,
        days=appeal_days,
    )  # fmt: skip
    return {
        "row": row,
        "line": exit_lines([row], reach, today)[0],
        "may_decide": decides and row.state == ExitState.PROPOSED and not own,
        "may_appeal": own and appeals,
        "may_hear": decides
        and row.state == ExitState.APPEALED
        and reach.staff_id not in {row.decided_by_id, row.appealed_by_id, row.book_id},
        "appeal_days": appeal_days,
    }


def shared_lines(rows: Iterable[SharedKeeping], reach: Reach, today: date) -> list[Line]:
    """Customers of shared keeping with the cadence that counts now."""
    names = tier_names(today)
    return [
        _line(
            row, row.party, reach, names,
            days=row.contact_days if today < row.steps_down_on else row.later_contact_days,
        )
        for row in rows
    ]  # fmt: skip


def override_lines(
    rows: Iterable[TierOverride], reach: Reach, names: TierNames, today: date
) -> list[dict[str, Any]]:
    """Tiers set by hand with what this reader may do about each."""
    decides = reach.may(Right.DECIDE_KEEPING)
    return [
        {
            "row": row,
            "name": shown_name(row.party.name, hidden=reach.hides_names),
            "uuid": row.party.uuid,
            "tier": names.label(row.scheme, row.tier_rank) if row.tier_rank is not None else _("Protection"),
            "state": _("Expired") if _expired(row, today) else row.get_state_display(),
            "kind": "grey" if _expired(row, today) else words.OVERRIDE_KINDS[row.state],
            "may_decide": decides
            and row.state == OverrideState.PROPOSED
            and row.proposed_by_id != reach.staff_id,
            "may_end": decides and row.state == OverrideState.APPROVED and not _expired(row, today),
            "may_withdraw": row.state == OverrideState.PROPOSED and row.proposed_by_id == reach.staff_id,
        }
        for row in rows
    ]


def _expired(row: TierOverride, today: date) -> bool:
    return row.state == OverrideState.APPROVED and row.valid_to < today


def override_sentence(reach: Reach, party: Party, names: TierNames, today: date) -> str:
    """The sentence beside a customer's tier that is set by hand, protected, or asked for; else empty."""
    row = selectors.override_on(reach, party, today)
    if row is None:
        return ""
    told = {
        "tier": names.label(row.scheme, row.tier_rank), "from": row.valid_from, "to": row.valid_to,
        "one": row.proposed_by.name, "two": row.decided_by.name if row.decided_by else "",
    }  # fmt: skip
    if row.state == OverrideState.PROPOSED:
        return _("A change by hand waits for a second person, asked by %(one)s.") % told
    if row.tier_rank is None:
        return _("Protected %(from)s to %(to)s, asked by %(one)s, approved by %(two)s.") % told
    return _("Set by hand: %(tier)s, %(from)s to %(to)s, asked by %(one)s, approved by %(two)s.") % told


def panel(reach: Reach, party: Party, terms: Sequence[KeeperTerm], today: date) -> dict[str, Any]:
    """Keepers now and before, and what of this room is open about the customer; one query while nothing is."""
    standing = selectors.standing_of(reach, party)
    shared = standing.get("shared")
    contact = None
    if isinstance(shared, SharedKeeping):
        contact = shared.contact_days if today < shared.steps_down_on else shared.later_contact_days
    return {
        "party": party,
        "today": today,
        "terms": terms,
        "keeping": standing,
        "keeping_contact_days": contact,
        "may_ask_tier": reach.may(Right.KEEP_CASES),
        "may_add_secondary": reach.may(Right.DECIDE_KEEPING),
    }
