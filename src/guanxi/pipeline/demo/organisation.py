"""Outlets and staff (机构与员工) of the small and the full demo bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from guanxi.pipeline.demo.columns import NO_DAY, days, words
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.identity import person_names, surnames
from guanxi.pipeline.demo.shapes import SMALL_BANK
from guanxi.pipeline.demo.streams import Streams

ROOT = "9000"
AREA_CODES = {"urban": 0, "county": 1, "township": 2}

SMALL = (
    ("观前支行", "urban", 1.25),
    ("平江支行", "urban", 1.05),
    ("县城支行", "county", 1.0),
    ("柳溪支行", "township", 0.8),
)
FULL = (
    *(
        ("观前支行", "urban", 2.0),
        ("平江支行", "urban", 1.6),
        ("双塔支行", "urban", 1.2),
        ("沧浪支行", "urban", 1.1),
    ),
    *(
        ("金阊支行", "urban", 1.0),
        ("狮山支行", "urban", 0.95),
        ("湖滨支行", "urban", 0.9),
        ("城南支行", "urban", 0.85),
    ),
    *(("科技城支行", "urban", 0.5), ("园区支行", "urban", 0.45)),
    *(("县城支行", "county", 1.5), ("县城东门支行", "county", 0.9)),
    *(("柳溪支行", "township", 1.2), ("北桥支行", "township", 1.0), ("荷塘支行", "township", 0.9)),
    *(("杨湾支行", "township", 0.8), ("东山支行", "township", 0.75), ("石码支行", "township", 0.7)),
    *(("河西支行", "township", 0.65), ("陆家支行", "township", 0.6)),
)

# Posts per outlet in the small bank, and how many of each the full one has over all outlets and head office.
SMALL_OUTLET = ("outlet_head", "relationship_manager", "teller", "teller", "teller", "lobby")
SMALL_HEAD_OFFICE = (
    *("supervisor", "analyst", "analyst", "administrator", "compliance"),
    *("planner", "planner", "corporate_manager", "corporate_manager", "other", "other", "other"),
)
FULL_OUTLETS = {
    "outlet_head": 50,
    "relationship_manager": 72,
    "planner": 20,
    "corporate_manager": 60,
    "teller": 210,
    "lobby": 44,
}
FULL_HEAD_OFFICE = {"supervisor": 6, "analyst": 8, "administrator": 4, "compliance": 8}
FULL_STAFF = 832


@dataclass(frozen=True)
class Organisation:
    """Units and staff as the chunks need them: outlets by position, keepers per outlet."""

    unit_no: list[str]  # outlets only
    area: np.ndarray  # 0 urban, 1 county, 2 township, by outlet
    weight: np.ndarray
    staff_no: list[str]
    managers: list[np.ndarray]  # by outlet: positions in staff_no
    tellers: list[np.ndarray]
    corporate: np.ndarray
    units: pa.Table
    staff: pa.Table


def organisation(streams: Streams, customers: int, over: Span) -> Organisation:
    """The small bank's 4 outlets and 36 staff up to 50,000 customers, the full one's 20 and 832 above."""
    small = customers <= SMALL_BANK * 5 // 2
    outlets = SMALL if small else FULL
    seats = _small_seats(len(outlets)) if small else _full_seats(outlets)
    posts = [post for post, _ in seats]
    home = np.array([outlet for _, outlet in seats])
    staff_no = [f"S{10001 + place}" for place in range(len(seats))]
    unit_no = [f"9{101 + place}" for place in range(len(outlets))]
    return Organisation(
        unit_no=unit_no,
        area=np.array([AREA_CODES[area] for _, area, _ in outlets]),
        weight=np.array([weight for _, _, weight in outlets]),
        staff_no=staff_no,
        managers=[_of(posts, home, "relationship_manager", outlet) for outlet in range(len(outlets))],
        tellers=[_of(posts, home, "teller", outlet) for outlet in range(len(outlets))],
        corporate=np.array([place for place, post in enumerate(posts) if post == "corporate_manager"]),
        units=_units(outlets, unit_no),
        staff=_staff(streams, staff_no, [unit_no[o] if o >= 0 else ROOT for o in home], posts, over),
    )


def _of(posts: list[str], home: np.ndarray, post: str, outlet: int) -> np.ndarray:
    return np.array(
        [place for place, name in enumerate(posts) if name == post and home[place] == outlet], np.int64
    )


def _small_seats(outlets: int) -> list[tuple[str, int]]:
    inside = [(post, outlet) for outlet in range(outlets) for post in SMALL_OUTLET]
    return inside + [(post, -1) for post in SMALL_HEAD_OFFICE]


def _full_seats(outlets: tuple[tuple[str, str, float], ...]) -> list[tuple[str, int]]:
    """Each outlet gets one of each post first, the rest goes where most customers are."""
    weight = np.array([w for _, _, w in outlets])
    # Managers go where the better-off are: towns more than townships.
    better = weight * np.array(
        [{"urban": 1.3, "county": 1.0, "township": 0.65}[area] for _, area, _ in outlets]
    )
    seats = [
        (post, outlet)
        for post, total in FULL_OUTLETS.items()
        for outlet, count in enumerate(_shared(total, better if post == "relationship_manager" else weight))
        for _ in range(count)
    ]
    seats += [(post, -1) for post, count in FULL_HEAD_OFFICE.items() for _ in range(count)]
    return seats + [("other", -1)] * (FULL_STAFF - len(seats))


def _shared(total: int, weight: np.ndarray) -> list[int]:
    counts = np.ones(len(weight), np.int64)
    while counts.sum() < total:
        counts[np.argmax(weight / counts)] += 1
    return [int(count) for count in counts]


def _units(outlets: tuple[tuple[str, str, float], ...], unit_no: list[str]) -> pa.Table:
    names = ["江城农村商业银行", *(name for name, _, _ in outlets)]
    rows = {
        "unit_no": [ROOT, *unit_no],
        "name": names,
        "parent_no": [None, *[ROOT] * len(outlets)],
        "kind": ["legal_entity", *["outlet"] * len(outlets)],
        "area": [None, *(area for _, area, _ in outlets)],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in rows.items()})


def _staff(streams: Streams, staff_no: list[str], unit: list[str], posts: list[str], over: Span) -> pa.Table:
    """One row per person and post, and for every twelfth person the post held before."""
    rng = streams.of("staff")
    count = len(staff_no)
    names = person_names(rng, surnames(rng, count, 0.5), rng.random(count) < 0.45)
    since = over.first - rng.integers(200, 4_000, count)
    earlier = np.flatnonzero(np.arange(count) % 12 == 5)
    rows = np.concatenate([np.arange(count), earlier])
    starts = np.concatenate([since, since[earlier] - 700])
    ends = np.concatenate([np.full(count, NO_DAY), since[earlier]])
    kinds = pa.array([*posts, *("teller" if posts[place] != "teller" else "lobby" for place in earlier)])
    return pa.table(
        {
            "staff_no": pa.array(staff_no).take(pa.array(rows)),
            "name": names.take(pa.array(rows)),
            "unit_no": pa.array(unit).take(pa.array(rows)),
            "post": kinds,
            "valid_from": days(starts),
            "valid_to": days(ends),
        }
    )


def unit_column(of: Organisation, unit: np.ndarray) -> pa.Array:
    """Outlet positions as unit numbers; -1 is empty."""
    return words(unit, of.unit_no)
