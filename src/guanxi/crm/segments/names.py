"""What the bank calls its units, people and tiers: choices for the builder, and names for a rule read out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Sight
from guanxi.crm.organisation.selectors import keepers_in, units_within
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.insight.segments import Fact, Kind, Rule, in_words
from guanxi.insight.segments.rule import leaves

KEEPER = "keeper_no"


def language() -> str:
    """The language the reader has chosen."""
    return get_language() or "zh-hans"


def said(rule: Rule, names: TierNames) -> str:
    """The rule as a sentence in the reader's language, with the bank's own names."""
    wanted = [leaf for leaf in leaves(rule) if leaf.fact in (KEEPER, "unit_no")]
    numbers = {str(value) for leaf in wanted for value in leaf.values}
    known: dict[str, dict[str, str]] = {"unit_no": {}, KEEPER: {}}
    if numbers:
        known["unit_no"] = dict(Unit.objects.filter(unit_no__in=numbers).values_list("unit_no", "name"))
        known[KEEPER] = dict(Staff.objects.filter(staff_no__in=numbers).values_list("staff_no", "name"))

    def name(fact: Fact, code: str) -> str:
        if fact.kind is Kind.TIER:
            scheme, _dot, rank = code.partition(".")
            return names.label(scheme, int(rank))
        return known.get(fact.code, {}).get(code) or fact.word(code, language())

    return in_words(rule, language(), name)


@dataclass(frozen=True)
class Choices:
    """What may be chosen for facts whose values are the bank's own: by fact, (code, name) in order."""

    of: Mapping[str, list[tuple[str, str]]]

    def for_fact(self, fact: Fact) -> list[tuple[str, str]] | None:
        """The choices of a fact; None where a value is typed."""
        if fact.values:
            return [(code, fact.word(code, language())) for code in fact.values]
        return self.of.get(fact.code)


def choices_for(reach: Reach, today: date) -> Choices:
    """Tiers of the policy in force, the units within sight, and their keepers."""
    tiers = [(choice.key, choice.label) for choice in tier_names(today).choices()]
    units = [(unit.unit_no, unit.name) for unit in units_within(reach)]
    wide = reach.sight in {Sight.UNITS, Sight.BANK}
    people = keepers_in(reach.unit_ids, today).order_by("staff_no") if wide else ()
    return Choices(
        {
            "tier": tiers,
            "unit_no": units,
            KEEPER: [(staff.staff_no, f"{staff.name} {staff.staff_no}") for staff in people],
        }
    )


def tier_label(names: TierNames, scheme: str | None, rank: int | None) -> str:
    """A tier with its scheme where the bank has several, as the chart of who they are names it."""
    return _("Not rated") if rank is None else names.label(scheme, rank)
