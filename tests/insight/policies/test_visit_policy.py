"""The policy of visits: a class of customers has one plan, a checklist is of its aims, wrong numbers are named."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from guanxi.insight.policies.visit import Cadence, VisitPolicy

FILE = Path(__file__).resolve().parents[3] / "banks/demo/policies/visit.toml"


@pytest.fixture(scope="module")
def policy():
    return VisitPolicy.from_payload(tomllib.loads(FILE.read_text(encoding="utf8")))


def test_the_banks_own_policy_is_sound_and_reads_back(policy):
    assert policy.problems() == []
    assert VisitPolicy.from_payload(policy.to_payload()) == policy
    assert any("金卡客户维护方案" in line for line in policy.in_words())


def test_the_first_plan_that_fits_counts_and_everybody_has_one(policy):
    assert policy.plan_for("person", "gold", "declining").code == "declining"
    assert policy.plan_for("person", "gold", "mature").code == "gold"
    assert policy.plan_for("company", "high", "").code == "all"
    days = [step.after_days for step in policy.steps_of("gold")]
    assert days == sorted(days) != []


def test_a_checklist_has_the_general_points_and_those_of_its_aims_only(policy):
    codes = [check.code for check in policy.checks_for(("maturity",))]
    assert codes[:3] == ["time", "record", "papers"]
    assert "options" in codes
    assert "site" not in codes


def test_the_cadence_of_a_tier_is_by_channel_and_empty_without_one(policy):
    assert policy.every("person", "gold") == {"call": 60, "visit": 180}
    assert policy.every("person", "ordinary") == {}
    assert ("person", "gold", "visit", 180) in policy.tables()["policy.visit_cadence"].rows


@pytest.mark.parametrize(
    "wrong",
    [
        {"longest_minutes": 30}, {"longest_minutes": 481}, {"usual_minutes": 0}, {"notice_days": 61},
        {"notice_days": -1}, {"evidence_least": 5}, {"evidence_least": 0}, {"joint_every": 0}, {"aims": ()},
        {"photos_most": 21}, {"photo_kinds": ("gif",)}, {"photo_edge": 0},
        {"plans": ()}, {"steps": ()}, {"cadences": (Cadence("person", "gold", "visit", 0),)},
        {"cadences": (Cadence("person", "gold", "pigeon", 9),)},
        {"cadences": (Cadence("person", "gold", "visit", 9), Cadence("person", "gold", "visit", 8))},
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_named(policy, wrong):
    assert dataclasses.replace(policy, **wrong).problems() != []
    assert dataclasses.replace(policy, **wrong).problems("en") != []
