# ruff: noqa: ASYNC110 - tests wait for what another side of a conversation does
"""SMS over SMPP: real conversations with a simulated SMSC, and with one that says what none should."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.channels.raw_smsc import RawSmsc, answer

from guanxi.channels.face import (
    Accepted,
    Answer,
    ChannelClosed,
    Doubtful,
    Heard,
    Outgoing,
    Receipt,
    Refused,
    Reply,
)
from guanxi.channels.register import open_channel
from guanxi.channels.simulators.afterlife import WAYS_OUT, Customs
from guanxi.channels.simulators.ledger import read_ledger
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.simulators.ports import free_port
from guanxi.channels.simulators.smsc import Smsc, SmscSetting
from guanxi.channels.smpp.pdu import ANSWER, Command, Pdu, frame
from guanxi.channels.sms_smpp import SmsOverSmpp

TEXT = "您尾号8821的定期存款将于明日到期"
LONG = "尊敬的古丽·阿不都热西提女士𠮷😀：" + TEXT * 8


def account(port: int, **more: Any) -> SmsOverSmpp:
    settings = {
        "host": "127.0.0.1", "port": port, "system_id": "guanxi", "source": "10690001", "window": 20, "seconds": 20.0,
        "signature": "【示范银行】", **more,
    }  # fmt: skip
    channel = open_channel("sms_smpp", settings, {"password": "a long enough password"})
    assert isinstance(channel, SmsOverSmpp)
    return channel


def messages(count: int, text: str = TEXT) -> list[Outgoing]:
    return [Outgoing(f"m{n}", f"139{n:08d}", text) for n in range(count)]


async def exchange(
    setting: SmscSetting, batch: Sequence[Outgoing], **more: Any
) -> tuple[Sequence[Answer], list[Heard], Smsc, SmsOverSmpp]:
    async with Smsc(setting) as smsc:
        channel = account(smsc.port, **more)
        await channel.open()
        answers = await channel.send(batch)
        heard = list(await channel.heard())
        while smsc.outstanding:
            await asyncio.sleep(0.01)
            heard += await channel.heard()
        heard += await channel.heard()
        await channel.close()
    return answers, heard, smsc, channel


def test_messages_are_taken_receipts_name_them_and_every_spelling_of_no_comes_back(tmp_path: Path) -> None:
    customs = Customs(fails=0.1, opts_out=0.2, replies=0.1)
    setting = SmscSetting(customs=customs, ledger=tmp_path / "smsc.jsonl")
    answers, heard, smsc, _ = asyncio.run(exchange(setting, messages(300)))
    assert all(isinstance(one, Accepted) and one.parts == 1 for one in answers)
    receipts = [one for one in heard if isinstance(one, Receipt)]
    assert {one.out_id for one in receipts} == {f"m{n}" for n in range(300)}
    assert len(receipts) == 300 == smsc.ledger.counts["receipt"]
    replies = [one for one in heard if isinstance(one, Reply)]
    assert len(replies) == smsc.ledger.counts["reply"]
    assert {one.text for one in replies} >= set(WAYS_OUT)
    assert {one.to for one in replies} == {"10690001"}
    texts = {line["text"] for line in read_ledger(tmp_path / "smsc.jsonl") if line["deed"] == "message"}
    assert texts == {"【示范银行】" + TEXT}


async def heard_by(smsc: Smsc, *channels: SmsOverSmpp) -> list[list[Heard]]:
    """What each of them hears until the SMSC has nothing more to tell."""
    heard: list[list[Heard]] = [[] for _ in channels]
    while smsc.outstanding:
        await asyncio.sleep(0.01)
        for told, channel in zip(heard, channels, strict=True):
            told.extend(await channel.heard())
    return heard


async def two_sessions() -> tuple[list[list[Heard]], list[list[Heard]]]:
    async with Smsc(SmscSetting(customs=Customs(seconds=0.3, replies=0.5))) as smsc:
        first, second, other = account(smsc.port), account(smsc.port), account(smsc.port, system_id="another")
        for channel in (first, other, second):
            await channel.open()
        await first.send(messages(20))
        await second.send([Outgoing(f"n{n}", f"138{n:08d}", TEXT) for n in range(20)])
        both = await heard_by(smsc, first, second, other)
        await second.send([Outgoing(f"late{n}", f"137{n:08d}", TEXT) for n in range(20)])
        await second.close()
        late = await heard_by(smsc, first, other)
        for channel in (first, other):
            await channel.close()
    return both, late


def test_receipts_and_replies_go_to_the_session_that_submitted_or_to_another_of_its_account() -> None:
    (first, second, other), (late, strangers) = asyncio.run(two_sessions())
    for heard, letter, number in ((first, "m", "139"), (second, "n", "138")):
        receipts = [one for one in heard if isinstance(one, Receipt)]
        assert {one.out_id for one in receipts} == {f"{letter}{n}" for n in range(20)}
        replies = [one for one in heard if isinstance(one, Reply)]
        assert replies
        assert all(one.address.startswith(number) for one in replies)
    assert other == strangers == []
    assert len([one for one in late if isinstance(one, Receipt)]) > 0
    assert all(one.address.startswith("137") for one in late if isinstance(one, Reply))


def test_a_long_text_goes_in_parts_and_arrives_whole_with_one_receipt(tmp_path: Path) -> None:
    setting = SmscSetting(ledger=tmp_path / "smsc.jsonl")
    answers, heard, smsc, channel = asyncio.run(exchange(setting, messages(25, LONG), fen_a_part="4.5"))
    parts = channel.parts(LONG)
    assert parts == 3
    assert {(one.parts, one.cost_fen) for one in answers if isinstance(one, Accepted)} == {(3, 14)}
    assert smsc.ledger.counts["accept"] == 25 * parts
    texts = [line["text"] for line in read_ledger(tmp_path / "smsc.jsonl") if line["deed"] == "message"]
    assert texts == ["【示范银行】" + LONG] * 25
    assert Counter(one.out_id for one in heard if isinstance(one, Receipt)) == {f"m{n}": 1 for n in range(25)}


def test_a_part_that_fails_is_told_with_our_id() -> None:
    answers, heard, _, _ = asyncio.run(exchange(SmscSetting(customs=Customs(fails=1.0)), messages(5, LONG)))
    assert {type(one) for one in answers} == {Accepted}
    assert {one.state for one in heard if isinstance(one, Receipt)} == {"failed"}


def test_throttled_and_full_are_surely_not_taken_and_taken_when_they_come_again() -> None:
    async def talk() -> Any:
        async with Smsc(
            SmscSetting(fates=Mischief(shares={"throttle": 0.1, "full": 0.1, "refuse": 0.1}))
        ) as smsc:
            channel = account(smsc.port)
            await channel.open()
            first = await channel.send(messages(200))
            later = [n for n, one in enumerate(first) if isinstance(one, Refused) and one.temporary]
            taken_first = smsc.ledger.counts["accept"]
            second = await channel.send([messages(200)[n] for n in later])
            await channel.close()
            return first, second, taken_first, smsc.ledger.counts

    first, second, taken_first, counts = asyncio.run(talk())
    codes = Counter(one.code for one in first if isinstance(one, Refused))
    assert codes == {"88": counts["throttle"], "20": counts["full"], "11": counts["refuse"]}
    assert taken_first == 200 - sum(codes.values())
    assert all(isinstance(one, Accepted) for one in second)
    assert counts["accept"] == 200 - counts["refuse"]


def test_the_window_is_never_exceeded_and_is_used() -> None:
    _, _, _, channel = asyncio.run(
        exchange(
            SmscSetting(fates=Mischief(shares={"delay": 0.3}), delay_seconds=0.05), messages(200), window=7
        )
    )
    assert channel.widest == 7


def test_what_is_taken_and_never_answered_is_in_doubt_until_its_receipt_names_it() -> None:
    setting = SmscSetting(fates=Mischief(shares={"silent": 0.1}), customs=Customs(seconds=0.2))
    answers, heard, smsc, _ = asyncio.run(exchange(setting, messages(60), seconds=1.0))
    doubtful = {one.out_id for one in answers if isinstance(one, Doubtful)}
    assert len(doubtful) == smsc.ledger.counts["silent"] > 0
    assert smsc.ledger.counts["accept"] == 60
    assert doubtful <= {one.out_id for one in heard if isinstance(one, Receipt)}


def test_receipts_may_come_before_the_answer_late_twice_or_never() -> None:
    customs = Customs(early=0.2, late=0.2, twice=0.2, silent=0.2, late_seconds=0.2)
    answers, heard, smsc, _ = asyncio.run(exchange(SmscSetting(customs=customs), messages(100)))
    assert {type(one) for one in answers} == {Accepted}
    receipts = Counter(one.out_id for one in heard if isinstance(one, Receipt))
    assert None not in receipts
    assert (
        sum(receipts.values())
        == smsc.ledger.counts["receipt"]
        == 100 + smsc.ledger.counts["receipt twice"] - smsc.ledger.counts["receipt silent"]
    )


def smsc_process(folder: Path, port: int, wrong: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "guanxi.project.cli", "simulator", "smsc", "--folder", str(folder)]
    return subprocess.Popen(
        [*command, "--first-port", str(port), "--wrong", wrong], stdout=subprocess.DEVNULL
    )


def accepted(folder: Path) -> int:
    ledger = folder / "smsc.jsonl"
    return sum(line["deed"] == "accept" for line in read_ledger(ledger)) if ledger.exists() else 0


async def opened(port: int, **more: Any) -> SmsOverSmpp:
    while True:
        channel = account(port, **more)
        try:
            await channel.open()
        except ChannelClosed:
            await asyncio.sleep(0.1)
        else:
            return channel


def test_when_the_smsc_is_killed_nothing_taken_is_called_not_taken_and_the_channel_comes_back(
    tmp_path: Path,
) -> None:
    async def talk(port: int) -> Any:
        first = smsc_process(tmp_path / "first", port, "0.9")  # most answers are late or never come
        channel = await opened(port, window=40, patience=0.3)
        sending = asyncio.create_task(channel.send(messages(400)))
        while accepted(tmp_path / "first") < 20:
            await asyncio.sleep(0.02)
        first.kill()
        first.wait()
        answers = await sending
        second = smsc_process(tmp_path / "second", port, "0")
        while not channel.reconnects:
            await asyncio.sleep(0.05)
        again = await channel.send(messages(3))
        await channel.close()
        second.kill()
        second.wait()
        return answers, again

    answers, again = asyncio.run(talk(free_port()))
    kinds = Counter(type(one).__name__ for one in answers)
    assert kinds["Accepted"] <= accepted(tmp_path / "first") <= kinds["Accepted"] + kinds["Doubtful"]
    assert kinds["Doubtful"] > 0
    assert kinds["Refused"] > 0
    assert {type(one) for one in again} == {Accepted}
    assert accepted(tmp_path / "second") == 3


def test_a_message_that_does_not_fit_is_refused_before_anything_leaves() -> None:
    batch = [
        Outgoing("m1", "一三九", TEXT),
        Outgoing("m2", "1" * 30, TEXT),
        Outgoing("m3", "139", "好" * 20000),
        messages(1)[0],
    ]
    answers, _, smsc, _ = asyncio.run(exchange(SmscSetting(), batch))
    assert [type(one) for one in answers] == [Refused, Refused, Refused, Accepted]
    assert smsc.ledger.counts["accept"] == 1


async def talk_raw(
    react: Any, count: int = 3, text: str = TEXT, **more: Any
) -> tuple[Any, RawSmsc, list[Heard]]:
    async with RawSmsc(react) as smsc:
        channel = account(smsc.port, window=1, patience=0.2, **{"seconds": 2.0, **more})
        await channel.open()
        answers = await channel.send(messages(count, text))
        await asyncio.sleep(0.05)
        heard = list(await channel.heard())
        await channel.close()
    return answers, smsc, heard


def test_a_code_only_this_vendor_has_refuses_one_message_and_leaves_the_session_alone() -> None:
    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(packet, status=0x0455))

    answers, smsc, _ = asyncio.run(talk_raw(react))
    assert {(one.code, one.temporary) for one in answers} == {("1109", False)}
    assert (smsc.submits, smsc.connections) == (3, 1)


def test_codes_the_account_names_as_later_are_later() -> None:
    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(packet, status=0x0455))

    answers, _, _ = asyncio.run(talk_raw(react, count=1, later_codes=["1109"]))
    assert answers[0].temporary


@pytest.mark.parametrize("octets", [b"\0\0\0\4", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x20\x80\0\0\4"])
def test_garbage_or_half_an_answer_and_a_hang_up_leave_doubt_about_what_had_left_only(octets: bytes) -> None:
    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None:
        if packet.command == Command.SUBMIT_SM:
            writer.write(octets)
            writer.close()

    answers, smsc, _ = asyncio.run(talk_raw(react))
    assert Counter(type(one).__name__ for one in answers) == {"Doubtful": 1, "Refused": 2}
    assert smsc.submits == 1


def test_once_a_part_was_taken_the_message_is_never_called_not_taken() -> None:
    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None:
        second = (
            packet.body[-1:]
            and b"\x05\x00\x03" in packet.body
            and packet.body[packet.body.index(b"\x05\x00\x03") + 5] == 2
        )
        writer.write(answer(packet, status=0x0B if second else 0))

    answers, _, _ = asyncio.run(talk_raw(react, count=1, text=LONG))
    assert isinstance(answers[0], Doubtful)
    assert "1 of 3" in answers[0].words


def test_an_answer_that_comes_too_late_still_tells_whose_the_receipt_is() -> None:
    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None:
        if packet.command == Command.SUBMIT_SM:
            await asyncio.sleep(0.6)
            writer.write(answer(packet, "LATE1"))
            body = b"\0\0\0" + b"13900000000\0" + b"\0\0" + b"10690001\0" + b"\4\0\0\0\0\0\0\0\0"
            text = b"id:LATE1 stat:DELIVRD err:000"
            writer.write(frame(Command.DELIVER_SM, 1, body + bytes([len(text)]) + text))

    async def talk() -> Any:
        async with RawSmsc(react) as smsc:
            channel = account(smsc.port, seconds=0.3)
            await channel.open()
            answers = await channel.send(messages(1))
            await asyncio.sleep(0.8)
            heard = await channel.heard()
            await channel.close()
            return answers, heard

    answers, heard = asyncio.run(talk())
    assert isinstance(answers[0], Doubtful)
    assert [(one.out_id, one.vendor_id, one.state) for one in heard] == [("m0", "LATE1", "delivered")]


def test_a_dead_link_is_noticed_and_a_living_one_answered() -> None:
    asked: list[int] = []

    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None:
        asked.append(packet.command)
        if packet.command == Command.ENQUIRE_LINK and len(asked) < 3:
            writer.write(frame(packet.command | ANSWER, packet.sequence))

    async def talk() -> int:
        async with RawSmsc(react) as smsc:
            channel = account(smsc.port, pulse=0.1, seconds=0.2)
            await channel.open()
            while smsc.connections < 2:
                await asyncio.sleep(0.05)
            await channel.close()
            return smsc.connections

    assert asyncio.run(talk()) >= 2
    assert asked[:3] == [Command.ENQUIRE_LINK] * 3


@pytest.mark.parametrize("status", [0x0D, 0x0E, 0x0F])
def test_a_refused_bind_says_so_when_the_channel_is_opened(status: int) -> None:
    async def react(packet: Pdu, writer: asyncio.StreamWriter) -> None: ...

    async def talk() -> None:
        async with RawSmsc(react, bind_status=status) as smsc:
            await account(smsc.port).open()

    with pytest.raises(ChannelClosed, match=rf"bind refused: .* \({status}\)"):
        asyncio.run(talk())


def test_what_was_told_us_survives_our_death_before_it_is_kept(tmp_path: Path) -> None:
    async def talk() -> Any:
        async with Smsc(SmscSetting(customs=Customs(opts_out=0.5))) as smsc:
            first = account(smsc.port, inbox=str(tmp_path))
            await first.open()
            await first.send(messages(40))
            while smsc.outstanding:
                await asyncio.sleep(0.01)
            handed = await first.heard()
            await first.close()  # nothing was confirmed by another call
            second = account(smsc.port, inbox=str(tmp_path))
            await second.open()
            again, nothing = await second.heard(), await second.heard()
            await second.close()
            return handed, again, nothing

    handed, again, nothing = asyncio.run(talk())
    assert len(handed) > 40
    assert list(again) == list(handed)
    assert (list(nothing), list(tmp_path.iterdir())) == ([], [])


def test_a_call_that_is_given_up_still_learns_whose_the_receipts_are() -> None:
    async def talk() -> Any:
        setting = SmscSetting(
            fates=Mischief(shares={"delay": 1.0}), delay_seconds=0.5, customs=Customs(seconds=0.5)
        )
        async with Smsc(setting) as smsc:
            channel = account(smsc.port)
            await channel.open()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(channel.send(messages(10)), 0.2)
            while smsc.outstanding:
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.6)
            heard = await channel.heard()
            await channel.close()
            return heard, smsc.ledger.counts["accept"]

    heard, taken = asyncio.run(talk())
    assert len(heard) == taken > 0
    assert None not in {one.out_id for one in heard}
