"""F41 and the rest of e-mail: no smuggled header, no long line, no loop; bounces, answers and the way out."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.channels.face import Accepted, Answer, Doubtful, Heard, Outgoing, Receipt, Refused, Reply
from guanxi.channels.mail.compose import LONGEST_LINE, Letterhead, compose, mailbox
from guanxi.channels.mail.returns import read_mail
from guanxi.channels.register import open_channel
from guanxi.channels.settings import SettingsRefused
from guanxi.channels.simulators.ledger import read_ledger
from guanxi.channels.simulators.mail import FATES, MailServer, MailSetting
from guanxi.channels.simulators.mischief import Mischief

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
FULL = int(os.environ.get("GUANXI_FAULT_TRIALS", "1000"))
HEAD = Letterhead(
    "news@bank.example", "示范银行", "bank.example", "service@bank.example", "unsubscribe@bank.example"
)
URL = "https://crm.bank.example/m/stop/" + "a1B2-" * 100
TOP_HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "reply-to", "list-unsubscribe",
    "list-unsubscribe-post", "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip


def read(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def account(port: int, **more: Any) -> Any:
    settings = {
        "host": "127.0.0.1", "port": port, "security": "none", "sender": HEAD.sender, "name": HEAD.name,
        "bounces": "bounce@bank.example", "unsubscribe_mail": HEAD.unsubscribe_mail, "seconds": 20.0, **more,
    }  # fmt: skip
    return open_channel("email_smtp", settings, {})


def mails(count: int) -> list[Outgoing]:
    return [
        Outgoing(
            f"m{n}",
            f"customer{n}@mail.example",
            "您的存款将于明日到期。\n.\n..",
            "到期提醒",
            {"unsubscribe": URL},
        )
        for n in range(count)
    ]


async def exchange(
    setting: MailSetting, count: int, **more: Any
) -> tuple[Sequence[Answer], list[Heard], MailServer]:
    async with MailServer(setting) as server:
        channel = account(server.port, **more)
        await channel.open()
        answers = await channel.send(mails(count))
        heard: list[Heard] = []
        for _look in range(2 + count // 200):  # a look takes 500 mails at most
            heard += await channel.heard()
        await channel.close()
    return answers, heard, server


WRITTEN = given(st.text(max_size=60), st.text(max_size=200), st.sampled_from(["", URL]))
HOSTILE = given(
    st.text("a\r\n\0:\v\f\x85\u2028\u2029 退😀", max_size=60), st.text(max_size=2_000), st.just(URL)
)


def check_composed(subject: str, text: str, url: str) -> None:
    out = Outgoing("m1", "wang@mail.example", text, subject, {"unsubscribe": url} if url else {})
    try:
        octets = compose(out, HEAD, NOW)
    except (ValueError, UnicodeError):
        return
    message = read(octets)
    assert {name.lower() for name in message} <= TOP_HEADERS
    lines = octets.split(b"\r\n")
    assert max(map(len, lines)) <= LONGEST_LINE
    assert max(len(line) for line in lines if not line.startswith(b"List-Unsubscribe")) <= 100
    assert b"\n" not in octets.replace(b"\r\n", b"")


@settings(max_examples=30)
@WRITTEN
def test_whatever_is_written_no_header_is_smuggled_and_no_line_is_long(
    subject: str, text: str, url: str
) -> None:
    check_composed(subject, text, url)


@pytest.mark.faults
@settings(max_examples=FULL)
@HOSTILE
def test_a_thousand_subjects_full_of_line_breaks_smuggle_nothing(subject: str, text: str, url: str) -> None:
    check_composed(subject, text, url)


ATTACKS = (
    "到期\r\nBcc: all@bank.example",
    "a\nSubject: b",
    "x\rX: y",
    "\0",
    "\u2028To: z",
    "a\x85b",
    "t\x0bv",
    "t\x0cv",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_line_break_in_subject_address_or_way_out_refuses_the_mail(attack: str) -> None:
    for out in (
        Outgoing("m1", "wang@mail.example", "t", attack),
        Outgoing("m1", f"{attack}@mail.example", "t", "s"),
        Outgoing("m1", "wang@mail.example", "t", "s", {"unsubscribe": f"https://a/{attack}"}),
    ):
        with pytest.raises(ValueError, match=r"line|address|domain"):
            compose(out, HEAD, NOW)


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("wang@例子.中国", "wang@xn--fsqu00a.xn--fiqs8s"),
        (" wang@mail.example ", "wang@mail.example"),
        ("wang", None), ("wang@", None), ("@mail.example", None), ("a b@mail.example", None), ("wang@mail", None),
        ("<wang@mail.example>", None), ("wang@mail.example,li@mail.example", None), ("wang@" + "a" * 64 + ".cn", None),
        ("王@mail.example", None), ("wang@[127.0.0.1]", None), ("a..b@mail.example", None),
    ],
)  # fmt: skip
def test_addresses_are_ascii_with_idn_or_refused(address: str, envelope: str | None) -> None:
    if envelope is not None:
        assert mailbox(address) == envelope
        return
    with pytest.raises(ValueError, match=r"address|domain"):
        mailbox(address)


def test_the_mail_says_it_is_automatic_and_carries_the_one_click_way_out_unbroken() -> None:
    message = read(
        compose(
            Outgoing("m7", "wang@mail.example", "x" * 3000, "到期提醒" * 30, {"unsubscribe": URL}), HEAD, NOW
        )
    )
    assert message["List-Unsubscribe"] == f"<{URL}>, <mailto:unsubscribe+m7@bank.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<m7@bank.example>"
    assert message["Subject"] == "到期提醒" * 30
    assert message.get_content().rstrip() == "x" * 3000


def test_chinese_and_lines_of_dots_arrive_whole(tmp_path: Path) -> None:
    answers, _, server = asyncio.run(exchange(MailSetting(ledger=tmp_path / "mail.jsonl"), 20))
    assert all(isinstance(answer, Accepted) for answer in answers)
    lines = list(read_ledger(tmp_path / "mail.jsonl"))
    assert {line["out_id"] for line in lines} == {f"m{n}" for n in range(20)}
    assert {line["subject"] for line in lines} == {"到期提醒"}
    assert server.ledger.counts["accept"] == 20


@pytest.mark.parametrize(
    ("fate", "answer", "temporary", "taken"),
    [
        ("defer", Refused, True, False),
        ("refuse", Refused, False, False),
        ("defer data", Refused, True, False),
        ("refuse data", Refused, False, False),
        ("silence", Doubtful, None, True),
        ("cut", Doubtful, None, True),
    ],
)
def test_each_end_of_a_conversation_is_mapped_to_what_is_certain(
    fate: str, answer: type, temporary: bool | None, taken: bool
) -> None:
    setting = MailSetting(fates=Mischief(shares={fate: 1.0}), silence_seconds=2)
    answers, _, server = asyncio.run(exchange(setting, 4, seconds=1.0 if fate == "silence" else 20.0))
    assert {type(one) for one in answers} == {answer}
    assert {getattr(one, "temporary", None) for one in answers} == {temporary}
    assert server.ledger.counts["accept"] == (4 if taken else 0)
    assert set(FATES) >= {fate}


def test_a_server_that_is_not_there_took_nothing() -> None:
    async def alone() -> Sequence[Answer]:
        channel = account(9)
        await channel.open()
        return await channel.send(mails(2))

    assert all(isinstance(answer, Refused) and answer.temporary for answer in asyncio.run(alone()))


# with fewer than 60 some way back may not come at all
@pytest.mark.parametrize("count", [60, pytest.param(max(60, FULL), marks=pytest.mark.faults)])
def test_bounces_and_answers_come_once_and_machines_are_not_heard(tmp_path: Path, count: int) -> None:
    shares = {"bounce": 0.2, "late bounce": 0.1, "auto reply": 0.2, "reply": 0.1, "opt out": 0.1, "unsubscribe": 0.1,
              "bounce of bounce": 0.1}  # fmt: skip
    setting = MailSetting(returns=Mischief(shares=shares), maildir=tmp_path)
    answers, heard, server = asyncio.run(exchange(setting, count, maildir=str(tmp_path)))
    assert len(answers) == count
    counts = server.ledger.counts
    assert counts["accept"] == count, "a machine's answer was answered"
    receipts = [one for one in heard if isinstance(one, Receipt)]
    assert Counter(receipt.code for receipt in receipts) == {
        "5.1.1": counts["bounce"],
        "5.4.6": counts["bounce of bounce"],
    }
    assert all(
        receipt.state == "failed" and re.fullmatch(r"m\d+", receipt.out_id or "") for receipt in receipts
    )
    words = Counter(one.text for one in heard if isinstance(one, Reply))
    assert words == {"退订": counts["opt out"] + counts["unsubscribe"], "请客户经理联系我": counts["reply"]}
    assert min(counts[name] for name in shares) > 0


def test_what_was_handed_over_and_not_confirmed_is_heard_again(tmp_path: Path) -> None:
    setting = MailSetting(returns=Mischief(shares={"bounce": 1.0}), maildir=tmp_path)

    async def twice() -> tuple[int, int, int]:
        async with MailServer(setting) as server:
            first = account(server.port, maildir=str(tmp_path))
            await first.open()
            await first.send(mails(3))
            dropped = await first.heard()
            await first.close()
            second = account(server.port, maildir=str(tmp_path))
            return len(dropped), len(await second.heard()), len(await second.heard())

    assert asyncio.run(twice()) == (3, 3, 0)


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_garbage_in_the_mailbox_stops_nothing(octets: bytes) -> None:
    assert isinstance(read_mail(octets, NOW), Reply | Receipt | None)


def test_a_password_is_not_sent_over_an_open_line() -> None:
    with pytest.raises(SettingsRefused, match="open line"):
        account(25, user="crm")
    with pytest.raises(SettingsRefused, match="sandbox"):
        account(25, host="mail.example.com")
