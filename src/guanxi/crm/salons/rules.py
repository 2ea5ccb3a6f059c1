"""What an invitation may become, and when people may come in. Plain values in, plain values out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where an invitation stands; that somebody came is a moment beside it."""

    INVITED = "invited"
    COMING = "coming"
    WAITING = "waiting"
    DECLINED = "declined"


class Answer(StrEnum):
    """What the invited say."""

    COME = "come"
    DECLINE = "decline"


class Stage(StrEnum):
    """Where a salon stands."""

    PLANNED = "planned"
    CALLED_OFF = "called_off"
    ENDED = "ended"


SEATED = State.COMING
ANSWERED = frozenset({State.COMING, State.WAITING, State.DECLINED})
# without letters and digits that look alike when read out or typed
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 5


def after(answer: Answer, *, free: int) -> State:
    """Where an answer leads while `free` seats are left."""
    if answer is Answer.DECLINE:
        return State.DECLINED
    return State.COMING if free > 0 else State.WAITING


def is_open(now: datetime, starts: datetime, ends: datetime, opens: int, closes: int) -> bool:
    """Whether people may come in now: `opens` minutes before it begins until `closes` after its end."""
    return starts - timedelta(minutes=opens) <= now <= ends + timedelta(minutes=closes)


def code_of(number: int) -> str:
    """The short code that stands for this number below 31^5, as many letters always."""
    told = ""
    for _place in range(CODE_LENGTH):
        number, rest = divmod(number, len(CODE_LETTERS))
        told = CODE_LETTERS[rest] + told
    return told


def read_code(typed: str) -> str:
    """A code as somebody typed it: small letters, blanks and dashes are taken for what was meant."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def share(part: int, whole: int) -> float | None:
    """A part of the whole; None of nothing."""
    return part / whole if whole else None


def ways(counts: Mapping[str, int]) -> dict[str, float | None]:
    """Of the invited: how many answered, said yes, and of those how many came."""
    answered = counts["coming"] + counts["waiting"] + counts["declined"]
    return {
        "answered": share(answered, counts["invited"]),
        "agreed": share(counts["coming"], counts["invited"]),
        "came": share(counts["came_signed"], counts["coming"]),
    }
