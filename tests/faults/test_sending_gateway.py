"""F7: a counterpart that throttles, fails, falls silent, answers by half or in another charset, cuts the line, refuses,
tells receipts late, twice, never or before its answer. The store's counts are the ledger's."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.test_sending_killed import settled
from tests.sending.place import Place, accepts, gateway, kill, place_in, wait_until

from guanxi.channels.simulators.afterlife import Customs
from guanxi.channels.simulators.gateway import GatewaySetting
from guanxi.channels.simulators.mischief import Mischief
from guanxi.project.embedded import Cluster

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "10000"))
REQUESTS = {
    "429": 0.05, "500": 0.03, "500 after": 0.03, "silence": 0.03, "silence after": 0.03, "half": 0.05, "charset": 0.05,
    "cut": 0.03, "cut after": 0.03, "partial": 0.05,
}  # fmt: skip


@pytest.fixture
def place(test_cluster: Cluster, tmp_path: Path):
    with place_in(test_cluster, tmp_path) as made:
        yield made


def told_by(path: Path) -> dict[str, set[str]]:
    """Out-ids the ledger has receipts of, by state, and those refused for good."""
    told: dict[str, set[str]] = {"delivered": set(), "failed": set(), "refuse": set()}
    for line in path.read_text(encoding="utf8").splitlines():
        deed = json.loads(line)
        if deed["deed"] == "receipt":
            told[deed["state"]].add(deed["out_id"])
        elif deed["deed"] == "refuse":
            told["refuse"].add(deed["out_id"])
    return told


def check_misbehaving(place: Place, path: Path, customers: int) -> None:
    setting = GatewaySetting(
        mode="query", ledger=path, silence_seconds=2.0, lag_seconds=0.5, requests=Mischief(7, REQUESTS),
        messages=Mischief(8, {"refuse": 0.05, "throttle": 0.1}),
        customs=Customs(seconds=0.2, fails=0.1, late=0.1, twice=0.1, early=0.1, late_seconds=2.0),
    )  # fmt: skip
    with gateway(setting) as platform:
        place.make(
            customers=customers,
            url=platform.url,
            account={"takes_twice": True, "can_ask": True, "visible_after": 3},
        )
        sender = place.born(policy={"volume_share": "1", "lanes": 2})
        wait_until(
            lambda: settled(place, "unknown", "accepted") and not platform.outstanding, moving=place.states
        )
        kill(sender)
    taken, told = accepts(path), told_by(path)
    assert max(taken.values()) == 1
    assert set(place.states()) <= {"delivered", "failed"}
    assert place.out_ids("delivered") == told["delivered"]
    assert place.out_ids("failed") == told["failed"] | told["refuse"]
    counted = Counter(dict(place.rows("SELECT state, COUNT(*) FROM messaging_receipt GROUP BY state")))
    assert counted["delivered"] >= len(told["delivered"])
    assert not place.rows("SELECT 1 FROM messaging_receipt WHERE message_id IS NULL")


def test_a_misbehaving_gateway_leaves_every_message_in_the_state_its_ledger_says(place, tmp_path) -> None:
    check_misbehaving(place, tmp_path / "ledger.jsonl", 300)


@pytest.mark.faults
def test_ten_thousand_messages_through_a_misbehaving_gateway(place, tmp_path) -> None:
    check_misbehaving(place, tmp_path / "ledger.jsonl", TRIALS)
