"""周例会包: made in one click, frozen; decisions are recorded on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit.services import exported
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import packs, selectors, services, weeks, words
from guanxi.crm.performance.forms import DecisionForm, OutcomeForm
from guanxi.crm.performance.models import Decision, Pack
from guanxi.crm.performance.rules import monday_of
from guanxi.crm.performance.team import place_asked, team_of
from guanxi.crm.performance.views.common import says_what_is_unset
from guanxi.crm.scores.exports import hand_out, notes_of
from guanxi.crm.scores.reports.places import place_of
from guanxi.web import pdf


@require_GET
@requires(Right.COACH)
def index(request: ActingRequest) -> HttpResponse:
    """The packs of a unit, this week's to be made with one click."""
    place = place_asked(request.reach, request.GET.get("unit"))
    found = list(selectors.packs(request.reach, place)[:26])
    week = monday_of(request.today)
    told = {
        "place": place,
        "packs": found,
        "week": week,
        "made": any(one.week == week for one in found),
        "open": list(selectors.decisions_open(place.unit.pk)),
    }
    return render(request, "performance/weeks.html", told)


@require_POST
@requires(Right.COACH)
@says_what_is_unset
def make(request: ActingRequest) -> HttpResponse:
    """Make this week's pack of a unit, or open the one that was made."""
    place = place_asked(request.reach, request.POST.get("unit"))
    pack = services.make_pack(by=request.user, place=place, today=request.today, now=request.now)
    return redirect("performance:week", pack.pk)


@require_GET
@requires(Right.COACH)
def page(request: ActingRequest, number: int) -> HttpResponse:
    """One pack with what was decided in its meeting."""
    pack = _pack(request, number)
    told = _told(request, pack) | {
        "form": DecisionForm(people=_people(request, pack), today=request.today),
        "outcome_form": OutcomeForm(),
    }
    return render(request, "performance/week.html", told)


@require_GET
@requires(Right.COACH)
def sheet(request: ActingRequest, number: int) -> HttpResponse:
    """The pack as a printed sheet; taking it is recorded with the hash of what was frozen."""
    pack = _pack(request, number)
    told = _told(request, pack)
    exported(
        by=request.user, what="weekly_pack", rows=len(pack.content["people"]), columns=[],
        filters={"unit": pack.unit.unit_no, "week": pack.week}, content_hash=pack.sha256,
        customers=_named(told["picture"]),
    )  # fmt: skip
    mark = pdf.mark_of(request.user.name, request.user.staff_no, request.now)
    name = f"周例会-{pack.unit.name}-{pack.week.isoformat()}"
    return pdf.pdf_response("performance/week_sheet.html", told, name, mark=mark)


@require_GET
@requires(Right.COACH)
def workbook(request: ActingRequest, number: int) -> HttpResponse:
    """The pack as a workbook: results, process, stuck items, decisions."""
    pack = _pack(request, number)
    picture = weeks.picture_of(pack, packs.pack_before(pack), request.reach)
    decided = list(selectors.decisions_of(pack))
    rows = len(picture.people) + len(picture.stuck)
    notes = notes_of(request, rows, [pack.unit.name, pack.week.isoformat()], as_of=pack.as_of)
    sheets = weeks.sheets_of(picture, decided, [*notes, f"SHA-256 {pack.sha256}"])
    return hand_out(
        request,
        "weekly_pack",
        sheets,
        rows=rows,
        filters={"unit": pack.unit.unit_no, "week": pack.week},
        customers=_named(picture),
    )


@require_POST
@requires(Right.COACH)
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Record a decision; it becomes a task of its owner."""
    pack = _pack(request, number)
    people = _people(request, pack)
    form = DecisionForm(request.POST, people=people, today=request.today)
    if not form.is_valid():
        return _refused(request, pack, form)
    owner = next(one for one in people if str(one.pk) == form.cleaned_data["owner"])
    return _done(
        request,
        pack,
        lambda: services.decide(
            by=request.user, pack=pack, text=form.cleaned_data["text"], owner=owner,
            due_on=form.cleaned_data["due_on"], today=request.today, now=request.now,
        ),
        _("Decided. %(name)s has it as a task.") % {"name": owner.name},
    )  # fmt: skip


@require_POST
@requires(Right.COACH)
def close(request: ActingRequest, number: int) -> HttpResponse:
    """Say what came of a decision."""
    decision = get_object_or_404(
        Decision.objects.select_related("pack", "unit").filter(unit__in=request.reach.unit_ids), pk=number
    )
    form = OutcomeForm(request.POST)
    state, outcome = (
        (form.cleaned_data["state"], form.cleaned_data["outcome"]) if form.is_valid() else ("", "")
    )
    return _done(
        request,
        _latest(decision),
        lambda: services.close_decision(
            by=request.user, decision=decision, state=state, outcome=outcome, today=request.today, now=request.now
        ),
        _("Closed."),
    )  # fmt: skip


def _latest(decision: Decision) -> Pack:
    """Where the meeting is now: the unit's last pack, on which earlier decisions are closed."""
    found = Pack.objects.filter(unit=decision.unit_id).order_by("-week").first()
    return found or decision.pack


def _pack(request: ActingRequest, number: int) -> Pack:
    pack = selectors.pack_within(request.reach, number)
    if pack is None:
        raise Http404
    return pack


def _people(request: ActingRequest, pack: Pack) -> list[Staff]:
    place = place_of(request.reach, str(pack.unit_id))
    assert place is not None
    return [*(one.staff for one in team_of(place.members, request.today)), request.user]


def _told(request: ActingRequest, pack: Pack) -> dict[str, Any]:
    return {
        "pack": pack,
        "picture": weeks.picture_of(pack, packs.pack_before(pack), request.reach),
        "decided": list(selectors.decisions_of(pack)),
        "earlier": list(selectors.decisions_before(pack.unit_id, pack.week)),
        "result_words": words.RESULTS,
    }


def _named(picture: weeks.Picture) -> list[int]:
    """The customers that a pack names, by key."""
    return [one.party for one in picture.stuck if one.party is not None]


def _refused(request: ActingRequest, pack: Pack, form: DecisionForm) -> HttpResponse:
    told = _told(request, pack) | {
        "form": form,
        "outcome_form": OutcomeForm(),
    }
    return render(request, "performance/week.html", told, status=422)


def _done(request: ActingRequest, pack: Pack, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("performance:week", pack.pk)
