"""How long a subject stays quiet, and how an amount is said in a lobby. Plain values in, plain values out."""

from datetime import date

LATER, NEVER = "later", "never"


def is_quiet(answer: str, said_on: date, today: date, *, later_days: int, never_days: int) -> bool:
    """Whether a subject is not to be prompted: 暂不 holds for so many days after its day, 不再提 for longer."""
    days = {LATER: later_days, NEVER: never_days}.get(answer, 0)
    return bool(days) and (today - said_on).days <= days


def roughly(fen: int) -> int:
    """An amount to its first figure, in fen: others can read the screen, so 312,345.67 is about 300,000."""
    if fen == 0:
        return 0
    step = int("1" + "0" * (len(str(abs(fen))) - 1))
    near = (2 * abs(fen) + step) // (2 * step) * step
    return near if fen > 0 else -near
