"""F3, F4, F5: senders are killed (kill -9) at random instants. By the counterpart's own ledger nothing is sent twice,
and nothing is lost: what nobody can know stands in the store as in doubt."""

import os
import random
import time
from pathlib import Path

import pytest
from tests.sending.place import Place, accepts, gateway, kill, place_in, wait_until

from guanxi.channels.simulators.gateway import GatewaySetting
from guanxi.channels.simulators.mischief import Mischief
from guanxi.project.embedded import Cluster

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "1000"))
OPEN = ("planned", "claimed", "submitting")


@pytest.fixture
def place(test_cluster: Cluster, tmp_path: Path):
    with place_in(test_cluster, tmp_path) as made:
        yield made


def kill_senders(place: Place, kills: int, chance: random.Random) -> None:
    for _kill in range(kills):
        pid = place.born()
        time.sleep(chance.uniform(0.05, 0.6))
        kill(pid)


def settled(place: Place, *also: str) -> bool:
    states = place.states()
    return not any(states[state] for state in (*OPEN, *also))


def rounds(kills: int, a_round: int):
    """Numbers of campaigns, each killed so often: a round's messages are sent before its kills are through."""
    return range((kills + a_round - 1) // a_round)


def check_killed(
    place: Place, path: Path, *, mode: str, customers: int, kills: int, settings, account
) -> None:
    chance = random.Random(3)  # noqa: S311  # the same instants each time
    lost = Mischief(seed=5, shares={"silence after": 0.1} if mode != "idempotent" else {"cut after": 0.1})
    setting = GatewaySetting(
        mode=mode, ledger=path, answer_seconds=0.05, requests=lost, silence_seconds=3.0,
        lag_seconds=1.0 if mode == "query" else 0.0,
    )  # fmt: skip
    a_round = max(kills // 20, 4)
    with gateway(setting) as platform:
        place.make(customers=customers, url=platform.url, settings=settings, account=account)
        for number in rounds(kills, a_round):
            if number:
                place.ask({"do": "queue", "campaigns": 1, "first": number, "purpose": "marketing"})
            kill_senders(place, a_round, chance)
        last = place.born(policy={"person_messages": 100})
        also = () if mode == "blind" else ("unknown",)
        wait_until(lambda: settled(place, *also), moving=place.states)
        kill(last)
    check(place, accepts(path), blind=mode == "blind")


def check(place: Place, taken, *, blind: bool) -> None:
    states = place.states()
    assert set(states) <= {"accepted", "delivered", "unknown"} | ({"unknown"} if blind else set())
    doubled = {out_id for out_id, times in taken.items() if times > 1}
    assert not doubled
    lost = place.out_ids("accepted", "delivered") - set(taken)
    assert not lost, "said to be accepted, and never was"
    hidden = set(taken) - place.out_ids("accepted", "delivered", "unknown")
    assert not hidden
    if not blind:
        assert set(taken) == place.out_ids()
        assert not states["unknown"]


def idempotent(place: Place, path: Path, customers: int, kills: int) -> None:
    check_killed(
        place, path, mode="idempotent", customers=customers, kills=kills,
        settings={"idempotent": True, "queries": False}, account={"takes_twice": False, "can_ask": False},
    )  # fmt: skip


def query_only(place: Place, path: Path, customers: int, kills: int) -> None:
    check_killed(
        place, path, mode="query", customers=customers, kills=kills, settings={},
        account={"takes_twice": True, "can_ask": True, "visible_after": 3},
    )  # fmt: skip


def blind(place: Place, path: Path, customers: int, kills: int) -> None:
    check_killed(
        place, path, mode="blind", customers=customers, kills=kills, settings={"queries": False},
        account={"takes_twice": True, "can_ask": False},
    )  # fmt: skip


MODES = {"idempotent": idempotent, "query": query_only, "blind": blind}


@pytest.mark.parametrize("mode", MODES)
def test_killed_senders_send_nothing_twice_and_lose_nothing(place, tmp_path, mode) -> None:
    MODES[mode](place, tmp_path / "ledger.jsonl", 120, 6)


@pytest.mark.faults
@pytest.mark.parametrize("mode", MODES)
def test_a_thousand_killed_senders_send_nothing_twice_and_lose_nothing(place, tmp_path, mode) -> None:
    MODES[mode](place, tmp_path / "ledger.jsonl", 1_000, TRIALS)
