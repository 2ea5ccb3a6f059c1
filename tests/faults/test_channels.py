"""F7 and F41: counterparts that misbehave. Whatever they do, what a channel calls taken was taken once, what it calls
refused was not taken, and receipts are as many as the counterpart's own ledger says."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from guanxi.channels.face import Accepted, Answer, Channel, Doubtful, NotFound, Outgoing, Receipt, Refused
from guanxi.channels.register import open_channel
from guanxi.channels.simulators.afterlife import Customs
from guanxi.channels.simulators.gateway import REQUEST_FATES, Gateway, GatewaySetting
from guanxi.channels.simulators.ledger import read_ledger
from guanxi.channels.simulators.mail import FATES as MAIL_FATES
from guanxi.channels.simulators.mail import MailServer, MailSetting
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.simulators.smsc import FATES as SMSC_FATES
from guanxi.channels.simulators.smsc import Smsc, SmscSetting

FEW = 60  # with fewer a misbehaviour may not come at all
FULL = max(FEW, int(os.environ.get("GUANXI_FAULT_TRIALS", "10000")))
COUNTS = [FEW, pytest.param(FULL, marks=pytest.mark.faults)]
RECEIPT_FATES = ("late", "twice", "silent", "early")
TEXT = "您尾号8821的定期存款将于明日到期"


def messages(count: int, at: str = "") -> list[Outgoing]:
    return [Outgoing(f"m{n}", f"{13900000000 + n}{at}", TEXT, "到期提醒") for n in range(count)]


def check(batch: Sequence[Outgoing], answers: Sequence[Answer], taken: Iterable[str]) -> Counter[str]:
    """Each answer against what the counterpart really took, by address; returns how many answers of each kind."""
    times = Counter(taken)
    assert [answer.out_id for answer in answers] == [out.out_id for out in batch]
    for out, answer in zip(batch, answers, strict=True):
        most = {Accepted: (1,), Refused: (0,), Doubtful: (0, 1)}[type(answer)]
        assert times[out.address] in most, (out, answer, times[out.address])
    return Counter(type(answer).__name__ for answer in answers)


def taken_in(path: Path) -> list[str]:
    return (
        [line["address"] for line in read_ledger(path) if line["deed"] == "accept"] if path.exists() else []
    )


async def converse(
    channel: Channel, counterpart: Any, batch: Sequence[Outgoing], a_call: int, still: float = 0.0
) -> tuple[list[Answer], list[Any]]:
    """Send all, then listen until the counterpart has nothing to say; one short of time may still be taking what was
    given up: with `still`, until it has done nothing for so many seconds."""
    await channel.open()
    answers: list[Answer] = []
    heard: list[Any] = []
    for start in range(0, len(batch), a_call):
        answers += await channel.send(batch[start : start + a_call])
        heard += await channel.heard()
    done = -1
    while getattr(counterpart, "outstanding", 0) or (still and done != counterpart.ledger.counts.total()):
        heard += await channel.heard()
        done = counterpart.ledger.counts.total()
        await asyncio.sleep(still or 0.01)
    heard += await channel.heard()
    return answers, heard


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("fate", REQUEST_FATES)
def test_platform(fate: str, count: int, tmp_path: Path) -> None:
    path, batch = tmp_path / "gateway.jsonl", messages(count)
    share = 0.3 if count == FEW else 1.0
    silence = "silence" in fate

    async def talk() -> Any:
        setting = GatewaySetting(requests=Mischief(shares={fate: share}), ledger=path, silence_seconds=2.0)
        async with Gateway(setting) as gateway:
            settings = {
                "url": gateway.url,
                "account": "x",
                "batch": 2 if count == FEW else 10,
                "at_once": 8,
                "seconds": 1.0 if silence else 30.0,
            }
            channel = open_channel("sms_http", settings, {"key": "sandbox"})
            answers, heard = await converse(channel, gateway, batch, 1000)
            found = await channel.ask([out.out_id for out in batch])
            await channel.close()
            return answers, heard, found, gateway.ledger.counts

    answers, heard, found, counts = asyncio.run(talk())
    taken = taken_in(path)
    check(batch, answers, taken)
    assert {out.out_id for out in batch if not isinstance(found[out.out_id], NotFound)} == {
        out.out_id for out in batch if out.address in set(taken)
    }
    assert counts[fate] > 0
    assert sum(isinstance(one, Receipt) for one in heard) == counts["receipt"] == len(taken)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("fate", [*SMSC_FATES, *(f"receipt {fate}" for fate in RECEIPT_FATES)])
def test_smsc(fate: str, count: int, tmp_path: Path) -> None:
    path, batch = tmp_path / "smsc.jsonl", messages(count)
    share = 0.3 if count == FEW else 1.0
    customs = Customs(
        seconds=0.05,
        late_seconds=0.3,
        **({fate.removeprefix("receipt "): share} if fate.startswith("receipt") else {}),
    )

    async def talk() -> Any:
        fates = Mischief(shares={fate: share} if fate in SMSC_FATES else {})
        async with Smsc(SmscSetting(fates=fates, customs=customs, delay_seconds=0.05, ledger=path)) as smsc:
            settings = {"host": "127.0.0.1", "port": smsc.port, "system_id": "x", "source": "1069", "window": 100,
                        "seconds": 1.0 if fate == "silent" else 30.0}  # fmt: skip
            channel: Any = open_channel("sms_smpp", settings, {"password": "x"})
            answers, heard = await converse(channel, smsc, batch, 1000, 0.5 if fate == "silent" else 0.0)
            await channel.close()
            return answers, heard, smsc.ledger.counts, channel.widest

    answers, heard, counts, widest = asyncio.run(talk())
    taken = taken_in(path)
    check(batch, answers, taken)
    assert widest <= 100
    receipts = [one for one in heard if isinstance(one, Receipt)]
    assert (
        len(receipts) == counts["receipt"] == len(taken) + counts["receipt twice"] - counts["receipt silent"]
    )
    assert None not in {one.out_id for one in receipts}


@pytest.mark.parametrize("count", [30, pytest.param(min(FULL, 1000), marks=pytest.mark.faults)])
@pytest.mark.parametrize("fate", MAIL_FATES)
def test_mail(fate: str, count: int, tmp_path: Path) -> None:
    path, batch = tmp_path / "mail.jsonl", messages(count, "@mail.example")

    async def talk() -> Any:
        setting = MailSetting(fates=Mischief(shares={fate: 0.2}), ledger=path, silence_seconds=2.0)
        async with MailServer(setting) as server:
            settings = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "a@bank.example",
                        "seconds": 1.0 if fate == "silence" else 30.0, "at_once": 8}  # fmt: skip
            channel = open_channel("email_smtp", settings, {})
            answers, _ = await converse(channel, server, batch, 200)
            await channel.close()
            return answers, server.ledger.counts

    answers, counts = asyncio.run(talk())
    check(batch, answers, taken_in(path))
    assert counts[fate] > 0


@pytest.mark.parametrize("count", [200, pytest.param(FULL * 10, marks=pytest.mark.faults)])
def test_smsc_with_everything_going_wrong_at_once(count: int, tmp_path: Path) -> None:
    """Long and short texts, each misbehaviour and each opt-out at once; what is put off is sent again until taken."""
    path = tmp_path / "smsc.jsonl"
    batch = [Outgoing(f"m{n}", f"{13900000000 + n}", TEXT * (4 if n % 10 == 0 else 1)) for n in range(count)]
    customs = Customs(
        seconds=0.2, fails=0.02, late=0.01, twice=0.01, silent=0.01, early=0.01, replies=0.01, opts_out=0.01
    )

    async def talk() -> Any:
        fates = Mischief(shares={**dict.fromkeys(SMSC_FATES, 0.01)})
        async with Smsc(SmscSetting(fates=fates, customs=customs, delay_seconds=0.1, ledger=path)) as smsc:
            settings = {"host": "127.0.0.1", "port": smsc.port, "system_id": "x", "source": "1069", "window": 200,
                        "seconds": 3.0 if count < FULL else 20.0, "inbox": str(tmp_path / "inbox")}  # fmt: skip
            channel: Any = open_channel("sms_smpp", settings, {"password": "x"})
            waiting, answers, heard = list(batch), {}, []
            while waiting:
                told, more = await converse(channel, None, waiting, 1000)
                heard += more
                answers |= {answer.out_id: answer for answer in told}
                waiting = [
                    out for out in waiting if isinstance(a := answers[out.out_id], Refused) and a.temporary
                ]
            while smsc.outstanding:
                heard += await channel.heard()
                await asyncio.sleep(0.02)
            heard += await channel.heard()
            await channel.close()
            return [answers[out.out_id] for out in batch], heard, smsc.ledger.counts

    answers, heard, counts = asyncio.run(talk())
    lines = list(read_ledger(path))
    whole = [line["address"] for line in lines if line["deed"] == "message"]
    kinds = check(batch, answers, whole)
    parts = Counter(line["address"] for line in lines if line["deed"] == "accept")
    assert all(
        parts[out.address] == 2
        for out, one in zip(batch, answers, strict=True)
        if len(out.text) > 70 and isinstance(one, Accepted)
    )
    assert kinds["Doubtful"] >= counts["silent"]
    receipts = [one for one in heard if isinstance(one, Receipt)]
    assert None not in {one.out_id for one in receipts}
    replies = [one for one in heard if not isinstance(one, Receipt)]
    assert (len(receipts), len(replies)) == (counts["receipt"], counts["reply"])
    assert sorted(one.text for one in replies) == sorted(
        line["text"] for line in lines if line["deed"] == "reply"
    )
    print(f"{count:,} messages: {dict(kinds)}; the SMSC: {dict(counts)}")  # noqa: T201 - the figures of a full count
