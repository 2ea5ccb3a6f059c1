"""Care (客户关怀): gifts and their limits, life events and who hears of them, suggestions and by when answered."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import KIND_LABELS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak, yuan

MOOD_LABELS = {"glad": ("喜讯", "glad news"), "sad": ("慰问", "sad news"), "neutral": ("变化", "a change")}
MOST_DAYS, MOST_STEPS = 366, 3
HIGHEST_LIMIT = Decimal(1_000_000)


@dataclass(frozen=True)
class Named:
    """A code with its name in both languages."""

    code: str
    label_zh: str
    label_en: str

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)


@dataclass(frozen=True)
class GiftBudget:
    """A budget that gifts are paid from: so much for each outlet in a calendar year."""

    code: str
    label_zh: str
    label_en: str
    outlet_year: Decimal

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)


@dataclass(frozen=True)
class TierGifts:
    """What a customer of this tier may be given in a calendar year, and how many steps up good news are told."""

    scheme: str
    tier: str  # the tier's code
    customer_year: Decimal
    told_up: int  # 0: the keeper alone; 1: the nearest head; 2: the next above too


@dataclass(frozen=True)
class LifeEventKind:
    """News of a customer's life (客户喜讯): its mood, within how many days one calls, what to say."""

    code: str
    label_zh: str
    label_en: str
    mood: str
    greet_days: int
    say_zh: str
    say_en: str

    def label(self, language: str = "zh") -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)

    def say(self, language: str = "zh") -> str:
        """What to say to the customer."""
        return speak(language, self.say_zh, self.say_en)


