"""Questions of a survey and what may be answered. Plain values in, plain values out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kinds of question."""

    CSAT = "csat"  # 1 to 5
    NPS = "nps"  # 0 to 10
    SINGLE = "single"
    MULTI = "multi"
    TEXT = "text"


SCALES = {Kind.CSAT: range(1, 6), Kind.NPS: range(11)}
LONGEST, MOST_QUESTIONS, MOST_CHOICES = 500, 8, 12
# a phone, identity or card number, however it is set apart
_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){6,18}[ -]?[\dXx]?(?!\d)")


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Question:
    """One question; the first of kind CSAT and NPS are the survey's scores."""

    code: str
    kind: str
    zh: str
    en: str
    choices: tuple[Choice, ...] = ()
    needed: bool = False

    def ask(self, language: str) -> str:
        """Its words."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True)
class Given:
    """A whole answer: the two scores where asked, what was chosen by question, and what was written."""

    csat: int | None
    nps: int | None
    values: Mapping[str, Any]
    comment: str


@dataclass(frozen=True)
class Wrong(Exception):
    """Answers that cannot be taken: codes of the questions."""

    questions: tuple[str, ...]


def read_questions(payload: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """Questions from what a version keeps."""
    return tuple(
        Question(**{**one, "choices": tuple(Choice(**choice) for choice in one.get("choices", ()))})
        for one in payload
    )


def written(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Questions as a version keeps them."""
    return [{**asdict(one), "choices": [asdict(choice) for choice in one.choices]} for one in questions]


def problems(questions: Sequence[Question]) -> list[str]:
    """Codes of what is wrong with a questionnaire: empty, too_long, twice, choices, words."""
    codes = [one.code for one in questions]
    found = []
    if not any(one.kind in SCALES for one in questions):
        found.append("empty")
    if len(questions) > MOST_QUESTIONS:
        found.append("too_long")
    if len(codes) != len(set(codes)):
        found.append("twice")
    if any(
        one.kind in (Kind.SINGLE, Kind.MULTI) and not 2 <= len(one.choices) <= MOST_CHOICES
        for one in questions
    ):
        found.append("choices")
    if any(not one.zh.strip() or not one.en.strip() for one in questions):
        found.append("words")
    return found


def take(questions: Sequence[Question], told: Mapping[str, Sequence[str]]) -> Given:
    """What was answered, by question code; raises Wrong for what is none of the answers or missing though needed.

    Numbers of persons in what was written are blotted out: nobody asked for them.
    """
    values: dict[str, Any] = {}
    wrong, texts = [], []
    for one in questions:
        given = [text for text in told.get(one.code, ()) if text.strip()]
        try:
            value = _value(one, given)
        except ValueError:
            wrong.append(one.code)
            continue
        if value is None and one.needed:
            wrong.append(one.code)
        elif one.kind == Kind.TEXT:
            texts.append(str(value or ""))
        elif value is not None:
            values[one.code] = value
    if wrong:
        raise Wrong(tuple(wrong))
    comment = " ".join(text for text in texts if text)
    if not values and not comment:
        raise Wrong(())
    return Given(_first(questions, values, Kind.CSAT), _first(questions, values, Kind.NPS), values, comment)


def _value(one: Question, given: Sequence[str]) -> Any:
    if not given:
        return None
    if one.kind == Kind.TEXT:
        return blotted(given[0].strip()[:LONGEST])
    if one.kind in SCALES:
        number = int(given[0]) if given[0].isascii() and given[0].isdecimal() else -1
        if len(given) > 1 or number not in SCALES[Kind(one.kind)]:
            raise ValueError(one.code)
        return number
    known = {choice.code for choice in one.choices}
    if not set(given) <= known or (one.kind == Kind.SINGLE and len(given) > 1):
        raise ValueError(one.code)
    return sorted(set(given)) if one.kind == Kind.MULTI else given[0]


def _first(questions: Iterable[Question], values: Mapping[str, Any], kind: Kind) -> int | None:
    return next((values.get(one.code) for one in questions if one.kind == kind), None)


def blotted(text: str) -> str:
    """The text without phone, identity and card numbers."""
    return _NUMBER.sub("***", text)
