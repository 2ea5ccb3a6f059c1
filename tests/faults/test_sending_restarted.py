"""PostgreSQL dies or is restarted while senders send: they come back by themselves, nothing is sent twice, nothing is
lost, and what nobody can know stands in the store as in doubt."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.own_store import STRIKES, any_strike, own_cluster, start_again
from tests.faults.test_sending_killed import check, settled
from tests.sending.place import ROOT, Place, accepts, gateway, kill, place_in, wait_until

from guanxi.channels.simulators.gateway import GatewaySetting
from guanxi.channels.simulators.mischief import Mischief
from guanxi.project.embedded import Cluster

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "300"))
A_ROUND = 5  # strikes over the messages of one campaign
MODES = {
    "idempotent": ({"idempotent": True, "queries": False}, {"takes_twice": False, "can_ask": False}),
    "query": ({}, {"takes_twice": True, "can_ask": True, "visible_after": 3}),
    "blind": ({"queries": False}, {"takes_twice": True, "can_ask": False}),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("sending_restarted")


@pytest.fixture(scope="module")
def cluster(test_cluster: Cluster, home: Path) -> Iterator[Cluster]:
    with own_cluster(test_cluster, home) as made:
        yield made


@pytest.fixture
def place(cluster: Cluster, tmp_path: Path) -> Iterator[Place]:
    with place_in(cluster, tmp_path) as made:
        yield made


def lives(pid: int) -> bool:
    """Whether a sender is still there."""
    return Path(f"/proc/{pid}").exists()


def check_struck(
    place: Place, cluster: Cluster, home: Path, path: Path, mode: str, customers: int, strikes: int
) -> None:
    """Three senders at work while the store is struck so often; by the counterpart's ledger all arrived once."""
    chance = random.Random(17)  # noqa: S311  # the same instants each time
    settings, account = MODES[mode]
    setting = GatewaySetting(
        mode=mode, ledger=path, answer_seconds=0.05, silence_seconds=3.0, lag_seconds=1.0 if mode == "query" else 0.0,
        requests=Mischief(seed=7, shares={"silence after" if mode == "query" else "cut after": 0.05}),
    )  # fmt: skip
    with gateway(setting) as platform:
        place.make(
            customers=customers, url=platform.url, settings=settings, account=account, window=10, rate=400
        )
        senders = [place.born(trouble=0.5, policy={"person_messages": 100}) for _ in range(3)]
        for number in range(strikes):
            if number and number % A_ROUND == 0:
                place.ask({"do": "queue", "campaigns": 1, "first": number, "purpose": "marketing"})
            before = len(accepts(path))
            wait_until(lambda before=before: len(accepts(path)) > before or settled(place))
            time.sleep(chance.uniform(0.0, 0.4))
            any_strike(chance)(cluster)
            time.sleep(chance.uniform(0.0, 0.6))
            start_again(home)
        also = () if mode == "blind" else ("unknown",)
        wait_until(lambda: settled(place, *also), moving=place.states)
        assert all(lives(sender) for sender in senders), "a sender did not outlive the restart"
        for sender in senders:
            kill(sender)
    check(place, accepts(path), blind=mode == "blind")


def test_a_restarted_store_loses_no_message_and_doubles_none(place, cluster, home, tmp_path) -> None:
    check_struck(place, cluster, home, tmp_path / "ledger.jsonl", "query", 150, 2)


@pytest.mark.faults
@pytest.mark.parametrize("mode", MODES)
def test_a_store_restarted_many_times_loses_no_message(place, cluster, home, tmp_path, mode) -> None:
    check_struck(place, cluster, home, tmp_path / "ledger.jsonl", mode, 400, TRIALS)


@pytest.mark.faults
def test_a_worker_outlives_restarts_and_takes_jobs_again(place, cluster, home) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "guanxi.project.cli", "worker"], cwd=ROOT, env=place.environment
    )
    try:
        known = "SELECT COALESCE(MAX(id), 0) FROM procrastinate_workers"
        wait_until(lambda: place.rows(known)[0][0] > 0)
        for strike in STRIKES.values():
            ((before,),) = place.rows(known)
            strike(cluster)
            start_again(home)
            wait_until(lambda before=before: place.rows(known)[0][0] > before)
            assert worker.poll() is None
    finally:
        worker.terminate()
        assert worker.wait(60) == 0
