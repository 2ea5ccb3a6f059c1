"""Segments: which there are, how many customers they have within reach, and which."""

from typing import Any
from uuid import UUID

from ninja import Router
from ninja.params.functions import Query

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.openapi.door import ApiRequest, Needs
from guanxi.crm.openapi.problems import Problem as Refused
from guanxi.crm.openapi.routes.customers import ERRORS
from guanxi.crm.openapi.shapes import Members, Problem, SegmentCount, Segments
from guanxi.crm.openapi.shapes import Segment as SegmentShape
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments import listing
from guanxi.crm.segments.counting import Facts, Subject, facts_for
from guanxi.crm.segments.models import Segment
from guanxi.crm.segments.selectors import segment_or_404, segments_for
from guanxi.crm.segments.standing import Meaning, meaning_of, meanings_of
from guanxi.lake.interactive import TooLong

router = Router(tags=["segments"])


@router.get(
    "/segments", auth=Needs("segments:read"), response={200: Segments, **ERRORS}, operation_id="listSegments",
    summary="Segments",
)  # fmt: skip
def listed(request: ApiRequest) -> dict[str, Any]:
    """The person's own segments and those shared with a unit of the person."""
    segments = list(segments_for(request.reach))
    meanings = meanings_of(segments, facts_for(request.reach), tier_names(request.today))
    return {"items": [_told(meaning) for meaning in meanings]}


@router.get(
    "/segments/{uuid:uuid}", auth=Needs("segments:read"), response={200: SegmentShape, **ERRORS},
    operation_id="getSegment", summary="One segment",
)  # fmt: skip
def opened(request: ApiRequest, uuid: UUID) -> dict[str, Any]:
    """What a segment means."""
    meaning, _facts = _meaning(request, uuid)
    return _told(meaning)


@router.get(
    "/segments/{uuid:uuid}/count", auth=Needs("segments:read"),
    response={200: SegmentCount, 409: Problem, **ERRORS}, operation_id="countSegment",
    summary="How many customers a segment has",
)  # fmt: skip
def counted(request: ApiRequest, uuid: UUID) -> dict[str, Any]:
    """Counted within the person's reach. Who refused profiling is not among them."""
    meaning, facts = _meaning(request, uuid)
    try:
        found = meaning.counted(facts) if facts else None
    except TooLong as long:
        raise Refused(409) from long
    return {
        "customers": found.customers if found else None,
        "aum_fen": found.aum_fen if found else None,
        "refused_profiling": found.refused if found else None,
        "as_of": found.as_of if found else None,
    }


@router.get(
    "/segments/{uuid:uuid}/members", auth=Needs("segments:members"),
    response={200: Members, 409: Problem, **ERRORS}, operation_id="listSegmentMembers",
    summary="Customers of a segment",
)  # fmt: skip
def members(
    request: ApiRequest, uuid: UUID, after: str = Query("", max_length=200, pattern=r"^[A-Za-z0-9_-]*$")
) -> dict[str, Any]:
    """A page of fifty, the wealthiest first. Each page is an export in the trail."""
    meaning, facts = _meaning(request, uuid)
    subject: Subject | None = meaning.subject(facts) if facts else None
    if facts is None or subject is None:
        return {"items": [], "next": None}
    names = tier_names(request.today)
    try:
        page = listing.page_of(
            facts, request.reach, subject, names, listing.USUAL_SORT, after=after, before=""
        )
    except TooLong as long:
        raise Refused(409) from long
    audit.exported(
        by=request.token.staff, what="api.segment", rows=len(page.lines), columns=["uuid", "name", "tier", "aum_fen"],
        filters={"token": request.token.name, "segment": str(uuid), "after": after},
        customers=Party.objects.filter(uuid__in=[line.uuid for line in page.lines]).values_list("pk", flat=True),
    )  # fmt: skip
    items = [
        {
            "uuid": line.uuid, "name": line.values["name"], "tier": str(line.values["tier"]),
            "aum_fen": line.values["aum"],
        }
        for line in page.lines
    ]  # fmt: skip
    return {"items": items, "next": page.next}


def _meaning(request: ApiRequest, uuid: UUID) -> tuple[Meaning, Facts | None]:
    segment: Segment = segment_or_404(request.reach, uuid)
    facts = facts_for(request.reach)
    return meaning_of(segment, facts, tier_names(request.today)), facts


def _told(meaning: Meaning) -> dict[str, Any]:
    segment = meaning.segment
    return {
        "uuid": segment.uuid, "name": segment.name, "purpose": segment.purpose, "kind": segment.kind,
        "owner": segment.owner.name, "words": meaning.words or meaning.problem,
    }  # fmt: skip
