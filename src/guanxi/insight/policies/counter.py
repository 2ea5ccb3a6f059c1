"""The counter (到店识别): how a customer of each tier is received, what he is entitled to, and the one prompt shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from guanxi.insight.completeness import FACTS as RECORD_FACTS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

PROMPTS = {
    "retention": "挽留任务",
    "complaint": "未办结投诉",
    "promise": "到期承诺",
    "maturity": "即将到期",
    "need": "下一需求",
    "gap": "资料待补",
}
EVENTS = {"closing": "销户", "early_withdrawal": "提前支取", "large_cash": "大额取现"}
FACTS = {code: RECORD_FACTS[code][0] for code in ("occupation", "employer_name", "village")}
PERIODS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
PERIOD_LABELS = {"month": ("每月", "a month"), "quarter": ("每季", "a quarter"), "year": ("每年", "a year")}
CONSENTS = {"sms": "短信", "phone": "电话", "wecom": "企业微信", "email": "电子邮件"}
BASES = {"consent": ("个人同意", "the person's consent")}
MOST_DAYS = 3_660
MOST_TIMES = 1_000


@dataclass(frozen=True)
class Courtesy:
    """How a customer of this tier is received."""

    scheme: str
    tier: str  # the tier's code
    say_zh: str
    say_en: str


@dataclass(frozen=True)
class Entitlement:
    """Something a customer may ask for a number of times in each calendar month, quarter or year."""

    code: str
    label_zh: str
    label_en: str
    period: str


@dataclass(frozen=True)
class Quota:
    """How often a customer of this tier may use an entitlement in its period."""

    entitlement: str
    scheme: str
    tier: str  # the tier's code
    times: int


@dataclass(frozen=True)
class EventRule:
    """What the teller says first when a customer asks for this."""

    event: str
    say_zh: str
    say_en: str


@dataclass(frozen=True)
class ConsentWords:
    """What is read to a customer before marketing on a channel is agreed to, by version, and its lawful basis."""

    consent_channel: str  # the channel as consents name it
    version: str
    legal_basis: str
    say_zh: str
    say_en: str


@dataclass(frozen=True)
class ConsentProof:
    """How an agreement given at the counter can be proven; `numbered`: it has a number to be typed in."""

    code: str
    label_zh: str
    label_en: str
    numbered: bool

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)


@dataclass(frozen=True)
class CounterPolicy(Policy):
    """Exactly one prompt: the first in `prompts` that there is something to say of."""

    kind: ClassVar[str] = "counter"

    prompts: tuple[str, ...]
    due_days: int  # a promise is prompted so many days before its day
    ending_days: int  # money that matures within so many days is prompted
    later_days: int  # after 暂不 the same subject is not prompted for so long
    never_days: int  # after 不再提, for so long
    asked_facts: tuple[str, ...]  # at most the first one missing is asked for
    interested_outcome: str  # outcome of a contact, of the policy `interaction`, after 感兴趣
    declined_outcome: str  # and after 暂不 or 不再提
    courtesies: tuple[Courtesy, ...]
    entitlements: tuple[Entitlement, ...]
    quotas: tuple[Quota, ...]
    event_rules: tuple[EventRule, ...]
    guests_a_day: int = 30  # customers of other outlets one person may look up in 24 hours
    consent_words: tuple[ConsentWords, ...] = ()  # none: no consent is taken at the counter
    consent_proofs: tuple[ConsentProof, ...] = ()

    def courtesy(self, scheme: str | None, tier: str | None) -> Courtesy | None:
        """How a customer of this tier is received; None when the policy says nothing."""
        return next((one for one in self.courtesies if (one.scheme, one.tier) == (scheme, tier)), None)

    def quota(self, entitlement: str, scheme: str | None, tier: str | None) -> int:
        """Uses in a period; 0 when the tier has none."""
        fits = ((entitlement, scheme, tier) == (one.entitlement, one.scheme, one.tier) for one in self.quotas)
        return next((one.times for one, fit in zip(self.quotas, fits, strict=True) if fit), 0)

    def entitlement(self, code: str) -> Entitlement | None:
        """The entitlement of this code."""
        return next((one for one in self.entitlements if one.code == code), None)

    def event_rule(self, event: str) -> EventRule | None:
        """What to say when a customer asks for this."""
        return next((one for one in self.event_rules if one.event == event), None)

    def consent_to(self, channel: str) -> ConsentWords | None:
        """What is read for a channel; None when it is not asked for at the counter."""
        return next((one for one in self.consent_words if one.consent_channel == channel), None)

    def consent_proof(self, code: str) -> ConsentProof | None:
        """The proof of this code."""
        return next((one for one in self.consent_proofs if one.code == code), None)

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown or doubled codes, days and times out of range, an event without its words."""
        found = Findings(language)
        found.need(
            sorted(self.prompts) == sorted(PROMPTS),
            f"提示顺序须且仅须包含 {'、'.join(PROMPTS)}",
            f"the prompts must be exactly {', '.join(PROMPTS)}",
        )
        days = (self.due_days, self.ending_days, self.later_days, self.never_days)
        found.need(
            all(0 <= day <= MOST_DAYS for day in days), "天数须在 0 到 3,660 之间", "days must be 0 to 3,660"
        )
        found.need(
            self.never_days >= self.later_days, "“不再提”须不短于“暂不”", "never must last as long as not now"
        )
        for fact in self.asked_facts:
            found.need(fact in FACTS, f"没有资料项 {fact}", f"there is no fact {fact}")
        found.need(
            sorted(one.event for one in self.event_rules) == sorted(EVENTS),
            f"每种事件各写一次话术：{'、'.join(EVENTS)}",
            f"each event needs its words once: {', '.join(EVENTS)}",
        )
        found.need(
            0 <= self.guests_a_day <= 500,
            "每日查询他网点客户数须在 0 到 500 之间",
            "customers of other outlets looked up a day must be 0 to 500",
        )
        self._right_problems(found)
        self._consent_problems(found)
        return found.said

    def _consent_problems(self, found: Findings) -> None:
        channels = [one.consent_channel for one in self.consent_words]
        found.need(
            len(channels) == len(set(channels)), "同一渠道的授权文本写了两次", "a channel's words stand twice"
        )
        for one in self.consent_words:
            found.need(
                one.consent_channel in CONSENTS,
                f"没有授权渠道 {one.consent_channel}",
                f"there is no channel {one.consent_channel}",
            )
            found.need(
                one.legal_basis in BASES,
                f"没有合法性基础 {one.legal_basis}",
                f"there is no basis {one.legal_basis}",
            )
            found.need(
                bool(one.version and one.say_zh and one.say_en) and len(one.version) <= 40,
                "授权文本须有版本号和中英文内容",
                "words of consent need a version and both languages",
            )
        codes = [one.code for one in self.consent_proofs]
        found.need(len(codes) == len(set(codes)), "授权凭据代码重复", "a proof of consent stands twice")
        found.need(bool(codes) or not channels, "取得授权须写明凭据种类", "consent needs kinds of proof")

    def _right_problems(self, found: Findings) -> None:
        codes = [one.code for one in self.entitlements]
        found.need(len(codes) == len(set(codes)), "权益代码重复", "an entitlement stands twice")
        for one in self.entitlements:
            found.need(one.period in PERIODS, f"没有周期 {one.period}", f"there is no period {one.period}")
        for quota in self.quotas:
            found.need(
                quota.entitlement in codes,
                f"没有权益 {quota.entitlement}",
                f"there is no {quota.entitlement}",
            )
            found.need(0 <= quota.times <= MOST_TIMES, "次数须在 0 到 1,000 之间", "times must be 0 to 1,000")
        keys = [(one.entitlement, one.scheme, one.tier) for one in self.quotas]
        found.need(len(keys) == len(set(keys)), "同一等级同一权益写了两次", "a tier's quota stands twice")
        received = [(one.scheme, one.tier) for one in self.courtesies]
        found.need(
            len(received) == len(set(received)),
            "同一等级的接待礼遇写了两次",
            "a tier's courtesy stands twice",
        )

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """The order of prompts, how long nothing is said, entitlements with quotas, courtesies, words of events."""
        order = speak(language, " > ", " > ").join(
            speak(language, PROMPTS.get(one, one), one) for one in self.prompts
        )
        facts = speak(language, "、", ", ").join(
            speak(language, FACTS.get(one, one), one) for one in self.asked_facts
        )
        return [
            speak(language, f"只提示一条，按顺序：{order}。", f"One prompt only, the first of: {order}."),
            speak(
                language,
                f"承诺提前 {self.due_days} 天、到期提前 {self.ending_days} 天提示；暂不后 {self.later_days} 天、"
                f"不再提后 {self.never_days} 天内不再提示同一事项。",
                f"Promises are prompted {self.due_days} days before, maturities {self.ending_days}; the same subject "
                f"not for {self.later_days} days after “not now” and {self.never_days} after “never”.",
            ),
            speak(language, f"每次至多补问一项：{facts}。", f"At most one fact is asked for: {facts}."),
            speak(
                language,
                "凭证件号或卡号可识别他网点客户，仅显示遮盖姓名、等级与网点，"
                f"每人 24 小时内至多 {self.guests_a_day} 次。",
                "A customer of another outlet is recognised by an id or card number: masked name, tier and outlet, at "
                f"most {self.guests_a_day} in 24 hours a person.",
            ),
            *self._rights_in_words(language),
            *self._consents_in_words(language),
            *(
                speak(
                    language,
                    f"{one.scheme}·{one.tier} 接待：{one.say_zh}",
                    f"{one.scheme} {one.tier}: {one.say_en}",
                )
                for one in self.courtesies
            ),
            *(
                speak(
                    language,
                    f"{EVENTS.get(one.event, one.event)}：{one.say_zh}",
                    f"{one.event}: {one.say_en}",
                )
                for one in self.event_rules
            ),
        ]

    def _consents_in_words(self, language: str) -> list[str]:
        proofs = speak(language, "、", ", ").join(one.label(language) for one in self.consent_proofs)
        words = [_consent_said(one, language) for one in self.consent_words]
        if not words:
            return []
        return [
            speak(
                language,
                f"柜面授权须有凭据：{proofs}；撤回不须凭据，随时可办。",
                f"Consent at the counter needs proof: {proofs}. Taking it back needs none.",
            ),
            *words,
        ]

    def _rights_in_words(self, language: str) -> list[str]:
        said = []
        for one in self.entitlements:
            zh, en = PERIOD_LABELS.get(one.period, (one.period, one.period))
            each = speak(language, "、", ", ").join(
                f"{quota.scheme}·{quota.tier} {quota.times}"
                for quota in self.quotas
                if quota.entitlement == one.code
            )
            said.append(
                speak(
                    language, f"{one.label_zh}（{zh}次数）：{each}。", f"{one.label_en}, times {en}: {each}."
                )
            )
        return said


def _consent_said(one: ConsentWords, language: str) -> str:
    zh, en = BASES.get(one.legal_basis, (one.legal_basis, one.legal_basis))
    channel = CONSENTS.get(one.consent_channel, one.consent_channel)
    return speak(
        language,
        f"授权·{channel}（{one.version}，{zh}）：{one.say_zh}",
        f"Consent, {one.consent_channel} ({one.version}, {en}): {one.say_en}",
    )


def period_start(period: str, day: date) -> date:
    """The first day of the calendar month, quarter or year that `day` lies in."""
    length = PERIODS[period]
    return date(day.year, (day.month - 1) // length * length + 1, 1)
