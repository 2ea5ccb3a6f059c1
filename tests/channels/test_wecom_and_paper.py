"""WeCom against its fake, app push, call lists and letters: one answer each, and what is certain."""

import asyncio
import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from guanxi.channels.face import Accepted, Channel, Doubtful, NotFound, Outgoing, Receipt, Refused
from guanxi.channels.letter import Letter
from guanxi.channels.register import KINDS, open_channel
from guanxi.channels.simulators.mischief import Mischief
from guanxi.channels.simulators.push import PushService, PushSetting
from guanxi.channels.simulators.wecom import PERSON_FATES, WecomFake, WecomSetting

SECRETS = {"app_secret": "sandbox"}


def wecom(kind: str, url: str, **more: Any) -> Any:
    return open_channel(
        kind, {"corp_id": "corp", "agent_id": 7, "url": url, "seconds": 20.0, **more}, SECRETS
    )


def run(setting: WecomSetting, kind: str, batch: list[Outgoing], **more: Any) -> Any:
    async def talk() -> Any:
        async with WecomFake(setting) as fake:
            channel = wecom(kind, fake.url, **more)
            await channel.open()
            answers = await channel.send(batch)
            first, second = list(await channel.heard()), list(await channel.heard())
            await channel.close()
            return answers, first, second, fake.ledger.counts

    return asyncio.run(talk())


def staff(count: int) -> list[Outgoing]:
    return [Outgoing(f"m{n}", f"S{n}", f"今日待办{n}条") for n in range(count)]


def test_staff_messages_go_with_one_token_for_all() -> None:
    answers, _, _, counts = run(WecomSetting(), "wecom_app", staff(30))
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert (counts["accept"], counts["token"]) == (30, 1)


@pytest.mark.parametrize(
    ("fate", "answer", "temporary"),
    [
        ("busy", Doubtful, None),
        ("limit", Refused, True),
        ("too many at once", Refused, True),
        ("no person", Refused, False),
    ],
)
def test_codes_of_the_platform_are_mapped_to_what_is_certain(
    fate: str, answer: type, temporary: bool | None
) -> None:
    answers, _, _, counts = run(WecomSetting(calls=Mischief(shares={fate: 1.0})), "wecom_app", staff(3))
    assert {type(one) for one in answers} == {answer}
    assert {getattr(one, "temporary", None) for one in answers} == {temporary}
    assert counts["accept"] == 0


def test_an_expired_token_is_fetched_again_and_the_message_goes_once() -> None:
    answers, _, _, counts = run(
        WecomSetting(calls=Mischief(shares={"expired": 0.2})), "wecom_app", staff(40), at_once=1
    )
    kinds = Counter(type(answer).__name__ for answer in answers)
    assert kinds["Doubtful"] == 0
    assert counts["accept"] == kinds["Accepted"] >= 30
    assert counts["expired"] > 0


@pytest.mark.parametrize("fate", PERSON_FATES)
def test_a_person_named_in_an_answer_that_says_ok_was_not_reached(fate: str) -> None:
    answers, _, _, counts = run(WecomSetting(people=Mischief(shares={fate: 0.5})), "wecom_app", staff(20))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert {answer.code for answer in refused} == {fate}
    assert (len(refused), 20 - len(refused)) == (counts[fate], counts["accept"])


