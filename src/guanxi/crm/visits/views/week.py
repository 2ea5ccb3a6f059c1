"""The week: one's own or a colleague's calendar, who is due, the plan handed in and decided on; the team's weeks."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.visits import calendar, pictures, plans, rules, selectors
from guanxi.crm.visits.models import WeekPlan
from guanxi.web.sent import whole


@require_GET
@requires(Right.PLAN_VISITS)
def week(request: ActingRequest) -> HttpResponse:
    """The calendar of a week: visits by day, tasks due, who is due for a visit, and where the plan stands."""
    staff = _person(request)
    asked = pictures.day_asked(request.GET.get("day"), request.today)
    told = calendar.week(request.reach, staff, rules.monday_of(asked or request.today), request.today)
    return render(request, "visits/week.html", told)


def _person(request: ActingRequest) -> Staff:
    """Whose week: one's own, or that of somebody of the units one confirms plans for; else not there."""
    asked = request.GET.get("person", "")
    if not asked or asked == str(request.user.pk):
        return request.user
    if not request.reach.may(Right.CONFIRM_PLANS):
        raise Http404
    posts = posts_on(request.today, units=request.reach.unit_ids)
    return get_object_or_404(Staff, pk=whole(asked) or 0, pk__in=posts.order_by().values("staff"))


@require_POST
@requires(Right.PLAN_VISITS)
def submit(request: ActingRequest) -> HttpResponse:
    """Hand in one's own week."""
    monday = _monday(request)
    try:
        plans.submit_week(
            by=request.user,
            monday=monday,
            focus=request.POST.get("focus", ""),
            today=request.today,
            now=request.now,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Handed in. The supervisor confirms it or sends it back."))
    return redirect(calendar.address(monday))


def _monday(request: ActingRequest) -> date:
    asked = pictures.day_asked(request.POST.get("week"), request.today) or request.today
    return rules.monday_of(asked)


@require_POST
@requires(Right.CONFIRM_PLANS)
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Confirm a plan, or return it with a word."""
    plan = WeekPlan.objects.filter(pk=number, unit__in=request.reach.unit_ids).first()
    if plan is None:
        raise Http404
    try:
        plans.decide_week(
            by=request.user, plan=plan, confirm=request.POST.get("deed") == "confirm",
            word=request.POST.get("word", ""), today=request.today, now=request.now,
        )  # fmt: skip
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(calendar.address(plan.week, plan.staff_id))


@require_GET
@requires(Right.CONFIRM_PLANS)
def team(request: ActingRequest) -> HttpResponse:
    """The weeks of one's people: what waits, how much is planned and done, what happens twice at once."""
    asked = pictures.day_asked(request.GET.get("day"), request.today)
    monday = rules.monday_of(asked or request.today)
    told = {
        "rows": [
            pictures.team_line(row, monday) for row in selectors.team(request.reach, monday, request.today)
        ],
        "columns": pictures.team_columns(),
        "monday": monday,
        "sunday": monday + timedelta(days=rules.WEEK - 1),
        "before": monday - timedelta(days=rules.WEEK),
        "after": monday + timedelta(days=rules.WEEK),
    }
    return render(request, "visits/team.html", told)
