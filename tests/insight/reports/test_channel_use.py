"""Postings by channel: each customer once, under the own outlet, kind and age; who did nothing is not counted."""

from __future__ import annotations

from datetime import date

from harness import Bench

NAMES = ("counter", "self_service", "mobile", "web", "phone", "third_party")


def counts(*values: int) -> dict[str, int]:
    return {f"{name}_count": value for name, value in zip(NAMES, values, strict=True)}


def test_postings_add_up_by_outlet_kind_and_age_and_only_of_who_made_some() -> None:
    bench = Bench()
    bench.month(date(2026, 9, 1))
    bench.put("core.party", [
        {"party_key": 1, "kind": "person", "unit_no": "north"}, {"party_key": 2, "kind": "person", "unit_no": "north"},
        {"party_key": 3, "kind": "company", "unit_no": None}, {"party_key": 4, "kind": "person", "unit_no": "north"},
    ])  # fmt: skip
    bench.put("score.behaviour", [
        {"party_key": 1, "age_band": "60+"}, {"party_key": 2, "age_band": "60+"}, {"party_key": 4, "age_band": "60+"},
    ])  # fmt: skip
    bench.put("feature.activity_month", [
        {"party_key": 1, **counts(3, 1, 0, 0, 0, 7)}, {"party_key": 2, **counts(0, 0, 5, 2, 1, 0)},
        {"party_key": 3, **counts(1, 0, 0, 4, 0, 0)}, {"party_key": 4, **counts(0, 0, 0, 0, 0, 0)},
    ])  # fmt: skip
    rows = {
        (row["unit_no"], row["kind"], row["age_band"]): [
            row["customers"],
            *(row[f"{name}_count"] for name in NAMES),
        ]
        for row in bench.run("report.channel_use")
    }
    assert rows == {
        ("north", "person", "60+"): [2, 3, 1, 5, 2, 1, 7],
        ("", "company", ""): [1, 1, 0, 0, 4, 0, 0],
    }
