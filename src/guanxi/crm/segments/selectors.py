"""Reads of segments: one's own and those shared with a unit one works in. What they count is in `counting`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.http import Http404

from guanxi.crm.organisation.models import Unit, UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.segments.models import Member, Segment, SegmentVersion


def segments_for(reach: Reach) -> QuerySet[Segment]:
    """One's own segments and those shared with a unit above or of one's posts, by name; the retired are not there."""
    above = UnitScope.objects.filter(member__in=sorted(reach.post_unit_ids)).values("unit")
    mine_or_shared = Q(owner=reach.staff_id) | Q(shared_with__in=above)
    rows = Segment.objects.filter(mine_or_shared, retired_at=None)
    return rows.select_related("owner", "shared_with").order_by("name", "pk")


def segment_or_404(reach: Reach, uuid: UUID) -> Segment:
    """The segment with this key; not shared with the reader answers exactly as not there at all."""
    found = segments_for(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def latest_of(segments: Sequence[Segment]) -> dict[int, SegmentVersion]:
    """The version in force of each of these segments, by the segment's key."""
    versions = (
        SegmentVersion.objects.filter(segment__in=segments).order_by("segment", "-number").distinct("segment")
    )
    return {version.segment_id: version for version in versions}


def versions_of(segment: Segment) -> QuerySet[SegmentVersion]:
    """All versions, the newest first, with who made them."""
    return SegmentVersion.objects.filter(segment=segment).select_related("made_by").order_by("-number")


def members_of_list(version: SegmentVersion) -> list[int]:
    """The customers of a brought list that lie within reach: row security leaves out the others."""
    return list(
        Member.objects.filter(version=version).order_by("party_id").values_list("party_id", flat=True)
    )


def known_numbers(numbers: Sequence[str], tokens: Sequence[str]) -> set[str]:
    """Which of these customer numbers and tokens belong to any customer of the bank, in sight or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM segments_known(%s, %s)", [list(numbers), list(tokens)])
        return {row[0] for row in cursor.fetchall()}


def units_to_share_with(reach: Reach) -> QuerySet[Unit]:
    """The units a person may share with: where they work and what they see."""
    return Unit.objects.filter(pk__in=sorted(reach.post_unit_ids | reach.unit_ids)).order_by("unit_no")
