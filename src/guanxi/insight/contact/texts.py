"""Texts of templates (消息模板): words with declared fields, nothing that computes; filling in and reading for faults.

A field is written {name}. Which fields there are follows from what the template is for (its use); a field outside that
table, an unknown brace or a format of any kind is a fault: templates are data, no program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from guanxi.insight.contact.fields import FIELDS, fields_of
from guanxi.insight.contact.letters import plain
from guanxi.insight.contact.lexicon import banned_in
from guanxi.insight.policies.base import speak
from guanxi.insight.policies.contact import MARKETING, ContactPolicy

LANGUAGES = ("zh", "en")
FEN = Decimal(100)


_BRACE = re.compile(r"\{([^{}]*)\}|[{}]")
_LINE = re.compile(r"[\r\n]")
AD_MARKS = ("广告", "AD")


@dataclass(frozen=True)
class Written:
    """A template's text in one language, with what it is for."""

    channel: str
    purpose: str
    use: str
    language: str
    text: str
    subject: str = ""


@dataclass(frozen=True)
class Fault:
    """One thing to put right before approval, with what is meant in words; `part` is the letters it is about."""

    code: str
    words: str
    part: str = ""


def used(text: str) -> tuple[str, ...]:
    """The fields a text asks for, each once, in order."""
    return tuple(dict.fromkeys(match.group(1) for match in _BRACE.finditer(text) if match.group(1) in FIELDS))


def said(code: str, value: Any, language: str) -> str:
    """A field's value as it is written in a message. Money is fen, days are ISO; ValueError for what cannot be read."""
    kind = FIELDS[code].kind
    if kind == "money":
        amount = f"{Decimal(int(value)) / FEN:,.2f}"
        return speak(language, f"{amount}元", f"CNY {amount}")
    if kind == "day":
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return speak(language, f"{day.month}月{day.day}日", f"{day.day} {day:%B}")
    told = " ".join(str(value).split())
    if not told:
        raise ValueError(f"{code} is empty")
    return told


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled in; KeyError names the field that has no value. A value is never read again."""
    return _BRACE.sub(lambda match: values[match.group(1)], text)


def faults(
    written: Written, policy: ContactPolicy, *, parts: Callable[[str], int], reader: str = "zh"
) -> list[Fault]:
    """Everything that stands against a text, in the reader's language. `parts` counts the parts of an SMS."""
    found = [*_field_faults(written, reader), *_form_faults(written, policy, reader)]
    if written.purpose == MARKETING:
        found += _marketing_faults(written, policy, reader)
    found += [
        Fault(
            "banned",
            speak(
                reader,
                f"“{hit.word}”（{hit.banned.label_zh}）：{hit.banned.why_zh}",
                f"“{hit.word}” ({hit.banned.label_en}): {hit.banned.why_en}",
            ),
            hit.word,
        )
        for hit in banned_in(f"{written.subject}\n{written.text}")
    ]  # fmt: skip
    if written.channel == "sms":
        found += _length_faults(written, policy, parts, reader)
    return found


def longest(written: Written) -> str:
    """The text as long as it may become: every field at its longest."""
    return _BRACE.sub(
        lambda match: FIELDS[match.group(1)].longest if match.group(1) in FIELDS else "", written.text
    )


def example(written: Written) -> str:
    """The text with made-up values, as a preview before there is a customer."""
    language = written.language

    def shown(match: re.Match[str]) -> str:
        field = FIELDS.get(match.group(1) or "")
        return field.example[language] if field else match.group()

    return _BRACE.sub(shown, written.text)


def _field_faults(written: Written, reader: str) -> Iterator[Fault]:
    known = {field.code for field in fields_of(written.use)}
    if not known:
        yield Fault("use", speak(reader, "没有这种用途。", "There is no such use."))
    if not written.text.strip():
        yield Fault("empty", speak(reader, "正文为空。", "There is no text."))
    for match in _BRACE.finditer(f"{written.subject}\n{written.text}"):
        code = match.group(1)
        if code is None:
            yield Fault("brace", speak(reader, "花括号不成对。", "A brace stands alone."), match.group())
        elif code not in known:
            words = speak(
                reader,
                f"字段 {{{code}}} 不在本用途的字段表中。",
                f"There is no field {{{code}}} for this use.",
            )
            yield Fault("field", words, match.group())


def _form_faults(written: Written, policy: ContactPolicy, reader: str) -> Iterator[Fault]:
    if written.channel == "sms" and not written.text.startswith(policy.signature):
        words = speak(
            reader, f"短信须以签名{policy.signature}开头。", f"A text message begins with {policy.signature}."
        )
        yield Fault("signature", words)
    if written.channel == "email":
        if not written.subject.strip():
            yield Fault("subject", speak(reader, "邮件须有主题。", "An e-mail needs a subject."))
        if policy.signature.strip("【】") not in written.text:
            yield Fault(
                "sender", speak(reader, "邮件正文须写明发送机构名称。", "An e-mail says whose it is.")
            )
    if _LINE.search(written.subject):
        yield Fault("subject_line", speak(reader, "主题只能有一行。", "A subject is one line."))
    if "\u200b" in written.text or plain(written.text) != plain(written.text.replace("\ufeff", "")):
        yield Fault("unseen", speak(reader, "含有不可见字符。", "There are letters nobody sees."))


def _marketing_faults(written: Written, policy: ContactPolicy, reader: str) -> Iterator[Fault]:
    if written.channel == "sms" and policy.opt_out not in written.text:
        words = speak(reader, f"营销短信须含“{policy.opt_out}”。", f"Marketing says “{policy.opt_out}”.")
        yield Fault("opt_out", words)
    if written.channel == "email":
        if "{preferences}" not in written.text:
            pair = (
                "营销邮件须含退订入口 {preferences}。",
                "Marketing by e-mail has the way out: {preferences}.",
            )
            yield Fault("opt_out", speak(reader, *pair))
        if written.subject.strip() and not written.subject.strip().startswith(AD_MARKS):
            pair = "营销邮件主题须以“广告”或“AD”开头。", "The subject of marketing begins with AD or 广告."
            yield Fault("ad_mark", speak(reader, *pair))


def _length_faults(
    written: Written, policy: ContactPolicy, parts: Callable[[str], int], reader: str
) -> Iterator[Fault]:
    if any(match.group(1) not in FIELDS for match in _BRACE.finditer(written.text)):
        return
    count = parts(longest(written))
    if count > policy.sms_parts:
        zh = f"字段取最长时共 {count} 条，超过 {policy.sms_parts} 条。"
        yield Fault(
            "length", speak(reader, zh, f"With long fields {count} parts, at most {policy.sms_parts}.")
        )
