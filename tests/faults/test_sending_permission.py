"""F27, F28: opt-outs at any instant of a send, and a weekly cap under campaigns in parallel. By the ledger nothing is
submitted after an opt-out was committed, and nobody gets more than the cap."""

import json
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.faults.test_sending_killed import settled
from tests.sending.place import Place, accepts, gateway, kill, place_in, wait_until

from guanxi.channels.simulators.gateway import Gateway, GatewaySetting
from guanxi.project.embedded import Cluster

TRIALS = int(os.environ.get("GUANXI_FAULT_TRIALS", "1000"))
MORNING = "2026-11-03T10:00:00+08:00"  # a Tuesday, within the hours of every channel
NUMBER = "199{:08d}"
FIRST_PARTY = 20_000_000


@pytest.fixture
def place(test_cluster: Cluster, tmp_path: Path):
    with place_in(test_cluster, tmp_path) as made:
        yield made


class Timed:
    """Puts the instant beside each acceptance, as the counterpart saw it."""

    def __init__(self, platform: Gateway) -> None:
        self.at: dict[str, list[datetime]] = {}
        accept = platform._accept

        def noted(out_id, message):
            self.at.setdefault(message["to"], []).append(datetime.now(UTC))
            return accept(out_id, message)

        platform._accept = noted


def check_opting_out(place: Place, path: Path, *, customers: int, leaving: int) -> None:
    chance = random.Random(27)  # noqa: S311  # the same customers each time
    with gateway(GatewaySetting(mode="query", ledger=path, answer_seconds=0.05)) as platform:
        timed = Timed(platform)
        place.make(
            customers=customers, url=platform.url, agreed=True, window=10, campaigns=2, at=MORNING,
            account={"takes_twice": True, "can_ask": True, "visible_after": 3},
        )  # fmt: skip
        sender = place.born(strict=True, at=MORNING, policy={"person_messages": 100, "lanes": 2})
        wait_until(lambda: bool(timed.at))
        said: dict[str, datetime] = {}
        for number in chance.sample(range(customers), leaving):
            told = place.ask({"do": "refuse", "party": FIRST_PARTY + number, "at": MORNING})
            said[NUMBER.format(number)] = datetime.fromisoformat(told["at"])
            time.sleep(chance.uniform(0, 0.02))
        wait_until(lambda: settled(place, "unknown"), moving=place.states)
        kill(sender)
    after = {to: at for to, left in said.items() for at in timed.at.get(to, []) if at > left}
    assert not after
    untouched = set(timed.at) - set(said)
    assert len(untouched) == customers - leaving
    assert place.states()["stopped"] + place.states()["refused"] > 0


def test_nothing_is_submitted_after_an_opt_out_was_committed(place, tmp_path) -> None:
    check_opting_out(place, tmp_path / "ledger.jsonl", customers=120, leaving=15)


@pytest.mark.faults
def test_a_thousand_opt_outs_at_any_instant(place, tmp_path) -> None:
    check_opting_out(place, tmp_path / "ledger.jsonl", customers=TRIALS * 2, leaving=TRIALS)


def check_cap(place: Place, path: Path, *, customers: int, campaigns: int, senders: int) -> None:
    """The demo bank's rules: at most so many marketing contacts a week over all channels."""
    with gateway(GatewaySetting(mode="query", ledger=path)) as platform:
        place.make(
            customers=customers, url=platform.url, agreed=True, campaigns=campaigns, at=MORNING, caps=[1_000, 2, 1_000],
            account={"takes_twice": True, "can_ask": True, "visible_after": 3},
        )  # fmt: skip
        pids = [
            place.born(strict=True, at=MORNING, policy={"person_messages": 100, "lanes": 1})
            for _ in range(senders)
        ]
        wait_until(lambda: settled(place, "unknown"), moving=place.states)
        for pid in pids:
            kill(pid)
    deeds = [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
    got = Counter(deed["address"] for deed in deeds if deed["deed"] == "accept")
    assert max(accepts(path).values()) == 1
    assert set(got.values()) == {2}
    assert len(got) == customers


def test_a_weekly_cap_of_two_holds_under_campaigns_in_parallel(place, tmp_path) -> None:
    check_cap(place, tmp_path / "ledger.jsonl", customers=25, campaigns=6, senders=3)


@pytest.mark.faults
def test_a_weekly_cap_of_two_holds_for_a_thousand_customers_and_twenty_campaigns(place, tmp_path) -> None:
    check_cap(place, tmp_path / "ledger.jsonl", customers=TRIALS, campaigns=20, senders=8)
