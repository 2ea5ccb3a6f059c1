"""Who may switch a model, in which state. Plain values in, plain values out."""

from __future__ import annotations

MADE, ASKED, ON, OFF, REFUSED = "made", "asked", "on", "off", "refused"


def may_ask(state: str, *, has_body: bool) -> bool:
    """Whether somebody may ask for a version to be switched on: there is a model, and nothing is asked or on."""
    return has_body and state in (MADE, OFF, REFUSED)


def may_decide(state: str, *, asker: int | None, decider: int) -> bool:
    """Whether this person may answer: never the one who asked (经办 / 复核)."""
    return state == ASKED and asker != decider


def may_switch_off(state: str) -> bool:
    """Whether a version may be switched off, at once and by one person: stopping harm needs no second."""
    return state == ON


def training_due(last: tuple[int, int] | None, now: tuple[int, int], every_months: int) -> bool:
    """Whether the night should train: (year, month) of the last training and of the business date."""
    if not every_months:
        return False
    if last is None:
        return True
    return (now[0] - last[0]) * 12 + now[1] - last[1] >= every_months
