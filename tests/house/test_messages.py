"""Every text of the screens is translated, surely, with the same places for values, and in Chinese punctuation."""

import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup"))
import messages  # noqa: E402  # set-up's own script: it extracts and compiles what is tried here

CHINESE = "\u4e00-\u9fff"
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
HALF_WIDTH = re.compile(rf"[{CHINESE}][,:;?!](?!//)|(?<=[{CHINESE}])\((?!\))")


def texts():
    """Each translated text: where, msgid forms, translated forms."""
    for place in messages.catalogues():
        for message in messages.read(place, place.parent.parent.name):
            if message.id and message.string:
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                said = message.string if isinstance(message.string, tuple) else (message.string,)
                yield place.relative_to(messages.SOURCE), message, ids, said


def test_no_text_lacks_its_translation_and_none_is_a_guess():
    assert messages.gaps() == []


def test_a_translation_has_the_places_for_values_that_the_text_has():
    wrong = [
        f"{place}: {ids[0]!r}: {form!r}"
        for place, _message, ids, said in texts()
        for form in said
        if set(PLACES.findall(form)) - set(PLACES.findall(" ".join(ids)))
        or set(PLACES.findall(ids[0])) - set(PLACES.findall(form)) - {"%(num)s"}
    ]
    assert wrong == []


def test_a_text_is_translated_the_same_everywhere_since_all_rooms_share_one_catalogue():
    said_by = defaultdict(set)
    for _place, message, _ids, said in texts():
        said_by[message.context, message.id].add(said)
    assert {str(key[1]): forms for key, forms in said_by.items() if len(forms) > 1} == {}


def test_chinese_texts_are_pointed_with_chinese_signs():
    wrong = [
        f"{place}: {form}"
        for place, _message, _ids, said in texts()
        for form in said
        if HALF_WIDTH.search(form)
    ]
    assert wrong == []


def test_chinese_texts_address_the_reader_politely():
    assert [
        f"{place}: {form}" for place, _message, _ids, said in texts() for form in said if "你" in form
    ] == []


@pytest.mark.parametrize("sentence", ["\u5df2\u4fdd\u5b58,\u8bf7", "\u91d1\u989d(\u5143)"])
def test_the_sign_check_sees_a_half_width_sign(sentence):
    assert HALF_WIDTH.search(sentence)
