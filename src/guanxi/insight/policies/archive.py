"""The archive of customers (客户档案): documents kept, for how long, who opens them, and what a whole record has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from guanxi.insight.completeness import FACTS
from guanxi.insight.policies.access import ROLE_NAMES
from guanxi.insight.policies.aum import KIND_LABELS, KINDS
from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak

FORMATS: Mapping[str, str] = {"pdf": "PDF", "jpeg": "JPG", "png": "PNG"}
OPENING_ROLES = ("relationship_manager", "corporate_manager", "planner", "outlet_head", "supervisor")
"""Who sees customers unmasked; a document shows what masks hide, so nobody else may ever open one."""
BRINGING_ROLES = (*OPENING_ROLES, "teller", "lobby")
"""Who meets customers and can be handed a document, to open it later or not."""
MOST_KB = 10_240
MOST_YEARS = 50


@dataclass(frozen=True)
class DocumentKind:
    """One kind of document (资料种类): who opens it, who may hand it in, how long it is kept, what it may be."""

    document: str  # its code
    label_zh: str
    label_en: str
    customer_kinds: tuple[str, ...]
    opened_by: tuple[str, ...]
    brought_by: tuple[str, ...]
    ends: bool  # has a last day of its own
    kept_years: int  # after it was replaced, withdrawn or ended
    largest_kb: int
    formats: tuple[str, ...]
    identifies: bool  # says who the customer is: counts for the entry `document` of the record

    def label(self, language: str) -> str:
        """Its name."""
        return speak(language, self.label_zh, self.label_en)

    def may_open(self, roles: frozenset[str]) -> bool:
        """Whether somebody in these roles may open it."""
        return not roles.isdisjoint(self.opened_by)

    def may_bring(self, roles: frozenset[str]) -> bool:
        """Whether somebody in these roles may hand one in."""
        return not roles.isdisjoint(self.brought_by)


@dataclass(frozen=True)
class WeighedFact:
    """An entry that a record of this kind of customer should have: its weight, who may ask for it, and how."""

    customer_kind: str
    fact: str
    weight: int
    asked_by: tuple[str, ...]
    how_zh: str
    how_en: str

    def how(self, language: str) -> str:
        """How one asks for it."""
        return speak(language, self.how_zh, self.how_en)


@dataclass(frozen=True)
class ArchivePolicy(Policy):
    """Documents and completeness; a kind that is not named is not taken."""

    kind: ClassVar[str] = "archive"

    documents: tuple[DocumentKind, ...]
    weighed_facts: tuple[WeighedFact, ...]
    hint_days: int  # a document that ends is spoken of so many days before
    document_megapixels: int  # more pixels than this are refused before one is decoded
    document_edge: int  # pictures are kept at most so many pixels wide or high

    def document(self, code: str) -> DocumentKind | None:
        """The kind with this code."""
        return next((one for one in self.documents if one.document == code), None)

    def facts_of(self, customer_kind: str) -> dict[str, WeighedFact]:
        """What a record of this kind of customer should have, by entry."""
        return {one.fact: one for one in self.weighed_facts if one.customer_kind == customer_kind}

    def weights_of(self, customer_kind: str) -> dict[str, int]:
        """The weight of each entry for this kind of customer."""
        return {fact: one.weight for fact, one in self.facts_of(customer_kind).items()}

    def identifying(self) -> list[str]:
        """Codes of the kinds that say who a customer is."""
        return [one.document for one in self.documents if one.identifies]

    def problems(self, language: str = "zh") -> list[str]:
        """Unknown roles, kinds and formats, doubled codes, limits out of range, roles that may see nothing unmasked."""
        found = Findings(language)
        for one in self.documents:
            _check_document(one, found)
        for fact in self.weighed_facts:
            _check_fact(fact, found)
        codes = [one.document for one in self.documents]
        found.need(len(codes) == len(set(codes)), "资料种类代码重复", "a kind of document stands twice")
        pairs = [(one.customer_kind, one.fact) for one in self.weighed_facts]
        found.need(len(pairs) == len(set(pairs)), "同一资料项重复", "an entry stands twice")
        found.need(
            1 <= self.hint_days <= 366, "到期提示天数须在 1 到 366 之间", "hints come 1 to 366 days before"
        )
        found.need(
            1 <= self.document_megapixels <= 100 and 1_000 <= self.document_edge <= 10_000,
            "图片须不超过 1 亿像素，边长在 1,000 到 10,000 之间",
            "pictures have at most 100 megapixels and are kept 1,000 to 10,000 pixels wide",
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """Each kind of document, when ends are spoken of, then what counts for a whole record."""
        said = [_document_in_words(one, language) for one in self.documents]
        said.append(
            speak(
                language,
                f"资料到期前 {self.hint_days} 天起提示；图片超过 {self.document_megapixels} 百万像素的不收，"
                f"保存时长边不超过 {self.document_edge:,} 像素。",
                f"Documents that end are spoken of {self.hint_days} days before. Pictures above "
                f"{self.document_megapixels} megapixels are refused; kept {self.document_edge:,} pixels wide at most.",
            )
        )
        kinds = dict.fromkeys(one.customer_kind for one in self.weighed_facts)
        return [*said, *(_weights_in_words(kind, self.weights_of(kind), language) for kind in kinds)]


def kept_until(kind: DocumentKind, out_of_use_on: date | None) -> date | None:
    """The last day a document is kept: so many years after the day it went out of use; None while it is in use."""
    if out_of_use_on is None:
        return None
    year = out_of_use_on.year + kind.kept_years
    if (out_of_use_on.month, out_of_use_on.day) == (2, 29):
        return date(year, 3, 1)
    return out_of_use_on.replace(year=year)


def _check_document(one: DocumentKind, found: Findings) -> None:
    name = one.document
    for role in (*one.opened_by, *one.brought_by):
        found.need(role in ROLE_NAMES, f"没有岗位 {role}", f"there is no role {role}")
    found.need(
        set(one.opened_by) <= set(OPENING_ROLES),
        f"{name}：只看掩码信息的岗位不能打开资料",
        f"{name}: roles that see customers masked, or none, may not open documents",
    )
    found.need(
        bool(one.brought_by) and set(one.brought_by) <= set(BRINGING_ROLES),
        f"{name}：须指明收取资料的岗位，且为接触客户的岗位",
        f"{name}: name who may hand it in, of those who meet customers",
    )
    found.need(
        bool(one.customer_kinds) and set(one.customer_kinds) <= set(KINDS),
        f"{name}：客户类型有误",
        f"{name}: unknown or no kinds of customer",
    )
    found.need(
        bool(one.formats) and set(one.formats) <= set(FORMATS),
        f"{name}：格式须为 {'、'.join(FORMATS)}",
        f"{name}: formats are {', '.join(FORMATS)}",
    )
    found.need(
        0 <= one.kept_years <= MOST_YEARS and 1 <= one.largest_kb <= MOST_KB,
        f"{name}：保存年限须在 0 到 {MOST_YEARS} 之间，大小不超过 {MOST_KB:,} KB",
        f"{name}: kept 0 to {MOST_YEARS} years, at most {MOST_KB:,} KB",
    )
    found.need(
        bool(name.strip()) and len(name) <= 24 and bool(one.label_zh.strip() and one.label_en.strip()),
        f"{name}：须有代码（不超过 24 字）和中英文名称",
        f"{name}: a code of at most 24 letters and a name in both languages are needed",
    )


def _check_fact(one: WeighedFact, found: Findings) -> None:
    found.need(one.fact in FACTS, f"没有资料项 {one.fact}", f"there is no entry {one.fact}")
    found.need(
        one.customer_kind in KINDS,
        f"没有客户类型 {one.customer_kind}",
        f"there is no kind {one.customer_kind}",
    )
    found.need(
        1 <= one.weight <= 100, f"{one.fact}：权重须在 1 到 100 之间", f"{one.fact}: weights are 1 to 100"
    )
    found.need(
        bool(one.asked_by) and set(one.asked_by) <= set(BRINGING_ROLES),
        f"{one.fact}：须指明可询问的岗位",
        f"{one.fact}: name who may ask, of those who meet customers",
    )
    found.need(
        bool(one.how_zh.strip() and one.how_en.strip()),
        f"{one.fact}：须写明如何询问",
        f"{one.fact}: say how to ask",
    )


def _document_in_words(one: DocumentKind, language: str) -> str:
    comma = speak(language, "、", ", ")
    opened = comma.join(speak(language, *ROLE_NAMES.get(role, (role, role))) for role in one.opened_by)
    formats = comma.join(FORMATS.get(name, name) for name in one.formats)
    ends = speak(language, "有到期日，", "has a last day, ") if one.ends else ""
    return speak(
        language,
        f"{one.label_zh}：{formats}，不超过 {one.largest_kb:,} KB，{ends}停用后保存 {one.kept_years} 年；"
        f"{opened or '无人'}可打开。",
        f"{one.label_en}: {formats} up to {one.largest_kb:,} KB, {ends}kept {one.kept_years} years after its use; "
        f"opened by {opened or 'nobody'}.",
    )


def _weights_in_words(kind: str, weights: Mapping[str, int], language: str) -> str:
    comma = speak(language, "、", ", ")
    told = comma.join(
        f"{speak(language, *FACTS.get(fact, (fact, fact)))} {weight}" for fact, weight in weights.items()
    )
    label = speak(language, KIND_LABELS.get(kind, kind), kind.replace("_", " "))
    return speak(language, f"{label}档案完整度按：{told}。", f"Completeness of a {label} weighs: {told}.")
