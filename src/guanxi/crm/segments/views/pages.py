"""The list of segments, one segment with its customers, two side by side, and the workbook of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.exports import (
    ExportRefused,
    export_limit,
    hand_out,
    more_than_allowed,
    notes_of,
    purposes_offered,
    refused,
)
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments import listing, pictures
from guanxi.crm.segments.counting import Facts, Subject, facts_for
from guanxi.crm.segments.forms import ShareForm
from guanxi.crm.segments.names import said
from guanxi.crm.segments.playbooks.pictures import books_of
from guanxi.crm.segments.selectors import (
    segment_or_404,
    segments_for,
    units_to_share_with,
    versions_of,
)
from guanxi.crm.segments.standing import Meaning, meaning_of, meanings_of
from guanxi.insight.segments import RuleRefused, read_rule
from guanxi.lake.interactive import TooLong
from guanxi.web.lists import address, address_for_sort
from guanxi.web.sheets import Sheet


@require_GET
@requires(Right.USE_SEGMENTS)
def index(request: ActingRequest) -> HttpResponse:
    """One's own segments and those shared, each with its count within reach on the day of the figures."""
    facts, names = facts_for(request.reach), tier_names(request.today)
    meanings = meanings_of(list(segments_for(request.reach)), facts, names)
    told = {
        "rows": list(zip(meanings, _sizes(meanings, facts), strict=True)),
        "as_of": facts.as_of if facts else None,
        "has_facts": facts is not None,
        "staff": request.user,
    }
    return render(request, "segments/list.html", told)


def _sizes(meanings: list[Meaning], facts: Facts | None) -> list[int | None]:
    """All counts in one reading; none when it takes too long."""
    if facts is None:
        return [None] * len(meanings)
    subjects = [meaning.subject(facts, f"list_{at}") for at, meaning in enumerate(meanings)]
    try:
        counted = iter(facts.sizes([subject for subject in subjects if subject is not None]))
    except TooLong:
        return [None] * len(meanings)
    return [None if subject is None else next(counted) for subject in subjects]


