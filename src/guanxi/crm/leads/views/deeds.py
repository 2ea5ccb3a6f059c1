"""What is done to leads and opportunities: each view parses, asks the service, and says what came of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.leads import opportunities as deals
from guanxi.crm.leads import pictures, selectors, services
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.forms import (
    STEPS_SHOWN,
    ContactForm,
    EndForm,
    ExpectationForm,
    FeedbackForm,
    LoseForm,
    OpportunityForm,
    ReasonForm,
    StageForm,
    StepForm,
)
from guanxi.crm.leads.models import Lead, MapStep, Opportunity
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.rules import Feedback, State
from guanxi.crm.leads.services import StepDraft
from guanxi.crm.leads.views.asking import acting, said_no
from guanxi.crm.leads.views.pages import lead_told
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Right
from guanxi.web.sent import whole

Deed = Callable[[Acting, Lead], object]


def _done(request: ActingRequest, uuid: UUID, deed: Deed, said: str, to: str = "") -> HttpResponse:
    """Do it and say so, or say why not; back to the lead, or to the page named."""
    lead = selectors.lead_or_404(request.reach, uuid)
    try:
        deed(acting(request), lead)
    except ValidationError as refused:
        said_no(request, refused)
        return redirect("leads:board") if to else redirect("leads:detail", uuid)
    messages.success(request, said)
    return redirect(to) if to else redirect("leads:detail", uuid)


@require_POST
@requires(Right.ALLOCATE_LEADS)
def publish(request: ActingRequest) -> HttpResponse:
    """Put the chosen leads on a meeting's page."""
    chosen = [key for text in request.POST.getlist("chosen") if (key := whole(text)) is not None][:500]
    board = Unit.objects.filter(pk=whole(request.POST.get("board", "")) or 0).first()
    leads = list(selectors.of_units(request.reach, State.COLLECT).filter(pk__in=chosen))
    try:
        done = services.publish(acting(request), leads, board=board)
    except ValidationError as refused:
        said_no(request, refused)
    else:
        messages.success(request, _("%(n)s leads published.") % {"n": done})
    return redirect("leads:board")


