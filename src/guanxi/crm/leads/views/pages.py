"""The room's pages: weekly meeting, one's own leads, what one handed in, one lead, lists and funnel, opportunities."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.leads import giving as giving_out
from guanxi.crm.leads import pictures, rosters, selectors, services
from guanxi.crm.leads.arriving import Draft
from guanxi.crm.leads.forms import (
    BringForm,
    ContactForm,
    FeedbackForm,
    HandInForm,
    LoseForm,
    OpportunityForm,
    ReasonForm,
)
from guanxi.crm.leads.models import Kind, Lead
from guanxi.crm.leads.policy import choices, lead_policy
from guanxi.crm.leads.rules import WORKED, State
from guanxi.crm.leads.views.asking import acting, said_no
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import path_to

SHOWN = 200
WEEK_DAYS = 7


@require_GET
@requires(Right.HAND_IN_LEADS, Right.CHANGE_PEOPLE)
def home(request: ActingRequest) -> HttpResponse:
    """The page of the room that this person works on."""
    pages = (
        (Right.WORK_LEADS, "board"),
        (Right.ALLOCATE_LEADS, "board"),
        (Right.HAND_IN_LEADS, "mine"),
        (Right.CHANGE_PEOPLE, "sources"),
    )
    return redirect(f"leads:{next(page for right, page in pages if request.reach.may(right))}")


@require_GET
@requires(Right.HAND_IN_LEADS)
def mine(request: ActingRequest) -> HttpResponse:
    """What one handed in, where it stands, and the credit it earned."""
    found = pictures.found_by_me(selectors.handed_in(request.reach)[:SHOWN], request.today)
    told = {"lines": found, "points": sum(line.points for line in found), **_tabs(request, "mine")}
    return render(request, "leads/mine.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.HAND_IN_LEADS)
def hand_in(request: ActingRequest) -> HttpResponse:
    """A lead in half a minute."""
    units = list(selectors.outlets())
    own = next((unit.pk for unit in units if unit.pk in request.reach.post_unit_ids), None)
    policy = lead_policy(request.today)
    form = HandInForm(request.POST or None, units=units, policy=policy, own=own)
    if form.is_valid():
        told = dict(form.cleaned_data)
        unit = next(one for one in units if one.pk == told.pop("unit"))
        try:
            lead = services.hand_in(acting(request), Draft(**told), unit=unit)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, pictures.thanks(lead))
            return redirect("leads:mine")
    return render(request, "leads/hand_in.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.WORK_LEADS, Right.ALLOCATE_LEADS)
def board(request: ActingRequest) -> HttpResponse:
    """The weekly meeting: what is to be claimed; for the head also what is collected, stuck, and the week's figures."""
    reach, today = request.reach, request.today
    told: dict[str, Any] = {
        "lines": pictures.lines(selectors.board(reach)[:SHOWN], today, reach=reach),
        "may_claim": reach.may(Right.WORK_LEADS),
        "heads": reach.may(Right.ALLOCATE_LEADS),
        **_tabs(request, "board"),
    }
    if told["heads"]:
        told |= pictures.meeting(reach, today, WEEK_DAYS)
        told["boards"] = _boards(request)
        told["reason"] = ReasonForm()
    else:
        told["in_hand"] = selectors.in_hand(request.user)
        told["limit"] = lead_policy(today).open_leads
    return render(request, "leads/board.html", told)


def _boards(request: ActingRequest) -> list[Unit]:
    """The meetings a head may publish to: the own unit's and those above it, the whole bank's first."""
    above = {unit.pk: unit for pk in sorted(request.reach.post_unit_ids) for unit in path_to(Unit(pk=pk))}
    return list(above.values())


@require_GET
@requires(Right.WORK_LEADS)
def work(request: ActingRequest) -> HttpResponse:
    """The leads one works, the soonest to run out first."""
    found = pictures.lines(selectors.held(request.reach)[:SHOWN], request.today)
    limit = lead_policy(request.today).open_leads
    return render(request, "leads/work.html", {"lines": found, "limit": limit, **_tabs(request, "work")})


