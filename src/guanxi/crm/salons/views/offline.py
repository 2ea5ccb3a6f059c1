"""Offline sign-up (线下报名): people of the bank write down what somebody says on the phone or at the counter."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.salons import guests, selectors
from guanxi.crm.salons.forms import GuestForm
from guanxi.crm.salons.models import Invitation
from guanxi.crm.salons.rules import Answer, State
from guanxi.crm.salons.views.asking import moment_of, said_no


@sensitive_post_parameters("contact", "name")
@require_POST
@requires(Right.RUN_SALONS, Right.SERVE_COUNTER)
def enrol(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Sign somebody up by name and number; back to the page it was asked on."""
    salon = selectors.salon_or_404(request.reach, uuid)
    back = "salons:detail" if request.reach.may(Right.RUN_SALONS) else "salons:door"
    form = GuestForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            for sentence in errors:
                messages.error(request, str(sentence))
        return redirect(back, uuid)
    try:
        draft = guests.GuestDraft(**form.cleaned_data)
        made = guests.enrol(salon, draft, by=request.user, today=request.today, now=moment_of(request))
    except ValidationError as refused:
        said_no(request, refused)
    else:
        waits = made.state == State.WAITING
        said = (
            _("On the waiting list; entry code %(code)s.") if waits else _("Signed up; entry code %(code)s.")
        )
        messages.success(request, said % {"code": made.code})
    return redirect(back, uuid)


@require_POST
@requires(Right.RUN_SALONS)
def answered(request: ActingRequest, number: int) -> HttpResponse:
    """Keep what one of the invited said on the phone: comes, or does not."""
    found = Invitation.objects.select_related("salon", "party").filter(pk=number).first()
    if found is None or not request.reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    said = request.POST.get("said", "")
    if said in tuple(Answer):
        try:
            guests.answer(found, Answer(said), today=request.today, now=moment_of(request), by=request.user)
        except ValidationError as refused:
            said_no(request, refused)
        else:
            messages.success(request, _("The answer is kept."))
    return redirect("salons:detail", found.salon.uuid)
