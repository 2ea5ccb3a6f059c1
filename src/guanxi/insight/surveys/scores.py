"""CSAT (满意度), NPS (净推荐值) and the response rate (答复率), each with a 95 % interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""The normal distribution's 97.5 % point."""
SATISFIED = 4
"""CSAT answers run from 1 to 5; this and above is the top two."""
PROMOTER, PASSIVE = 9, 7
"""NPS answers run from 0 to 10: from 9 promoters (推荐者), below 7 detractors (贬损者)."""


@dataclass(frozen=True)
class Share:
    """`hits` of `n`: the share and its interval, all from 0 to 1; None of nobody."""

    hits: int
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Promotion:
    """NPS in points from -100 to 100 with its standard error and interval; shares of promoters and detractors."""

    n: int
    value: float | None
    se: float | None
    low: float | None
    high: float | None
    promoters: float | None
    detractors: float | None


def wilson(hits: int, n: int, z: float = Z95) -> Share:
    """The share of `hits` among `n` with Wilson's score interval, which stays within 0 and 1 (Wilson 1927).

    Raises ValueError unless 0 <= hits <= n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n}")
    if n == 0:
        return Share(0, 0, None, None, None)
    share = hits / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    below = 1 + z * z / n
    return Share(hits, n, share, max(0.0, (middle - half) / below), min(1.0, (middle + half) / below))


def csat(answers: Iterable[int]) -> Share:
    """The share of the top two answers (4 and 5) on the scale from 1 to 5, with Wilson's interval."""
    given = list(answers)
    return wilson(sum(answer >= SATISFIED for answer in given), len(given))


def nps(answers: Iterable[int], z: float = Z95) -> Promotion:
    """Promoters less detractors, in points; se = sqrt((p + d - (p - d)²) / n), as of a variable of -1, 0 and 1."""
    given = list(answers)
    return promotion(
        sum(answer >= PROMOTER for answer in given), sum(answer < PASSIVE for answer in given), len(given), z
    )


def promotion(promoters: int, detractors: int, n: int, z: float = Z95) -> Promotion:
    """NPS from counts. Raises ValueError when there are more of both than of all."""
    if promoters < 0 or detractors < 0 or promoters + detractors > n:
        raise ValueError(f"{promoters} and {detractors} of {n}")
    if n == 0:
        return Promotion(0, None, None, None, None, None, None)
    p, d = promoters / n, detractors / n
    score = p - d
    se = sqrt(max(0.0, p + d - score * score) / n)
    return Promotion(
        n,
        100 * score,
        100 * se,
        max(-100.0, 100 * (score - z * se)),
        min(100.0, 100 * (score + z * se)),
        p,
        d,
    )