@require_GET
@requires(Right.HAND_IN_LEADS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One lead: its step, what is known, what this person may do with it. Opening a published one is counted."""
    lead = selectors.lead_or_404(request.reach, uuid)
    try:
        services.look(acting(request), lead)
    except ValidationError as refused:
        said_no(request, refused)
        return redirect("leads:board")
    return render(request, "leads/detail.html", lead_told(request, lead))


def lead_told(request: ActingRequest, lead: Lead, **forms: Any) -> dict[str, Any]:
    """What the page of a lead shows; `forms` that came back with errors take the place of fresh ones."""
    reach, today = request.reach, request.today
    policy = lead_policy(today)
    heads = reach.may(Right.ALLOCATE_LEADS) and lead.unit_id in reach.unit_ids
    owns = reach.may(Right.WORK_LEADS) and lead.owner_id in {reach.staff_id, *reach.staff_ids}
    map_steps = list(selectors.steps_of(lead))
    inside = heads or owns or any(step.staff_id == reach.staff_id for step in map_steps)
    line = pictures.line(lead, policy, today)
    if not inside and lead.state == State.KNOWN:
        line.state = pictures.good_hands()
    said = services.details_of(lead) if inside else {}
    return {
        "lead": lead,
        "line": line,
        "steps": pictures.steps(lead),
        "heads": heads,
        "owns": owns and lead.state in WORKED,
        "inside": inside,
        "finder": lead.handed_by_id == reach.staff_id,
        "may_claim": reach.may(Right.WORK_LEADS) and lead.state == State.PUBLISH,
        "said": said,
        "map_steps": map_steps if inside else [],
        "may_finish": lambda step: step.done_on is None and (owns or step.staff_id == reach.staff_id),
        "opportunities": list(selectors.opportunities(reach).filter(lead=lead)) if owns else [],
        "history": pictures.history(selectors.events_of(lead), whole=inside),
        "close_reason": pictures.close_reason(lead, today),
        "feedback_form": FeedbackForm(said=said),
        "contact_form": ContactForm(),
        "lose_form": LoseForm(policy=policy),
        "reason_form": ReasonForm(),
        "opportunity_form": OpportunityForm(),
        "today": today,
    } | forms


@require_GET
@requires(Right.ALLOCATE_LEADS)
def giving(request: ActingRequest) -> HttpResponse:
    """The proposal of who gets which published lead, and the team with its load; nothing is given yet."""
    plan = giving_out.plan(request.reach, request.today)
    told = {
        "rows": pictures.plan_rows(plan, request.today),
        "team": pictures.team_rows(plan, request.today),
        "industries": choices(lead_policy(request.today).industries),
        "given": len(plan.proposal.given),
        **_tabs(request, "giving"),
    }
    return render(request, "leads/giving.html", told)


@require_GET
@requires(Right.ALLOCATE_LEADS)
def lists(request: ActingRequest) -> HttpResponse:
    """The lists brought, and the funnel of every list and origin."""
    told = {
        "lists": list(selectors.lists_of(request.reach)[:SHOWN]),
        "rows": pictures.funnel_rows(request.reach),
        **_tabs(request, "lists"),
    }
    return render(request, "leads/lists.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.ALLOCATE_LEADS)
def bring(request: ActingRequest) -> HttpResponse:
    """A partner's list or a roster as a workbook."""
    units = list(selectors.outlets().filter(pk__in=request.reach.unit_ids))
    form = BringForm(request.POST or None, request.FILES or None, units=units)
    if form.is_valid():
        told = form.cleaned_data
        try:
            lines = rosters.read_lines(told["file"].read())
            unit = next(one for one in units if one.pk == told["unit"])
            batch = rosters.bring(
                acting(request), name=told["name"], origin=told["origin"], unit=unit, lines=lines
            )
        except ValidationError as refused:
            form.add_error("file", refused)
        else:
            messages.success(request, pictures.brought(batch))
            return redirect("leads:lists")
    return render(request, "leads/bring.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.WORK_LEADS)
def opportunities(request: ActingRequest) -> HttpResponse:
    """Opportunities by stage, and what became of those that ended."""
    rows = selectors.opportunities(request.reach)
    policy = lead_policy(request.today)
    told = {
        "columns": pictures.board_columns(rows.filter(outcome="")[:SHOWN], policy),
        "ended": pictures.opportunity_rows(
            rows.exclude(outcome="").order_by("-closed_on", "-pk")[:SHOWN], policy
        ),
        "ends": pictures.ends(policy),
        "reach": request.reach,
        "today": request.today,
        **_tabs(request, "opportunities"),
    }
    return render(request, "leads/opportunities.html", told)


def _tabs(request: ActingRequest, here: str) -> dict[str, Any]:
    return {"tabs": pictures.tabs(request.reach, here), "kinds": dict(Kind.choices)}
