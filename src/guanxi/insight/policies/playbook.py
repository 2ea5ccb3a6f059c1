"""Playbooks (经营方案): what is done, and said, for customers of a life-cycle stage, new customers, or a segment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS, KIND_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak
from guanxi.insight.policies.words import listed, said
from guanxi.insight.segments.codes import STAGES as STAGE_PAIRS
from guanxi.insight.staging.contract import FAMILIES

STAGES: Mapping[str, str] = {code: zh for code, (zh, _en) in STAGE_PAIRS.items()}
HIGHEST_URGENCY = 3
MOST_DAYS = 730
MOST_A_NIGHT = 50
LEAST_EVERY = 7  # a customer is not spoken to more often by plan
LABEL_LENGTH, SAY_LENGTH = 60, 400
_CODE = re.compile(r"[a-z][a-z0-9_]{0,23}")
_SEGMENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Playbook:
    """Whom a plan reaches: a stage, customers opened lately, a version of a segment, or what is common to them."""

    playbook: str
    label_zh: str
    label_en: str
    customer_kinds: tuple[str, ...]
    opened_within: int  # days since the account was opened; 0: however long
    runs_days: int  # no step later than so many days after entry; 0: as long as the customer belongs
    expect_zh: str  # what is expected of the customer at the end (客户预期)
    expect_en: str
    life_stage: str = ""
    segment: str = ""  # "uuid@version": approved is what the segment meant in that version
    segment_name: str = ""

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)

    def expects(self, language: str = "zh") -> str:
        """What is expected of the customer."""
        return speak(language, self.expect_zh, self.expect_en)

    @property
    def segment_version(self) -> tuple[str, int] | None:
        """The segment's key and its version; None where no segment is bound."""
        key, _at, number = self.segment.partition("@")
        return (key, int(number)) if number else None

    def whom(self, language: str = "zh") -> str:
        """Whom it reaches, in words."""
        parts = [listed(self.customer_kinds, KIND_LABELS, language)]
        if self.life_stage:
            stage = speak(language, *STAGE_PAIRS.get(self.life_stage, (self.life_stage, self.life_stage)))
            parts.append(speak(language, f"处于“{stage}”", f"stage {stage.lower()}"))
        if self.segment:
            parts.append(
                speak(language, f"属于客群“{self.segment_name}”", f"in segment “{self.segment_name}”")
            )
        if self.opened_within:
            days = self.opened_within
            parts.append(speak(language, f"开户 {days} 天以内", f"opened within {days} days"))
        return speak(language, "，", ", ").join(parts)


@dataclass(frozen=True)
class PlaybookStep:
    """One thing to do `on_day` days after entry, again every `every_days` where that is not 0."""

    playbook: str
    code: str
    on_day: int
    every_days: int
    label_zh: str
    label_en: str
    say_zh: str
    say_en: str
    urgency_level: int
    minutes_each: int
    offered: str = ""  # the product family spoken of; which products suit is asked when the task is opened

    def label(self, language: str = "zh") -> str:
        """What to do."""
        return speak(language, self.label_zh, self.label_en)

    def say(self, language: str = "zh") -> str:
        """What to say (话术)."""
        return speak(language, self.say_zh, self.say_en)

    def when(self, language: str = "zh") -> str:
        """On which day, and how often again."""
        if self.every_days:
            return speak(
                language,
                f"第 {self.on_day} 天起每 {self.every_days} 天",
                f"day {self.on_day}, then every {self.every_days} days",
            )
        return speak(language, f"第 {self.on_day} 天", f"day {self.on_day}")


