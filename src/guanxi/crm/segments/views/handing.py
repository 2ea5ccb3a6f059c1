"""A segment onto the keepers' lists: first how many for whom, then the tasks."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments import handing
from guanxi.crm.segments.counting import facts_for
from guanxi.crm.segments.forms import GiveOutForm
from guanxi.crm.segments.models import Segment
from guanxi.crm.segments.selectors import segment_or_404
from guanxi.crm.segments.standing import meaning_of
from guanxi.lake.interactive import TooLong
from guanxi.web.htmx import go_to, is_htmx


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_WORKLIST)
def give_out(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask by when, showing how many each keeper gets; then open the tasks."""
    if not request.reach.may(Right.USE_SEGMENTS):
        raise PermissionDenied
    segment = segment_or_404(request.reach, uuid)
    shares, stopped = _shares(request, segment)
    form = GiveOutForm(request.POST or None, today=request.today)
    if request.method == "POST" and form.is_valid() and shares.tasks:
        return _given(request, segment, shares, form)
    told = {"segment": segment, "form": form, "shares": shares, "stopped": stopped}
    return render(request, "segments/_give_out.html", told, status=422 if form.errors else 200)


def _shares(request: ActingRequest, segment: Segment) -> tuple[handing.Shares, bool]:
    """Who would get what; nobody anything where there are no figures or counting took too long."""
    facts = facts_for(request.reach)
    subject = meaning_of(segment, facts, tier_names(request.today)).subject(facts) if facts else None
    if facts is None or subject is None:
        return handing.Shares((), 0), False
    try:
        return handing.shares_of(request.reach, facts, subject, request.today), False
    except TooLong:
        return handing.Shares((), 0), True


def _given(
    request: ActingRequest, segment: Segment, shares: handing.Shares, form: GiveOutForm
) -> HttpResponse:
    due_on = form.cleaned_data["due_on"]
    opened = handing.give_out(
        by=request.user, segment=segment, shares=shares, due_on=due_on, today=request.today
    )
    messages.success(request, _("%(n)s tasks put on the lists of %(people)s keepers.") % {
        "n": opened, "people": len(shares.keepers),
    })  # fmt: skip
    if is_htmx(request):
        return go_to(reverse("segments:detail", args=[segment.uuid]))
    return redirect("segments:detail", segment.uuid)
