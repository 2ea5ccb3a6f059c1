"""Facts of other tables, one row a customer: what stands beside the wide table in the facts file when a run made it.

Each is a SELECT in the dialect of the steps over the tables of the business date's month; a run that lacks one of its
tables has no such facts, and they are not offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.insight.segments.codes import FAMILIES, SIGNALS


@dataclass(frozen=True)
class Source:
    """Tables it reads, its columns beside party_key with what stands where a customer has no row, and its SELECT."""

    reads: tuple[str, ...]
    columns: Mapping[str, str | None]
    select: str


def _flags(column: str, prefix: str, codes: Mapping[str, object]) -> tuple[Mapping[str, str | None], str]:
    """A column of flags for each code that a customer's rows may have."""
    named = {code: f"{prefix}_{code}" for code in codes}
    made = (
        f"MAX(CASE WHEN {column} = '{code}' THEN 1 ELSE 0 END) = 1 AS {name}" for code, name in named.items()
    )
    return dict.fromkeys(named.values(), "FALSE"), ", ".join(made)


_SIGNAL_COLUMNS, _SIGNAL_FLAGS = _flags("signal", "signals", SIGNALS)
_NEED_COLUMNS, _NEED_FLAGS = _flags("family", "needs", FAMILIES)

SOURCES: Mapping[str, Source] = {
    "signals": Source(
        ("score.signal",),
        _SIGNAL_COLUMNS,
        f"SELECT party_key, {_SIGNAL_FLAGS} FROM score.signal GROUP BY party_key",
    ),
    "needs": Source(
        ("score.next_need",),
        _NEED_COLUMNS,
        f"SELECT party_key, {_NEED_FLAGS} FROM score.next_need GROUP BY party_key",
    ),
    "warning": Source(
        ("score.warning",),
        {"urgency": None, "at_stake": None},
        "SELECT party_key, urgency, at_stake FROM score.warning",
    ),
    "leaving": Source(
        ("score.leaving",),
        {"leaving_percent": None},
        "SELECT party_key, CAST(FLOOR(chance * 1e2) AS INTEGER) AS leaving_percent FROM score.leaving",
    ),
    "potential": Source(
        ("score.potential",),
        {"gap_middle": None, "sent_elsewhere": None},
        "SELECT party_key, gap_middle, sent_elsewhere FROM score.potential",
    ),
    "lifetime": Source(
        ("score.lifetime",),
        {"lifetime_value": None},
        "SELECT party_key, lifetime_value FROM score.lifetime",
    ),
    "credit": Source(
        ("score.credit",),
        {
            "credit_rated": "FALSE",
            "credit_granted": "FALSE",
            "credit_line": None,
            "credit_used": None,
            "credit_expires_on": None,
        },
        "SELECT party_key, credit_rated, credit_granted, credit_line, credit_used, credit_expires_on FROM score.credit",
    ),
    "behaviour": Source(
        ("feature.behaviour_month",),
        {"online_events": "0", "interest_on": None, "left_on": None, "redeem_on": None, "borrow_on": None},
        "SELECT party_key, online_events, interest_on, left_on, redeem_on, borrow_on FROM feature.behaviour_month",
    ),
}
