"""F6: eight senders at once, each paused (SIGSTOP) past its lease and woken again. Fence and locks hold: nothing
is sent twice to a counterpart that would take it twice."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from tests.faults.test_sending_killed import check, settled
from tests.sending.place import Place, accepts, gateway, kill, place_in, wait_until

from guanxi.channels.simulators.gateway import GatewaySetting
from guanxi.project.embedded import Cluster

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "500"))
LEASE = 4  # seconds, see tests.sending.nursery


@pytest.fixture
def place(test_cluster: Cluster, tmp_path: Path):
    with place_in(test_cluster, tmp_path) as made:
        yield made


def check_paused(place: Place, path: Path, *, senders: int, customers: int, pauses: int) -> None:
    chance = random.Random(6)  # noqa: S311  # the same instants each time
    with gateway(GatewaySetting(mode="query", ledger=path, answer_seconds=0.05)) as platform:
        place.make(
            customers=customers, url=platform.url, window=10,
            account={"takes_twice": True, "can_ask": True, "visible_after": 3},
        )  # fmt: skip
        pids = [place.born(policy={"lanes": 1, "person_messages": 100}) for _sender in range(senders)]
        number = 1
        for pause in range(pauses):
            if pause % 8 == 7:
                place.ask({"do": "queue", "campaigns": 1, "first": number, "purpose": "marketing"})
                number += 1
            asleep = chance.sample(pids, senders // 2)
            time.sleep(chance.uniform(0.05, 0.5))
            for pid in asleep:
                kill(pid, signal.SIGSTOP)
            time.sleep(LEASE + 1.5)
            for pid in asleep:
                kill(pid, signal.SIGCONT)
        wait_until(lambda: settled(place, "unknown"), moving=place.states)
        for pid in pids:
            kill(pid)
    check(place, accepts(path), blind=False)


def test_paused_senders_that_come_back_send_nothing_twice(place, tmp_path) -> None:
    check_paused(place, tmp_path / "ledger.jsonl", senders=3, customers=150, pauses=1)


@pytest.mark.faults
def test_eight_senders_paused_five_hundred_times_send_nothing_twice(place, tmp_path) -> None:
    check_paused(place, tmp_path / "ledger.jsonl", senders=8, customers=1_000, pauses=max(TRIALS // 4, 1))
