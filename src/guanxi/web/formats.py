"""How numbers, money, days and changes are written, in one place.

Pure: values in, text out; the language is an argument. Money comes in as whole fen (分) and is never a float.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

MISSING = "—"
"""What stands where there is no figure. Never 0: nothing known is not nothing owned."""

SPACE = "\u00a0"
"""Between a figure and its unit: a space at which no line breaks."""

Number = int | float | Decimal
Direction = Literal["rise", "fall", "same"]

_FEN = Decimal(100)
# (unit's size in fen, its word, the last step in fen that the next smaller unit can show)
_CHINESE_SCALES = ((10**10, "亿", 10**4), (10**6, "万", 1))
_ENGLISH_SCALES = ((10**11, "B", 10**6), (10**8, "M", 10**3), (10**5, "K", 1))
_ARROWS: dict[Direction, str] = {"rise": "▲", "fall": "▼", "same": "▬"}


@dataclass(frozen=True)
class Change:
    """A movement: its direction, the arrow that shows it without colour, and the signed text."""

    direction: Direction
    arrow: str
    text: str


def is_chinese(language: str) -> bool:
    """Whether a language code such as zh-hans is one of Chinese."""
    return language.lower().startswith("zh")


def exact(value: Number) -> Decimal:
    """The value as a Decimal; a ratio that came as DOUBLE keeps the digits it prints."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def rounded(value: Decimal, digits: int) -> Decimal:
    """Half up to `digits` places, as a bank rounds; what rounds to nothing has no sign."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


def yuan_of(fen: int | Decimal) -> Decimal:
    """Whole fen as currency units with two places; refuses fractions of a fen and floats."""
    if isinstance(fen, float):
        raise TypeError("Money is whole fen (int), not a float.")
    amount = Decimal(fen)
    if amount != amount.to_integral_value():
        raise ValueError(f"Money is whole fen, not {amount}.")
    return rounded(amount / _FEN, 2)


def fen_of(amount: Decimal) -> int:
    """Currency units, as the lake keeps them, as whole fen; half up where there are more than two places."""
    return int(rounded(amount, 2) * _FEN)


def _whole(fen: int | Decimal) -> int:
    """The same as a whole number: lists write hundreds of amounts, and Decimal takes five times as long."""
    return fen if isinstance(fen, int) else int(yuan_of(fen) * _FEN)


def _in_hundredths(value: int) -> str:
    """Hundredths of a unit as 1,234.56; nothing has no sign."""
    whole, rest = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{whole:,}.{rest:02d}"


def _nearest(value: int, step: int) -> int:
    """How many whole steps, half up away from nothing, as a bank rounds."""
    size = (2 * abs(value) + step) // (2 * step)
    return -size if value < 0 else size


def money(fen: int | Decimal | None) -> str:
    """Fen as 1,234,567.89."""
    return MISSING if fen is None else _in_hundredths(_whole(fen))


def money_short(fen: int | Decimal | None, language: str) -> str:
    """Fen as 123.46 万 or 1.23 亿 in Chinese, 1.23 M in English; small amounts in full."""
    if fen is None:
        return MISSING
    amount = _whole(fen)
    for scale, unit, step in _CHINESE_SCALES if is_chinese(language) else _ENGLISH_SCALES:
        # Measured as the smaller unit would write it: 9,999.9999 万 is written 1.00 亿, not 10,000.00 万.
        if abs(_nearest(amount, step)) * step >= scale:
            return f"{_in_hundredths(_nearest(amount * 100, scale))}{SPACE}{unit}"
    return _in_hundredths(amount)


def money_words(fen: int | Decimal | None, language: str) -> str:
    """A short amount with its currency word, as inside a sentence: 48.20 万元."""
    text = money_short(fen, language)
    if text == MISSING or not is_chinese(language):
        return text
    return f"{text}元" if text[-1] in "万亿" else f"{text}{SPACE}元"


def count(value: int | Decimal | None) -> str:
    """A whole number with thousands separated: 12,345."""
    return MISSING if value is None else f"{int(value):,}"


def about(value: int) -> str:
    """A number known roughly, to two figures: 8,437 is 8,400."""
    step = 10 ** max(0, len(str(abs(value))) - 2)
    return f"{(value + step // 2) // step * step:,}"


def decimal(value: Number | None, digits: int = 1) -> str:
    """A plain number with a fixed count of places."""
    return MISSING if value is None else f"{rounded(exact(value), digits):,.{digits}f}"


def percent(share: Number | None, digits: int = 1) -> str:
    """A share (0.0214) as 2.1%."""
    return MISSING if share is None else f"{rounded(exact(share) * 100, digits):,.{digits}f}%"


def day(value: date | None) -> str:
    """A day as 2026-10-31; of a datetime only its day."""
    return MISSING if value is None else f"{value:%Y-%m-%d}"


def month(value: date | None) -> str:
    """A month as 2026-10."""
    return MISSING if value is None else f"{value:%Y-%m}"


def moment(value: datetime | None) -> str:
    """A point in time as 2026-10-31 08:05, in the zone it comes in."""
    return MISSING if value is None else f"{value:%Y-%m-%d %H:%M}"


def direction_of(value: Number) -> Direction:
    """Whether a movement rises, falls or stays."""
    if value > 0:
        return "rise"
    return "fall" if value < 0 else "same"


def change(value: Number, text: str) -> Change:
    """A movement whose size is already written; a rise gets its plus sign."""
    direction = direction_of(value)
    return Change(direction, _ARROWS[direction], f"+{text}" if direction == "rise" else text)


def change_money(fen: int | Decimal, language: str) -> Change:
    """A movement of money, short: ▲ +2.10 万."""
    return change(fen, money_short(fen, language))


def change_percent(share: Number) -> Change:
    """A movement as a share: ▼ -3.4%. What rounds to nothing is no movement."""
    return change(rounded(exact(share) * 100, 1), percent(share))


def change_count(value: int) -> Change:
    """A movement of a count: ▲ +12."""
    return change(value, count(value))
