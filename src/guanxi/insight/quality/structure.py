"""Printed structure tables (客户结构表): bands, counts, amounts and shares that must be able to be true together.

Every figure stands for what it may have been rounded from: "41.14E4" people are 411,350 to 411,450, "10" per cent is
9.5 to 10.5. A finding is made only where no figures inside these ranges fit together: rounding alone is never blamed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from guanxi.insight.staging.said import Said

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Range:
    """A figure as printed, from the least to the most it can stand for."""

    low: Decimal
    high: Decimal

    def meets(self, other: Range) -> bool:
        """Whether some figure lies in both."""
        return self.low <= other.high and other.low <= self.high

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)


NOTHING = Range(Decimal(0), Decimal(0))


def printed(value: Decimal, *, counted: bool = False) -> Range:
    """Half a unit of the last printed digit to both sides; a `counted` figure printed to the last one is exact."""
    exponent = int(value.as_tuple().exponent)
    half = Decimal(0) if counted and exponent <= 0 else Decimal(5).scaleb(exponent - 1)
    return Range(value - half, value + half)


@dataclass(frozen=True)
class Group:
    """People whose amount lies from `lower` to below `upper` (None: no end): a band, or a claim across bands.

    Shares are per cent. A band has its people and amount; a claim has shares only.
    """

    lower: Decimal
    upper: Decimal | None
    customers: Decimal | None = None
    amount: Decimal | None = None
    customers_share: Decimal | None = None
    amount_share: Decimal | None = None

    def __str__(self) -> str:
        return f"{self.lower:f}-{'' if self.upper is None else format(self.upper, 'f')}"

    def within(self, other: Group) -> bool:
        """Whether all of this group lies in the other."""
        return self.lower >= other.lower and (
            other.upper is None or (self.upper is not None and self.upper <= other.upper)
        )

    def touches(self, other: Group) -> bool:
        """Whether somebody could stand in both."""
        return (other.upper is None or self.lower < other.upper) and (
            self.upper is None or other.lower < self.upper
        )


@dataclass(frozen=True)
class StructureTable:
    """Bands that hold everyone once, and what is said elsewhere of the same people."""

    bands: tuple[Group, ...]
    claims: tuple[Group, ...] = ()


def read_structure(text: str) -> StructureTable:
    """A table from TOML: `[[bands]]` and `[[claims]]`, figures as strings; raises ValueError in words."""
    try:
        body = tomllib.loads(text)
        bands = tuple(_group(row, whole=True) for row in body.get("bands", []))
        claims = tuple(_group(row, whole=False) for row in body.get("claims", []))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, InvalidOperation) as wrong:
        raise ValueError(f"structure table: {wrong!r}") from wrong
    if not bands:
        raise ValueError("structure table: no [[bands]]")
    return StructureTable(bands, claims)


def _group(row: Mapping[str, Any], *, whole: bool) -> Group:
    figures = {
        name: Decimal(str(row[name])) if name in row else None
        for name in ("upper", "customers", "amount", "customers_share", "amount_share")
    }
    for name in ("customers", "amount") if whole else ("customers_share",):
        if figures[name] is None:
            raise KeyError(name)
    return Group(lower=Decimal(str(row["lower"])), **figures)


def check_structure(table: StructureTable) -> list[Said]:
    """What cannot be true; empty when the printed figures can all stand beside each other."""
    found = [said for band in table.bands for said in _mean(band)]
    for side, en, zh in (("customers", "customers", "客户"), ("amount", "amount", "金额")):
        found += _sum_of_shares(table.bands, side, en, zh)
        found += [said for band in table.bands for said in _share(table.bands, band, side, en, zh)]
    return found + [said for claim in table.claims for said in _claim(table.bands, claim)]


def _figure(group: Group, name: str) -> Range | None:
    value: Decimal | None = getattr(group, name)
    return None if value is None else printed(value, counted=name == "customers")


def _whole(bands: Sequence[Group], side: str) -> Range:
    return sum((_figure(band, side) or NOTHING for band in bands), NOTHING)


def _mean(band: Group) -> Iterator[Said]:
    """What a band's people have on average must lie in the band."""
    people, amount = _figure(band, "customers"), _figure(band, "amount")
    if people is None or amount is None or people.low <= 0:
        return
    mean = Range(amount.low / people.high, amount.high / people.low)
    if mean.high < band.lower or (band.upper is not None and mean.low >= band.upper):
        yield Said(
            str(band),
            f"the mean amount {mean.low:.2f} lies outside the band",
            f"户均 {mean.low:.2f} 不在该档内",
        )


