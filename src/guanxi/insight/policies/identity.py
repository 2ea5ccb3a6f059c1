"""When two customer numbers are one person (客户归并): lines of the posterior, weights of the evidence, how
large a person may grow, and whose entry of a field counts.

`m` is how often records of one person agree at that level (Fellegi and Sunter's m); how often strangers do (u) is
counted anew each night from the bank's own customers and stands in no policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, percent, speak

LEVELS: dict[str, tuple[str, ...]] = {
    # field: its levels, the best agreement first; what is left over is "differs"
    "name": ("exact", "sound", "order", "near", "part"),
    "birth": ("exact", "near", "part"),
    "id": ("exact", "near"),
    "phone": ("exact", "near"),
    "address": ("exact", "most", "some"),
    "employer": ("exact",),
    "email": ("exact", "near"),
    "sex": ("exact",),
}
_LATER = {("birth", "part"): Decimal("0.01"), ("email", "near"): Decimal("0.05")}
"""Levels that a policy written before them does not name, and what then stands for their m."""
FIELD_NAMES = {
    "name": ("姓名", "name"),
    "birth": ("出生日期", "birth date"),
    "id": ("证件号码", "identity number"),
    "phone": ("电话", "phone"),
    "address": ("地址", "address"),
    "employer": ("单位", "employer"),
    "email": ("电子邮箱", "e-mail"),
    "sex": ("性别", "sex"),
}
_HALF, _ONE = Decimal("0.5"), Decimal(1)


@dataclass(frozen=True)
class Agreement:
    """How often two records of one person agree on `field` at `level` and at no better one."""

    field: str
    level: str
    m: Decimal


@dataclass(frozen=True)
class IdentityPolicy(Policy):
    """Lines and weights of identity resolution."""

    kind: ClassVar[str] = "identity"

    merge_from: Decimal  # posterior from which a pair merges by itself
    review_from: Decimal  # posterior from which a person decides
    duplicate_share: Decimal  # pairs of one person per customer that the bank expects: the prior
    block_most: int  # a value shared by more customers than this brings no pairs together
    most_members: int  # a person with more numbers than this is stopped and listed
    least_linked: Decimal  # of all pairs within a person, the share that must be linked themselves
    household_most: int  # an address with more people of one family name than this suggests no household
    agreements: tuple[Agreement, ...]
    sources: tuple[str, ...]  # endings or names of files of customers, whose entries count first to last

    def m(self, field: str, level: str) -> Decimal:
        """The m of a level; "differs" has what the others leave."""
        known = self._said()
        if level == "differs":
            return _ONE - sum((m for (of, _), m in known.items() if of == field), Decimal(0))
        return known[field, level]

    def _said(self) -> dict[tuple[str, str], Decimal]:
        said = {(one.field, one.level): one.m for one in self.agreements}
        return {key: m for key, m in _LATER.items() if key not in said} | said

    def problems(self, language: str = "zh") -> list[str]:
        """Lines out of order, levels missing or unknown, chances that do not fit."""
        found = Findings(language)
        found.need(
            _HALF <= self.review_from < self.merge_from < _ONE,
            "须有 0.5 ≤ 复核线 < 自动归并线 < 1",
            "0.5 ≤ review line < merge line < 1 must hold",
        )
        found.need(
            Decimal(0) < self.duplicate_share < Decimal(10),
            "预计重复配对须在每客户 0 到 10 之间",
            "the expected pairs per customer must be between 0 and 10",
        )
        found.need(
            2 <= self.block_most <= 1000, "分块上限须在 2 到 1000 之间", "the cap of a block is 2 to 1000"
        )
        found.need(
            2 <= self.most_members <= 50,
            "一人最多客户号数须在 2 到 50 之间",
            "numbers of one person are 2 to 50",
        )
        found.need(
            Decimal(0) <= self.least_linked <= _ONE,
            "相连比例须在 0 到 1 之间",
            "the linked share must be 0 to 1",
        )
        found.need(
            2 <= self.household_most <= 50,
            "同址人数上限须在 2 到 50 之间",
            "people at one address are 2 to 50",
        )
        self._check_agreements(found)
        return found.said

    def _check_agreements(self, found: Findings) -> None:
        said = [(one.field, one.level) for one in self.agreements]
        wanted = [(field, level) for field, levels in LEVELS.items() for level in levels]
        found.need(
            sorted({*said, *_LATER}) == sorted(wanted) and len(set(said)) == len(said),
            "每个字段的每个一致程度须且只须出现一次",
            "each level of each field must stand exactly once",
        )
        for field, (zh, en) in FIELD_NAMES.items():
            shares = [m for (of, _), m in self._said().items() if of == field]
            found.need(
                all(m > 0 for m in shares) and sum(shares, Decimal(0)) < _ONE,
                f"{zh}：各一致程度的概率须大于 0，合计小于 1",
                f"{en}: the chances of its levels must be above 0 and sum to less than 1",
            )

    def tables(self) -> dict[str, PolicyTable]:
        """policy.identity (one row), policy.identity_m (field, level, m), policy.identity_source (place, ending)."""
        line, share = "DECIMAL(9,8)", "DECIMAL(9,8)"
        columns = (
            ("merge_from", line), ("review_from", line), ("duplicate_share", share), ("block_most", "INTEGER"),
            ("most_members", "INTEGER"), ("least_linked", share), ("household_most", "INTEGER"),
        )  # fmt: skip
        row = tuple(getattr(self, name) for name, _ in columns)
        levels = tuple(
            (field, level, self.m(field, level))
            for field, named in LEVELS.items()
            for level in (*named, "differs")
        )
        return {
            "policy.identity": PolicyTable(columns, (row,)),
            "policy.identity_m": PolicyTable(
                (("field", "VARCHAR"), ("level", "VARCHAR"), ("m", share)), levels
            ),
            "policy.identity_source": PolicyTable(
                (("place", "INTEGER"), ("ending", "VARCHAR")), tuple(enumerate(self.sources, start=1))
            ),
        }

    def in_words(self, language: str = "zh") -> list[str]:
        """The lines, the limits of a person, the evidence field by field, whose entries count."""
        merge, review = percent(self.merge_from), percent(self.review_from)
        fields = [
            speak(
                language,
                f"{zh}：同一人的两条记录有 {percent(_ONE - self.m(field, 'differs'))} 一致或相近。",
                f"{en}: two records of one person agree or nearly agree in {percent(_ONE - self.m(field, 'differs'))}.",
            )
            for field, (zh, en) in FIELD_NAMES.items()
        ]
        return [
            speak(
                language,
                f"有效证件相同，或把握不低于 {merge} 且全组没有互相冲突的有效证件，自动归并；"
                f"{review} 至 {merge} 由人工复核。",
                f"Equal valid identifiers, or a posterior of {merge} without conflicting valid identifiers in "
                f"the whole group, merge by themselves; {review} to {merge} goes to a person.",
            ),
            speak(
                language,
                f"预计 {percent(self.duplicate_share)} 的客户有重复客户号；"
                f"超过 {self.block_most} 人共有的值不用于找配对。",
                f"{percent(self.duplicate_share)} of the customers are expected twice; a value shared by more than "
                f"{self.block_most} brings no pairs together.",
            ),
            speak(
                language,
                f"一人超过 {self.most_members} 个客户号，或组内相连的配对不足 {percent(self.least_linked)}，"
                "停止归并并列出。",
                f"More than {self.most_members} numbers of one person, or less than {percent(self.least_linked)} of "
                "the pairs within linked, stops the merge and lists it.",
            ),
            *fields,
        ]
