"""Compliance (合规): by when a person's request is answered, when it is warned of, how soon an incident is reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak
from guanxi.insight.workdays import add_workdays

MOST_DAYS, MOST_MINUTES, WHOLE = 366, 7 * 24 * 60, 100


@dataclass(frozen=True)
class IncidentGrade:
    """A grade of incidents (事件等级), the gravest first, and within how many minutes it is reported."""

    grade: str
    label_zh: str
    label_en: str
    report_minutes: int

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)


@dataclass(frozen=True)
class CompliancePolicy(Policy):
    """Days and minutes of compliance; `request_alerts` are hundredths of the way to a request's last day."""

    kind: ClassVar[str] = "compliance"

    request_days: int  # a request is answered within
    request_workdays: bool  # these days are working days
    request_alerts: tuple[int, ...]
    file_days: int  # a file made for a person waits so long to be fetched, then it is no more
    incident_grades: tuple[IncidentGrade, ...]
    pack_days: int  # the audit pack looks back so far unless told

    def due_on(self, received: date) -> date:
        """The last day to answer what was received on a day; the day after counts as the first."""
        if self.request_workdays:
            return add_workdays(received, self.request_days)
        return received + timedelta(days=self.request_days)

    def alert_of(self, received: date, due: date, today: date) -> int:
        """The highest alert reached: hundredths of the way from receipt to the last day; 0 for none yet.

        The way's length is whatever was promised when it was received. WHOLE is reached on the last day.
        """
        way = max(1, (due - received).days)
        gone = (today - received).days * WHOLE // way
        return max((alert for alert in self.request_alerts if alert <= gone), default=0)

    def grade(self, code: str) -> IncidentGrade | None:
        """The grade of this code."""
        return next((one for one in self.incident_grades if one.grade == code), None)

    def problems(self, language: str = "zh") -> list[str]:
        """Days, alerts and minutes out of range, grades that stand twice."""
        found = Findings(language)
        found.need(
            all(1 <= days <= MOST_DAYS for days in (self.request_days, self.file_days, self.pack_days)),
            f"天数须在 1 到 {MOST_DAYS} 之间",
            f"days must be 1 to {MOST_DAYS}",
        )
        found.need(
            bool(self.request_alerts)
            and list(self.request_alerts) == sorted(set(self.request_alerts))
            and all(1 <= alert <= WHOLE for alert in self.request_alerts),
            f"提醒点须由小到大，在 1 到 {WHOLE} 之间",
            f"alerts must rise, from 1 to {WHOLE}",
        )
        codes = [one.grade for one in self.incident_grades]
        found.need(
            bool(codes) and len(codes) == len(set(codes)),
            "事件等级至少要有一项，且不得重复",
            "grades of incidents: at least one, and none twice",
        )
        found.need(
            all(1 <= one.report_minutes <= MOST_MINUTES for one in self.incident_grades),
            f"报告时限须在 1 到 {MOST_MINUTES} 分钟之间",
            f"an incident is reported within 1 to {MOST_MINUTES} minutes",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """By when requests are answered, when they are warned of, how long files wait, how soon incidents are told."""
        days_zh, days_en = ("个工作日", "working days") if self.request_workdays else ("天", "days")
        alerts = "%、".join(map(str, self.request_alerts)), "%, ".join(map(str, self.request_alerts))
        return [
            speak(
                language,
                f"个人信息权利请求在收到后 {self.request_days} {days_zh}内答复；时间过去 {alerts[0]}% 时提醒。",
                f"Requests are answered within {self.request_days} {days_en} of receipt; alerts at {alerts[1]}% of it.",
            ),
            speak(
                language,
                f"为本人生成的文件保留 {self.file_days} 天待领取，只能领取一次。",
                f"A file made for a person waits {self.file_days} days and is fetched once.",
            ),
            *(
                speak(
                    language,
                    f"{one.label_zh}数据安全事件：{one.report_minutes} 分钟内报告。",
                    f"Incident, {one.label_en}: reported within {one.report_minutes} minutes.",
                )
                for one in self.incident_grades
            ),
            speak(
                language,
                f"审计包默认看最近 {self.pack_days} 天。",
                f"The audit pack looks back {self.pack_days} days.",
            ),
        ]
