"""Making segments: the builder that counts while one edits, saving, sharing, putting away, bringing a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments import builder, services, uploads
from guanxi.crm.segments.counting import Facts, facts_for
from guanxi.crm.segments.forms import BringForm, SegmentForm, ShareForm
from guanxi.crm.segments.names import choices_for, language, said
from guanxi.crm.segments.selectors import segment_or_404, segments_for, units_to_share_with
from guanxi.crm.segments.standing import meaning_of
from guanxi.crm.segments.views.pages import portrait_part
from guanxi.insight.segments import Fact, Rule, RuleRefused, offered, payload_of, problems, read_rule
from guanxi.insight.segments.codes import FAMILIES
from guanxi.insight.segments.facts import GROUPS
from guanxi.insight.segments.words import ASKED
from guanxi.lake.interactive import TooLong


@require_GET
@requires(Right.USE_SEGMENTS)
def new(request: ActingRequest) -> HttpResponse:
    """The builder, empty, with those who hold a `family`, or with a part of two segments (`a`, `b`, `part`)."""
    form = SegmentForm(units=units_to_share_with(request.reach))
    payload = _put_together(request) or _holders(request.GET.get("family", "")) or builder.FIRST
    return _builder(request, payload, {"form": form, "segment": None})


def _holders(family: str) -> dict[str, Any] | None:
    """The rule of those who hold a product of this family; None when there is no such family."""
    if family not in FAMILIES:
        return None
    held = {"fact": "products", "is": "any_of", "values": [family]}
    return {"all": [*builder.FIRST["all"], held]}


def _put_together(request: ActingRequest) -> dict[str, Any] | None:
    """The rule of those in both segments, or in one of them only."""
    known = {str(one.uuid): one for one in segments_for(request.reach)}
    chosen = [known.get(request.GET.get(name, "")) for name in "ab"]
    names, facts = tier_names(request.today), facts_for(request.reach)
    rules = [meaning_of(one, facts, names).rule for one in chosen if one is not None]
    if len(rules) < 2 or None in rules:
        return None
    first, second = (payload_of(rule) for rule in rules if rule is not None)
    parts = {"both": [first, second], "a": [first, {"not": second}], "b": [second, {"not": first}]}
    return {"all": parts.get(request.GET.get("part", ""), parts["both"])}


@require_GET
@requires(Right.USE_SEGMENTS)
def edit(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The builder with a segment's rule: its owner saves a new version, others a segment of their own."""
    segment = segment_or_404(request.reach, uuid)
    meaning = meaning_of(segment, None, tier_names(request.today))
    form = SegmentForm(units=units_to_share_with(request.reach))
    own = segment.owner_id == request.user.pk
    return _builder(
        request, meaning.version.rule or builder.FIRST, {"form": form, "segment": segment if own else None}
    )


@require_POST
@requires(Right.USE_SEGMENTS)
def draw(request: ActingRequest) -> HttpResponse:
    """The builder's inside again after a change: conditions, count, the rule in words."""
    facts = facts_for(request.reach)
    payload = builder.payload_from(request.POST, _known(facts))
    return render(request, "segments/_builder.html", {**_drawn(request, payload, facts), "again": True})


@require_POST
@requires(Right.USE_SEGMENTS)
def draft_portrait(request: ActingRequest) -> HttpResponse:
    """Who fulfils the rule as it stands in the builder."""
    facts = facts_for(request.reach)
    rule = _rule(builder.payload_in(request.POST.get("rule", "")), _known(facts))
    return portrait_part(request, facts, facts.of_rule(rule) if facts and rule else None)


