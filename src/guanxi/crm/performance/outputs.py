"""Adjusted output as it is read: by the hour and by the contact, its interval drawn, its verdict in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.performance import words
from guanxi.crm.performance.mix import Standing, together
from guanxi.crm.performance.models import Efficiency, Output
from guanxi.web import formats

MINUTES_AN_HOUR = 60
RATE_DIGITS = 2
WIDE, HIGH, EDGE = 240, 24, 8
STANDING = ("customers", "actual", "expected", "adjusted", "low", "high", "share")
VERDICTS = {
    "above": (gettext_lazy("more than such customers bring elsewhere"), "green"),
    "below": (gettext_lazy("less than such customers bring elsewhere"), "amber"),
    "same": (gettext_lazy("no difference beyond chance"), "grey"),
    "little": (gettext_lazy("not enough data"), "grey"),
}


@dataclass(frozen=True)
class Interval:
    """Where a dot and its interval stand on a line that has the expectation in its middle, in points of the drawing."""

    low: float
    dot: float
    high: float
    zero: float = WIDE / 2
    wide: int = WIDE
    high_px: int = HIGH


@dataclass(frozen=True)
class Shown:
    """One output of one person in words. Rates: the actual one, and beside what; "" while nothing was written down."""

    row: Efficiency
    label: str
    actual: str
    expected: str
    beyond: str
    span: str
    an_hour: tuple[str, str]
    a_contact: tuple[str, str]
    verdict: str
    colour: str
    interval: Interval | None

    @property
    def who(self) -> str:
        """The person's name; empty of a team together."""
        return self.row.staff.name if self.row.staff_id else ""


def shown_outputs(rows: Iterable[Efficiency]) -> list[Shown]:
    """Rows in words, their intervals on one scale for each output, so that people under each other compare by eye."""
    found = list(rows)
    return [_shown(row, _widest(found, row.output)) for row in found]


def team_outputs(rows: Iterable[Efficiency]) -> list[Efficiency]:
    """Each output of a team as one row, not for saving: the books of those with enough data together."""
    found = list(rows)
    return [row for output in Output if (row := _team([one for one in found if one.output == output]))]


def _team(rows: list[Efficiency]) -> Efficiency | None:
    told = [row for row in rows if row.adjusted is not None]
    one = together(Standing(**{name: getattr(row, name) for name in STANDING}) for row in told)
    if one is None:
        return None
    values = {name: getattr(one, name) for name in STANDING} | {"actual": round(one.actual)}
    return Efficiency(
        output=told[0].output, first=told[0].first, last=told[0].last, minutes=sum(row.minutes for row in told),
        contacts=sum(row.contacts for row in told), **values,
    )  # fmt: skip


def _widest(rows: Iterable[Efficiency], output: str) -> float:
    """How far the intervals of an output reach from the expectation."""
    ends = (end for row in rows if row.output == output for end in (row.low, row.high) if end is not None)
    return max((abs(end) for end in ends), default=0.0)


def _shown(row: Efficiency, widest: float) -> Shown:
    verdict, colour = VERDICTS[verdict_of(row)]
    told = row.adjusted is not None and bool(row.share)
    return Shown(
        row,
        str(Output(row.output).label),
        _amount(row.output, row.actual),
        _amount(row.output, row.expected),
        _moved(row.output, row.adjusted) if told else "",
        f"{_moved(row.output, row.low)} – {_moved(row.output, row.high)}" if told else "",
        _rates(row, row.minutes / MINUTES_AN_HOUR),
        _rates(row, row.contacts),
        str(verdict),
        colour,
        _interval(row, widest) if told and widest else None,
    )


def verdict_of(row: Efficiency) -> str:
    """little, above, below or same, as `mix.Standing` says it."""
    if row.low is None or row.high is None:
        return "little"
    return "above" if row.low > 0 else "below" if row.high < 0 else "same"


def _rates(row: Efficiency, by: float) -> tuple[str, str]:
    """Actual for each hour or contact; expected and the adjusted rest in words."""
    if not by:
        return "", ""
    actual, expected = (_amount(row.output, value / by, RATE_DIGITS) for value in (row.actual, row.expected))
    if row.adjusted is None or not row.share:
        return actual, _("expected %(expected)s") % {"expected": expected}
    told = {"expected": expected, "beyond": _moved(row.output, row.adjusted / by, RATE_DIGITS)}
    return actual, _("expected %(expected)s, adjusted %(beyond)s") % told


def _interval(row: Efficiency, widest: float) -> Interval:
    assert row.low is not None
    assert row.adjusted is not None
    assert row.high is not None
    half = WIDE / 2 - EDGE
    low, dot, high = (round(WIDE / 2 + half * at / widest, 1) for at in (row.low, row.adjusted, row.high))
    return Interval(low, dot, high)


def _amount(output: str, value: float, digits: int = 1) -> str:
    if output == Output.GROWTH:
        return formats.money_short(round(value), words.language())
    return formats.decimal(value, digits)


def _moved(output: str, value: float | None, digits: int = 1) -> str:
    assert value is not None
    text = _amount(output, value, digits)
    return f"+{text}" if value > 0 else text
