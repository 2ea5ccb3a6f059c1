"""The daily lists (每日名单): when a change is large, how far ahead a maturity shows, who is near a line; and the
balance bands of the structure tables, which are apart from tiers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.aum import FAMILY_LABELS
from guanxi.insight.policies.base import HIGHEST, LOWEST, Findings, Policy, PolicyTable, percent, speak, yuan
from guanxi.insight.policies.words import listed
from guanxi.insight.staging.contract import FAMILIES

BAND_SORTS = ("aum", "account")


@dataclass(frozen=True)
class Cut:
    """One balance band by its lower line; the first has none."""

    band: int
    label_zh: str
    label_en: str
    lower: Decimal | None = None


@dataclass(frozen=True)
class ListsPolicy(Policy):
    """Limits of the lists; amounts in the base currency, shares 0..1."""

    kind: ClassVar[str] = "lists"

    large_change_amount: Decimal  # 昨日大额变动: at least this much …
    large_change_share: Decimal  # … and at least this share of the day before
    maturity_days: int  # 近 30 天到期
    maturity_families: tuple[str, ...]
    near_below_share: Decimal  # 临界客户: within this share below the next line
    near_above_share: Decimal  # … or within this share above the present one
    aum_bands: tuple[Cut, ...]
    account_bands: tuple[Cut, ...]

    def problems(self, language: str = "zh") -> list[str]:
        """Limits that make no sense and bands with holes."""
        found = Findings(language)
        found.need(self.large_change_amount > 0, "大额变动金额须大于 0", "a large change must be above 0")
        shares = (self.large_change_share, self.near_below_share, self.near_above_share)
        found.need(
            all(0 <= share < 1 for share in shares), "比例须在 0 到 100% 之间", "shares must be 0 to 100 %"
        )
        found.need(
            1 <= self.maturity_days <= 366, "到期天数须在 1 到 366 之间", "days to maturity must be 1 to 366"
        )
        for family in self.maturity_families:
            found.need(family in FAMILIES, f"没有产品大类 {family}", f"there is no family {family}")
        for sort, cuts in self._bands().items():
            _check_cuts(sort, cuts, found)
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """policy.lists_limit (one row), policy.lists_maturity_family, policy.lists_band."""
        limit = (
            self.large_change_amount,
            self.large_change_share,
            self.maturity_days,
            self.near_below_share,
            self.near_above_share,
        )
        columns = (
            ("large_change_amount", "DECIMAL(18,2)"),
            ("large_change_share", "DECIMAL(9,8)"),
            ("maturity_days", "INTEGER"),
            ("near_below_share", "DECIMAL(9,8)"),
            ("near_above_share", "DECIMAL(9,8)"),
        )
        return {
            "policy.lists_limit": PolicyTable(columns, (limit,)),
            "policy.lists_maturity_family": PolicyTable(
                (("family", "VARCHAR"),), tuple((family,) for family in self.maturity_families)
            ),
            "policy.lists_band": PolicyTable(
                (
                    ("sort", "VARCHAR"),
                    ("band", "INTEGER"),
                    ("lower_bound", "DECIMAL(18,2)"),
                    ("upper_bound", "DECIMAL(18,2)"),
                    ("label_zh", "VARCHAR"),
                    ("label_en", "VARCHAR"),
                ),
                tuple(row for sort, cuts in self._bands().items() for row in _band_rows(sort, cuts)),
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """The three lists and the bands, one sentence each."""
        amount, share = yuan(self.large_change_amount, language), percent(self.large_change_share)
        families = listed(self.maturity_families, FAMILY_LABELS, language)
        below, above = percent(self.near_below_share), percent(self.near_above_share)
        said = [
            speak(
                language,
                f"昨日大额变动：AUM 较前一日变动不少于 {amount} 且不少于 {share}。",
                f"Large change: AUM moved by at least {amount} and at least {share} from the day before.",
            ),
            speak(
                language,
                f"近期到期：{self.maturity_days} 天内到期的{families}。",
                f"Maturing: {families} due within {self.maturity_days} days.",
            ),
            speak(
                language,
                f"临界客户：距上一等级不足 {below}，或高出现等级下限不足 {above}。",
                f"Near a line: within {below} below the next line, or within {above} above the present one.",
            ),
        ]
        for sort, cuts in self._bands().items():
            labels = [speak(language, cut.label_zh, cut.label_en) for cut in cuts]
            name = speak(
                language, *(("客户 AUM", "AUM") if sort == "aum" else ("账户余额", "Account balance"))
            )
            said.append(
                speak(language, f"{name}分段：{'、'.join(labels)}。", f"{name} bands: {', '.join(labels)}.")
            )
        return said

    def _bands(self) -> dict[str, tuple[Cut, ...]]:
        return dict(zip(BAND_SORTS, (self.aum_bands, self.account_bands), strict=True))


def _check_cuts(sort: str, cuts: tuple[Cut, ...], found: Findings) -> None:
    lines = [cut.lower for cut in cuts[1:] if cut.lower is not None]
    numbers = [cut.band for cut in cuts]
    sound = (
        bool(cuts)
        and cuts[0].lower is None
        and len(lines) == len(cuts) - 1
        and lines == sorted(set(lines))
        and numbers == sorted(set(numbers))
    )
    found.need(
        sound,
        f"{sort} 分段：第一段不设下限，其余下限与序号逐段升高",
        f"{sort} bands: the first has no line; lines and numbers rise from band to band",
    )


def _band_rows(sort: str, cuts: tuple[Cut, ...]) -> tuple[tuple[object, ...], ...]:
    lines = [LOWEST if cut.lower is None else cut.lower for cut in cuts]
    above = [*lines[1:], HIGHEST]
    return tuple(
        (sort, cut.band, line, upper, cut.label_zh, cut.label_en)
        for cut, line, upper in zip(cuts, lines, above, strict=True)
    )