def _sum_of_shares(bands: Sequence[Group], side: str, en: str, zh: str) -> Iterator[Said]:
    shares = [_figure(band, f"{side}_share") for band in bands]
    known = [share for share in shares if share is not None]
    total = sum(known, NOTHING)
    if len(known) == len(bands) and not total.low <= HUNDRED <= total.high:
        yield Said(
            "bands",
            f"the shares of {en} sum to {(total.low + total.high) / 2:.2f} %, not 100 %",
            f"{zh}占比合计 {(total.low + total.high) / 2:.2f}%，不等于 100%",
        )


def _share(bands: Sequence[Group], band: Group, side: str, en: str, zh: str) -> Iterator[Said]:
    """A printed share must follow from the printed figures of all bands."""
    said, own = _figure(band, f"{side}_share"), _figure(band, side)
    if said is None or own is None:
        return
    others = _whole([other for other in bands if other is not band], side)
    least = HUNDRED * own.low / (own.low + others.high)
    most = HUNDRED * own.high / (own.high + others.low)
    if not said.meets(Range(least, most)):
        value = getattr(band, f"{side}_share")
        yield Said(
            str(band),
            f"{value} % of {en} is printed, its figures give {(least + most) / 2:.2f} %",
            f"{zh}占比印为 {value}%，按其数字应为 {(least + most) / 2:.2f}%",
        )


def _claim(bands: Sequence[Group], claim: Group) -> Iterator[Said]:
    """People and amount claimed for a range must be found in the bands it touches."""
    for side, en, zh in (("customers", "customers", "客户"), ("amount", "amount", "金额")):
        share = _figure(claim, f"{side}_share")
        if share is None:
            continue
        total = _whole(bands, side)
        claimed = Range(share.low * total.low / HUNDRED, share.high * total.high / HUNDRED)
        inside = _whole([band for band in bands if band.within(claim)], side)
        touched = _whole([band for band in bands if band.touches(claim)], side)
        if not claimed.meets(Range(inside.low, touched.high)):
            value = getattr(claim, f"{side}_share")
            yield Said(
                str(claim),
                f"{value} % of {en} would be at least {claimed.low:.0f}; "
                f"the bands it touches hold {inside.low:.0f} to {touched.high:.0f}",
                f"{zh}的 {value}% 至少为 {claimed.low:.0f}，而相关各档合计为 {inside.low:.0f} 至 {touched.high:.0f}",
            )
    yield from _claimed_mean(bands, claim)


def _claimed_mean(bands: Sequence[Group], claim: Group) -> Iterator[Said]:
    people, amount = _figure(claim, "customers_share"), _figure(claim, "amount_share")
    if people is None or amount is None or people.low <= 0:
        return
    everyone, everything = _whole(bands, "customers"), _whole(bands, "amount")
    least = amount.low * everything.low / (people.high * everyone.high)
    most = amount.high * everything.high / (people.low * everyone.low)
    if most < claim.lower or (claim.upper is not None and least >= claim.upper):
        yield Said(
            str(claim),
            f"the mean amount claimed, {least:.2f}, lies outside the range",
            f"所称户均 {least:.2f} 不在该区间内",
        )
