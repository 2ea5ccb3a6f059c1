"""How many parts a text has, and that no character is ever cut: 70/67 UCS-2 units, 160/153 septets."""

import aiosmpplib.codec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guanxi.channels.parts import ALONE, JOINED, Dress, alphabet_of, count, decode, split

NAMES = (
    "𠮷野",
    "䶮",
    "古丽·阿不都热西提·买买提明",
    "阿卜杜热合曼·喀日",
    "王",
    "😀👨‍👩‍👧‍👦",
    "ﷺ",
    "Zoë €50",
    "e\u0301",
)
GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà^{}\\[~]|€\f"


@given(st.text(max_size=700))
@example("关" * 70)
@example("关" * 71)
@example("x" * 160)
@example("x" * 161)
@example("€" * 80)
@example("关" * 66 + "𠮷" + "关" * 30)
def test_what_is_split_joins_to_the_same_text(text: str) -> None:
    for only_ucs2 in (True, False):
        alphabet = alphabet_of(text, only_ucs2)
        parts = split(text, only_ucs2)
        assert "".join(decode(part, alphabet) for part in parts) == text
        width = 2 if alphabet == "ucs2" else 1
        room = (ALONE if len(parts) == 1 else JOINED)[alphabet] * width
        assert all(0 < len(part) <= room for part in parts) or text == ""
        assert count(text, only_ucs2) == len(parts) >= 1


@given(st.text(st.sampled_from("关系𠮷😀·"), min_size=1, max_size=400))
def test_the_number_of_parts_is_the_least_that_holds_the_units(text: str) -> None:
    units = len(text.encode("utf-16-be")) // 2
    least = 1 if units <= 70 else -(-units // 67)
    # A pair that would be cut moves on whole, which can cost one unit a part and so, rarely, one part more.
    assert least <= count(text) <= max(least, -(-units // 66) if units > 70 else 1)


@given(st.text(st.sampled_from(GSM), max_size=400))
def test_septets_are_those_of_another_implementation(text: str) -> None:
    assert alphabet_of(text) == "gsm7"
    theirs, _ = aiosmpplib.codec.find_codec_info("gsm0338").encode(text)
    assert b"".join(split(text)) == theirs


@pytest.mark.parametrize(
    ("length", "parts"), [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_the_boundaries_of_chinese_text(length: int, parts: int) -> None:
    assert count("系" * length) == parts


@pytest.mark.parametrize("name", NAMES)
def test_names_arrive_whole_wherever_they_fall_on_a_boundary(name: str) -> None:
    for before in range(60, 140):
        text = "您" * before + name + "好" * 10
        assert "".join(decode(part, "ucs2") for part in split(text, only_ucs2=True)) == text
        name_octets = name.encode("utf-16-be")
        assert len(name_octets) % 2 == 0


def test_a_lone_surrogate_does_not_stop_a_message() -> None:
    assert decode(split("好\ud842")[0], "ucs2") == "好\ufffd"


def test_the_signature_and_the_way_out_are_counted_and_put_once() -> None:
    dress = Dress("【示范银行】", "，拒收请回复R")
    assert dress.over("您好") == "【示范银行】您好，拒收请回复R"
    assert dress.over(dress.over("您好")) == dress.over("您好")
    assert (count("您" * 60), count(dress.over("您" * 60))) == (1, 2)
