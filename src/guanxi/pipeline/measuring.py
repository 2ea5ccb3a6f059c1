"""The last thing a night does: people's work measured as of the business date (crm/performance/nights.py)."""

import time
from dataclasses import dataclass
from datetime import date

from guanxi.crm.performance.nights import measure_night
from guanxi.crm.policies.selectors import in_force

NEEDED = ("performance", "interaction", "tier")


@dataclass(frozen=True)
class Measured:
    """Rows of people's figures written, and how long it took."""

    rows: int = 0
    seconds: float = 0.0


def measure_people(on: date) -> Measured:
    """Measure everybody's work as of a day; nothing for a bank without the policies that say how."""
    if not set(NEEDED) <= in_force(on).keys():
        return Measured()
    began = time.perf_counter()
    return Measured(measure_night(on), time.perf_counter() - began)
