"""What follows a visit: the maintenance plan (维护方案), on the page and on paper."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.audit import services as audit
from guanxi.crm.interactions.policy import language
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.visits import pictures, plans, selectors
from guanxi.crm.visits.forms import MaintenanceForm
from guanxi.crm.visits.models import VisitState
from guanxi.crm.visits.policy import plan_name, visit_policy
from guanxi.crm.visits.views.visit import done
from guanxi.web.pdf import mark_of, pdf_response


@require_http_methods(["GET", "POST"])
@requires(Right.PLAN_VISITS)
def follow(request: ActingRequest, number: int) -> HttpResponse:
    """Make the plan of a visit: the template of the customer's class, to be changed before it is kept."""
    visit = selectors.visit_or_404(request.reach, number)
    known = selectors.plan_of(visit)
    if known is not None:
        return redirect("visits:plan", known.pk)
    if visit.state != VisitState.DONE:
        return redirect("visits:detail", visit.pk)
    steps = plans.steps_proposed(visit, request.today, language())
    sent = (request.POST,) if request.method == "POST" else ()
    form = MaintenanceForm(*sent, steps=steps, today=request.today)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: plans.make_plan(
            by=request.user, visit=visit, aim=form.cleaned_data["aim"], steps=form.steps(), today=request.today,
            now=request.now,
        ))  # fmt: skip
        if made is not None:
            return redirect("visits:plan", made.pk)
    policy = visit_policy(request.today)
    title = plan_name(policy, plans.template_for(visit, request.today).code)
    told = {**pictures.visit_page(visit, policy, request.today), "form": form, "title": title}
    return render(request, "visits/follow.html", told, status=422 if form.errors else 200)


@require_GET
@requires(Right.PLAN_VISITS)
def plan(request: ActingRequest, number: int) -> HttpResponse:
    """A maintenance plan with how far its tasks are."""
    kept = selectors.plan_or_404(request.reach, number)
    audit.viewed(by=request.user, party_key=kept.party_id, what="maintenance_plan")
    return render(request, "visits/plan.html", pictures.plan_page(kept, request.today))


@require_GET
@requires(Right.PLAN_VISITS)
def plan_pdf(request: ActingRequest, number: int) -> HttpResponse:
    """The same on paper; taking it is recorded."""
    kept = selectors.plan_or_404(request.reach, number)
    mark = mark_of(request.user.name, request.user.staff_no, request.now)
    told = pictures.plan_page(kept, request.today)
    answer = pdf_response("visits/plan_print.html", told, pictures.plan_file_name(kept), mark=mark)
    pictures.taken(request, "maintenance_plan", answer, kept.party_id, plan=kept.pk)
    return answer
