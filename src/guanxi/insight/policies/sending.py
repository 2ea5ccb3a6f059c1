"""Sending (发送): leases, brakes and waits of the machine that hands messages to the counterparts.

Who may be reached and how often is the policy `contact`; here stands only how sending itself is kept from going wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak

LONGEST_SECONDS = 3_600
LONGEST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class SendingPolicy(Policy):
    """Times of a claim and a call, when the brake pulls, how long a schedule may be late, when a store looks old."""

    kind: ClassVar[str] = "sending"

    lease_seconds: int  # a sender that does not move its batch for so long has lost it
    call_seconds: int  # the counterpart's time to answer one call
    lanes: int  # calls under way at once, per sender and channel
    throttle_seconds: int  # wait after "not now"
    ask_seconds: int  # between two questions about messages in doubt
    late_minutes: int  # a schedule missed by more is not made up for
    person_messages: int  # more than so many to one customer ...
    person_minutes: int  # ... within so many minutes stop the channel
    volume_share: Decimal  # more than planned by this share stops the channel
    calls_most: int  # calls for one message that may have reached the counterpart
    silent_hours: int  # a place that sent nothing for longer starts with its channels off

    def problems(self, language: str = "zh") -> list[str]:
        """Numbers out of range, and a lease that ends before the call it covers."""
        found = Findings(language)
        found.need(
            0 < self.call_seconds * 2 <= self.lease_seconds <= LONGEST_SECONDS,
            "租期须不少于通话时限的两倍，且不超过一小时",
            "a lease must be at least twice the time of a call, and at most an hour",
        )
        found.need(1 <= self.lanes <= 16, "并发路数须在 1 到 16 之间", "lanes must be 1 to 16")
        found.need(
            all(1 <= value <= LONGEST_SECONDS for value in (self.throttle_seconds, self.ask_seconds)),
            "等待时间须在 1 到 3600 秒之间",
            "waits must be 1 to 3,600 seconds",
        )
        found.need(
            all(1 <= value <= LONGEST_MINUTES for value in (self.late_minutes, self.person_minutes)),
            "分钟数须在 1 到 10080 之间",
            "minutes must be 1 to 10,080",
        )
        found.need(
            1 <= self.person_messages <= 100,
            "每人条数须在 1 到 100 之间",
            "messages a person must be 1 to 100",
        )
        found.need(0 <= self.volume_share <= 1, "超出比例须在 0 到 100% 之间", "the share must be 0 to 100 %")
        found.need(1 <= self.calls_most <= 100, "提交次数须在 1 到 100 之间", "calls must be 1 to 100")
        found.need(
            1 <= self.silent_hours <= LONGEST_MINUTES // 60,
            "静默时长须在 1 到 168 小时之间",
            "silence must be 1 to 168 hours",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """How sending keeps itself from going wrong, one sentence each."""
        more = percent(self.volume_share)
        return [
            speak(
                language,
                f"每批租期 {self.lease_seconds} 秒，对方须在 {self.call_seconds} 秒内应答；"
                f"每个通道同时 {self.lanes} 路；被限流后等 {self.throttle_seconds} 秒再发。",
                f"A batch is leased for {self.lease_seconds} seconds, the counterpart has {self.call_seconds} to "
                f"answer; {self.lanes} calls at once per channel; {self.throttle_seconds} seconds' wait when "
                "throttled.",
            ),
            speak(
                language,
                f"存疑消息每 {self.ask_seconds} 秒查询一次；单条最多提交 {self.calls_most} 次；"
                f"计划错过 {self.late_minutes} 分钟后不再补发。",
                f"Messages in doubt are asked about every {self.ask_seconds} seconds; one message is submitted at most "
                f"{self.calls_most} times; a schedule missed by {self.late_minutes} minutes is not made up for.",
            ),
            speak(
                language,
                f"同一客户 {self.person_minutes} 分钟内超过 {self.person_messages} 条，或发送量超出计划 {more}，"
                "立即停用该通道。",
                f"More than {self.person_messages} messages to one customer within {self.person_minutes} minutes, or "
                f"more than planned by {more}, stop the channel at once.",
            ),
            speak(
                language,
                f"数据库恢复、迁移，或超过 {self.silent_hours} 小时未发送后，全部通道保持关闭，由人工开启。",
                f"After a restore or a move of the database, or {self.silent_hours} hours without sending, all "
                "channels stay off until a person switches them on.",
            ),
        ]