@dataclass(frozen=True)
class CarePolicy(Policy):
    """Limits stop a gift by their name; one from `second_person_from` on waits for another person's word."""

    kind: ClassVar[str] = "care"

    gift_kinds: tuple[Named, ...]  # what is not here may not be given: no cash, no shopping cards
    gift_occasions: tuple[Named, ...]
    gift_budgets: tuple[GiftBudget, ...]
    tier_gifts: tuple[TierGifts, ...]  # a tier that is not here: no gifts
    no_gift_kinds: tuple[str, ...]  # kinds of customers that are given nothing
    giver_year: Decimal  # what one person may give in a calendar year
    second_person_from: Decimal
    gift_late_days: int  # a gift may be written down so long afterwards
    gift_ahead_days: int  # and planned so long ahead
    care_days: int  # the care calendar looks so far ahead
    life_events: tuple[LifeEventKind, ...]
    pause_days: int  # no marketing after sad news for
    voice_topics: tuple[Named, ...]
    answer_workdays: int  # head office answers a suggestion within
    tell_workdays: int  # and the customer is told the answer within

    def gift_kind(self, code: str) -> Named | None:
        """The kind of gift of this code."""
        return next((one for one in self.gift_kinds if one.code == code), None)

    def occasion(self, code: str) -> Named | None:
        """The occasion of this code."""
        return next((one for one in self.gift_occasions if one.code == code), None)

    def budget(self, code: str) -> GiftBudget | None:
        """The budget of this code."""
        return next((one for one in self.gift_budgets if one.code == code), None)

    def tier(self, scheme: str | None, tier: str | None) -> TierGifts | None:
        """What holds for this tier; None when it is given nothing."""
        return next((one for one in self.tier_gifts if (one.scheme, one.tier) == (scheme, tier)), None)

    def life_event(self, code: str) -> LifeEventKind | None:
        """The kind of event of this code."""
        return next((one for one in self.life_events if one.code == code), None)

    def topic(self, code: str) -> Named | None:
        """The topic of suggestions of this code."""
        return next((one for one in self.voice_topics if one.code == code), None)

    def problems(self, language: str = "zh") -> list[str]:
        """Nothing to choose from, codes that stand twice or do not exist, limits and days out of range."""
        found = Findings(language)
        for zh, en, codes in (
            ("礼品种类", "kinds of gifts", [one.code for one in self.gift_kinds]),
            ("赠送事由", "occasions", [one.code for one in self.gift_occasions]),
            ("礼品预算", "budgets", [one.code for one in self.gift_budgets]),
            ("客户动态", "life events", [one.code for one in self.life_events]),
            ("建议类别", "topics", [one.code for one in self.voice_topics]),
        ):
            found.need(
                bool(codes) and len(codes) == len(set(codes)),
                f"{zh}至少要有一项，且不得重复",
                f"{en}: at least one, and none twice",
            )
        tiers = [(one.scheme, one.tier) for one in self.tier_gifts]
        found.need(len(tiers) == len(set(tiers)), "同一等级写了两次", "a tier stands twice")
        self._limit_problems(found)
        self._day_problems(found)
        return found.said

    def _limit_problems(self, found: Findings) -> None:
        limits = [one.customer_year for one in self.tier_gifts] + [
            one.outlet_year for one in self.gift_budgets
        ]
        found.need(
            all(0 <= limit <= HIGHEST_LIMIT for limit in (*limits, self.giver_year, self.second_person_from)),
            "金额须在 0 到 1,000,000 元之间",
            "amounts must be 0 to 1,000,000",
        )
        for code in self.no_gift_kinds:
            found.need(code in KIND_LABELS, f"没有客户类型 {code}", f"there is no kind of customer {code}")
        found.need(
            all(0 <= one.told_up <= MOST_STEPS for one in self.tier_gifts),
            f"上报层级须在 0 到 {MOST_STEPS} 之间",
            f"news go 0 to {MOST_STEPS} steps up",
        )

    def _day_problems(self, found: Findings) -> None:
        days = (self.gift_late_days, self.gift_ahead_days, *(one.greet_days for one in self.life_events))
        least_one = (self.care_days, self.pause_days, self.answer_workdays, self.tell_workdays)
        found.need(
            all(0 <= day <= MOST_DAYS for day in days) and all(1 <= day <= MOST_DAYS for day in least_one),
            f"天数须在范围内，最多 {MOST_DAYS} 天",
            f"days must be within range, at most {MOST_DAYS}",
        )
        for one in self.life_events:
            found.need(one.mood in MOOD_LABELS, f"没有性质 {one.mood}", f"there is no mood {one.mood}")

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """What may be given up to how much, when a second person is asked, what follows from news, by when answered."""
        kinds = speak(language, "、", ", ").join(one.label(language) for one in self.gift_kinds)
        none = speak(language, "、", ", ").join(
            speak(language, KIND_LABELS.get(one, one), one) for one in self.no_gift_kinds
        )
        return [
            speak(
                language,
                f"仅可赠送：{kinds}；不得赠送现金和购物卡；{none or '—'}不得赠送。",
                f"Only these may be given: {kinds}; never cash or shopping cards; nothing to {none or '—'}.",
            ),
            *(self._tier_words(one, language) for one in self.tier_gifts),
            speak(
                language,
                f"每人每年至多赠送 {yuan(self.giver_year)}元；单件满 {yuan(self.second_person_from)}元须另一人审批；"
                f"可补登 {self.gift_late_days} 天内、预登 {self.gift_ahead_days} 天内的礼品。",
                f"One person gives at most {yuan(self.giver_year, language)} yuan a year; from "
                f"{yuan(self.second_person_from, language)} yuan a second person decides; written down up to "
                f"{self.gift_late_days} days late or {self.gift_ahead_days} ahead.",
            ),
            *(
                speak(
                    language,
                    f"预算“{one.label_zh}”：每网点每年 {yuan(one.outlet_year)}元。",
                    f"Budget {one.label_en}: {yuan(one.outlet_year, language)} yuan an outlet and year.",
                )
                for one in self.gift_budgets
            ),
            *(_event_words(one, language) for one in self.life_events),
            speak(
                language,
                f"慰问类动态暂停营销 {self.pause_days} 天；关怀日历看未来 {self.care_days} 天。",
                f"Sad news pause marketing for {self.pause_days} days; the calendar looks {self.care_days} days ahead.",
            ),
            speak(
                language,
                f"客户建议 {self.answer_workdays} 个工作日内答复，答复后 {self.tell_workdays} 个工作日内转告客户。",
                f"Suggestions are answered within {self.answer_workdays} working days, and the customer is told within "
                f"{self.tell_workdays} more.",
            ),
        ]  # fmt: skip

    def _tier_words(self, one: TierGifts, language: str) -> str:
        zh = ("只告知管户人", "上报网点负责人", "上报至上一级主管", "上报至上两级主管")[
            min(one.told_up, MOST_STEPS)
        ]
        return speak(
            language,
            f"{one.scheme}·{one.tier}：每位客户每年至多 {yuan(one.customer_year)}元；喜讯{zh}。",
            f"{one.scheme} {one.tier}: at most {yuan(one.customer_year, language)} yuan a customer and year; news go "
            f"{one.told_up} steps up.",
        )


def _event_words(one: LifeEventKind, language: str) -> str:
    mood, _mood = MOOD_LABELS.get(one.mood, (one.mood, one.mood))
    return speak(
        language,
        f"{one.label_zh}（{mood}）：{one.greet_days} 天内联系。{one.say_zh}",
        f"{one.label_en}: call within {one.greet_days} days. {one.say_en}",
    )
