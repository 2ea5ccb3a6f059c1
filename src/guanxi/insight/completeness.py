"""How complete the record of a customer is (档案完整度): the entries that are held, weighed, and what is missing.

One list of entries for the whole bank: the night's tasks 资料补全, the one question at the counter and the archive's
score all name their entries from `FACTS`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

FACTS: Mapping[str, tuple[str, str]] = {
    "phone": ("手机号", "phone number"),
    "address": ("联系地址", "address"),
    "birth_date": ("出生日期", "date of birth"),
    "identity": ("有效证件号码", "valid document number"),
    "occupation": ("职业", "occupation"),
    "employer_name": ("工作单位", "employer"),
    "village": ("居住村/社区", "village or community"),
    "risk": ("风险测评", "risk questionnaire"),
    "family": ("家庭成员", "family"),
    "size_class": ("企业规模", "size class"),
    "industry": ("所属行业", "industry"),
    "legal_person": ("法定代表人", "legal representative"),
    "document": ("证件资料存档", "identity document on file"),
    "document_ends": ("到期资料更新", "document about to end"),
}


@dataclass(frozen=True)
class Completeness:
    """Points of 100, rounded down so that only a whole record has 100; what is missing, the heaviest first."""

    score: int
    missing: tuple[str, ...]


def completeness(held: Collection[str], weights: Mapping[str, int]) -> Completeness | None:
    """The score of a record that holds these entries, by weights above 0; None where nothing is asked for."""
    whole = sum(weights.values())
    if whole == 0:
        return None
    missing = sorted((fact for fact in weights if fact not in held), key=lambda fact: -weights[fact])
    got = sum(weight for fact, weight in weights.items() if fact in held)
    return Completeness(got * 100 // whole, tuple(missing))