def _builder(
    request: ActingRequest, payload: Any, told: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    facts = facts_for(request.reach)
    return render(
        request, "segments/builder.html", {**told, **_drawn(request, payload, facts)}, status=status
    )


def _known(facts: Facts | None) -> dict[str, Fact]:
    return dict(offered(facts.columns if facts else ()))


def _rule(payload: Any, known: dict[str, Fact]) -> Rule | None:
    try:
        return read_rule(payload, known)
    except RuleRefused:
        return None


def _drawn(request: ActingRequest, payload: Any, facts: Facts | None) -> dict[str, Any]:
    """What the builder shows of a payload."""
    known = _known(facts)
    rule = _rule(payload, known)
    counted, stopped = None, False
    if facts is not None and rule is not None:
        try:
            counted = facts.count(rule)
        except TooLong:
            stopped = True
    here = language()
    chinese = 0 if here.startswith("zh") else 1
    return {
        "root": builder.tree_of(payload, known),
        "rule": payload_of(rule) if rule else None,
        "words": said(rule, tier_names(request.today)) if rule else "",
        "problems": [one.says(here) for one in problems(payload, known)],
        "counted": counted,
        "stopped": stopped,
        "has_facts": facts is not None,
        "as_of": facts.as_of if facts else None,
        "choices": choices_for(request.reach, request.today),
        "groups": [
            (words[chinese], [(fact.code, fact.name(here)) for fact in known.values() if fact.group == code])
            for code, words in GROUPS.items()
        ],
        "asked": {code: words[chinese] for code, words in ASKED.items()},
        "lang": here,
        "again": False,
    }


@require_POST
@requires(Right.USE_SEGMENTS)
def save(request: ActingRequest) -> HttpResponse:
    """A new segment; what is wrong with name or rule is said on the builder."""
    facts = facts_for(request.reach)
    payload = builder.payload_in(request.POST.get("rule", ""))
    rule = _rule(payload, _known(facts))
    form = SegmentForm(request.POST, units=units_to_share_with(request.reach))
    if form.is_valid() and rule is not None:
        unit = _unit(form.cleaned_data["shared_with"])
        try:
            segment = services.make_segment(
                by=request.user, reach=request.reach, name=form.cleaned_data["name"],
                purpose=form.cleaned_data["purpose"], rule=rule, shared_with=unit, now=request.now,
            )  # fmt: skip
        except ValidationError as wrong:
            form.add_error("name", wrong)
        else:
            messages.success(request, _("The segment is saved."))
            return redirect("segments:detail", segment.uuid)
    return _builder(request, payload or builder.FIRST, {"form": form, "segment": None}, status=422)


@require_POST
@requires(Right.USE_SEGMENTS)
def change(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A new version of one's own segment."""
    segment = segment_or_404(request.reach, uuid)
    rule = _rule(builder.payload_in(request.POST.get("rule", "")), _known(facts_for(request.reach)))
    if rule is None:
        messages.error(request, _("The rule is not finished; nothing was saved."))
        return redirect("segments:edit", uuid)
    version = services.change_rule(
        by=request.user, reach=request.reach, segment=segment, rule=rule, now=request.now
    )
    messages.success(request, _("Version %(n)s is saved.") % {"n": version.number})
    return redirect("segments:detail", uuid)


@require_POST
@requires(Right.USE_SEGMENTS)
def share(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Share one's own segment with a unit, or with nobody."""
    segment = segment_or_404(request.reach, uuid)
    form = ShareForm(request.POST, units=units_to_share_with(request.reach))
    if form.is_valid():
        unit = _unit(form.cleaned_data["shared_with"])
        services.share(by=request.user, reach=request.reach, segment=segment, unit=unit)
        messages.success(request, _("Saved with whom it is shared."))
    else:
        messages.error(request, _("You cannot share with that unit."))
    return redirect("segments:detail", uuid)


def _unit(key: int | None) -> Unit | None:
    return Unit.objects.filter(pk=key).first() if key is not None else None


@require_POST
@requires(Right.USE_SEGMENTS)
def retire(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Put one's own segment away."""
    segment = segment_or_404(request.reach, uuid)
    services.retire(by=request.user, reach=request.reach, segment=segment, now=request.now)
    messages.success(request, _("“%(name)s” is put away.") % {"name": segment.name})
    return redirect("segments:list")


@require_http_methods(["GET", "POST"])
@requires(Right.USE_SEGMENTS)
def bring(request: ActingRequest) -> HttpResponse:
    """A workbook of customer numbers becomes a segment; the page of it opens with the match report."""
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = uploads.match(request.reach, uploads.read_numbers(form.cleaned_data["file"].read()))
            segment = services.bring_list(
                by=request.user, reach=request.reach, name=form.cleaned_data["name"], parties=found.parties,
                report=found.report(), content_hash=uploads.fingerprint(found.parties), now=request.now,
            )  # fmt: skip
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            return redirect("segments:detail", segment.uuid)
    status = 422 if request.method == "POST" else 200
    return render(request, "segments/bring.html", {"form": form}, status=status)