@require_GET
@requires(Right.USE_SEGMENTS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What the segment means, how many it has, its customers a page of fifty, and what may be done with it."""
    segment, names = segment_or_404(request.reach, uuid), tier_names(request.today)
    facts = facts_for(request.reach)
    meaning = meaning_of(segment, facts, names)
    others = segments_for(request.reach).exclude(pk=segment.pk)
    told = {
        "segment": segment,
        "meaning": meaning,
        "own": segment.owner_id == request.user.pk,
        "versions": [(version, _words(version.rule, names)) for version in versions_of(segment)],
        "share_form": ShareForm(units=units_to_share_with(request.reach), shared_with=segment.shared_with_id),
        "others": list(others.values_list("uuid", "name")),
        "may_export": request.reach.may(Right.EXPORT_CUSTOMERS),
        "offered": purposes_offered(
            "segment", listing.columns(request.reach), reverse("segments:export", args=[uuid]), request.GET
        ),
        "may_give_out": request.reach.may(Right.SEE_WORKLIST),
        "may_bind": request.reach.may(Right.PROPOSE_POLICY),
        "books": books_of(segment, request.today),
        "columns": listing.columns(request.reach),
        **_customers(request, meaning, facts),
    }
    return render(request, "segments/detail.html", told)


def _words(rule: Any, names: Any) -> str:
    """A version's rule in words; empty for a list, or when it can no longer be read."""
    try:
        return said(read_rule(rule), names) if rule is not None else ""
    except RuleRefused:
        return ""


def _customers(request: ActingRequest, meaning: Meaning, facts: Facts | None) -> dict[str, Any]:
    """Count and page of the segment's customers; `stopped` when it took too long."""
    subject = meaning.subject(facts) if facts else None
    if facts is None or subject is None:
        return {"as_of": None, "page": None, "counted": None, "stopped": False}
    sort = request.GET.get("sort", "").lstrip("-")
    sort = sort if sort in listing.SORTS else listing.USUAL_SORT
    try:
        page = listing.page_of(
            facts, request.reach, subject, tier_names(request.today), sort,
            after=request.GET.get("after", ""), before=request.GET.get("before", ""),
        )  # fmt: skip
        counted = meaning.counted(facts)
    except TooLong:
        return {"as_of": facts.as_of, "page": None, "counted": None, "stopped": True}
    return {
        "as_of": facts.as_of,
        "page": page,
        "counted": counted,
        "stopped": False,
        "sort": f"-{sort}",
        "sort_url": address_for_sort(request.GET),
        "next_url": address(request.GET, after=page.next) if page.next else None,
        "previous_url": address(request.GET, before=page.previous) if page.previous else None,
    }


@require_GET
@requires(Right.USE_SEGMENTS)
def portrait(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Who the segment's customers are."""
    names, facts = tier_names(request.today), facts_for(request.reach)
    meaning = meaning_of(segment_or_404(request.reach, uuid), facts, names)
    subject = meaning.subject(facts) if facts else None
    return portrait_part(request, facts, subject)


def portrait_part(request: ActingRequest, facts: Facts | None, subject: Subject | None) -> HttpResponse:
    """The charts of who they are; a sentence when there is nothing to draw."""
    charts = []
    if facts is not None and subject is not None:
        try:
            charts = pictures.portrait_charts(facts.portrait(subject), tier_names(request.today))
        except TooLong:
            return render(request, "segments/_portrait.html", {"charts": [], "stopped": True, "as_of": None})
    told = {"charts": charts, "stopped": False, "as_of": facts.as_of if facts else None}
    return render(request, "segments/_portrait.html", told)


@require_GET
@requires(Right.USE_SEGMENTS)
def compare(request: ActingRequest) -> HttpResponse:
    """Two segments: who is in both, and who in one only."""
    choices = list(segments_for(request.reach))
    chosen = [
        next((one for one in choices if str(one.uuid) == request.GET.get(name)), None) for name in ("a", "b")
    ]
    told: dict[str, Any] = {
        "choices": choices,
        "chosen": chosen,
        "as_of": None,
        "rows": None,
        "stopped": False,
    }
    facts, names = facts_for(request.reach), tier_names(request.today)
    first, second = chosen
    if facts is not None and first is not None and second is not None:
        told["as_of"] = facts.as_of
        a = meaning_of(first, facts, names).subject(facts, "list_a")
        b = meaning_of(second, facts, names).subject(facts, "list_b")
        if a is not None and b is not None:
            told |= _overlap(facts, a, b, first.name, second.name)
    return render(request, "segments/compare.html", told)


def _overlap(facts: Facts, a: Subject, b: Subject, first: str, second: str) -> dict[str, Any]:
    try:
        counts = facts.sizes([a.without(b), a & b, b.without(a)])
    except TooLong:
        return {"stopped": True}
    only_a, both, only_b = counts
    labels = [
        _("Only in “%(name)s”") % {"name": first},
        _("In both"),
        _("Only in “%(name)s”") % {"name": second},
    ]
    shares = {
        "first": both / (only_a + both) if only_a + both else None,
        "second": both / (only_b + both) if only_b + both else None,
    }
    return {
        "rows": list(zip(labels, counts, strict=True)),
        "chart": pictures.overlap_chart(labels, counts),
        "shares": shares,
        "both": both,
    }


@require_GET
@requires(Right.EXPORT_CUSTOMERS)
def export(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The segment's customers as a workbook: masked and limited as the role demands, and recorded."""
    segment, names = segment_or_404(request.reach, uuid), tier_names(request.today)
    facts = facts_for(request.reach)
    meaning = meaning_of(segment, facts, names)
    subject = meaning.subject(facts) if facts else None
    if facts is None or subject is None:
        messages.error(request, _("There are no figures to take yet."))
        return redirect("segments:detail", uuid)
    try:
        found = _to_take(request, facts, subject)
    except ExportRefused as refusal:
        return refused(request, refusal, "segment", reverse("segments:detail", args=(uuid,)))
    columns = listing.columns(request.reach)
    lines = listing.lines_of(request.reach, found, names)
    cells = [[line.values[column.id] for column in columns] for line in lines]
    told = [segment.name, *([meaning.words] if meaning.words else [])]
    notes = notes_of(request, len(cells), told, as_of=facts.as_of)
    filters = {"shown": told, "version": meaning.version.number, "content_hash": meaning.version.content_hash}
    return hand_out(
        request,
        "segment",
        [Sheet(segment.name, columns, cells, notes)],
        rows=len(cells),
        filters=filters,
        customers=found,
    )


def _to_take(request: ActingRequest, facts: Facts, subject: Subject) -> list[int]:
    """The customers, the most AUM first; raises ExportRefused when there are more than the role may take."""
    limit = export_limit(request)
    try:
        found = facts.keys(
            subject, listing.SORTS[listing.USUAL_SORT], after=None, backwards=False, size=limit + 1
        )
    except TooLong as stopped:
        raise ExportRefused(_("Counting took too long and was stopped; narrow the segment.")) from stopped
    if len(found) <= limit:
        return [party for _value, party in found]
    raise more_than_allowed(request, lambda: facts.size(subject).customers)
