"""Exits (客户退出): decide, appeal, hear; shared keeping and the way back; fairness."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.keeping import fairness as counts
from guanxi.crm.keeping import pictures, selectors
from guanxi.crm.keeping.models import ExitState
from guanxi.crm.keeping.policy import keeping_policy, scope_policy
from guanxi.crm.keeping.services import exits as services
from guanxi.crm.keeping.views.common import done, tabs
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.web.sent import whole


@require_GET
@requires(Right.LOG_CONTACTS)
def listed(request: ActingRequest) -> HttpResponse:
    """Exits of one state, what waits first."""
    chosen = request.GET.get("state", "")
    state = chosen if chosen in ExitState.values else ExitState.PROPOSED.value
    rows = list(selectors.exits(request.reach).filter(state=state)[: pictures.AT_ONCE])
    told = {
        "tabs": tabs(request, "exits"),
        "states": pictures.exit_states(request.reach, state),
        "lines": pictures.exit_lines(rows, request.reach, request.today),
        "deciding": state == ExitState.PROPOSED and request.reach.may(Right.DECIDE_KEEPING),
        "policy": scope_policy(request.today),
    }
    return render(request, "keeping/exits.html", told)


@require_GET
@requires(Right.LOG_CONTACTS)
def page(request: ActingRequest, number: int) -> HttpResponse:
    """One exit from proposal to end, with what the reader may do."""
    row = selectors.exits(request.reach).filter(pk=number).first()
    if row is None:
        raise Http404
    told = pictures.exit_page(row, request.reach, request.today, keeping_policy(request.today).appeal_days)
    return render(request, "keeping/exit.html", told)


@require_POST
@requires(Right.DECIDE_KEEPING)
def decide(request: ActingRequest) -> HttpResponse:
    """Decide the chosen ones, each with the reason given."""
    chosen = [key for text in request.POST.getlist("chosen") if (key := whole(text)) is not None]
    leave = request.POST.get("verdict") == "leave"
    done(
        request,
        lambda: services.decide(
            by=request.user, reach=request.reach, proposals=chosen, leave=leave, note=request.POST.get("note", ""),
            today=request.today, now=request.now,
        ),
        _("Decided. The notice runs; the keeper may appeal.") if leave else _("Kept in scope."),
    )  # fmt: skip
    return redirect("keeping:exits")


@require_POST
@requires(Right.LOG_CONTACTS)
def appeal(request: ActingRequest, number: int) -> HttpResponse:
    """The keeper's one appeal."""
    done(
        request,
        lambda: services.appeal(
            by=request.user, reach=request.reach, proposal=number, note=request.POST.get("note", ""),
            today=request.today,
        ),
        _("The appeal is lodged. Another person decides."),
    )  # fmt: skip
    return redirect("keeping:exit", number)


@require_POST
@requires(Right.DECIDE_KEEPING)
def hear(request: ActingRequest, number: int) -> HttpResponse:
    """Another person's answer to the appeal."""
    done(
        request,
        lambda: services.hear(
            by=request.user, reach=request.reach, proposal=number, leave=request.POST.get("verdict") == "leave",
            note=request.POST.get("note", ""), today=request.today,
        ),
        _("The appeal is answered."),
    )  # fmt: skip
    return redirect("keeping:exit", number)


@require_GET
@requires(Right.DECIDE_KEEPING)
def shared(request: ActingRequest) -> HttpResponse:
    """Customers whom the outlet keeps together, with their cadence and the way back."""
    rows = list(selectors.shared(request.reach)[: pictures.AT_ONCE])
    told = {
        "tabs": tabs(request, "shared"),
        "lines": pictures.shared_lines(rows, request.reach, request.today),
    }
    return render(request, "keeping/shared.html", told)


@require_POST
@requires(Right.DECIDE_KEEPING)
def take_back(request: ActingRequest, number: int) -> HttpResponse:
    """Bring one back: he stands in the pool."""
    done(
        request,
        lambda: services.take_back(
            by=request.user,
            reach=request.reach,
            shared=number,
            note=request.POST.get("note", ""),
            today=request.today,
        ),
        _("Back in scope. The customer waits in the pool for a keeper."),
    )
    return redirect("keeping:shared")


@require_GET
@requires(Right.DECIDE_KEEPING)
def fairness(request: ActingRequest) -> HttpResponse:
    """Proposed, decided, appealed by age, gender and town or country: counts, rates, and a caution for small groups."""
    least = keeping_policy(request.today).least_group
    told = {
        "tabs": tabs(request, "fairness"),
        "tables": counts.tables(request.reach, least),
        "least": least,
    }
    return render(request, "keeping/fairness.html", told)
