"""The channels with their switch: off needs two taps and a reason, on says what was looked into."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.messaging import figures, selectors, services, words
from guanxi.crm.messaging.models import ChannelAccount
from guanxi.crm.messaging.rules import OFF_REASONS
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.processors import selectors as register
from guanxi.crm.processors import words as says


@require_GET
@requires(Right.SEE_MESSAGES)
def channels(request: ActingRequest) -> HttpResponse:
    """Each account: on or off and why, whether its vendor may have data, where it leads, how fast, sandbox or real."""
    accounts = list(selectors.accounts())
    barred = register.why_not([one.code for one in accounts], request.today)
    told = [
        (one, OFF_REASONS.get(one.off_reason, one.off_reason), says.why_not(barred[one.code]))
        for one in accounts
    ]
    sees = request.reach.may(Right.SEE_PROCESSORS)
    more = {
        "may_run": request.reach.may(Right.RUN_CHANNELS),
        "sees_register": sees,
        "keeps_register": request.reach.may(Right.KEEP_PROCESSORS),
        "ending": register.ending(request.today) if sees else [],
        "abroad": figures.people_abroad(request.today),
        "words": words,
    }
    return render(request, "messaging/channels.html", {"accounts": told, **more})


@require_POST
@requires(Right.RUN_CHANNELS)
def switch(request: ActingRequest, number: int) -> HttpResponse:
    """Switch one on or off."""
    account = get_object_or_404(ChannelAccount, pk=number)
    on, note = request.POST.get("to") == "on", request.POST.get("note", "")
    if not note.strip():
        messages.error(request, _("Say why."))
        return redirect("messaging:channels")
    try:
        services.switch(
            account=account, on=on, by=request.user, today=request.today, now=request.now, note=note
        )
        messages.success(
            request, _("The channel is on.") if on else _("The channel is off from the next batch on.")
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("messaging:channels")
