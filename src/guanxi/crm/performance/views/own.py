"""One's own figures (我的业绩), and what waits for one's decision (审批)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import approvals, disputes, outputs, people, selectors
from guanxi.crm.performance.forms import DisputeForm
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.team import member_self
from guanxi.crm.performance.views.common import says_what_is_unset


@require_GET
@requires(Right.SEE_WORKLIST)
@says_what_is_unset
def mine(request: ActingRequest) -> HttpResponse:
    """One's own figures beside the team's median; nobody else's."""
    member = member_self(request.user, request.reach)
    terms = terms_on(request.today)
    figures, as_of = people.shown_of(member, terms)
    _drawn, flagged = people.notes_of(request.user.pk, terms)
    given = selectors.advice_about(request.reach, [request.user.pk])
    told = {
        "member": member,
        "figures": figures,
        "outputs": outputs.shown_outputs(selectors.outputs_of([request.user.pk])),
        "night": as_of,
        "flagged": flagged,
        "decisions": list(selectors.decisions_owned(request.user)[:20]),
        "advice": [(one, *people.compared(one)) for one in given[:20]],
        "disputes": people.disputed(disputes.disputes_about(request.reach, [request.user.pk])[:20]),
        "dispute_form": DisputeForm(),
        "policy": terms.work,
        "today": request.today,
    }
    return render(request, "performance/mine.html", told)


@require_GET
@requires(Right.SEE_TEAM_WORK, Right.APPROVE_POLICY)
def approve(request: ActingRequest) -> HttpResponse:
    """Everything that waits for this person, room by room."""
    told = {
        "waiting": approvals.waiting_for(request.user, request.reach, request.today),
    }
    return render(request, "performance/approvals.html", told)
