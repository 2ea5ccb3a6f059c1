"""A visit before, during and after: planned, prepared, moved, called off, joined, closed with its minutes."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.selectors import current_run
from guanxi.crm.visits import pictures, prep, selectors, services
from guanxi.crm.visits.forms import MinutesForm, VisitForm, WhyForm, initial_of
from guanxi.crm.visits.models import Visit
from guanxi.crm.visits.photos import add_photos
from guanxi.crm.visits.policy import visit_policy
from guanxi.web.pdf import mark_of, pdf_response


@require_http_methods(["GET", "POST"])
@requires(Right.PLAN_VISITS)
def new(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Plan a visit to a customer (预约拜访); what the record suggests is filled in."""
    picture = picture_of(request, party_or_404(request.reach, uuid))
    form = visit_form(request, **_proposed(request, picture))
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: services.plan_visit(
            by=request.user, party=picture.party, draft=form.draft(), today=request.today
        ))  # fmt: skip
        if made is not None:
            return redirect("visits:detail", made.pk)
    told = {"form": form, **pictures.planning(picture, request.today)}
    return render(request, "visits/new.html", told, status=422 if form.errors else 200)


def _proposed(request: ActingRequest, picture: Picture) -> dict[str, Any]:
    """Day (as asked for, else tomorrow's first hour), the usual length, the aims that the record suggests."""
    if request.method == "POST":
        return {}
    policy = visit_policy(request.today)
    return {"initial": {
        "day": pictures.day_asked(request.GET.get("day"), request.today) or pictures.next_workday(request.today),
        "hour": pictures.FIRST_HOUR, "length": policy.usual_minutes, "place": pictures.usual_place(picture.party),
        "aims": prep.suggested_aims(picture, policy),
    }}  # fmt: skip


def visit_form(request: ActingRequest, **more: Any) -> VisitForm:
    """The form of a visit, filled with what was sent when something was."""
    sent = (request.POST,) if request.method == "POST" else ()
    people = selectors.may_join(request.reach, request.today)
    return VisitForm(*sent, policy=visit_policy(request.today), people=people, today=request.today, **more)


def picture_of(request: ActingRequest, party: Party) -> Picture:
    """The customer as the panels read it."""
    return Picture(request.reach, party, request.today, current_run())


def done(form: Any, deed: Callable[[], Any]) -> Any:
    """What the deed gives, or None with what it refused said in the form."""
    try:
        return deed()
    except ValidationError as error:
        form.add_error(None, error)
        return None


@require_GET
@requires(Right.PLAN_VISITS)
def detail(request: ActingRequest, number: int) -> HttpResponse:
    """A visit: before it the prep sheet and the checklist, after it minutes, evidence and what follows."""
    visit = selectors.visit_or_404(request.reach, number)
    audit.viewed(by=request.user, party_key=visit.party_id, what="visit")
    return page_of(request, visit)


def _isown_visit(request: ActingRequest, visit: Visit) -> bool:
    return visit.staff_id in request.reach.staff_ids | {request.user.pk}


def own_visit(request: ActingRequest, number: int) -> Visit:
    """One's own visit (or of somebody covered for), within reach."""
    visit = selectors.visit_or_404(request.reach, number)
    if not _isown_visit(request, visit):
        raise PermissionDenied("somebody else's visit")
    return visit


def page_of(
    request: ActingRequest, visit: Visit, form: MinutesForm | None = None, refused: Sequence[str] = ()
) -> HttpResponse:
    """The page of a visit; `refused`: why photos just sent were not taken."""
    policy = visit_policy(request.today)
    picture = picture_of(request, visit.party)
    told = {
        **prep.sheet(picture, policy, visit.aims),
        **pictures.visit_page(visit, policy, request.today),
        **pictures.photos(visit, policy, request.reach, request.today),
        "own": _isown_visit(request, visit),
        "form": form or MinutesForm(visit=visit, policy=policy, today=request.today),
        "why_form": WhyForm(),
        "refused": refused,
    }
    wrong = bool(refused or (form and form.errors))
    return render(request, "visits/detail.html", told, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.PLAN_VISITS)
