"""Texts: 304 labelled ones against the banned words, faults of templates one by one, fields filled in."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.channels.parts import count
from guanxi.insight.contact.fields import FIELDS, USES, fields_of
from guanxi.insight.contact.lexicon import CLASSES, banned_in
from guanxi.insight.contact.texts import Written, example, faults, filled, said, used
from guanxi.insight.policies.contact import ContactPolicy

HERE = Path(__file__).resolve()
POLICY = ContactPolicy.from_payload(
    tomllib.loads((HERE.parents[3] / "banks/demo/policies/contact.toml").read_text(encoding="utf8"))
)
LABELLED = [
    line.split("\t") for line in (HERE.parent / "texts.tsv").read_text(encoding="utf8").splitlines() if line
]
GOOD = "【江城农商银行】尊敬的{name}，您的{product}将于{maturity_day}到期。拒收请回复R"


def codes(text=GOOD, channel="sms", purpose="marketing", use="maturity", subject=""):
    return [
        fault.code
        for fault in faults(Written(channel, purpose, use, "zh", text, subject), POLICY, parts=count)
    ]


def test_of_three_hundred_labelled_texts_nearly_all_banned_ones_are_found_and_explained():
    banned = [(label, text) for label, text in LABELLED if label != "ok"]
    found = [(label, banned_in(text)) for label, text in banned]
    assert len(LABELLED) >= 300
    assert sum(bool(hits) for _label, hits in found) / len(banned) >= 0.98
    explained = {one.code: (one.why_zh, one.why_en) for one in CLASSES}
    assert all(all(explained[hit.banned.code]) and hit.word for _label, hits in found for hit in hits)
    named = sum(label in {hit.banned.code for hit in hits} for label, hits in found if hits)
    assert named / len(banned) >= 0.95
    assert set(Counter(label for label, _text in banned)) == {one.code for one in CLASSES}


def test_what_a_bank_writes_every_day_is_left_alone():
    fine = [text for label, text in LABELLED if label == "ok"]
    stopped = [text for text in fine if banned_in(text)]
    assert len(stopped) / len(fine) <= 0.02, stopped


def test_a_sound_text_has_no_fault():
    assert codes() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"text": GOOD.replace("拒收请回复R", "")}, "opt_out"),
        ({"text": GOOD.replace("【江城农商银行】", "")}, "signature"),
        ({"text": GOOD.replace("{product}", "{salary}")}, "field"),
        ({"text": GOOD.replace("{product}", "{event}")}, "field"),  # of another use
        ({"text": GOOD.replace("{product}", "{product.__class__}")}, "field"),
        ({"text": GOOD.replace("{product}", "{product!r}")}, "field"),
        ({"text": GOOD.replace("{product}", "{product:>999}")}, "field"),
        ({"text": GOOD + "{"}, "brace"),
        ({"text": GOOD.replace("到期", "到期，保 本 保 息")}, "banned"),
        ({"text": GOOD.replace("到期。", "到期。" + "续存请到网点办理。" * 30)}, "length"),
        ({"text": GOOD.replace("到期", "到\u200b期")}, "unseen"),
        ({"text": "  "}, "empty"),
        ({"use": "nothing"}, "use"),
        ({"channel": "email", "text": "江城农商银行 {preferences}"}, "subject"),
        ({"channel": "email", "text": "江城农商银行", "subject": "广告 月报"}, "opt_out"),
        ({"channel": "email", "text": "江城农商银行 {preferences}", "subject": "月报"}, "ad_mark"),
        ({"channel": "email", "text": "{preferences}", "subject": "广告 月报"}, "sender"),
        (
            {"channel": "email", "text": "江城农商银行 {preferences}", "subject": "广告\nBcc: x"},
            "subject_line",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_is_found(changed, code):
    assert code in codes(**changed)


def test_a_service_notice_needs_no_way_out_but_its_sender():
    assert codes(GOOD.replace("拒收请回复R", ""), purpose="service") == []
    assert codes(GOOD.replace("【江城农商银行】", ""), purpose="service") == ["signature"]


def test_every_field_of_every_use_has_words_and_an_example_in_both_languages():
    assert all(set(field.example) == {"zh", "en"} and field.longest for field in FIELDS.values())
    assert all(fields_of(use) for use in USES)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_value_is_never_read_again_as_a_field(name, product):
    text = filled("{name}|{product}", {"name": name, "product": product})
    assert text == f"{name}|{product}"


@given(st.text(max_size=80))
def test_whatever_is_written_is_read_without_breaking(text):
    told = codes(text)
    assert told == [] or all(isinstance(code, str) for code in told)
    example(Written("sms", "marketing", "maturity", "zh", text))
    assert set(used(text)) <= set(FIELDS)


def test_values_are_written_as_people_write_them():
    assert said("amount", 5_000_000, "zh") == "50,000.00元"
    assert said("amount", 5_000_001, "en") == "CNY 50,000.01"
    assert said("maturity_day", "2026-11-30", "zh") == "11月30日"
    assert said("maturity_day", "2026-11-30", "en") == "30 November"
    assert said("product", " 三年期\n整存整取 ", "zh") == "三年期 整存整取"
    with pytest.raises(ValueError, match="empty"):
        said("product", "  ", "zh")
