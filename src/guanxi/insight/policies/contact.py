"""Contact rules (触达规则): when a customer may be reached and how often, whatever the channel or the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak
from guanxi.insight.policies.interaction import CONTACT_CHANNELS
from guanxi.insight.policies.words import listed

MARKETING, SERVICE = "marketing", "service"
CONTACT_PURPOSES = {MARKETING: "营销", SERVICE: "服务通知"}
SENDING_CHANNELS = {
    "sms": "短信",
    "email": "电子邮件",
    "wecom": "企业微信",
    "push": "手机银行推送",
    "call": "电话",
    "letter": "信函",
}
REACHING_CHANNELS = SENDING_CHANNELS | {"visit": "上门拜访", "branch": "网点面谈"}
ID_TYPES = {
    "resident_id": "居民身份证",
    "resident_id_15": "15 位身份证",
    "uscc": "统一社会信用代码",
    "passport": "护照",
    "other": "其他证件",
}
MOST_TIMES = 1_000


@dataclass(frozen=True)
class Window:
    """Hours in which a channel may be used, on working days and on days of rest; no hours on these: not at all.

    `sending` "" stands for the channels that have no window of their own. Hours are the recipient's.
    """

    purpose: str
    work_from: str
    work_to: str
    rest_from: str = ""
    rest_to: str = ""
    sending: str = ""

    def hours(self, working: bool) -> tuple[time, time] | None:
        """From and to of such a day, the end not included; None when the day has no hours."""
        start, end = (self.work_from, self.work_to) if working else (self.rest_from, self.rest_to)
        return (time.fromisoformat(start), time.fromisoformat(end)) if start and end else None

    @property
    def asks_calendar(self) -> bool:
        """Whether working days differ from days of rest."""
        return (self.work_from, self.work_to) != (self.rest_from, self.rest_to)


@dataclass(frozen=True)
class Cap:
    """How often at most in a calendar day, week and month; an empty condition means any.

    The first cap that fits and reaches by anything is the customer's budget over everything; the first one with the
    channel holds besides.
    """

    a_day: int
    a_week: int
    a_month: int
    reaching: str = ""
    scheme: str = ""
    tier: str = ""
    stage: str = ""

    def fits(self, channel: str, scheme: str, tier: str, stage: str) -> bool:
        """Whether it holds for this channel (or the whole budget: "") and this class of customers."""
        asked = ((self.scheme, scheme), (self.tier, tier), (self.stage, stage))
        return self.reaching == channel and all(wanted in ("", found) for wanted, found in asked)


@dataclass(frozen=True)
class ContactPolicy(Policy):
    """Quiet hours in the recipient's zone, contact budget across channels and people, who is never addressed."""

    kind: ClassVar[str] = "contact"

    bank_zone: str  # days, weeks and months of the budget are counted here
    home_zone: str  # where customers with such a document live unless they said otherwise
    home_id_types: tuple[str, ...]
    youngest: int  # marketing only to persons of at least so many full years
    people_channels: tuple[str, ...]  # contacts by people that take from the budget
    windows: tuple[Window, ...]
    caps: tuple[Cap, ...]
    complaint_days: int  # after a settled complaint no marketing for so long
    link_days: int  # a link to the preference page works for so long
    link_calls: int  # uses of one link a minute, at most
    signature: str  # 【××银行】
    opt_out: str  # 拒收请回复R
    sms_parts: int  # parts of one SMS at most

    def window(self, purpose: str, channel: str) -> Window | None:
        """The hours of this channel for this purpose; None when the policy knows none: then nothing goes out."""
        fitting = [one for one in self.windows if one.purpose == purpose and one.sending in (channel, "")]
        return max(fitting, key=lambda one: bool(one.sending), default=None)

    def caps_for(self, channel: str, scheme: str, tier: str, stage: str) -> tuple[Cap, ...]:
        """What limits this customer on this channel: the whole budget first, then the channel's own cap."""
        asked = (channel, scheme, tier, stage)
        if asked not in self._found:
            firsts = (
                next((cap for cap in self.caps if cap.fits(reaching, scheme, tier, stage)), None)
                for reaching in ("", channel)
            )
            self._found[asked] = tuple(cap for cap in firsts if cap is not None)
        return self._found[asked]

    # Few classes of customers, asked about for each message.
    @cached_property
    def _found(self) -> dict[tuple[str, str, str, str], tuple[Cap, ...]]:
        return {}

    def problems(self, language: str = "zh") -> list[str]:
        """Channels and zones that do not exist, hours the wrong way round, caps with holes."""
        found = Findings(language)
        for zone in (self.bank_zone, self.home_zone):
            found.need(_is_zone(zone), f"没有时区 {zone}", f"there is no zone {zone}")
        for code in self.home_id_types:
            found.need(code in ID_TYPES, f"没有证件类型 {code}", f"there is no id type {code}")
        for channel in self.people_channels:
            found.need(
                channel in CONTACT_CHANNELS, f"没有联系方式 {channel}", f"there is no channel {channel}"
            )
        for window in self.windows:
            _check_window(window, found)
        self._check_windows_once(found)
        for cap in self.caps:
            _check_cap(cap, found)
        found.need(
            any(cap.fits("", "", "", "") for cap in self.caps),
            "须有一条适用于所有客户、所有渠道的次数上限",
            "one cap must hold for every customer over all channels",
        )
        self._check_numbers(found)
        return found.said

    def _check_windows_once(self, found: Findings) -> None:
        places = [(one.purpose, one.sending) for one in self.windows]
        found.need(
            len(set(places)) == len(places),
            "同一用途与渠道只能有一个时段",
            "one window per purpose and channel",
        )
        for purpose, zh in CONTACT_PURPOSES.items():
            found.need(
                (purpose, "") in places, f"{zh}缺少默认时段", f"{purpose} has no window for all channels"
            )

    def _check_numbers(self, found: Findings) -> None:
        found.need(0 <= self.youngest <= 100, "年龄须在 0 到 100 之间", "the age must be 0 to 100")
        found.need(
            0 <= self.complaint_days <= 366 and 1 <= self.link_days <= 366,
            "天数须在 1 到 366 之间",
            "days must be 1 to 366",
        )
        found.need(
            1 <= self.link_calls <= 600, "每分钟次数须在 1 到 600 之间", "calls a minute must be 1 to 600"
        )
        found.need(1 <= self.sms_parts <= 10, "短信条数须在 1 到 10 之间", "an SMS has 1 to 10 parts")
        found.need(
            self.signature.startswith("【") and self.signature.endswith("】") and len(self.signature) > 2,
            "签名须写作【××银行】",
            "the signature is written 【…】",
        )
        found.need(bool(self.opt_out.strip()), "须有退订用语", "the opt-out text is missing")

    def tables(self) -> dict[str, PolicyTable]:
        """No step of the night reads these rules."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Hours, budget, who is never addressed, one sentence each."""
        people = listed(self.people_channels, CONTACT_CHANNELS, language)
        return [
            *(_window_words(one, language) for one in self.windows),
            *(_cap_words(one, language) for one in self.caps),
            speak(
                language,
                f"时段按客户所在时区计（{self.home_zone}），时区不明不发送；次数按 {self.bank_zone} 的日、周、月计。",
                f"Hours are the recipient's ({self.home_zone}); nothing goes out where the zone is unknown. Times are "
                f"counted by day, week and month in {self.bank_zone}.",
            ),
            speak(
                language,
                f"员工联系同样计入次数：{people}。",
                f"Contacts by people count as well: {people}.",
            ),
            speak(
                language,
                f"未满 {self.youngest} 周岁不营销；投诉办结后 {self.complaint_days} 天内不营销。",
                f"No marketing below {self.youngest} full years, nor within {self.complaint_days} days of a settled "
                "complaint.",
            ),
            speak(
                language,
                f"偏好设置链接 {self.link_days} 天内有效，每分钟最多 {self.link_calls} 次。",
                f"A link to the preference page works for {self.link_days} days, {self.link_calls} times a minute at "
                "most.",
            ),
            speak(
                language,
                f"短信签名{self.signature}，营销短信须含“{self.opt_out}”，最长 {self.sms_parts} 条。",
                f"SMS are signed {self.signature}; marketing says “{self.opt_out}”; at most {self.sms_parts} parts.",
            ),
        ]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there, no name of a zone, a folder
        return False
    return True


