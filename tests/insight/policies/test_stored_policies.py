"""Policies a bank stored under an earlier program: they still read, are sound, and lose no work on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guanxi.insight.policies import KINDS, load_policy, missing_in, read_policy
from guanxi.insight.policies.worklist import ORIGINS, WorklistPolicy

# The demo bank's policies as they stood before account reminders were an origin of tasks.
STORED = json.loads((Path(__file__).parent / "stored" / "demo-2026-11.json").read_text(encoding="utf8"))


@pytest.mark.parametrize("kind", sorted(STORED))
def test_a_policy_stored_before_is_sound_today(kind: str) -> None:
    """An entry the program asks for since then stands in the kind's `added` (or has a default)."""
    assert load_policy(kind, STORED[kind]).problems("en") == []


def test_each_origin_of_tasks_has_its_rule_though_the_stored_list_is_older() -> None:
    policy = load_policy("worklist", STORED["worklist"])
    assert isinstance(policy, WorklistPolicy)
    assert {rule.origin for rule in policy.origins} == set(ORIGINS)
    assert not {"reminder", "offer"} & {rule["origin"] for rule in STORED["worklist"]["origins"]}


def test_what_is_filled_in_is_named_with_the_version_that_asks_for_it() -> None:
    found = [(one.entry, one.code, one.since) for one in missing_in("worklist", STORED["worklist"])]
    later = ("reminder", "offer", "anniversary", "playbook")
    assert found == [("origins", origin, "0.1.0") for origin in later]
    assert missing_in("worklist", load_policy("worklist", STORED["worklist"]).to_payload()) == []


def test_what_somebody_proposes_is_taken_as_it_stands() -> None:
    assert read_policy("worklist", STORED["worklist"]).problems("en")


def test_every_filling_is_said_whole_and_sound() -> None:
    for kind, known in KINDS.items():
        for one in known.added:
            assert one.since, (kind, one)
            assert one.code != "None", (kind, one)
