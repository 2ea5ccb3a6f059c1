"""Figures of a read-out in words."""

from decimal import Decimal

import pytest

from guanxi.crm.effects.next_steps import _said
from guanxi.crm.effects.words import amount, span


@pytest.mark.parametrize(("value", "told"), [(-0.4, "+0"), (0.4, "+0"), (-1250.6, "-1,251")])
def test_an_amount_that_rounds_to_nothing_has_no_minus(value, told) -> None:
    assert told in amount("aum", value)
    assert "-0" not in amount("aum", value)


def test_too_few_for_an_interval_is_one_dash_and_not_a_pair_of_them() -> None:
    assert span("product", None, None) == "—"
    assert span("product", 0.0, 0.0) == "—"
    assert "1.00" in span("product", -0.01, 0.02)
    assert "2.00" in span("product", -0.01, 0.02)


@pytest.mark.parametrize(
    ("chance", "told"), [("0.0004", "<0.1%"), ("0.001", "0.1%"), ("0", "0.0%"), ("0.213", "21.3%")]
)
def test_a_small_chance_is_small_and_not_none(chance, told) -> None:
    assert _said(Decimal(chance)) == told