def _check_window(window: Window, found: Findings) -> None:
    zh, en = window.sending or "全部渠道", window.sending or "all channels"
    found.need(
        window.purpose in CONTACT_PURPOSES,
        f"没有用途 {window.purpose}",
        f"there is no purpose {window.purpose}",
    )
    found.need(
        window.sending in ("", *SENDING_CHANNELS),
        f"没有渠道 {window.sending}",
        f"there is no channel {window.sending}",
    )
    pairs = [(window.work_from, window.work_to), (window.rest_from, window.rest_to)]
    found.need(
        bool(window.work_from) and all(_is_span(*pair) for pair in pairs if any(pair)),
        f"{zh}：时段须写作 08:00 至 21:00",
        f"{en}: hours are written 08:00 to 21:00",
    )


def _is_span(start: str, end: str) -> bool:
    try:
        return time.fromisoformat(start) < time.fromisoformat(end)
    except ValueError:
        return False


def _check_cap(cap: Cap, found: Findings) -> None:
    found.need(
        cap.reaching in ("", *REACHING_CHANNELS),
        f"没有渠道 {cap.reaching}",
        f"there is no channel {cap.reaching}",
    )
    found.need(
        0 <= cap.a_day <= cap.a_week <= cap.a_month <= MOST_TIMES,
        "次数上限须日 ≤ 周 ≤ 月",
        "caps must not fall from day to week to month",
    )


def _window_words(one: Window, language: str) -> str:
    who = speak(
        language,
        f"{CONTACT_PURPOSES.get(one.purpose, one.purpose)} · {SENDING_CHANNELS.get(one.sending, '其余渠道')}",
        f"{one.purpose} · {one.sending or 'other channels'}",
    )
    rest_zh = f"{one.rest_from}-{one.rest_to}" if one.rest_from else "不联系"
    rest_en = f"{one.rest_from}-{one.rest_to}" if one.rest_from else "not at all"
    return speak(
        language,
        f"{who}：工作日 {one.work_from}-{one.work_to}，休息日与节假日 {rest_zh}。",
        f"{who}: working days {one.work_from}-{one.work_to}, other days {rest_en}.",
    )


def _cap_words(cap: Cap, language: str) -> str:
    customers = " ".join(part for part in (cap.scheme, cap.tier, cap.stage) if part)
    zh = f"{customers or '其余客户'} · {REACHING_CHANNELS.get(cap.reaching, '全部渠道合计')}"
    en = f"{customers or 'everybody else'} · {cap.reaching or 'all channels together'}"
    return speak(
        language,
        f"{zh}：每天最多 {cap.a_day} 次，每周 {cap.a_week} 次，每月 {cap.a_month} 次。",
        f"{en}: at most {cap.a_day} a day, {cap.a_week} a week, {cap.a_month} a month.",
    )
