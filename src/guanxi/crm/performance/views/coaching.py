"""辅导队列, the page of a person, and what is written there."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import disputes, outputs, people, selectors, services
from guanxi.crm.performance.forms import AdviceForm, AnswerForm, ReviewForm
from guanxi.crm.performance.models import Advice, Output
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.team import Member, by_name, place_asked, team_of
from guanxi.crm.performance.views.common import says_what_is_unset
from guanxi.web import formats


@require_GET
@requires(Right.COACH)
@says_what_is_unset
def queue(request: ActingRequest) -> HttpResponse:
    """Who may need help with what, and which advice is to be looked at again."""
    place, terms = place_asked(request.reach, request.GET.get("unit")), terms_on(request.today)
    given = selectors.advice_in(request.reach, place)
    team = [one.key for one in sorted(team_of(place.members, terms.on), key=lambda one: by_name(one.staff))]
    kept = [row for row in selectors.outputs_of(team) if row.output == Output.GROWTH]
    kept.sort(key=lambda row: team.index(row.staff_id))
    told = {
        "place": place,
        "queue": people.queue_of(request.reach, place, terms),
        "outputs": outputs.shown_outputs(kept),
        "policy": terms.work,
        "due": [(one, *people.compared(one)) for one in given.filter(reviewed_on=None)[:50]],
        "reviewed": [(one, *people.compared(one)) for one in given.filter(reviewed_on__isnull=False)[:20]],
        "disputes": people.disputed(disputes.waiting(request.reach)[:50]),
        "today": request.today,
    }
    return render(request, "performance/coaching.html", told)


@require_GET
@requires(Right.COACH)
@says_what_is_unset
def person(request: ActingRequest, number: int) -> HttpResponse:
    """One person of the team: figures, notes to read, advice."""
    member = _member(request, number)
    return render(request, "performance/person.html", _told(request, member) | {"form": AdviceForm()})


@require_POST
@requires(Right.COACH)
@says_what_is_unset
def advise(request: ActingRequest, number: int) -> HttpResponse:
    """Keep advice; with a tick both have a task to visit together."""
    member = _member(request, number)
    form = AdviceForm(request.POST)
    if not form.is_valid():
        return render(request, "performance/person.html", _told(request, member) | {"form": form}, status=422)
    return _done(
        request,
        member.key,
        lambda: services.advise(
            by=request.user, staff=member.staff, today=request.today, **form.cleaned_data
        ),
        _("Kept. The same figure is looked at again later."),
    )


@require_POST
@requires(Right.COACH)
@says_what_is_unset
def joint(request: ActingRequest, number: int) -> HttpResponse:
    """A joint visit in one click."""
    member = _member(request, number)
    due = services.joint_visit(by=request.user, staff=member.staff, today=request.today)
    said = _("Both of you have a task to visit together by %(day)s.") % {"day": formats.day(due)}
    messages.success(request, said)
    return redirect("performance:person", member.key)


@require_POST
@requires(Right.COACH)
@says_what_is_unset
def review(request: ActingRequest, number: int) -> HttpResponse:
    """Look at the same figure again and say what came of the advice."""
    advice = get_object_or_404(
        Advice.objects.select_related("staff").filter(unit__in=request.reach.unit_ids), pk=number
    )
    form = ReviewForm(request.POST)
    outcome = form.cleaned_data["outcome"] if form.is_valid() else ""
    return _done(
        request,
        advice.staff_id,
        lambda: services.review(by=request.user, advice=advice, outcome=outcome, today=request.today),
        _("Kept, with the figure of today."),
    )


def _member(request: ActingRequest, number: int) -> Member:
    member = services.member_of(request.reach, number, request.today)
    if member is None:
        raise Http404
    return member


def _told(request: ActingRequest, member: Member) -> dict[str, Any]:
    terms = terms_on(request.today)
    figures, as_of = people.shown_of(member, terms)
    drawn, flagged = people.notes_of(member.key, terms)
    given = selectors.advice_about(request.reach, [member.key])
    return {
        "member": member,
        "figures": figures,
        "outputs": outputs.shown_outputs(selectors.outputs_of([member.key])),
        "night": as_of,
        "drawn": drawn,
        "flagged": flagged,
        "advice": [(one, *people.compared(one)) for one in given[:20]],
        "policy": terms.work,
        "review_form": ReviewForm(),
        "disputes": people.disputed(disputes.disputes_about(request.reach, [member.key])[:20]),
        "answer_form": AnswerForm(),
        "today": request.today,
        "hides": request.reach.hides_names,
    }


def _done(request: ActingRequest, person: int, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("performance:person", person)
