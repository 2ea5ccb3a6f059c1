"""Visits (拜访): how often whom, what for, what counts as evidence, who comes along, and what follows (维护方案)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak
from guanxi.insight.policies.interaction import CONTACT_CHANNELS

EVIDENCE = {"minutes": "纪要", "place": "实际地点", "companion": "同行人确认", "photo": "现场照片"}
PHOTO_KINDS = {"jpeg": "JPEG", "png": "PNG"}
MOST_PHOTOS = 20
MOST_PHOTO_KB = 32 * 1024
MOST_DAYS = 366
MOST_MINUTES = 480


@dataclass(frozen=True)
class Cadence:
    """A customer of this tier is contacted at least every so many days in this way (visit or call)."""

    scheme: str
    tier: str  # the tier's code
    channel: str
    days: int


@dataclass(frozen=True)
class Aim:
    """What a visit is for, what is said first, and the reason on record that suggests it ("" suggests none)."""

    code: str
    label_zh: str
    label_en: str
    say_zh: str
    say_en: str
    suggested_by: str = ""

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)

    def say(self, language: str = "zh") -> str:
        """The talking point."""
        return speak(language, self.say_zh, self.say_en)


@dataclass(frozen=True)
class Check:
    """Something to do before or during a visit; `aim` "" belongs to every visit."""

    code: str
    label_zh: str
    label_en: str
    aim: str = ""

    def label(self, language: str = "zh") -> str:
        """Its words."""
        return speak(language, self.label_zh, self.label_en)


@dataclass(frozen=True)
class PlanTemplate:
    """A maintenance plan for a class of customers: of this scheme, tier and stage; an empty one means any."""

    code: str
    label_zh: str
    label_en: str
    scheme: str = ""
    tier: str = ""
    stage: str = ""

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)

    def fits(self, scheme: str, tier: str, stage: str) -> bool:
        """Whether a customer of this class takes it."""
        asked = ((self.scheme, scheme), (self.tier, tier), (self.stage, stage))
        return all(wanted in ("", found) for wanted, found in asked)


@dataclass(frozen=True)
class Step:
    """A task of a maintenance plan, due so many days after the visit."""

    plan: str
    code: str
    after_days: int
    channel: str
    label_zh: str
    label_en: str

    def label(self, language: str = "zh") -> str:
        """Its words."""
        return speak(language, self.label_zh, self.label_en)


REASONS = {
    "warning": "流失预警",
    "maturing": "近期到期",
    "near_line": "临界客户",
    "promise": "未了承诺",
    "need": "适配产品",
    "new": "新客户",
}


@dataclass(frozen=True)
class VisitPolicy(Policy):
    """Cadence, aims with their checklists, limits of a visit, evidence, joint visits, plans afterwards."""

    kind: ClassVar[str] = "visit"

    cadences: tuple[Cadence, ...]
    due_ahead_days: int  # a visit is proposed so many days before it is due
    notice_days: int  # planned at least so many days before
    planned_ahead_days: int  # and at most so many
    usual_minutes: int
    longest_minutes: int
    between_minutes: int  # on the way from one to the next
    visits_a_day: int
    minutes_days: int  # the minutes are written within so many days
    minutes_letters: int  # and are at least so long to be evidence
    evidence_least: int  # of the kinds of evidence
    joint_tiers: tuple[str, ...]  # customers of these tiers are visited by two
    joint_every: int  # each so-manieth visit to them at least
    aims: tuple[Aim, ...]
    checks: tuple[Check, ...]
    plans: tuple[PlanTemplate, ...]  # the first that fits
    steps: tuple[Step, ...]
    photos_most: int = 0  # of one visit; 0: none are taken
    photo_kinds: tuple[str, ...] = tuple(PHOTO_KINDS)
    photo_kb: int = 12288  # a file sent is at most so large
    photo_megapixels: int = 64  # and has at most so many
    photo_edge: int = 1600  # pixels of the longer side that are kept
    sponsor_days: int = 90  # an executive sponsor is in touch as often, unless told otherwise

    def every(self, scheme: str, tier: str) -> Mapping[str, int]:
        """Days between contacts by channel for a customer of this tier; empty when none are set."""
        return {row.channel: row.days for row in self.cadences if (row.scheme, row.tier) == (scheme, tier)}

    def aim(self, code: str) -> Aim | None:
        """The aim of this code."""
        return next((aim for aim in self.aims if aim.code == code), None)

    def checks_for(self, aims: tuple[str, ...]) -> tuple[Check, ...]:
        """What to do for a visit with these aims: the general ones first."""
        general = tuple(check for check in self.checks if not check.aim)
        return general + tuple(check for check in self.checks if check.aim and check.aim in aims)

    def plan_for(self, scheme: str, tier: str, stage: str) -> PlanTemplate | None:
        """The maintenance plan of this class of customers."""
        return next((plan for plan in self.plans if plan.fits(scheme, tier, stage)), None)

    def steps_of(self, plan: str) -> tuple[Step, ...]:
        """The tasks of a plan, the soonest first."""
        return tuple(
            sorted((step for step in self.steps if step.plan == plan), key=lambda step: step.after_days)
        )

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown codes, doubled entries, numbers out of range, aims and plans that nobody can take."""
        found = Findings(language)
        self._limit_problems(found)
        self._photo_problems(found)
        self._code_problems(found)
        keys = [(row.scheme, row.tier, row.channel) for row in self.cadences]
        found.need(len(keys) == len(set(keys)), "同一等级的频率出现两次", "a tier's cadence stands twice")
        last = self.plans[-1] if self.plans else None
        found.need(
            last is not None and last.fits("", "", ""),
            "最后一个维护方案须适用于所有客户",
            "the last maintenance plan must fit every customer",
        )
        empty = [plan.code for plan in self.plans if not self.steps_of(plan.code)]
        found.need(
            not empty, f"维护方案没有任务: {'、'.join(empty)}", f"plans without tasks: {', '.join(empty)}"
        )
        return found.said

    def _limit_problems(self, found: Findings) -> None:
        days = (
            *(row.days for row in self.cadences), self.planned_ahead_days, self.minutes_days, self.joint_every,
            self.visits_a_day, self.minutes_letters, self.sponsor_days,
        )  # fmt: skip
        found.need(
            all(1 <= number <= MOST_DAYS for number in days),
            f"天数与次数须在 1 到 {MOST_DAYS} 之间",
            f"days and counts must be 1 to {MOST_DAYS}",
        )
        waits = (self.notice_days, self.due_ahead_days, *(step.after_days for step in self.steps))
        found.need(
            all(0 <= number <= MOST_DAYS for number in waits),
            f"提前天数须在 0 到 {MOST_DAYS} 之间",
            f"days ahead must be 0 to {MOST_DAYS}",
        )
        found.need(
            self.notice_days <= self.planned_ahead_days,
            "最早预约须不晚于最迟预约",
            "notice must not be longer than planning ahead",
        )
        found.need(
            0 < self.usual_minutes <= self.longest_minutes <= MOST_MINUTES and self.between_minutes >= 0,
            f"拜访时长须为 0 < 通常 ≤ 最长 ≤ {MOST_MINUTES} 分钟",
            f"a visit must last 0 < usual ≤ longest ≤ {MOST_MINUTES} minutes",
        )
        found.need(
            1 <= self.evidence_least <= len(EVIDENCE),
            f"凭据种类须在 1 到 {len(EVIDENCE)} 之间",
            f"kinds of evidence must be 1 to {len(EVIDENCE)}",
        )

    def _photo_problems(self, found: Findings) -> None:
        found.need(
            0 <= self.photos_most <= MOST_PHOTOS,
            f"每次拜访照片须为 0 到 {MOST_PHOTOS} 张",
            f"a visit takes 0 to {MOST_PHOTOS} photos",
        )
        found.need(
            1 <= self.photo_kb <= MOST_PHOTO_KB
            and 1 <= self.photo_megapixels <= 100
            and 320 <= self.photo_edge <= 4000,
            f"照片须为 1 到 {MOST_PHOTO_KB} KB、1 到 100 百万像素，留存边长 320 到 4000 像素",
            f"photos must be 1 to {MOST_PHOTO_KB} KB, 1 to 100 megapixels, kept at 320 to 4000 pixels",
        )
        for code in self.photo_kinds:
            found.need(code in PHOTO_KINDS, f"没有代码 {code}", f"there is no code {code}")

    def _code_problems(self, found: Findings) -> None:
        aims, plans = [aim.code for aim in self.aims], [plan.code for plan in self.plans]
        steps = [(step.plan, step.code) for step in self.steps]
        checks = [check.code for check in self.checks]
        for name, codes in (("目的", aims), ("维护方案", plans), ("检查项", checks), ("任务", steps)):
            found.need(len(codes) == len(set(codes)), f"{name}代码重复", "a code stands twice")
        found.need(bool(aims), "至少要有一个拜访目的", "name at least one aim")
        sets = (
            (
                [row.channel for row in self.cadences] + [step.channel for step in self.steps],
                CONTACT_CHANNELS,
            ),
            ([check.aim for check in self.checks if check.aim], aims),
            ([step.plan for step in self.steps], plans),
            ([aim.suggested_by for aim in self.aims if aim.suggested_by], REASONS),
        )
        for codes, known in sets:
            for code in codes:
                found.need(code in known, f"没有代码 {code}", f"there is no code {code}")

    def tables(self) -> dict[str, PolicyTable]:
        """policy.visit_cadence: days between contacts by tier and channel, as the night asks who is due."""
        text = "VARCHAR"
        return {
            "policy.visit_cadence": PolicyTable(
                (("scheme", text), ("tier", text), ("channel", text), ("days", "INTEGER")),
                tuple((row.scheme, row.tier, row.channel, row.days) for row in self.cadences),
            )
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """How often whom, what a visit keeps to, what counts as evidence, and what follows."""
        return [*self._cadence_words(language), *self._limit_words(language), *self._plan_words(language)]

    def _cadence_words(self, language: str) -> list[str]:
        between = speak(language, "、", ", ")
        said = []
        for channel, zh in CONTACT_CHANNELS.items():
            rows = [row for row in self.cadences if row.channel == channel]
            if rows:
                each = between.join(f"{row.tier} {row.days}" for row in rows)
                said.append(
                    speak(language, f"{zh}频率，天：{each}。", f"Days between contacts by {channel}: {each}.")
                )
        return said

    def _limit_words(self, language: str) -> list[str]:
        kinds = speak(language, "、", ", ").join(speak(language, zh, code) for code, zh in EVIDENCE.items())
        tiers = speak(language, "、", ", ").join(self.joint_tiers) or speak(language, "无", "none")
        return [
            speak(
                language,
                f"提前 {self.notice_days} 至 {self.planned_ahead_days} 天预约，通常 {self.usual_minutes} 分钟，"
                f"最长 {self.longest_minutes} 分钟，途中 {self.between_minutes} 分钟，"
                f"每天最多 {self.visits_a_day} 次。",
                f"Planned {self.notice_days} to {self.planned_ahead_days} days ahead, usually {self.usual_minutes} "
                f"minutes, at most {self.longest_minutes}, {self.between_minutes} on the way, at most "
                f"{self.visits_a_day} a day.",
            ),
            speak(
                language,
                f"纪要须在 {self.minutes_days} 天内写成，不少于 {self.minutes_letters} 字；"
                f"{kinds}中至少具备 {self.evidence_least} 项才算有凭据。",
                f"Minutes within {self.minutes_days} days, at least {self.minutes_letters} letters; evidence is at "
                f"least {self.evidence_least} of {kinds}.",
            ),
            self._photo_words(language),
            speak(
                language,
                f"双人拜访等级：{tiers}，每 {self.joint_every} 次拜访至少一次双人。",
                f"Visited by two: {tiers}, at least once in {self.joint_every} visits.",
            ),
            speak(
                language,
                f"高层联络人一般每 {self.sponsor_days} 天联系一次。",
                f"An executive sponsor is usually in touch every {self.sponsor_days} days.",
            ),
        ]

    def _photo_words(self, language: str) -> str:
        kinds = speak(language, "、", ", ").join(self.photo_kinds)
        return speak(
            language,
            f"每次拜访最多 {self.photos_most} 张照片（{kinds}，单张不超过 {self.photo_kb} KB、"
            f"{self.photo_megapixels} 百万像素），拜访后 {self.minutes_days} 天内上传才算凭据，"
            f"留存长边 {self.photo_edge} 像素并去除拍摄信息。",
            f"At most {self.photos_most} photos a visit ({kinds}, up to {self.photo_kb} KB and "
            f"{self.photo_megapixels} megapixels each), evidence when added within {self.minutes_days} days; kept "
            f"at {self.photo_edge} pixels without the camera's tags.",
        )

    def _plan_words(self, language: str) -> list[str]:
        aims = speak(language, "、", ", ").join(aim.label(language) for aim in self.aims)
        return [
            speak(language, f"拜访目的：{aims}。", f"Aims: {aims}."),
            *(self._one_plan(plan, language) for plan in self.plans),
        ]

    def _one_plan(self, plan: PlanTemplate, language: str) -> str:
        steps = self.steps_of(plan.code)
        zh = "；".join(f"{step.after_days} 天后{step.label_zh}" for step in steps)
        en = "; ".join(f"after {step.after_days} days {step.label_en}" for step in steps)
        return speak(language, f"{plan.label_zh}：{zh}。", f"{plan.label_en}: {en}.")
