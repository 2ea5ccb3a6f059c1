"""Saved segments as an audience of rooms below (对象): told to them when this room starts.

What is kept of a segment is its version as it was chosen: who decides later, or sees a notice, need not share it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.listing import SORTS, USUAL_SORT
from guanxi.crm.segments.models import Member
from guanxi.crm.segments.names import said
from guanxi.crm.segments.selectors import latest_of, segments_for
from guanxi.insight.segments import RuleRefused, read_rule
from guanxi.insight.segments import offered as offered_facts

MOST = 5_000_000
Kept = Mapping[str, Any]


def offered(reach: Reach) -> list[tuple[str, str]]:
    """The segments this person may use, by public key, with their names."""
    return [(str(one.uuid), one.name) for one in segments_for(reach)]


def kept(reach: Reach, key: str) -> Kept | None:
    """The version in force of a segment this person may use; None when there is none."""
    segment = next((one for one in segments_for(reach) if str(one.uuid) == key), None)
    version = latest_of([segment]).get(segment.pk) if segment else None
    if segment is None or version is None:
        return None
    told = {"key": key, "name": segment.name, "number": version.number, "hash": version.content_hash}
    return told | {"version": version.pk, "rule": version.rule}


def says(segment: Kept, today: date) -> str:
    """Its name, its version and the sentence of its rule."""
    words = _("segment %(name)s, version %(number)s") % dict(segment)
    try:
        rule = read_rule(segment["rule"]) if segment["rule"] else None
    except RuleRefused:
        rule = None
    return f"{words} ({said(rule, tier_names(today))})" if rule else words


def found(reach: Reach, segment: Kept, only: Sequence[int] | None = None) -> Sequence[int] | None:
    """The customers of such a version within reach (of `only`, where given); None when the facts cannot tell."""
    facts = facts_for(reach)
    if facts is None:
        return None
    if segment["rule"] is None:
        rows = Member.objects.filter(version=segment["version"])
        subject = facts.of_list(list(rows.values_list("party_id", flat=True)))
    else:
        try:
            subject = facts.of_rule(read_rule(segment["rule"], offered_facts(facts.columns)))
        except RuleRefused:
            return None
    if only is not None:
        subject = subject & facts.of_list(only, "asked")
    keys = facts.keys(subject, SORTS[USUAL_SORT], after=None, backwards=False, size=MOST)
    return [party for _value, party in keys]
