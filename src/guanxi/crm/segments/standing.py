"""What a segment means today: its version in force as something to count, with its sentence; or why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.segments.counting import Counted, Facts, Subject
from guanxi.crm.segments.models import Segment, SegmentKind, SegmentVersion
from guanxi.crm.segments.names import language, said
from guanxi.crm.segments.selectors import latest_of, members_of_list
from guanxi.insight.segments import Rule, RuleRefused, offered, read_rule


@dataclass(frozen=True)
class Meaning:
    """A segment's version: its rule when it has one, the sentence, and what is wrong when it no longer can be asked."""

    segment: Segment
    version: SegmentVersion
    rule: Rule | None
    words: str
    problem: str = ""

    @property
    def is_list(self) -> bool:
        """Whether somebody brought its customers."""
        return self.segment.kind == SegmentKind.LIST

    def subject(self, facts: Facts, name: str = "chosen") -> Subject | None:
        """What to count; None when the facts no longer hold what the rule asks for."""
        if self.is_list:
            return facts.of_list(members_of_list(self.version), name)
        return facts.of_rule(self.rule) if self.rule is not None else None

    def counted(self, facts: Facts) -> Counted | None:
        """How many it has within reach."""
        if self.rule is not None:
            return facts.count(self.rule)
        subject = self.subject(facts)
        return facts.size(subject) if subject is not None else None


def meaning_of(
    segment: Segment, facts: Facts | None, names: TierNames, version: SegmentVersion | None = None
) -> Meaning:
    """The segment's version in force (or the one given), read against the facts that there are."""
    found = version or latest_of([segment])[segment.pk]
    return _read(segment, found, facts, names)


def meanings_of(segments: list[Segment], facts: Facts | None, names: TierNames) -> list[Meaning]:
    """The same for many, in their order."""
    versions = latest_of(segments)
    return [
        _read(segment, versions[segment.pk], facts, names) for segment in segments if segment.pk in versions
    ]


def _read(segment: Segment, version: SegmentVersion, facts: Facts | None, names: TierNames) -> Meaning:
    if segment.kind == SegmentKind.LIST:
        return Meaning(segment, version, None, "")
    try:
        rule = read_rule(version.rule, offered(facts.columns)) if facts else read_rule(version.rule)
    except RuleRefused as refused:
        return Meaning(
            segment, version, None, "", "；".join(one.says(language()) for one in refused.problems)
        )
    return Meaning(segment, version, rule, said(rule, names))
