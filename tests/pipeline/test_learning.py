"""What training reads from a lake: days of warning counted with care, and too few months refused in words."""

import sys
from datetime import date

import numpy as np
import pytest
from tests.pipeline.nights import ROOT

from guanxi.insight.foresight.matrix import Matrix
from guanxi.pipeline.learning import TrainingRefused, _lead, split_of

sys.path.insert(0, str(ROOT / "tests" / "insight"))
from banks import policy_of  # lies beside the tests of insight


def months(count: int) -> Matrix:
    time = np.array([f"{2024 + place // 12}-{place % 12 + 1:02d}-01" for place in range(count)])
    return Matrix(("a",), np.zeros((count, 1)), np.zeros(count, int), time, np.zeros(count))


def test_days_of_warning_count_from_the_features_end_to_the_first_day_of_the_month_that_shows_it() -> None:
    found = _lead([date(2026, 3, 1), date(2026, 3, 1)], [date(2026, 5, 1), None])
    assert found[0] == 31
    assert np.isnan(found[1])


def test_what_is_judged_begins_after_every_label_learnt_from_is_known() -> None:
    split = split_of(months(20), policy_of("churn", test_months=3, calibration_months=2))
    parts = [sorted(set(part.time)) for part in (split.fit, split.calibrate, split.judge)]
    assert [(part[0], part[-1]) for part in parts] == [
        ("2024-01-01", "2024-09-01"),
        ("2025-01-01", "2025-02-01"),
        ("2025-06-01", "2025-08-01"),
    ]


def test_too_few_months_are_refused_with_how_many_are_needed() -> None:
    with pytest.raises(TrainingRefused, match="more than 11 are needed"):
        split_of(months(11), policy_of("churn", test_months=3, calibration_months=2))
