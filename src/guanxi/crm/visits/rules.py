"""Visits as plain rules: what may become of one, what is evidence, who is due, how a week is filled. No clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

PLANNED, DONE, CANCELLED = "planned", "done", "cancelled"
DRAFT, SUBMITTED, CONFIRMED, RETURNED = "draft", "submitted", "confirmed", "returned"
_VISIT_MOVES = {PLANNED: frozenset({PLANNED, DONE, CANCELLED}), DONE: frozenset(), CANCELLED: frozenset()}
_WEEK_MOVES = {
    DRAFT: frozenset({SUBMITTED}),
    SUBMITTED: frozenset({SUBMITTED, CONFIRMED, RETURNED}),
    RETURNED: frozenset({SUBMITTED}),
    CONFIRMED: frozenset({SUBMITTED}),  # handed in again after a change: confirmed anew
}
WEEK = 7


def may_move(state: str, to: str) -> bool:
    """Whether a visit in this state may take that one; planned again is another day or hour."""
    return to in _VISIT_MOVES.get(state, frozenset())


def may_take(state: str, to: str) -> bool:
    """Whether the plan of a week in this state may take that one."""
    return to in _WEEK_MOVES.get(state, frozenset())


def monday_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Whether two stretches share a moment; one that ends as the other begins does not."""
    return one[0] < other[1] and other[0] < one[1]


def evidence_of(
    *,
    minutes: str,
    place: str,
    confirmed: int,
    late_days: int,
    letters: int,
    minutes_days: int,
    photos: int = 0,
) -> list[str]:
    """The kinds of evidence there are of a visit; minutes written too late or too short are none.

    `late_days`: days between the visit and its minutes. `confirmed`: companions who say that they were there.
    `photos`: how many were added in time (`in_time`).
    """
    told = {
        "minutes": len("".join(minutes.split())) >= letters and late_days <= minutes_days,
        "place": bool(place.strip()),
        "companion": confirmed > 0,
        "photo": photos > 0,
    }
    return [kind for kind, there in told.items() if there]


def in_time(visited: date, added: date, days: int) -> bool:
    """Whether something added on that day is still evidence of a visit: on its day, or at most so many days after."""
    return 0 <= (added - visited).days <= days


def due_on(last: date | None, every_days: int, since: date | None, today: date) -> date:
    """When the next visit is due: so many days after the last, or since the keeper took over; else at once."""
    ground = last or since
    return ground + timedelta(days=every_days) if ground else today


def needs_companion(tier: str, joint_tiers: Collection[str], joint_every: int, alone_in_a_row: int) -> bool:
    """Whether the next visit is one for two: the tier asks for it, and enough were made alone."""
    return tier in joint_tiers and alone_in_a_row >= joint_every - 1


@dataclass(frozen=True)
class Due:
    """A customer due for a visit; `near` says where (outlet and village): who is near is visited on the same day."""

    key: int
    due_on: date
    near: str
    value_fen: int = 0


def _order(one: Due) -> tuple[date, int, int]:
    return one.due_on, -one.value_fen, one.key


def spread(due: Iterable[Due], room: Mapping[date, int]) -> dict[int, date]:
    """A day for each customer that finds one: the most overdue first, and with each the others of the same place.

    `room`: how many more visits a day takes. Whoever finds no room is left for another week. Deterministic: ties fall
    to the larger value, then to the smaller key.
    """
    waiting = sorted(due, key=_order)
    found: dict[int, date] = {}
    for day, places in sorted(room.items()):
        left = places
        while left > 0 and waiting:
            together = [one for one in waiting if one.near == waiting[0].near][:left]
            found |= {one.key: day for one in together}
            left -= len(together)
            waiting = [one for one in waiting if one.key not in found]
    return found


def changed_since(content: Sequence[Sequence[object]], now: Iterable[tuple[int, str]]) -> int:
    """How many visits of a week were added, moved or called off since it was handed in."""
    before, after = {(int(str(key)), str(start)) for key, start in content}, set(now)
    return len({key for key, _start in before ^ after})


@dataclass(frozen=True)
class Ground:
    """What is on record about a customer that suggests the aim of a visit."""

    warned: bool = False
    matures: bool = False
    near_line: bool = False
    promised: bool = False
    needs: bool = False
    is_new: bool = False

    def reasons(self) -> list[str]:
        """The codes of the policy's reasons that hold, the most pressing first."""
        told = {
            "promise": self.promised,
            "warning": self.warned,
            "maturing": self.matures,
            "near_line": self.near_line,
            "new": self.is_new,
            "need": self.needs,
        }
        return [code for code, holds in told.items() if holds]


def suggested(ground: Ground, aims: Iterable[tuple[str, str]], most: int = 3) -> list[str]:
    """The aims (code, the reason that suggests it) that the record speaks for, at most `most`; none suits nobody."""
    by_reason = {reason: code for code, reason in aims if reason}
    return [by_reason[reason] for reason in ground.reasons() if reason in by_reason][:most]