@require_POST
@requires(Right.WORK_LEADS)
def claim(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Take a published lead; who was second reads so on the board."""
    lead = selectors.lead_or_404(request.reach, uuid)
    try:
        services.claim(acting(request), lead)
    except ValidationError as refused:
        said_no(request, refused)
        return redirect("leads:board")
    messages.success(request, _("The lead is yours. Feedback is due within the protection."))
    return redirect("leads:detail", uuid)


@require_POST
@requires(Right.ALLOCATE_LEADS)
def drop(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Nothing comes of it."""
    reason = request.POST.get("reason", "")
    return _done(
        request,
        uuid,
        lambda who, lead: services.drop(who, lead, reason=reason),
        _("Noted; the finder reads why."),
    )


@require_POST
@requires(Right.ALLOCATE_LEADS)
def send_back(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask for what is missing."""
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    return _done(
        request,
        uuid,
        lambda who, lead: services.send_back(who, lead, note=note),
        _("Sent back with what is missing."),
    )


@require_POST
@requires(Right.HAND_IN_LEADS)
def supply(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What the head missed."""
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    return _done(
        request, uuid, lambda who, lead: services.supply(who, lead, note=note), _("Supplied. Thank you.")
    )


@require_POST
@requires(Right.WORK_LEADS)
def feed_back(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What was found out; the page says what is still missing."""
    lead = selectors.lead_or_404(request.reach, uuid)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return render(request, "leads/detail.html", lead_told(request, lead, feedback_form=form), status=422)
    said = Feedback(**form.cleaned_data)
    return _done(
        request, uuid, lambda who, one: services.feed_back(who, one, said), _("Feedback is written down.")
    )


@require_POST
@requires(Right.WORK_LEADS)
def contact(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A contact with the lead."""
    lead = selectors.lead_or_404(request.reach, uuid)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return render(request, "leads/detail.html", lead_told(request, lead, contact_form=form), status=422)
    outcome = form.cleaned_data["outcome"]
    reached, interested = outcome != "not_reached", outcome == "interested"
    return _done(
        request, uuid,
        lambda who, one: services.contact(
            who, one, reached=reached, interested=interested, note=form.cleaned_data["note"]
        ),
        _("Contact written down."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Right.WORK_LEADS)
def convert(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The battle map: whom, by whom, by when; saving begins conversion."""
    lead = selectors.lead_or_404(request.reach, uuid)
    _need_own(request, lead)
    people = pictures.colleagues(request.reach, request.user, request.today)
    forms = _step_forms(request, lead, people)
    hope = ExpectationForm(request.POST or None)
    if request.method == "POST" and all([hope.is_valid(), *(form.is_valid() for form in forms)]):
        by_key = {one.pk: one for one in people}
        told = [form.cleaned_data for form in forms if form.cleaned_data.get("whom")]
        steps = [StepDraft(one["whom"], one["what"], by_key[one["staff"]], one["due_on"]) for one in told]
        try:
            services.convert(acting(request), lead, steps, expectation=hope.cleaned_data["expectation"])
        except ValidationError as refused:
            hope.add_error(None, refused)
        else:
            messages.success(request, _("Conversion began; every step is on somebody's list."))
            return redirect("leads:detail", uuid)
    status = 422 if request.method == "POST" else 200
    return render(request, "leads/convert.html", {"lead": lead, "forms": forms, "hope": hope}, status=status)


def _step_forms(request: ActingRequest, lead: Lead, people: list[Staff]) -> list[StepForm]:
    """Three steps, filled in beforehand from the key persons and the policy's days."""
    said = services.details_of(lead)
    whom = [said.get(name, "") for name in ("decides", "operates", "informs")]
    days = lead_policy(request.today).map_days
    return [
        StepForm(
            request.POST or None, prefix=f"step-{at}", people=people,
            initial={
                "whom": whom[at], "staff": request.user.pk,
                "due_on": request.today + timedelta(days=days[min(at, len(days) - 1)].map_day),
            },
        )
        for at in range(STEPS_SHOWN)
    ]  # fmt: skip


@require_POST
@requires(Right.WORK_LEADS)
def finish_step(request: ActingRequest, uuid: UUID, number: int) -> HttpResponse:
    """A step of the map is done."""
    lead = selectors.lead_or_404(request.reach, uuid)
    step = get_object_or_404(MapStep.objects.select_related("lead"), lead=lead, pk=number)
    return _done(request, uuid, lambda who, _lead: services.finish_step(who, step), _("Step done."))


@require_POST
@requires(Right.WORK_LEADS)
def give_back(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Into the pool again."""
    reason = request.POST.get("reason", "")
    return _done(
        request, uuid, lambda who, lead: services.give_back(who, lead, reason=reason), _("Back in the pool."),
        to="leads:board",
    )  # fmt: skip


@require_POST
@requires(Right.WORK_LEADS)
def lose(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The end of a lead without a customer."""
    form = LoseForm(request.POST, policy=lead_policy(request.today))
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _done(
        request, uuid, lambda who, lead: services.lose(who, lead, reason=reason), _("The lead has ended.")
    )


@require_http_methods(["GET", "POST"])
@requires(Right.WORK_LEADS)
def reveal(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask why, then show the lead's number to its owner; the reason stands in the trail."""
    lead = selectors.lead_or_404(request.reach, uuid)
    _need_own(request, lead)
    form = ReasonForm(request.POST or None, initial={"reason": _("To contact a lead I hold")})
    if not form.is_valid():
        return render(request, "leads/_reveal.html", {"lead": lead, "form": form})
    shown = services.reveal(acting(request), lead, reason=form.cleaned_data["reason"])
    return render(request, "leads/_revealed.html", {"lead": lead, "shown": shown})


@require_POST
@requires(Right.ALLOCATE_LEADS)
def give(request: ActingRequest) -> HttpResponse:
    """Confirm the proposal as it was shown; what changed meanwhile is left out and said."""
    pairs = [text.partition("-") for text in request.POST.getlist("pair")]
    keys = [(whole(lead), whole(person)) for lead, _dash, person in pairs]
    told = {lead: person for lead, person in keys if lead is not None and person is not None}
    given, left = services.assign(acting(request), told)
    messages.success(request, _("%(n)s leads given out.") % {"n": given})
    if left:
        messages.warning(request, _("%(n)s had changed meanwhile and were left.") % {"n": left})
    return redirect("leads:giving")


@require_POST
@requires(Right.ALLOCATE_LEADS)
def specialisms(request: ActingRequest, number: int) -> HttpResponse:
    """Which industries somebody knows."""
    person = get_object_or_404(selectors.team(request.reach, request.today), pk=number)
    services.set_specialisms(acting(request), person, request.POST.getlist("industry"))
    messages.success(request, _("Industries of %(name)s noted.") % {"name": person.name})
    return redirect("leads:giving")


@require_http_methods(["GET", "POST"])
@requires(Right.WORK_LEADS)
def new_opportunity(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """An opportunity of a customer within reach."""
    party = party_or_404(request.reach, uuid)
    return _opened(request, "leads:opportunities", {"about": party.name, "party": party})


@require_http_methods(["GET", "POST"])
@requires(Right.WORK_LEADS)
def lead_opportunity(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """An opportunity of a lead one holds."""
    lead = selectors.lead_or_404(request.reach, uuid)
    _need_own(request, lead)
    return _opened(request, "leads:opportunities", {"about": lead.name, "lead": lead})


def _opened(request: ActingRequest, to: str, about: dict[str, Any]) -> HttpResponse:
    form = OpportunityForm(request.POST or None)
    if form.is_valid():
        try:
            deals.open_opportunity(
                acting(request),
                deals.Deal(**form.cleaned_data),
                party=about.get("party"),
                lead=about.get("lead"),
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The opportunity stands on the board."))
            return redirect(to)
    return render(
        request, "leads/opportunity.html", {"form": form, **about}, status=422 if form.errors else 200
    )


def _opportunity(request: ActingRequest, uuid: UUID) -> Opportunity:
    return get_object_or_404(selectors.opportunities(request.reach), uuid=uuid)


@require_POST
@requires(Right.WORK_LEADS)
def move(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """An opportunity to another stage."""
    opportunity, form = _opportunity(request, uuid), StageForm(request.POST)
    try:
        deals.move(acting(request), opportunity, stage=form.cleaned_data["stage"] if form.is_valid() else "")
    except ValidationError as refused:
        said_no(request, refused)
    return redirect("leads:opportunities")


@require_POST
@requires(Right.WORK_LEADS)
def end_opportunity(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Won or lost, with its reason."""
    opportunity, form = _opportunity(request, uuid), EndForm(request.POST)
    outcome, _colon, reason = (form.cleaned_data["end"] if form.is_valid() else "").partition(":")
    try:
        deals.close(acting(request), opportunity, outcome=outcome, reason=reason)
    except ValidationError as refused:
        said_no(request, refused)
    return redirect("leads:opportunities")


@require_GET
@requires(Right.WORK_LEADS)
def panel(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A customer's opportunities, as a part of the customer page."""
    party = party_or_404(request.reach, uuid)
    told = pictures.panel(request.reach, party, request.today)
    return render(request, "leads/_opportunities.html", told)


def _need_own(request: ActingRequest, lead: Lead) -> None:
    if lead.owner_id not in {request.reach.staff_id, *request.reach.staff_ids}:
        raise PermissionDenied(f"{lead} is somebody else's")
