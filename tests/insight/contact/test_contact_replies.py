"""Replies: five hundred spellings of a refusal stop, ordinary talk never does."""

import itertools
from pathlib import Path

import pytest

from guanxi.insight.contact.replies import STOP, TALK, asks

HERE = Path(__file__).resolve().parent
REFUSALS = (HERE / "refusals.txt").read_text(encoding="utf8").split("\n")
ORDINARY = (HERE / "ordinary.txt").read_text(encoding="utf8").split("\n")
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in map(chr, range(0x21, 0x7F))}
TRADITIONAL = str.maketrans("订发别请绝讯扰销关闭阅", "訂發別請絕訊擾銷關閉閱")
DRESSES = (
    str, str.upper, str.title, lambda text: text.translate(WIDE), lambda text: text.translate(TRADITIONAL),
    " ".join, lambda text: f" {text}。", lambda text: f"{text}!!!", lambda text: f"【{text}】",
    lambda text: f"“{text}”", "\u200b".join, lambda text: f"{text}🙏", lambda text: f"\n{text}\r\n",
)  # fmt: skip


def spellings():
    return sorted({dress(word) for word, dress in itertools.product(filter(None, REFUSALS), DRESSES)})


def test_five_hundred_spellings_of_a_refusal_stop():
    every = spellings()
    assert len(every) >= 500
    assert [text for text in every if asks(text) != STOP] == []


@pytest.mark.parametrize("dress", DRESSES[:1] + DRESSES[6:8])
def test_ordinary_talk_stops_nobody(dress):
    every = [dress(text) for text in filter(None, ORDINARY)]
    assert len(every) >= 120
    assert [text for text in every if asks(text) != TALK] == []


def test_what_a_mail_program_quotes_of_us_is_not_the_customers_word():
    quoted = "请问现在三年期利率多少?\n\n> 尊敬的客户，拒收请回复R，退订请点击\n> TD"
    assert asks(quoted) == TALK
    assert asks("好的，明天来\n-----原始邮件-----\n退订请点击这里") == TALK
    assert asks("退订\n\n> 尊敬的客户") == STOP


def test_nothing_said_asks_for_nothing():
    assert {asks(text) for text in ("", "   ", "。。。", "👍", "\u200b")} == {TALK}
