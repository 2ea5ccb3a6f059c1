"""Tiers (客户等级): schemes side by side, each with ordered bands, a basis and a rule for coming down.

Persons are tiered by wealth in the base currency; companies by their standing (0..100 points) within a size class.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import KIND_LABELS, KINDS
from guanxi.insight.policies.base import HIGHEST, LOWEST, Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.words import listed, said
from guanxi.insight.staging.contract import CUSTOMERS

DAILY_AVERAGE, MONTH_END, STANDING = "daily_average", "month_end", "standing"
BASES = (DAILY_AVERAGE, MONTH_END, STANDING)
SIZES = CUSTOMERS.column("size_class").values
SIZE_LABELS = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
PAYROLL, LOAN, BUSINESS = "payroll", "loan", "business"
HOLDS = {PAYROLL: "代发工资", LOAN: "按揭等贷款", BUSINESS: "企业主/经营户"}
RESIDENT_TYPES = CUSTOMERS.column("resident_type").values
RESIDENT_NAMES = {
    "farmer": "农户",
    "sole_trader": "个体工商户",
    "micro_owner": "小微企业主",
    "employee": "受雇者",
    "retired": "退休人员",
    "other": "其他",
}
BAND_COLUMNS = (
    ("scheme", "VARCHAR"),
    ("tier_rank", "INTEGER"),
    ("code", "VARCHAR"),
    ("label_zh", "VARCHAR"),
    ("label_en", "VARCHAR"),
    ("colour", "VARCHAR"),
    ("lower_bound", "DECIMAL(18,2)"),
    ("upper_bound", "DECIMAL(18,2)"),
    ("months_to_fall", "INTEGER"),
    ("managed", "BOOLEAN"),
    ("contact_days", "INTEGER"),
)


@dataclass(frozen=True)
class Band:
    """One tier. `lower` is its line (money, or points on the standing basis); the first band has none."""

    rank: int
    code: str
    label_zh: str
    label_en: str
    colour: str
    lower: Decimal | None = None
    months_to_fall: int = 3
    managed: bool = False  # in managed scope (管户范围)
    contact_days: int | None = None  # contact at least every so many days
    entitlements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a company's points are put together; weights sum to 1."""

    value: Decimal  # contribution over 12 months
    volume: Decimal  # deposit average + loan average + settlement
    stability: Decimal  # months active and how little the averages vary


@dataclass(frozen=True)
class Hold:
    """A condition that holds a tier whatever the balance, up to `tier` and no higher; it never raises anybody."""

    criterion: str
    tier: str  # code of the best tier it holds
    codes: tuple[str, ...] = ()  # of a loan: its products; of a business: the customer's types
    pay_months: int = 3  # of payroll: salary is looked for in so many months, the present one counted
    pay_credits: int = 2  # and must have come so often in them


@dataclass(frozen=True)
class Scheme:
    """The tiers of one sort of customer."""

    code: str
    basis: str
    customer_kinds: tuple[str, ...]
    bands: tuple[Band, ...]
    hysteresis: bool = True  # come down only after months_to_fall closed months below
    size_class: str | None = None
    standing: Standing | None = None
    holds: tuple[Hold, ...] = ()

    def rank(self, code: str) -> int | None:
        """The rank of the tier of this code."""
        return next((band.rank for band in self.bands if band.code == code), None)

    def rows(self) -> tuple[tuple[object, ...], ...]:
        """The bands with both bounds, lowest first: each amount lies in exactly one."""
        lines = [LOWEST if band.lower is None else band.lower for band in self.bands]
        above = [*lines[1:], HIGHEST]
        return tuple(
            (
                self.code,
                band.rank,
                band.code,
                band.label_zh,
                band.label_en,
                band.colour,
                line,
                upper,
                band.months_to_fall if self.hysteresis else 1,
                band.managed,
                band.contact_days,
            )
            for band, line, upper in zip(self.bands, lines, above, strict=True)
        )


