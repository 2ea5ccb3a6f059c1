"""The door: the lobby reads codes with the camera or types them; what could not be sent is sent later."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.salons import door, guests, pictures, selectors
from guanxi.crm.salons.models import Salon
from guanxi.crm.salons.rules import Stage
from guanxi.crm.salons.views.asking import acting
from guanxi.crm.salons.views.staff import offline_told
from guanxi.web.signed import unseal
from guanxi.web.written import moment

CAMERA = "camera=(self), microphone=(), geolocation=()"
MOST_AT_ONCE = 200
DAY_SECONDS = 86_400


@require_GET
@requires(Right.RUN_SALONS, Right.SERVE_COUNTER)
def door_page(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Where the lobby stands: a box for the code, the camera where there is one, who has come."""
    salon = selectors.salon_or_404(request.reach, uuid)
    told = offline_told(planned=salon.state == Stage.PLANNED, today=request.today)
    answer = render(request, "salons/door.html", {"salon": salon, **pictures.figures(salon), **told})
    answer["Permissions-Policy"] = CAMERA
    return answer


@require_POST
@requires(Right.RUN_SALONS, Right.SERVE_COUNTER)
def let_in(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Let people in by `code`, each shown `ago` seconds where the phone kept it; answers as it was asked."""
    salon = selectors.salon_or_404(request.reach, uuid)
    codes, ages = request.POST.getlist("code")[:MOST_AT_ONCE], request.POST.getlist("ago")
    who = acting(request)
    shown = [
        door.Shown(code[:200], _at(who.now, ages[place]) if place < len(ages) else None)
        for place, code in enumerate(codes)
        if code.strip()
    ]
    entries = door.let_in(who, salon, shown)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"entries": [_plain(one) for one in entries]})
    for one in entries:
        say = messages.success if one.result == door.IN else messages.warning
        say(request, words(one))
    return redirect("salons:door", uuid)


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SALONS, Right.SERVE_COUNTER)
def gate(request: ActingRequest, token: str) -> HttpResponse:
    """What the code on a guest's phone leads to when any camera reads it: let this one in."""
    signed = unseal(guests.GATE, token)
    found = guests.invitation_at(signed.number) if signed and not signed.expired_on(request.today) else None
    if found is None or not selectors.salons_for(request.reach).filter(pk=found.salon_id).exists():
        raise Http404
    salon: Salon = found.salon
    entry = None
    if request.method == "POST":
        (entry,) = door.let_in(acting(request), salon, [door.Shown(token)])
    told = {"salon": salon, "entry": entry, "words": words(entry) if entry else "", "token": token}
    return render(request, "salons/gate.html", told)


def words(entry: door.Entry) -> str:
    """What became of one code, in a sentence."""
    said = {
        door.IN: _("%(name)s is in.")
        + (_(" On the waiting list: look for a chair.") if entry.waiting else ""),
        door.AGAIN: _("%(name)s came in at %(at)s already; counted once."),
        door.UNKNOWN: _("No such code at this salon."),
        door.SHUT: _("%(name)s: the door is not open at this hour."),
    }[entry.result]
    return said % {"name": entry.name, "at": moment(entry.at)[-5:] if entry.at else ""}


def _plain(entry: door.Entry) -> dict[str, str]:
    return {"code": entry.code, "result": entry.result, "words": words(entry)}


def _at(now: datetime, ago: str) -> datetime | None:
    """The moment so many seconds ago; None for just now and for what is no number of a day's seconds."""
    if not ago.isdecimal() or not 0 < int(ago[:6]) <= DAY_SECONDS:
        return None
    return now - timedelta(seconds=int(ago[:6]))
