"""Policies of value, stage, behaviour, contribution: starting values are sound, nonsense is said in both languages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from banks import policy_of

from guanxi.insight.policies import load_policy
from guanxi.insight.policies.behaviour import AgeBand
from guanxi.insight.policies.contribution import PricedFamily
from guanxi.insight.policies.value import Relation, RiskBand

KINDS = ("value", "stage", "behaviour", "contribution")
BANKS = ("demo", "berka")


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_banks_starting_values_are_sound_and_survive_a_round_trip(kind: str, bank: str) -> None:
    policy = policy_of(kind, bank)
    assert policy.problems("zh") == policy.problems("en") == []
    assert load_policy(kind, policy.to_payload()) == policy
    assert load_policy(kind, policy.to_payload()).content_hash() == policy.content_hash()


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_has_rows_as_wide_as_its_columns(kind: str) -> None:
    for name, table in policy_of(kind).tables().items():
        assert name.startswith("policy.")
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_reads_itself_out_in_both_languages(kind: str) -> None:
    policy = policy_of(kind)
    chinese, english = policy.in_words("zh"), policy.in_words("en")
    assert len(chinese) == len(english) > 2
    assert all(sentence.endswith("。") for sentence in chinese)
    assert all((sentence.endswith(".") and sentence.isascii()) or "≥" in sentence for sentence in english)


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("value", {"weight_risk": Decimal("0.21")}, "权重之和", "sum to 100%"),
    ("value", {"medium_risk_from": 60}, "递增", "must rise"),
    ("value", {"segments": ()}, "恰有一个分群", "exactly one segment"),
    ("value", {"renown_points": {"singer": 5}}, "singer", "singer"),
    ("value", {"relations": (Relation("friend", "family", 1),)}, "friend", "friend"),
    ("value", {"relations": (Relation("spouse", "family", -1),)}, "spouse", "spouse"),
    ("value", {"risk_bands": (RiskBand("height", Decimal(1), 5),)}, "height", "height"),
    (
        "value",
        {"risk_bands": (RiskBand("pd", Decimal("0.1"), 50), RiskBand("pd", Decimal("0.2"), 40))},
        "越高",
        "must not fall",
    ),
    ("stage", {"lost_share": Decimal("0.6")}, "挽回占比", "won back"),
    ("stage", {"lost_ceiling": Decimal(20_000)}, "上限", "ceiling"),
    ("stage", {"trial_days": 365}, "考察期", "trial"),
    ("stage", {"measures": {"person": "daily_average"}}, "company", "company"),
    ("stage", {"resting_families": ("gold",)}, "gold", "gold"),
    ("stage", {"won_back_months": 0}, "至少为 1", "at least 1"),
    ("behaviour", {"deposit_share": Decimal("0.4")}, "同属两类", "two types"),
    ("behaviour", {"profile_months": 7}, "1 到 6", "1 to 6"),
    ("behaviour", {"system_purposes": ("bribe",)}, "bribe", "bribe"),
    ("behaviour", {"channel_profiles": {"fax": "mobile"}}, "fax", "fax"),
    ("behaviour", {"age_bands": (AgeBand("a", 0, 30), AgeBand("b", 32))}, "不相接", "do not meet"),
    ("behaviour", {"age_bands": (AgeBand("a", 18),)}, "0 岁起", "start at 0"),
    ("contribution", {"default_pd": Decimal(2)}, "0 到 1", "0 to 1"),
    ("contribution", {"families": (PricedFamily("time", "deposit", True, day_basis=300),)}, "360", "360"),
    ("contribution", {"families": (PricedFamily("tulip", "deposit", True),)}, "tulip", "tulip"),
    ("contribution", {"loan_classes": ()}, "五级分类", "five loan classes"),
    ("contribution", {"service_cost_year": Decimal(-1)}, "负", "negative"),
]


@pytest.mark.parametrize(
    ("kind", "changed", "zh", "en"),
    WRONG,
    ids=[f"{w[0]}-{next(iter(w[1]))}-{n}" for n, w in enumerate(WRONG)],
)
def test_what_is_wrong_is_said_in_plain_words(kind: str, changed: dict[str, Any], zh: str, en: str) -> None:
    policy = replace(policy_of(kind), **changed)
    assert any(zh in said for said in policy.problems("zh"))
    assert any(en in said for said in policy.problems("en"))
