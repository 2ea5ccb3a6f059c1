"""考核申诉: raise a dispute about an own figure, answer one of the team."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import disputes
from guanxi.crm.performance.forms import AnswerForm, DisputeForm
from guanxi.crm.performance.models import Dispute
from guanxi.crm.performance.views.common import says_what_is_unset


@require_POST
@requires(Right.SEE_WORKLIST)
@says_what_is_unset
def raise_one(request: ActingRequest) -> HttpResponse:
    """Dispute a figure of one's own."""
    form = DisputeForm(request.POST)
    told = form.cleaned_data if form.is_valid() else {"measure": "", "text": ""}
    _try(
        request,
        lambda: disputes.raise_dispute(by=request.user, today=request.today, now=request.now, **told),
        _("Handed in. The head of your unit answers."),
    )
    return redirect("performance:mine")


@require_POST
@requires(Right.COACH)
@says_what_is_unset
def answer(request: ActingRequest, number: int) -> HttpResponse:
    """Answer a dispute of the team."""
    rows = Dispute.objects.filter(unit__in=sorted(request.reach.unit_ids))
    dispute = rows.filter(pk=number).first()
    if dispute is None:
        raise Http404
    form = AnswerForm(request.POST)
    told = form.cleaned_data if form.is_valid() else {"state": "", "answer": ""}
    _try(
        request,
        lambda: disputes.answer_dispute(
            by=request.user, dispute=dispute, today=request.today, now=request.now, **told
        ),
        _("Answered."),
    )
    return redirect("performance:person", dispute.staff_id)


def _try(request: ActingRequest, deed: Callable[[], object], said: str) -> None:
    try:
        deed()
    except PermissionDenied:
        raise
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