@dataclass(frozen=True)
class PlaybookPolicy(Policy):
    """The bank's playbooks in the order in which customers enter them, and how much a night may give one keeper."""

    kind: ClassVar[str] = "playbook"

    entries_a_night: int  # customers of one keeper that enter in one night
    tasks_a_night: int  # tasks that one keeper gets in one night
    again_days: int  # who comes back sooner goes on where the plan stood
    playbooks: tuple[Playbook, ...]
    playbook_steps: tuple[PlaybookStep, ...]

    def book(self, code: str) -> Playbook | None:
        """The playbook of this code."""
        return next((one for one in self.playbooks if one.playbook == code), None)

    def steps_of(self, code: str) -> tuple[PlaybookStep, ...]:
        """Its steps, the soonest first."""
        steps = (step for step in self.playbook_steps if step.playbook == code)
        return tuple(sorted(steps, key=lambda step: (step.on_day, step.code)))

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown or doubled codes, a playbook that reaches nobody or asks nothing, numbers out of range."""
        found = Findings(language)
        codes = [one.playbook for one in self.playbooks]
        found.need(len(codes) == len(set(codes)), "同一方案编码出现两次", "a playbook's code stands twice")
        for book in self.playbooks:
            self._book_problems(book, found)
        for step in self.playbook_steps:
            _step_problems(step, codes, found)
        keys = [(step.playbook, step.code) for step in self.playbook_steps]
        found.need(len(keys) == len(set(keys)), "同一方案的步骤编码重复", "a step's code stands twice")
        found.need(
            1 <= self.entries_a_night <= MOST_A_NIGHT and 1 <= self.tasks_a_night <= MOST_A_NIGHT,
            f"每夜进入客户数与任务数须在 1 到 {MOST_A_NIGHT} 之间",
            f"customers and tasks a night must be 1 to {MOST_A_NIGHT}",
        )
        found.need(
            0 <= self.again_days <= MOST_DAYS,
            f"再次进入的天数须在 0 到 {MOST_DAYS} 之间",
            f"days until a fresh start must be 0 to {MOST_DAYS}",
        )
        return found.said

    def _book_problems(self, book: Playbook, found: Findings) -> None:
        name, english = book.label_zh, book.label_en
        found.need(
            _CODE.fullmatch(book.playbook) is not None and 0 < len(book.label_zh) <= LABEL_LENGTH,
            f"{name or book.playbook}：编码须为小写字母、数字与下划线，最多 24 个；名称不能为空",
            f"{english or book.playbook}: a code of at most 24 small letters, digits and _, and a name",
        )
        found.need(
            bool(book.life_stage or book.segment or book.opened_within),
            f"{name}：须绑定生命周期阶段、客群或开户天数",
            f"{english}: bind it to a stage, a segment or the days since opening",
        )
        found.need(
            book.life_stage in ("", *STAGES),
            f"{name}：没有阶段 {book.life_stage}",
            f"{english}: there is no stage {book.life_stage}",
        )
        found.need(
            not book.segment or _SEGMENT.fullmatch(book.segment) is not None,
            f"{name}：客群须在客群页面绑定",
            f"{english}: bind a segment on the segment's page",
        )
        found.need(
            bool(book.customer_kinds) and all(kind in KIND_LABELS for kind in book.customer_kinds),
            f"{name}：须至少有一类客户",
            f"{english}: name at least one kind of customer",
        )
        found.need(
            0 <= book.opened_within <= MOST_DAYS and 0 <= book.runs_days <= MOST_DAYS,
            f"{name}：天数须在 0 到 {MOST_DAYS} 之间",
            f"{english}: days must be 0 to {MOST_DAYS}",
        )
        steps = self.steps_of(book.playbook)
        found.need(bool(steps), f"{name}：没有步骤", f"{english}: has no step")
        found.need(
            not book.runs_days or all(step.on_day <= book.runs_days for step in steps),
            f"{name}：有步骤晚于方案结束",
            f"{english}: a step lies beyond the end",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """How much a night gives, then each playbook with its steps."""
        return [
            speak(
                language,
                f"每位管户人每夜最多新进入 {self.entries_a_night} 位客户、新增 {self.tasks_a_night} 件任务；"
                f"离开后 {self.again_days} 天内回来的，接着原进度办理。",
                f"A night lets at most {self.entries_a_night} customers of a keeper enter and opens at most "
                f"{self.tasks_a_night} tasks; who comes back within {self.again_days} days goes on where it stood.",
            ),
            *(self._book_words(book, language) for book in self.playbooks),
        ]

    def _book_words(self, book: Playbook, language: str) -> str:
        steps = speak(language, "；", "; ").join(
            _step_words(step, language) for step in self.steps_of(book.playbook)
        )
        end_zh = f"进入后 {book.runs_days} 天结束" if book.runs_days else "离开即结束"
        end_en = (
            f"ends {book.runs_days} days after entry" if book.runs_days else "ends when the customer leaves"
        )
        return speak(
            language,
            f"{book.label_zh}：适用{book.whom('zh')}；{end_zh}。{steps}。预期：{book.expect_zh}",
            f"{book.label_en}: {book.whom('en')}; {end_en}. {steps}. Expected: {book.expect_en}",
        )


def _step_words(step: PlaybookStep, language: str) -> str:
    family = said(step.offered, FAMILY_LABELS, language) if step.offered else ""
    offer = speak(language, f"（{family}）", f" ({family})") if family else ""
    return speak(
        language, f"{step.when('zh')}：{step.label_zh}{offer}", f"{step.when('en')}: {step.label_en}{offer}"
    )


def _step_problems(step: PlaybookStep, codes: list[str], found: Findings) -> None:
    name, english = step.label_zh or step.code, step.label_en or step.code
    found.need(
        step.playbook in codes,
        f"{name}：没有方案 {step.playbook}",
        f"{english}: there is no playbook {step.playbook}",
    )
    found.need(
        _CODE.fullmatch(step.code) is not None
        and 0 < len(step.label_zh) <= LABEL_LENGTH
        and max(len(step.say_zh), len(step.say_en)) <= SAY_LENGTH,
        f"{name}：编码须为小写字母、数字与下划线；做什么不能为空；话术最多 {SAY_LENGTH} 字",
        f"{english}: a code of small letters, digits and _, what to do, and at most {SAY_LENGTH} letters to say",
    )
    found.need(
        0 <= step.on_day <= MOST_DAYS
        and (step.every_days == 0 or LEAST_EVERY <= step.every_days <= MOST_DAYS),
        f"{name}：天数须在 0 到 {MOST_DAYS} 之间，间隔为 0（一次）或至少 {LEAST_EVERY} 天",
        f"{english}: days 0 to {MOST_DAYS}, again after 0 (once) or at least {LEAST_EVERY} days",
    )
    found.need(
        0 <= step.urgency_level <= HIGHEST_URGENCY and 1 <= step.minutes_each <= 480,
        f"{name}：紧急程度 0 到 3，分钟数 1 到 480",
        f"{english}: urgency 0 to 3, minutes 1 to 480",
    )
    found.need(
        step.offered in ("", *FAMILIES),
        f"{name}：没有产品大类 {step.offered}",
        f"{english}: there is no family {step.offered}",
    )
