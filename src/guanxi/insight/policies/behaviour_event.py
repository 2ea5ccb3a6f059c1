"""Events of customers on the bank's own channels (客户行为采集): the kinds, what each may say, how long it is kept.

What no kind declares is not taken. A property is a code, a number, a flag or a district, never words a customer typed,
never what proves who somebody is, never a place finer than a district.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

MEANINGS: Mapping[str, tuple[str, str]] = {
    "log_in": ("登录", "log-in"),
    "visit": ("浏览", "looking around"),
    "interest": ("产品兴趣", "interest in a product"),
    "abandon": ("中途放弃", "left half-way"),
    "redeem": ("赎回意向", "thinking of redeeming"),
    "borrow": ("贷款意向", "thinking of a loan"),
    "security": ("账户安全", "safety of the account"),
}
EVENT_PURPOSES: Mapping[str, tuple[str, str]] = {
    "marketing": ("营销与服务", "marketing and service"),
    "service": ("仅服务", "service only"),
}
PROPERTY_TYPES: Mapping[str, tuple[str, str]] = {
    "code": ("代码", "code"),
    "product": ("产品代码", "product code"),
    "district": ("区县代码（6 位）", "district (6 digits)"),
    "number": ("整数", "whole number"),
    "fen": ("金额（分）", "amount in fen"),
    "flag": ("是/否", "yes or no"),
}
SOURCES: Mapping[str, tuple[str, str]] = {
    "mobile": ("手机银行", "mobile bank"),
    "web": ("网上银行", "online bank"),
    "mini": ("小程序", "mini-programme"),
    "wecom": ("企业微信", "WeCom"),
    "phone": ("电话银行", "phone bank"),
    "self_service": ("自助设备", "self-service machine"),
}
# Parts of a property's name that say what may not be collected: secrets, identity, free words, places, devices.
FORBIDDEN = frozenset({
    "password", "passwd", "pwd", "pin", "cvv", "cvn", "otp", "captcha", "secret", "token", "fingerprint",
    "face", "voice", "biometric", "idcard", "identity", "passport", "name", "mobile", "phone", "tel",
    "email", "mail", "address", "addr", "street", "lat", "lng", "lon", "latitude", "longitude", "gps",
    "geo", "ip", "imei", "idfa", "mac", "text", "note", "comment", "message", "words", "query", "search",
    "keyword", "content", "card", "account",
})  # fmt: skip
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
HIGHEST_URGENCY = 3


@dataclass(frozen=True)
class EventKind:
    """One kind of event: what it means to us, what it may be used for, how long the single event is kept."""

    event_kind: str
    label_zh: str
    label_en: str
    meaning: str
    use_for: str
    keep_days: int


@dataclass(frozen=True)
class EventProperty:
    """A property one kind may have. `most_of`: the longest code, or the greatest number; `one_of`: the only codes."""

    event_kind: str
    property_name: str
    property_type: str
    most_of: int
    one_of: tuple[str, ...] = ()
    label_zh: str = ""
    label_en: str = ""

    def named(self, language: str) -> str:
        """What the bank calls it; its code where the bank gave no name."""
        return speak(language, self.label_zh, self.label_en) or self.property_name


@dataclass(frozen=True)
class EventTrigger:
    """Who does `event_kind` so often within so many days becomes a task of the keeper, then not again for a while."""

    trigger: str
    event_kind: str
    times: int
    window_days: int
    quiet_days: int
    urgency_level: int  # 0 can wait … 3 today
    say_zh: str
    say_en: str


@dataclass(frozen=True)
class BehaviourEventPolicy(Policy):
    """What is taken in, from whom, for how long, and what of it is work for a person."""

    kind: ClassVar[str] = "behaviour_event"

    batch_most: int  # events in one request
    batch_kb: int
    line_bytes: int
    late_days: int  # an event older than that is not taken: its key may have been forgotten
    ahead_minutes: int  # clocks of phones differ by so much
    unknown_days: int  # events of a number nobody has yet are kept so long, then dropped
    quarantine_days: int
    daily_months: int  # counts a day are kept so long
    youngest_age: int  # children below are not observed
    digits_most: int  # a longer run of digits in a code looks like somebody's number
    event_sources: tuple[str, ...]
    event_kinds: tuple[EventKind, ...]
    event_properties: tuple[EventProperty, ...]
    event_triggers: tuple[EventTrigger, ...]

    def kind_of(self, code: str) -> EventKind | None:
        """The kind of this code."""
        return next((one for one in self.event_kinds if one.event_kind == code), None)

    def problems(self, language: str = "zh") -> list[str]:
        """Doubled or unknown codes, names that say a secret is collected, times out of range."""
        found = Findings(language)
        self._number_problems(found)
        codes = [one.event_kind for one in self.event_kinds]
        found.need(bool(codes), "至少登记一种事件", "register at least one kind of event")
        found.need(len(codes) == len(set(codes)), "事件代码重复", "a kind of event stands twice")
        for source in self.event_sources:
            found.need(source in SOURCES, f"没有渠道 {source}", f"there is no channel {source}")
        for one in self.event_kinds:
            _kind_problems(found, one, self.late_days)
        properties = [(one.event_kind, one.property_name) for one in self.event_properties]
        found.need(len(properties) == len(set(properties)), "事件属性重复", "a property stands twice")
        for prop in self.event_properties:
            found.need(
                prop.event_kind in codes,
                f"没有事件 {prop.event_kind}",
                f"there is no event {prop.event_kind}",
            )
            _property_problems(found, prop)
        self._trigger_problems(found, set(codes))
        return found.said

    def _number_problems(self, found: Findings) -> None:
        ranges = {
            "batch_most": (1, 10_000), "batch_kb": (1, 2_048), "line_bytes": (100, 10_000), "late_days": (1, 30),
            "ahead_minutes": (0, 1_440), "unknown_days": (0, 30), "quarantine_days": (1, 90),
            "daily_months": (2, 24), "youngest_age": (14, 18), "digits_most": (4, 10),
        }  # fmt: skip
        for name, (least, most) in ranges.items():
            found.need(
                least <= getattr(self, name) <= most,
                f"{name} 须在 {least:,} 到 {most:,} 之间",
                f"{name} must be {least:,} to {most:,}",
            )

    def _trigger_problems(self, found: Findings, codes: set[str]) -> None:
        names = [one.trigger for one in self.event_triggers]
        found.need(len(names) == len(set(names)), "触发规则重复", "a trigger stands twice")
        for one in self.event_triggers:
            found.need(
                one.event_kind in codes, f"没有事件 {one.event_kind}", f"there is no event {one.event_kind}"
            )
            found.need(
                bool(NAME.fullmatch(one.trigger))
                and 1 <= one.times <= 100
                and 1 <= one.window_days <= 30
                and 1 <= one.quiet_days <= 366
                and 0 <= one.urgency_level <= HIGHEST_URGENCY,
                f"触发规则 {one.trigger} 的代码、次数、天数或紧急程度超出范围",
                f"code, times, days or urgency of trigger {one.trigger} are out of range",
            )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.behaviour_event: what each kind of event means."""
        return {
            "policy.behaviour_event": PolicyTable(
                (("event_kind", "VARCHAR"), ("meaning", "VARCHAR")),
                tuple((one.event_kind, one.meaning) for one in self.event_kinds),
            )
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """The limits, each kind with what it may say, each trigger; one sentence each."""
        return [
            *self._limits_in_words(language),
            *(self._kind_in_words(one, language) for one in self.event_kinds),
            *(
                speak(
                    language,
                    f"{one.window_days} 天内“{self._name(one.event_kind, language)}”满 {one.times} 次，"
                    f"为管户人开立待办，此后 {one.quiet_days} 天不再重复：{one.say_zh}",
                    f"“{self._name(one.event_kind, language)}” {one.times} times within {one.window_days} days opens a "
                    f"task for the keeper, not again for {one.quiet_days} days: {one.say_en}",
                )
                for one in self.event_triggers
            ),
        ]

    def _limits_in_words(self, language: str) -> list[str]:
        return [
            speak(
                language,
                f"每次最多上送 {self.batch_most:,} 条、{self.batch_kb:,} KB；早于 {self.late_days} 天的不收。",
                f"At most {self.batch_most:,} events and {self.batch_kb:,} KB at once; none older than "
                f"{self.late_days} days.",
            ),
            speak(
                language,
                "未登记的属性、自由文本、鉴别信息和精于区县的位置一律不收；"
                f"代码中连续数字不得超过 {self.digits_most} 位。",
                "No property that is not registered, no free words, nothing that proves who somebody is, no place "
                f"finer than a district; at most {self.digits_most} digits in a row in a code.",
            ),
            speak(
                language,
                f"找不到客户的事件匿名保留 {self.unknown_days} 天后删除；拒绝个性化分析的、已销户的和未满 "
                f"{self.youngest_age} 周岁的客户不采集。",
                f"Events of unknown customers are kept {self.unknown_days} days, then dropped; nothing is kept of who "
                f"refused profiling, has left, or is younger than {self.youngest_age}.",
            ),
        ]

    def _kind_in_words(self, one: EventKind, language: str) -> str:
        properties = [prop for prop in self.event_properties if prop.event_kind == one.event_kind]
        zh = "、".join(
            f"{prop.named('zh')}（{_pair(PROPERTY_TYPES, prop.property_type)[0]}）" for prop in properties
        )
        en = ", ".join(
            f"{prop.named('en')} ({_pair(PROPERTY_TYPES, prop.property_type)[1]})" for prop in properties
        )
        return speak(
            language,
            f"{one.label_zh}：{_pair(EVENT_PURPOSES, one.use_for)[0]}，保留 {one.keep_days} 天；属性：{zh or '无'}。",
            f"{one.label_en}: for {_pair(EVENT_PURPOSES, one.use_for)[1]}, kept {one.keep_days} days; "
            f"properties: {en or 'none'}.",
        )

    def _name(self, code: str, language: str) -> str:
        one = self.kind_of(code)
        return speak(language, one.label_zh, one.label_en) if one else code


def _kind_problems(found: Findings, one: EventKind, late_days: int) -> None:
    code = one.event_kind
    found.need(
        bool(NAME.fullmatch(code)),
        f"事件代码 {code} 须为小写字母、数字和下划线",
        f"code {code} must be small letters, digits and underscores",
    )
    found.need(one.meaning in MEANINGS, f"没有含义 {one.meaning}", f"there is no meaning {one.meaning}")
    found.need(one.use_for in EVENT_PURPOSES, f"没有用途 {one.use_for}", f"there is no purpose {one.use_for}")
    found.need(
        late_days < one.keep_days <= 400,
        f"{code} 的保留天数须大于可迟报天数且不超过 400",
        f"{code} must be kept longer than events may be late, and at most 400 days",
    )


def _property_problems(found: Findings, one: EventProperty) -> None:
    name = one.property_name
    found.need(
        bool(NAME.fullmatch(name)) and not FORBIDDEN & set(name.split("_")),
        f"属性 {name} 的名称不可用：不采集鉴别信息、身份、自由文本和精确位置",
        f"property {name} may not be collected: no secrets, identity, free words or exact places",
    )
    found.need(
        one.property_type in PROPERTY_TYPES,
        f"没有属性类型 {one.property_type}",
        f"there is no type {one.property_type}",
    )
    longest = 64 if one.property_type in ("code", "product") else 10**15
    found.need(
        1 <= one.most_of <= longest, f"属性 {name} 的上限超出范围", f"the limit of {name} is out of range"
    )


def _pair(words: Mapping[str, tuple[str, str]], code: str) -> tuple[str, str]:
    return words.get(code, (code, code))
