"""The bank's own HTTP platform: real conversations with its simulator, each way of going wrong mapped to certainty."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from guanxi.channels.face import Accepted, Answer, Doubtful, NotFound, Outgoing, Receipt, Refused, Reply
from guanxi.channels.register import open_channel
from guanxi.channels.settings import SettingsRefused
from guanxi.channels.simulators.afterlife import Customs
from guanxi.channels.simulators.gateway import Gateway, GatewaySetting
from guanxi.channels.simulators.ledger import read_ledger
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.simulators.ports import free_port
from guanxi.channels.sms_http import SmsOverHttp, signed_headers
from guanxi.channels.wire import read_json

TEXT = "您尾号8821的定期存款将于明日到期"


def messages(count: int, start: int = 0) -> list[Outgoing]:
    return [Outgoing(f"m{n}", f"1390000{n:04d}", TEXT) for n in range(start, start + count)]


def account(url: str, **more: Any) -> SmsOverHttp:
    settings = {
        "url": url,
        "account": "guanxi",
        "signature": "【示范银行】",
        "seconds": 20.0,
        "fen_a_part": "4.5",
        **more,
    }
    channel = open_channel("sms_http", settings, {"key": "sandbox"})
    assert isinstance(channel, SmsOverHttp)
    return channel


async def exchange(setting: GatewaySetting, count: int, **more: Any) -> tuple[Sequence[Answer], Gateway]:
    async with Gateway(setting) as gateway:
        channel = account(gateway.url, **more)
        await channel.open()
        answers = await channel.send(messages(count))
        await channel.close()
    return answers, gateway


def kinds(answers: Sequence[Answer]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


def test_all_goes_well_and_every_message_has_its_own_answer(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    answers, gateway = asyncio.run(exchange(GatewaySetting(ledger=ledger), 250, batch=100))
    assert [answer.out_id for answer in answers] == [f"m{n}" for n in range(250)]
    assert all(
        isinstance(answer, Accepted) and answer.parts == 1 and answer.cost_fen == 5 for answer in answers
    )
    accepted = [line for line in read_ledger(ledger) if line["deed"] == "accept"]
    assert {line["text"] for line in accepted} == {"【示范银行】" + TEXT}
    assert gateway.ledger.counts["accept"] == 250


# What goes wrong with a whole request, and the only answers that may follow.
@pytest.mark.parametrize(
    ("fate", "answer", "taken"),
    [
        ("429", Refused, False),
        ("500", Doubtful, False),
        ("500 after", Doubtful, True),
        ("silence", Doubtful, False),
        ("silence after", Doubtful, True),
        ("half", Doubtful, True),
        ("cut", Doubtful, False),
        ("cut after", Doubtful, True),
        ("charset", Accepted, True),
    ],
)
def test_each_way_a_request_can_end_is_mapped_to_what_is_certain(
    fate: str, answer: type, taken: bool
) -> None:
    setting = GatewaySetting(requests=Mischief(shares={fate: 1.0}), silence_seconds=2)
    answers, gateway = asyncio.run(exchange(setting, 7, seconds=1.0 if "silence" in fate else 20.0))
    assert {type(one) for one in answers} == {answer}
    assert gateway.ledger.counts["accept"] == (7 if taken else 0)
    assert all(one.temporary for one in answers if isinstance(one, Refused))


def test_messages_an_answer_does_not_speak_of_are_in_doubt() -> None:
    answers, gateway = asyncio.run(exchange(GatewaySetting(requests=Mischief(shares={"partial": 1.0})), 10))
    assert kinds(answers) == {"Accepted": 5, "Doubtful": 5}
    assert gateway.ledger.counts["accept"] == 10


def test_a_throttled_message_may_go_later_and_a_refused_one_may_not() -> None:
    setting = GatewaySetting(messages=Mischief(shares={"refuse": 0.3, "throttle": 0.3}))
    answers, gateway = asyncio.run(exchange(setting, 200))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert {(answer.code, answer.temporary) for answer in refused} == {
        ("throttled", True),
        ("blocked", False),
    }
    assert gateway.ledger.counts["accept"] == 200 - len(refused)


def test_a_platform_that_is_not_there_took_nothing() -> None:
    async def alone() -> Sequence[Answer]:
        channel = account("http://127.0.0.1:9")
        await channel.open()
        try:
            return await channel.send(messages(3))
        finally:
            await channel.close()

    answers = asyncio.run(alone())
    assert all(isinstance(answer, Refused) and answer.temporary for answer in answers)


def test_a_wrong_key_takes_nothing_and_the_message_may_go_once_the_account_is_right() -> None:
    answers, gateway = asyncio.run(exchange(GatewaySetting(key="another"), 3))
    assert all(
        isinstance(answer, Refused) and answer.code == "401" and answer.temporary for answer in answers
    )
    assert gateway.ledger.counts["accept"] == 0


def test_what_was_doubtful_is_found_by_our_own_id_after_the_lag_and_not_before() -> None:
    async def ask() -> tuple[Any, Any]:
        setting = GatewaySetting(
            requests=Mischief(shares={"silence after": 1.0}), lag_seconds=2.0, silence_seconds=2
        )
        async with Gateway(setting) as gateway:
            channel = account(gateway.url, seconds=0.5)
            await channel.open()
            await channel.send(messages(2))
            early = await channel.ask(["m0", "m1", "never sent"])
            await asyncio.sleep(2.0)
            late = await channel.ask(["m0", "m1", "never sent"])
            await channel.close()
            return early, late

    early, late = asyncio.run(ask())
    assert all(isinstance(found, NotFound) for found in early.values())
    assert isinstance(late["m0"], Accepted | Receipt)
    assert isinstance(late["never sent"], NotFound)


def test_a_blind_platform_says_nothing_about_any_message() -> None:
    async def ask() -> Any:
        async with Gateway(GatewaySetting(mode="blind")) as gateway:
            channel = account(gateway.url)
            await channel.open()
            found = await channel.ask(["m0"])
            await channel.close()
            return found, account(gateway.url, queries=False).can_ask

    assert asyncio.run(ask()) == ({}, False)


def test_an_idempotent_platform_takes_an_id_once_and_a_query_only_one_each_time() -> None:
    async def twice(mode: Any) -> int:
        async with Gateway(GatewaySetting(mode=mode)) as gateway:
            channel = account(gateway.url)
            await channel.open()
            await channel.send(messages(5))
            await channel.send(messages(5))
            await channel.close()
            return gateway.ledger.counts["accept"]

    assert asyncio.run(twice("idempotent")) == 5
    assert asyncio.run(twice("query")) == 10


def test_pulled_receipts_and_replies_come_once_each_even_when_the_listener_dies_between() -> None:
    customs = Customs(fails=0.2, twice=0.1, opts_out=0.1)

    async def listen() -> tuple[list[Any], Gateway]:
        async with Gateway(GatewaySetting(customs=customs)) as gateway:
            first = account(gateway.url)
            await first.open()
            await first.send(messages(300))
            await asyncio.sleep(0.2)
            dropped = await first.heard()  # handed over, never confirmed: this listener dies
            await first.close()
            second = account(gateway.url, fetch=50)
            await second.open()
            heard: list[Any] = []
            while gateway.outstanding:
                heard += await second.heard()
            await second.close()
            assert list(dropped) == heard[: len(dropped)]
            return heard, gateway

    heard, gateway = asyncio.run(listen())
    receipts = [one for one in heard if isinstance(one, Receipt)]
    replies = [one for one in heard if isinstance(one, Reply)]
    assert len(receipts) == gateway.ledger.counts["receipt"] > 300
    assert len(replies) == gateway.ledger.counts["reply"] > 0
    assert {receipt.out_id for receipt in receipts} == {f"m{n}" for n in range(300)}


def test_settings_are_refused_with_every_problem_at_once() -> None:
    with pytest.raises(SettingsRefused) as refused:
        open_channel(
            "sms_http", {"url": "http://127.0.0.1", "batch": "many", "colour": "red", "key": "x"}, {}
        )
    assert len(refused.value.problems) == 4
    with pytest.raises(SettingsRefused, match="is not this machine"):
        account("https://sms.example.com")


def test_pushed_receipts_are_kept_before_they_are_acknowledged_and_only_from_who_holds_the_key(
    tmp_path: Path,
) -> None:
    items = [
        {"kind": "receipt", "out_id": "m1", "vendor_id": "G1", "state": "delivered", "code": "DELIVRD"},
        {"kind": "receipt", "state": "of no kind we know", "code": ""},
        "garbage",
        {
            "kind": "reply",
            "address": "13900000001",
            "text": "退订",
            "to": "10690002",
            "at": "2026-11-22T10:00:00+08:00",
        },
    ]

    async def push(url: str, key: str) -> int:
        body = json.dumps({"items": items}).encode()
        headers = signed_headers("bank", key, "/receipts", body, datetime.now(UTC))
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/receipts", data=body, headers=headers) as answer,
        ):
            return answer.status

    async def talk() -> Any:
        listen = f"127.0.0.1:{free_port()}"
        channel = account("http://127.0.0.1:9", listen=listen, inbox=str(tmp_path))
        await channel.open()
        statuses = [await push(f"http://{listen}", key) for key in ("sandbox", "another")]
        await channel.close()  # dies before anything was heard
        again = account("http://127.0.0.1:9", listen=listen, inbox=str(tmp_path))
        await again.open()
        heard = await again.heard()
        await again.close()
        return statuses, heard

    statuses, heard = asyncio.run(talk())
    assert statuses == [200, 401]
    assert [getattr(one, "out_id", None) or getattr(one, "text", None) for one in heard] == ["m1", "退订"]


def test_an_answer_in_gbk_that_does_not_say_so_is_understood() -> None:
    words = json.dumps({"results": [{"id": "m1", "code": "9", "words": "黑名单"}]}, ensure_ascii=False)
    for encoding, charset in (
        ("gb18030", None),
        ("gb18030", "utf-8"),
        ("utf-8", "gbk"),
        ("utf-8-sig", None),
        ("gb18030", "x-none"),
    ):
        document = read_json(words.encode(encoding), charset)
        assert document is not None
        assert document["results"][0]["code"] == "9"
    assert read_json(words.encode()[:-5], None) is None
    assert read_json(b"[]", None) is None