def move(request: ActingRequest, number: int) -> HttpResponse:
    """Another day, hour, place or aim."""
    visit = own_visit(request, number)
    picture = picture_of(request, visit.party)
    form = visit_form(request, initial=initial_of(visit))
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: services.move_visit(
            by=request.user, visit=visit, draft=form.draft(), today=request.today, now=request.now
        ))  # fmt: skip
        if made is not None:
            return redirect("visits:detail", made.pk)
    told = {"form": form, "visit": visit, **pictures.planning(picture, request.today)}
    return render(request, "visits/new.html", told, status=422 if form.errors else 200)


@require_POST
@requires(Right.PLAN_VISITS)
def cancel(request: ActingRequest, number: int) -> HttpResponse:
    """Call a visit off, with the reason."""
    visit = selectors.visit_or_404(request.reach, number)
    why = request.POST.get("why", "")
    return said(request, visit.pk, lambda: services.cancel_visit(
        by=request.user, visit=visit, why=why, today=request.today, now=request.now
    ))  # fmt: skip


@require_POST
@requires(Right.PLAN_VISITS)
def check(request: ActingRequest, number: int) -> HttpResponse:
    """Keep what of the checklist is done."""
    visit = selectors.visit_or_404(request.reach, number)
    checked = request.POST.getlist("checked")
    return said(request, visit.pk, lambda: services.prepare(
        by=request.user, visit=visit, checked=checked, today=request.today, now=request.now
    ))  # fmt: skip


@require_POST
@requires(Right.PLAN_VISITS)
def close(request: ActingRequest, number: int) -> HttpResponse:
    """Minutes and appraisal; the contact is logged with them."""
    visit = own_visit(request, number)
    form = MinutesForm(request.POST, visit=visit, policy=visit_policy(request.today), today=request.today)
    refused = photos_sent(request, visit)
    if form.is_valid() and not refused:
        made = done(form, lambda: services.close_visit(
            by=request.user, visit=visit, record=form.record(), today=request.today, now=request.now
        ))  # fmt: skip
        if made is not None:
            return redirect("visits:follow", made.pk)
    return page_of(request, visit, form, refused)


def photos_sent(request: ActingRequest, visit: Visit) -> list[str]:
    """Keep the photos that came with a form; why each of the others was not taken."""
    files = request.FILES.getlist("photos")
    try:
        return add_photos(by=request.user, visit=visit, files=files, today=request.today, now=request.now)
    except ValidationError as error:
        return error.messages if files else []


@require_GET
@requires(Right.PLAN_VISITS)
def along(request: ActingRequest, number: int) -> HttpResponse:
    """A visit one was asked along to; the customer is named only to whom it may be."""
    visit, companion = selectors.joined_or_404(request.reach, number)
    told = pictures.along(visit, companion, visit_policy(request.today), request.reach, request.today)
    return render(request, "visits/along.html", told)


@require_POST
@requires(Right.PLAN_VISITS)
def join(request: ActingRequest, number: int) -> HttpResponse:
    """Say that one came along."""
    try:
        services.join(by=request.user, number=number, today=request.today, now=request.now)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("visits:along", number)


@require_GET
@requires(Right.PLAN_VISITS)
def prep_pdf(request: ActingRequest, number: int) -> HttpResponse:
    """The prep sheet on paper; taking it is recorded, with a fingerprint of what was taken."""
    visit = selectors.visit_or_404(request.reach, number)
    policy = visit_policy(request.today)
    told = {
        **prep.sheet(picture_of(request, visit.party), policy, visit.aims),
        **pictures.visit_page(visit, policy, request.today),
    }
    mark = mark_of(request.user.name, request.user.staff_no, request.now)
    answer = pdf_response("visits/prep_print.html", told, pictures.file_name(visit), mark=mark)
    pictures.taken(request, "visit_prep", answer, visit.party_id, visit=visit.pk)
    return answer


@require_GET
@requires(Right.SEE_CUSTOMERS)
def panel(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The visits to one customer, as a part of the customer page."""
    party = party_or_404(request.reach, uuid)
    return render(request, "visits/_panel.html", pictures.panel(request.reach, party, request.today))


def said(request: ActingRequest, number: int, deed: Callable[[], object]) -> HttpResponse:
    """Do it and go back to the visit; what was refused is said there."""
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("visits:detail", number)