@pytest.mark.parametrize(("kind", "octets"), [("wecom_app", 2048), ("wecom_mass", 4000)])
def test_a_text_the_platform_would_cut_is_not_sent(kind: str, octets: int) -> None:
    texts = ["a" * octets, "a" * (octets + 1), "关" * (octets // 3 + 1)]
    batch = [Outgoing(f"m{n}", f"wm{n}", text, fields={"sender": "S1"}) for n, text in enumerate(texts)]
    answers, _, _, counts = run(WecomSetting(), kind, batch)
    assert [type(answer) for answer in answers] == [Accepted, Refused, Refused]
    assert counts["accept"] == 1


def test_the_secret_is_never_in_words_or_in_the_settings_shown() -> None:
    async def talk() -> Any:
        channel = wecom("wecom_app", "http://127.0.0.1:9")
        await channel.open()
        answers = await channel.send(staff(1))
        await channel.close()
        return repr(answers) + repr(channel.set)

    assert "sandbox" not in asyncio.run(talk())


def customers(count: int) -> list[Outgoing]:
    return [Outgoing(f"m{n}", f"wm{n}", "新春问候", fields={"sender": f"S{n % 3}"}) for n in range(count)]


def test_a_mass_message_is_one_task_a_manager_and_its_outcome_comes_once(tmp_path: Path) -> None:
    members = Mischief(shares={"not a friend": 0.1, "not confirmed": 0.2})
    answers, first, second, counts = run(
        WecomSetting(members=members), "wecom_mass", customers(90), folder=str(tmp_path)
    )
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert len({answer.vendor_id for answer in answers}) == 3
    assert counts["accept"] == 90
    states = Counter(receipt.state for receipt in first if isinstance(receipt, Receipt))
    assert states["failed"] > 0
    assert 0 < 90 - sum(states.values()) < 45
    assert second == []

    async def later() -> list[Any]:
        async with WecomFake(WecomSetting()) as fake:
            reopened = wecom("wecom_mass", fake.url, folder=str(tmp_path))
            fake._tasks = {answer.vendor_id: [f"wm{n}" for n in range(90)] for answer in answers}
            await reopened.open()
            heard = list(await reopened.heard())
            await reopened.close()
            return heard

    heard = asyncio.run(later())  # after a restart the managers have confirmed the rest
    assert {one.out_id for one in [*first, *heard]} == {f"m{n}" for n in range(90)}
    assert len(first) + len(heard) == 90


@pytest.mark.parametrize(
    "out", [Outgoing("m1", "wm1", "您好"), Outgoing("m1", "", "您好", fields={"sender": "S1"})]
)
def test_a_mass_message_needs_the_manager_who_confirms_and_a_customer(out: Outgoing) -> None:
    answers, _, _, counts = run(WecomSetting(), "wecom_mass", [out])
    assert isinstance(answers[0], Refused)
    assert counts["accept"] == 0


@pytest.mark.parametrize("unknown", [0.3, 1.0])
def test_customers_the_platform_names_as_not_the_managers_are_refused(unknown: float) -> None:
    answers, first, _, counts = run(WecomSetting(unknown=unknown), "wecom_mass", customers(60))
    taken = [answer for answer in answers if isinstance(answer, Accepted)]
    assert all(isinstance(one, Refused) and one.code == "fail_list" for one in answers if one not in taken)
    assert len(first) == len(taken) == counts["accept"] < 60


@pytest.mark.parametrize(
    ("fate", "answer", "taken"),
    [
        ("", Accepted, 4),
        ("429", Refused, 0),
        ("500", Doubtful, 0),
        ("refuse", Refused, 0),
        ("cut", Doubtful, 4),
    ],
)
def test_push_answers_say_what_is_certain(fate: str, answer: type, taken: int) -> None:
    async def talk() -> Any:
        async with PushService(PushSetting(fates=Mischief(shares={fate: 1.0} if fate else {}))) as push:
            channel = open_channel("webhook", {"url": push.url, "idempotent": True}, {"key": "sandbox"})
            await channel.open()
            batch = [Outgoing(f"m{n}", f"device{n}", "到期提醒", "理财到期") for n in range(4)]
            answers = await channel.send(batch)
            await channel.close()
            return answers, push.ledger.counts["accept"]

    answers, accepts = asyncio.run(talk())
    assert {type(one) for one in answers} == {answer}
    assert accepts == taken


def test_a_call_stands_on_the_list_once_even_after_a_crash_in_the_middle_of_a_line(tmp_path: Path) -> None:
    async def put(batch: list[Outgoing]) -> Any:
        channel = open_channel("call_list", {"folder": str(tmp_path)}, {})
        await channel.open()
        return await channel.send(batch), await channel.ask(["m1", "m9"])

    formula = Outgoing("m1", "+8613900000001", '=HYPERLINK("x")', "到期提醒\n第二行")
    asyncio.run(put([formula, formula]))
    with (tmp_path / "calls.csv").open("a") as file:
        file.write('"m2","139')  # torn
    answers, found = asyncio.run(put([formula, Outgoing("m3", "13900000003", "您好")]))
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert (type(found["m1"]), type(found["m9"])) == (Accepted, NotFound)
    rows = list(csv.reader((tmp_path / "calls.csv").open(encoding="utf-8-sig", newline="")))
    assert [row[0] for row in rows] == ["编号", "m1", "m3"]
    assert rows[1] == ["m1", "'+8613900000001", "到期提醒 第二行", '\'=HYPERLINK("x")']


def test_a_letter_is_written_once_escaped_and_by_the_renderer_given(tmp_path: Path) -> None:
    pages: list[str] = []

    def render(page: str) -> bytes:
        pages.append(page)
        return b"%PDF"

    async def write() -> Any:
        letter = Letter({"folder": str(tmp_path), "fen": 120}, {}, render)
        await letter.open()
        batch = [
            Outgoing("m1", "成都市\n<b>路</b>", "王先生：\n您好", "到期通知"),
            Outgoing("../m2", "x", "y"),
        ]
        return await letter.send(batch), await letter.send(batch[:1]), await letter.ask(["m1", "m2"])

    (first, unfit), again, found = asyncio.run(write())
    assert [first] == list(again) == [Accepted("m1", "m1.pdf", 1, 120)]
    assert isinstance(unfit, Refused)
    assert len(pages) == 1
    assert "&lt;b&gt;路&lt;/b&gt;" in pages[0]
    assert (type(found["m1"]), type(found["m2"])) == (Accepted, NotFound)
    assert [path.name for path in tmp_path.iterdir()] == ["m1.pdf"]


SANDBOX: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "sms_smpp": ({"host": "127.0.0.1", "port": 2775, "system_id": "x", "source": "1"}, {"password": "x"}),
    "sms_http": ({"url": "http://127.0.0.1:1", "account": "x"}, {"key": "x"}),
    "email_smtp": ({"host": "localhost", "sender": "a@b.example"}, {}),
    "wecom_app": ({"corp_id": "x", "agent_id": 1, "url": "http://127.0.0.1"}, SECRETS),
    "wecom_mass": ({"corp_id": "x", "agent_id": 1, "url": "http://127.0.0.1"}, SECRETS),
    "webhook": ({"url": "http://127.0.0.1:1/push"}, {"key": "x"}),
    "call_list": ({"folder": "somewhere"}, {}),
    "letter": ({"folder": "somewhere"}, {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_the_same_face_and_the_sandbox_refuses_every_host_outside(kind: str) -> None:
    settings, secrets = SANDBOX[kind]

    async def made() -> None:
        channel = open_channel(kind, settings, secrets)
        assert isinstance(channel, Channel)
        assert channel.parts("您好") == 1
        for key in ("host", "url"):
            for outside in ("sms.bank.example", "10.0.0.1", "127.0.0.1.example.com", "[::ffff:8.8.8.8]"):
                if key in settings:
                    address = outside if key == "host" else f"https://{outside}/x"
                    with pytest.raises(ValueError, match="not this machine"):
                        open_channel(kind, {**settings, key: address}, secrets)
                    open_channel(kind, {**settings, key: address}, secrets, sandbox=False)

    asyncio.run(made())
