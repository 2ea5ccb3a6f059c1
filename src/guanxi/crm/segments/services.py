"""Writes of segments: each with its row in the trail, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.segments.models import Member, Segment, SegmentKind, SegmentVersion
from guanxi.crm.segments.selectors import units_to_share_with
from guanxi.insight.segments import Rule, payload_of, rule_hash


@transaction.atomic
def make_segment(
    *, by: Staff, reach: Reach, name: str, purpose: str, rule: Rule, shared_with: Unit | None, now: datetime
) -> Segment:
    """A new segment with its first version. ValidationError: the name is taken."""
    segment = _named(by, reach, SegmentKind.RULE, name, purpose, shared_with, now)
    _version(segment, by, now, rule=payload_of(rule), content_hash=rule_hash(rule))
    audit.record(
        by=by, verb="segments.made", on=segment, shared=_place(shared_with), content_hash=rule_hash(rule)
    )
    return segment


@transaction.atomic
def change_rule(*, by: Staff, reach: Reach, segment: Segment, rule: Rule, now: datetime) -> SegmentVersion:
    """A new version with this rule; the same rule as now makes none. Only the owner may."""
    _need_owner(by, reach, segment)
    Segment.objects.select_for_update(of=("self",)).get(pk=segment.pk)  # versions are numbered one at a time
    newest = segment.versions.order_by("-number").first()
    assert newest is not None
    if newest.content_hash == rule_hash(rule):
        return newest
    version = _version(segment, by, now, rule=payload_of(rule), content_hash=rule_hash(rule))
    audit.record(
        by=by, verb="segments.changed", on=segment, version=version.number, content_hash=version.content_hash
    )
    return version


@transaction.atomic
def bring_list(
    *,
    by: Staff,
    reach: Reach,
    name: str,
    parties: Collection[int],
    report: Mapping[str, Any],
    content_hash: str,
    now: datetime,
) -> Segment:
    """A segment of customers brought as a list; whoever is out of reach is left out, whatever the caller says."""
    segment = _named(by, reach, SegmentKind.LIST, name, "", None, now)
    version = _version(segment, by, now, rule=None, content_hash=content_hash, report=dict(report))
    within = visible_to(reach).filter(pk__in=parties).values_list("pk", flat=True)
    Member.objects.bulk_create((Member(version=version, party_id=key) for key in within), batch_size=5_000)
    audit.record(
        by=by, verb="segments.brought", on=segment, content_hash=content_hash, matched=report.get("matched")
    )
    return segment


@transaction.atomic
def share(*, by: Staff, reach: Reach, segment: Segment, unit: Unit | None) -> None:
    """Let everybody with a post in this unit or below see the segment; None takes it back. Only the owner may."""
    _need_owner(by, reach, segment)
    _need_place(reach, unit)
    before, segment.shared_with = segment.shared_with, unit
    segment.save(update_fields=["shared_with"])
    audit.record(by=by, verb="segments.shared", on=segment, shared=_place(unit), before=_place(before))


@transaction.atomic
def retire(*, by: Staff, reach: Reach, segment: Segment, now: datetime) -> None:
    """Put a segment away: nobody sees it any more, its versions stay. Only the owner may."""
    _need_owner(by, reach, segment)
    segment.retired_at = now
    segment.save(update_fields=["retired_at"])
    audit.record(by=by, verb="segments.retired", on=segment)


def _named(
    by: Staff, reach: Reach, kind: SegmentKind, name: str, purpose: str, unit: Unit | None, now: datetime
) -> Segment:
    if not reach.may(Right.USE_SEGMENTS) or by.pk != reach.staff_id:
        raise PermissionDenied(f"{by.staff_no} may not make segments")
    _need_place(reach, unit)
    try:
        with transaction.atomic():
            return Segment.objects.create(
                kind=kind, name=name, purpose=purpose, owner=by, shared_with=unit, made_at=now
            )
    except IntegrityError as taken:
        raise ValidationError(_("You already have a segment of this name.")) from taken


def _version(segment: Segment, by: Staff, now: datetime, **said: Any) -> SegmentVersion:
    number = segment.versions.count() + 1
    return SegmentVersion.objects.create(segment=segment, number=number, made_by=by, made_at=now, **said)


def _need_owner(by: Staff, reach: Reach, segment: Segment) -> None:
    if segment.owner_id != by.pk or by.pk != reach.staff_id or not reach.may(Right.USE_SEGMENTS):
        raise PermissionDenied("only its owner changes a segment")


def _need_place(reach: Reach, unit: Unit | None) -> None:
    if unit is not None and not units_to_share_with(reach).filter(pk=unit.pk).exists():
        raise PermissionDenied("that unit is not one to share with")


def _place(unit: Unit | None) -> str | None:
    return unit.unit_no if unit else None
