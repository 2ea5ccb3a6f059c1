"""The overview (消息中心) with its live part, one message's life, messages in doubt, and what customers wrote back."""

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.messaging import figures, heard, pictures, selectors, services, words
from guanxi.crm.messaging.models import Message
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

LISTED = 100
DECIDING = Right.APPROVE_CAMPAIGNS
"""Who decides what became of single customers' messages: runs channels and sees customers too."""


@require_GET
@requires(Right.SEE_MESSAGES)
def overview(request: ActingRequest) -> HttpResponse:
    """What every channel does today; the figures come again by themselves."""
    told = _live(request) | {
        "latest": pictures.decisions(list(selectors.volumes()[:12])),
        "may_decide": request.reach.may(DECIDING),
    }
    return render(request, "messaging/overview.html", told)


@require_GET
@requires(Right.SEE_MESSAGES)
def live(request: ActingRequest) -> HttpResponse:
    """The live part alone."""
    return render(request, "messaging/_live.html", _live(request))


def _live(request: ActingRequest) -> dict[str, object]:
    begins = timezone.make_aware(datetime.combine(request.today, time()))
    told = figures.lines(min(begins, request.now))
    rates = {one.account.pk: one.per_second for one in selectors.throughput(request.now)}
    return {
        "lines": [pictures.channel_line(line, rates.get(line.account.pk, 0.0)) for line in told],
        "totals": figures.totals(told),
        "at": request.now,
    }


@require_GET
@requires(Right.SEE_CUSTOMERS)
def message(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One message's life, drawn; looking at it is looking at a customer."""
    found = _message(request, uuid)
    audit.viewed(by=request.user, party_key=found.party_id, what="message")
    told = pictures.life(found, today=request.today, masked=request.reach.hides_names)
    told["may_see"] = request.reach.may(Right.SEE_MESSAGES)
    return render(request, "messaging/message.html", told)


@require_GET
@requires(DECIDING)
def doubtful(request: ActingRequest) -> HttpResponse:
    """Messages of which nobody knows whether they arrived: a person decides, marketing is never sent again."""
    rows = list(selectors.in_doubt(request.reach)[:LISTED])
    hides = request.reach.hides_names
    told = [
        (row, shown_name(row.party.name, hidden=hides), words.DOUBT if row.purpose == "service" else None)
        for row in rows
    ]
    return render(request, "messaging/doubtful.html", {"rows": told, "choices": words.DOUBT})


@require_POST
@requires(DECIDING)
def settle(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A person's word on a message in doubt."""
    found = _message(request, uuid)
    try:
        services.settle(
            message=found, as_state=request.POST.get("word", ""), by=request.user, today=request.today,
            now=request.now, note=request.POST.get("note", ""),
        )  # fmt: skip
        messages.success(request, _("Decided."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("messaging:doubtful")


@require_GET
@requires(Right.LOG_CONTACTS, Right.SEE_MESSAGES)
def replies(request: ActingRequest) -> HttpResponse:
    """What customers within reach wrote back: talk that nobody has read yet, then the rest."""
    hides = request.reach.hides_names
    told = [
        (row, shown_name(row.party.name, hidden=hides) if row.party else row.masked or _("unknown number"))
        for row in heard.heard(request.reach)[:LISTED]
    ]
    may = {
        "may_answer": request.reach.may(Right.LOG_CONTACTS),
        "may_see": request.reach.may(Right.SEE_MESSAGES),
    }
    return render(request, "messaging/replies.html", {"rows": told, **may})


@require_POST
@requires(Right.LOG_CONTACTS)
def seen(request: ActingRequest, number: int) -> HttpResponse:
    """Somebody has read it and sees to it."""
    found = heard.heard(request.reach).filter(pk=number).first()
    if found is None:
        raise Http404
    heard.mark_seen(found, by=request.user, now=request.now)
    return redirect("messaging:replies")


def _message(request: ActingRequest, uuid: UUID) -> Message:
    found = (
        Message.objects.select_related("party", "unit", "keeper", "account", "settled_by")
        .filter(uuid=uuid)
        .first()
    )
    if found is None or not request.reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found
