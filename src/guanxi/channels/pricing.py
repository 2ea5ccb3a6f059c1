"""What a part costs (短信单价), in fen, often a fraction of one: 4.5 fen. Rounded once, on the message."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


class Price:
    """A price in fen a part, given as text so that it is exact; empty means unknown."""

    def __init__(self, fen_a_part: str) -> None:
        self._fen = Decimal(fen_a_part) if fen_a_part else None

    def fen(self, parts: int) -> int | None:
        """Fen for so many parts, half up; None when the price is unknown."""
        return None if self._fen is None else int((self._fen * parts).quantize(Decimal(1), ROUND_HALF_UP))

    @staticmethod
    def problems(fen_a_part: str) -> Iterator[str]:
        """Why a text is no price."""
        try:
            if fen_a_part and not Decimal(fen_a_part) >= 0:
                yield "fen_a_part must not be below 0"
        except InvalidOperation:
            yield "fen_a_part must be a number as text, for example 4.5"