@dataclass(frozen=True)
class TierPolicy(Policy):
    """All schemes of a bank; a customer belongs to the one that names his kind (and size class)."""

    kind: ClassVar[str] = "tier"

    schemes: tuple[Scheme, ...]

    def scheme(self, code: str) -> Scheme:
        """The scheme of this code; KeyError when there is none."""
        for scheme in self.schemes:
            if scheme.code == code:
                return scheme
        raise KeyError(code)

    def problems(self, language: str = "zh") -> list[str]:
        """Holes and overlaps between schemes, bands out of order, weights that do not sum to 1."""
        found = Findings(language)
        codes = [scheme.code for scheme in self.schemes]
        found.need(bool(codes), "没有任何分层方案", "there is no tier scheme")
        found.need(len(codes) == len(set(codes)), "分层方案代码重复", "two schemes share a code")
        claimed = [(kind, scheme.size_class) for scheme in self.schemes for kind in scheme.customer_kinds]
        found.need(
            len(claimed) == len(set(claimed)),
            "同一类客户属于两个分层方案",
            "one sort of customer belongs to two schemes",
        )
        unsized = {kind for kind, size in claimed if size is None}
        sized = {kind for kind, size in claimed if size is not None}
        found.need(
            not unsized & sized,
            "同一类客户既按规模又不按规模分层",
            "one sort of customer is tiered both with and without size class",
        )
        for scheme in self.schemes:
            _check_scheme(scheme, found)
            _check_bands(scheme, found)
            _check_holds(scheme, found)
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.tier_scheme (one row per customer kind), tier_band, tier_standing, tier_hold, tier_hold_code."""
        kinds = tuple(
            (scheme.code, scheme.basis, kind, scheme.size_class)
            for scheme in self.schemes
            for kind in scheme.customer_kinds
        )
        weights = tuple(
            (scheme.code, scheme.standing.value, scheme.standing.volume, scheme.standing.stability)
            for scheme in self.schemes
            if scheme.standing
        )
        text, weight = "VARCHAR", "DECIMAL(9,8)"
        return {
            "policy.tier_scheme": PolicyTable(
                (("scheme", text), ("basis", text), ("customer_kind", text), ("size_class", text)), kinds
            ),
            "policy.tier_band": PolicyTable(
                BAND_COLUMNS, tuple(row for scheme in self.schemes for row in scheme.rows())
            ),
            "policy.tier_standing": PolicyTable(
                (("scheme", text), ("value", weight), ("volume", weight), ("stability", weight)), weights
            ),
            **_hold_tables(self.schemes),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """Each scheme: whom it is for, its lines, and how one comes down."""
        return [sentence for scheme in self.schemes for sentence in _scheme_in_words(scheme, language)]


def _hold_tables(schemes: tuple[Scheme, ...]) -> dict[str, PolicyTable]:
    text, number = "VARCHAR", "INTEGER"
    holds = tuple(
        (scheme.code, hold.criterion, scheme.rank(hold.tier), place, hold.pay_months, hold.pay_credits)
        for scheme in schemes
        for place, hold in enumerate(scheme.holds)
    )
    codes = tuple(
        (scheme.code, hold.criterion, code)
        for scheme in schemes
        for hold in scheme.holds
        for code in hold.codes
    )
    columns = (
        ("scheme", text), ("criterion", text), ("tier_rank", number), ("place", number), ("months", number),
        ("credits", number),
    )  # fmt: skip
    return {
        "policy.tier_hold": PolicyTable(columns, holds),
        "policy.tier_hold_code": PolicyTable((("scheme", text), ("criterion", text), ("code", text)), codes),
    }


def _check_scheme(scheme: Scheme, found: Findings) -> None:
    code = scheme.code
    found.need(scheme.basis in BASES, f"{code}：没有口径 {scheme.basis}", f"{code}: no basis {scheme.basis}")
    for kind in scheme.customer_kinds:
        found.need(kind in KINDS, f"{code}：没有客户类型 {kind}", f"{code}: no customer kind {kind}")
    found.need(
        scheme.size_class is None or scheme.size_class in SIZES,
        f"{code}：没有企业规模 {scheme.size_class}",
        f"{code}: no size class {scheme.size_class}",
    )
    if scheme.basis == STANDING:
        weights = scheme.standing
        found.need(
            weights is not None and weights.value + weights.volume + weights.stability == 1,
            f"{code}：综合得分的权重之和须为 100%",
            f"{code}: the weights of the standing must sum to 100 %",
        )


def _check_bands(scheme: Scheme, found: Findings) -> None:
    code, bands = scheme.code, scheme.bands
    found.need(bool(bands), f"{code}：没有等级", f"{code}: there is no band")
    found.need(
        all(band.lower is None for band in bands[:1]),
        f"{code}：最低等级不设下限",
        f"{code}: the first band has no line",
    )
    lines = [band.lower for band in bands[1:]]
    known = [line for line in lines if line is not None]
    found.need(
        len(known) == len(lines),
        f"{code}：除最低等级外都须有下限",
        f"{code}: every band above the first needs a line",
    )
    ascending = known == sorted(set(known)) and all(line == line.quantize(Decimal("0.01")) for line in known)
    found.need(
        ascending,
        f"{code}：下限须逐级升高并精确到分",
        f"{code}: lines must rise from band to band, to the fen",
    )
    ranks = [band.rank for band in bands]
    found.need(
        ranks == sorted(set(ranks)) and all(rank >= 0 for rank in ranks),
        f"{code}：等级序号须从 0 起逐级升高",
        f"{code}: ranks must rise from band to band, none below 0",
    )
    found.need(
        all(1 <= band.months_to_fall <= 24 for band in bands),
        f"{code}：降级保护期须在 1 到 24 个月之间",
        f"{code}: months before a fall must be 1 to 24",
    )


def _check_holds(scheme: Scheme, found: Findings) -> None:
    code, named = scheme.code, [hold.criterion for hold in scheme.holds]
    found.need(
        len(named) == len(set(named)), f"{code}：同一保持条件写了两次", f"{code}: a condition stands twice"
    )
    for hold in scheme.holds:
        known = hold.criterion in HOLDS
        found.need(known, f"{code}：没有保持条件 {hold.criterion}", f"{code}: no condition {hold.criterion}")
        found.need(
            scheme.rank(hold.tier) is not None,
            f"{code}：没有等级 {hold.tier}",
            f"{code}: there is no tier {hold.tier}",
        )
        found.need(
            bool(hold.codes) != (hold.criterion == PAYROLL),
            f"{code}：贷款须列产品、经营户须列客户类型，代发工资不列",
            f"{code}: a loan names products, a business the customer's types, payroll neither",
        )
        strange = [one for one in hold.codes if hold.criterion == BUSINESS and one not in RESIDENT_TYPES]
        found.need(not strange, f"{code}：没有客户类型 {strange}", f"{code}: no customer types {strange}")
        found.need(
            1 <= hold.pay_months <= 6 and 1 <= hold.pay_credits <= 12,
            f"{code}：代发月数须在 1 到 6、次数须在 1 到 12 之间",
            f"{code}: months of payroll must be 1 to 6, credits 1 to 12",
        )


def _hold_in_words(scheme: Scheme, hold: Hold, language: str) -> str:
    tier = next((band for band in scheme.bands if band.code == hold.tier), None)
    label = speak(language, tier.label_zh, tier.label_en) if tier else hold.tier
    codes = listed(hold.codes, RESIDENT_NAMES, language)
    pair = {
        PAYROLL: (
            f"近 {hold.pay_months} 个月代发工资不少于 {hold.pay_credits} 次",
            f"{hold.pay_credits} salary credits in {hold.pay_months} months",
        ),
        LOAN: (f"有未结清贷款（{codes}）", f"an open loan ({codes})"),
        BUSINESS: (f"客户类型为{codes}", f"being {codes}"),
    }.get(hold.criterion, (hold.criterion, hold.criterion))
    zh, en = pair
    return speak(
        language,
        f"保持条件：{zh}的客户，低于下限也不降级，最高保持到{label}。",
        f"Held by {en}: no fall below the line, up to {label}.",
    )


def _scheme_in_words(scheme: Scheme, language: str) -> list[str]:
    kinds = listed(scheme.customer_kinds, KIND_LABELS, language)
    size = f" ({said(scheme.size_class, SIZE_LABELS, language)})" if scheme.size_class else ""
    bases = {
        DAILY_AVERAGE: ("月日均 AUM", "the month's daily average AUM"),
        MONTH_END: ("月末时点 AUM", "the month-end AUM"),
        STANDING: ("同规模企业综合得分", "points within the size class"),
    }
    basis = speak(language, *bases.get(scheme.basis, (scheme.basis, scheme.basis)))
    lines = [speak(language, f"{kinds}{size}：按{basis}分层。", f"{kinds}{size}: by {basis}.")]
    lines += [_band_in_words(scheme, band, language) for band in scheme.bands]
    lines += [_hold_in_words(scheme, hold, language) for hold in scheme.holds]
    if weights := scheme.standing:
        shares = [percent(weights.value), percent(weights.volume), percent(weights.stability)]
        lines.append(
            speak(
                language,
                f"得分权重：价值 {shares[0]}、规模 {shares[1]}、稳定性 {shares[2]}。",
                f"Points are weighted: value {shares[0]}, volume {shares[1]}, stability {shares[2]}.",
            )
        )
    return lines


def _band_in_words(scheme: Scheme, band: Band, language: str) -> str:
    label = speak(language, band.label_zh, band.label_en)
    if band.lower is None:
        return speak(language, f"{label}：其余客户。", f"{label}: everyone else.")
    line = f" ≥ {yuan(band.lower, language)}"
    if not scheme.hysteresis:
        return speak(
            language, f"{label}{line}；达不到即降级。", f"{label}{line}; left as soon as it is missed."
        )
    months = band.months_to_fall
    return speak(
        language,
        f"{label}{line}；连续 {months} 个完整月低于下限才降级，降至期间达到的最高等级。",
        f"{label}{line}; left after {months} closed months below, for the best tier reached in them.",
    )
