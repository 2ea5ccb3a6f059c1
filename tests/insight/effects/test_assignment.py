"""Who is held out: repeatable, unguessable, even, and the same for everybody of one unit."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from guanxi.insight.effects.assignment import (
    BUCKETS,
    arm_of,
    bucket,
    epoch,
    in_global_control,
    unit_of,
)

KEY = b"a bank's key"


def test_a_bucket_is_what_the_definition_says() -> None:
    """HMAC-SHA256 worked out beside, with openssl: a change of the hash would draw every campaign anew."""
    import subprocess

    said = "4:mayx" + "customer:7"
    out = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", KEY.decode()],
        input=said.encode(),
        capture_output=True,
        check=True,
    )
    digest = out.stdout.decode().split()[-1]
    assert bucket(KEY, "mayx", "customer:7") == int(digest, 16) % BUCKETS


def test_buckets_are_even_and_two_campaigns_have_nothing_in_common() -> None:
    first = [bucket(KEY, "spring", unit_of("customer", key)) for key in range(20_000)]
    second = [bucket(KEY, "autumn", unit_of("customer", key)) for key in range(20_000)]
    tens = [0] * 10
    both = [0] * 4
    for one, two in zip(first, second, strict=True):
        tens[one // 1000] += 1
        both[(one < 5000) * 2 + (two < 5000)] += 1
    assert chisquare(tens).pvalue > 0.001
    assert chisquare(both).pvalue > 0.001


def test_another_key_draws_others() -> None:
    same = sum(bucket(KEY, "c", str(n)) // 5000 == bucket(b"other", "c", str(n)) // 5000 for n in range(2000))
    assert 900 < same < 1100


def test_without_a_key_nobody_is_drawn() -> None:
    with pytest.raises(ValueError, match="key"):
        bucket(b"", "c", "customer:1")


@given(st.integers(0, BUCKETS - 1), st.integers(0, BUCKETS))
def test_every_bucket_has_one_arm_by_its_borders(place: int, control: int) -> None:
    arm = arm_of(place, {"control": control, "treated": BUCKETS - control})
    assert arm == ("control" if place < control else "treated")


@pytest.mark.parametrize("shares", [{"control": 1}, {"a": 10_001, "b": -1}])
def test_shares_that_do_not_add_up_are_refused(shares: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="add up"):
        arm_of(3, shares)


def test_everybody_of_a_household_goes_the_same_way_and_a_single_person_alone() -> None:
    assert unit_of("household", 1, household=9) == unit_of("household", 2, household=9)
    assert unit_of("household", 1) == "customer:1"
    assert unit_of("customer", 1, household=9) == "customer:1"
    with pytest.raises(ValueError, match="unit"):
        unit_of("street", 1)


def test_global_control_stays_twelve_months_and_then_others_are_drawn() -> None:
    assert epoch(date(2026, 1, 1), 12) == epoch(date(2026, 12, 31), 12) == "2026-01"
    assert epoch(date(2026, 8, 31), 6) == "2026-07"
    keys = range(20_000)
    spring = {key for key in keys if in_global_control(KEY, key, date(2026, 3, 1), 500, 12)}
    winter = {key for key in keys if in_global_control(KEY, key, date(2026, 12, 31), 500, 12)}
    later = {key for key in keys if in_global_control(KEY, key, date(2027, 1, 1), 500, 12)}
    assert spring == winter
    assert 880 < len(spring) < 1120
    assert 20 < len(spring & later) < 90  # by chance 5 % of 1,000
