"""Behaviour of customers: which postings count, activity on channels, preference type (客户偏好), RFM, age bands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies import words
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract_dated import TRANSACTIONS

PURPOSES = TRANSACTIONS.column("purpose").values
CHANNELS = TRANSACTIONS.column("channel").values
PROFILES = ("counter", "self_service", "mobile", "web", "phone", "third_party")
# A step reads this many months of activity; a policy cannot look further back.
MONTHS_READ = 6
YEAR_MONTHS_READ = 12
OLDEST = 200


@dataclass(frozen=True)
class AgeBand:
    """Ages in full years, both ends included; no `to` means and older."""

    name: str
    start: int
    to: int | None = None


@dataclass(frozen=True)
class BehaviourPolicy(Policy):
    """Postings of `system_purposes` are never the customer's own, whatever the bank's flag says."""

    kind: ClassVar[str] = "behaviour"

    system_purposes: tuple[str, ...]
    salary_purposes: tuple[str, ...]
    fee_purposes: tuple[str, ...]
    channel_profiles: dict[str, str]  # transaction channel → profile; a channel not named counts for none
    min_mobile_log_ins: int  # in the month, to be mobile active
    min_web_log_ins: int
    frequency_months: int  # RFM frequency: active days in so many months
    active_within_days: int  # RFM recency ranks those active within so many days
    profile_months: int
    profile_share: Decimal  # of postings on the bank's own channels, to be that channel's customer
    deposit_share: Decimal  # of 12-month earnings, for deposit-reliant (存款倚重)
    fee_share: Decimal
    loan_share: Decimal
    balanced_families: int
    balanced_below: Decimal
    preference_tenure_days: int
    age_bands: tuple[AgeBand, ...]

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown words, shares and windows out of range, age bands with holes or overlaps."""
        found = Findings(language)
        for purpose in (*self.system_purposes, *self.salary_purposes, *self.fee_purposes):
            found.need(purpose in PURPOSES, f"没有摘要类别 {purpose}", f"there is no purpose {purpose}")
        for channel, profile in self.channel_profiles.items():
            found.need(
                channel in CHANNELS and profile in PROFILES,
                f"渠道 {channel} → {profile} 不存在",
                f"channel {channel} → {profile} does not exist",
            )
        self._range_problems(found)
        self._age_problems(found)
        return found.said

    def _range_problems(self, found: Findings) -> None:
        reliant = (self.deposit_share, self.fee_share, self.loan_share)
        found.need(
            all(Decimal("0.5") <= share <= 1 for share in reliant),
            "倚重型占比须在 50% 到 100% 之间，否则一个客户会同属两类",
            "a reliant share must be 50% to 100%, or one customer fits two types",
        )
        found.need(
            0 < self.balanced_below <= min(reliant),
            "均衡型上限不能高于倚重型下限",
            "the balanced limit lies above a reliant one",
        )
        found.need(
            Decimal("0.5") < self.profile_share <= 1,
            "主渠道占比须大于 50%",
            "the profile share must be above 50%",
        )
        found.need(
            1 <= self.profile_months <= MONTHS_READ,
            f"渠道统计月数须为 1 到 {MONTHS_READ}",
            f"profile months must be 1 to {MONTHS_READ}",
        )
        found.need(
            1 <= self.frequency_months <= YEAR_MONTHS_READ,
            f"频度统计月数须为 1 到 {YEAR_MONTHS_READ}",
            f"frequency months must be 1 to {YEAR_MONTHS_READ}",
        )
        counts = (
            self.min_mobile_log_ins,
            self.min_web_log_ins,
            self.active_within_days,
            self.balanced_families,
            self.preference_tenure_days,
        )
        found.need(
            all(value >= 1 for value in counts), "次数与天数至少为 1", "counts and days must be at least 1"
        )

    def _age_problems(self, found: Findings) -> None:
        names = [band.name for band in self.age_bands]
        found.need(
            bool(names) and len(names) == len(set(names)),
            "年龄段名称须各不相同",
            "age bands need names of their own",
        )
        for band, after in zip(self.age_bands, self.age_bands[1:], strict=False):
            found.need(
                band.to is not None and after.start == band.to + 1,
                f"年龄段 {band.name} 与 {after.name} 不相接",
                f"age bands {band.name} and {after.name} do not meet",
            )
        whole = bool(self.age_bands) and self.age_bands[0].start == 0 and self.age_bands[-1].to is None
        found.need(
            whole, "年龄段须从 0 岁起，最后一段不设上限", "age bands start at 0 and the last has no end"
        )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.behaviour (one row), policy.behaviour_purpose, policy.behaviour_channel, policy.age_band."""
        share = "DECIMAL(9,8)"
        setting: tuple[tuple[str, str, object], ...] = (
            ("min_mobile_log_ins", "INTEGER", self.min_mobile_log_ins),
            ("min_web_log_ins", "INTEGER", self.min_web_log_ins),
            ("frequency_months", "INTEGER", self.frequency_months),
            ("active_within_days", "INTEGER", self.active_within_days),
            ("profile_months", "INTEGER", self.profile_months),
            ("profile_share", share, self.profile_share),
            ("deposit_share", share, self.deposit_share),
            ("fee_share", share, self.fee_share),
            ("loan_share", share, self.loan_share),
            ("balanced_families", "INTEGER", self.balanced_families),
            ("balanced_below", share, self.balanced_below),
            ("preference_tenure_days", "INTEGER", self.preference_tenure_days),
        )
        flags = ("is_system", "is_salary", "is_fee")
        sets = (self.system_purposes, self.salary_purposes, self.fee_purposes)
        text = "VARCHAR"
        return {
            "policy.behaviour": PolicyTable(
                tuple((name, kind) for name, kind, _ in setting), (tuple(value for _, _, value in setting),)
            ),
            "policy.behaviour_purpose": PolicyTable(
                (("purpose", text), *((flag, "BOOLEAN") for flag in flags)),
                tuple((purpose, *(purpose in chosen for chosen in sets)) for purpose in PURPOSES),
            ),
            "policy.behaviour_channel": PolicyTable(
                (("channel", text), ("profile", text)), tuple(sorted(self.channel_profiles.items()))
            ),
            "policy.age_band": PolicyTable(
                (("age_band", text), ("age_from", "INTEGER"), ("age_to", "INTEGER")),
                tuple(
                    (band.name, band.start, OLDEST if band.to is None else band.to) for band in self.age_bands
                ),
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """What counts as the customer's own doing, and how types, ranks, channels and ages are cut."""
        system = listed(self.system_purposes, words.PURPOSES, language)
        bands = speak(language, "、", ", ").join(band.name for band in self.age_bands)
        share = percent(self.profile_share)
        return [
            speak(language, f"主动交易不含{system}。", f"Postings of {system} are not the customer's own."),
            speak(
                language,
                f"手机银行活跃：当月登录不少于 {self.min_mobile_log_ins} 次；网银 {self.min_web_log_ins} 次。",
                f"Mobile active: log-ins in the month, at least {self.min_mobile_log_ins}; web {self.min_web_log_ins}.",
            ),
            self._preference_words(language),
            speak(
                language,
                f"RFM：近度看 {self.active_within_days} 天，频度看 {self.frequency_months} 个月，各分五档，5 为最好。",
                f"RFM: recency within {self.active_within_days} days, frequency over {self.frequency_months} months, "
                "ranks 1 to 5, 5 is best.",
            ),
            speak(
                language,
                f"主渠道：近 {self.profile_months} 个月占行内渠道交易 {share} 以上。",
                f"Main channel: at least {share} of the postings on the bank's own channels in "
                f"{self.profile_months} months.",
            ),
            speak(language, f"年龄段：{bands}。", f"Age bands: {bands}."),
        ]

    def _preference_words(self, language: str) -> str:
        deposit, fee, loan = percent(self.deposit_share), percent(self.fee_share), percent(self.loan_share)
        families, below, days = (
            self.balanced_families,
            percent(self.balanced_below),
            self.preference_tenure_days,
        )
        return speak(
            language,
            f"偏好按近 12 个月收益占比：存款不低于 {deposit} 为存款倚重，手续费不低于 {fee} 为中间业务倚重，"
            f"贷款不低于 {loan} 为贷款倚重；"
            f"持有 {families} 类以上产品且各项低于 {below} 为综合均衡；其余、没有正收益或开户不足 {days} 天者未定型。",
            f"Preference by share of 12-month earnings: deposits from {deposit} deposit-reliant, fees from {fee} "
            f"fee-reliant, loans from {loan} loan-reliant; {families} families or more and each below {below}: "
            f"balanced; the rest, without anything earned or with us for less than {days} days: unsettled.",
        )
