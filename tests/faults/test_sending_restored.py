"""F31: a backup of a random moment of sending is restored. All channels are off, what was open is in doubt, nothing
is sent until a person switches on; then nothing is sent twice and nothing is lost."""

import os
import random
import time
from pathlib import Path

import pytest
from tests.faults.test_sending_killed import check, settled
from tests.sending.place import Place, accepts, gateway, kill, place_in, wait_until

from guanxi.channels.simulators.gateway import GatewaySetting
from guanxi.project.embedded import Cluster

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "50"))


@pytest.fixture
def place(test_cluster: Cluster, tmp_path: Path):
    with place_in(test_cluster, tmp_path) as made:
        yield made


def send_some(place: Place, path: Path, seconds: float) -> None:
    """Send until the counterpart has taken something more, and a little longer."""
    before = len(accepts(path))
    sender = place.born()
    wait_until(lambda: len(accepts(path)) > before)
    time.sleep(seconds)
    kill(sender)
    time.sleep(0.2)


def check_restored(place: Place, cluster: Cluster, path: Path, customers: int, chance: random.Random) -> None:
    with gateway(GatewaySetting(mode="query", ledger=path, answer_seconds=0.05)) as platform:
        place.make(
            customers=customers, url=platform.url, window=10, rate=200,
            account={"takes_twice": True, "can_ask": True, "visible_after": 2},
        )  # fmt: skip
        send_some(place, path, chance.uniform(0, 0.4))
        backup = place.backed_up(cluster)
        try:
            send_some(place, path, chance.uniform(0.1, 0.6))
            before = accepts(path)
            restored = place.restored(cluster, backup)
            sender = restored.born()
            off = "SELECT 1 FROM messaging_channelaccount WHERE NOT is_on AND off_reason = 'restored'"
            wait_until(lambda: bool(restored.rows(off)))
            time.sleep(1)
            assert accepts(path) == before, "sent before a person had looked"
            assert not any(restored.states()[state] for state in ("claimed", "submitting"))
            restored.ask({"do": "switch", "on": True})
            wait_until(lambda: settled(restored, "unknown"), moving=restored.states)
            kill(sender)
            check(restored, accepts(path), blind=False)
            restored.end()
        finally:
            cluster.drop_database(backup)


def test_a_restored_backup_sends_nothing_by_itself_and_nothing_twice(place, test_cluster, tmp_path) -> None:
    check_restored(place, test_cluster, tmp_path / "ledger.jsonl", 120, random.Random(31))  # noqa: S311


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(TRIALS))
def test_a_backup_of_any_second_restored_sends_nothing_twice(place, test_cluster, tmp_path, seed) -> None:
    check_restored(place, test_cluster, tmp_path / "ledger.jsonl", 200, random.Random(seed))  # noqa: S311
