"""Web forms: their page for administrators, and the door through which they hand in leads."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.crm.leads import pictures, selectors, web_form
from guanxi.crm.leads.forms import SourceForm
from guanxi.crm.leads.models import LeadSource
from guanxi.crm.leads.views.asking import acting
from guanxi.crm.organisation.access import open_door, requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

MINUTE_SECONDS = 60


@require_http_methods(["GET", "POST"])
@requires(Right.CHANGE_PEOPLE)
def sources(request: ActingRequest) -> HttpResponse:
    """The web forms; a new one's token is shown in the answer to its making and nowhere else."""
    units = list(selectors.outlets())
    form = SourceForm(request.POST or None, units=units)
    made = None
    if form.is_valid():
        unit = next(one for one in units if one.pk == form.cleaned_data["unit"])
        try:
            with transaction.atomic():
                made = web_form.make_source(acting(request), name=form.cleaned_data["name"], unit=unit)
        except IntegrityError:
            form.add_error("name", _("There is a form of this name."))
    told = {
        "form": SourceForm(units=units) if made else form,
        "made": made,
        "sources": list(selectors.sources()),
        "tabs": pictures.tabs(request.reach, "sources"),
    }
    return render(request, "leads/sources.html", told, status=422 if form.errors else 200)


@require_POST
@requires(Right.CHANGE_PEOPLE)
def revoke(request: ActingRequest, number: int) -> HttpResponse:
    """End a form's token."""
    web_form.revoke(acting(request), get_object_or_404(LeadSource, pk=number))
    messages.success(request, _("The token no longer opens the door."))
    return redirect("leads:sources")


@csrf_exempt
@require_POST
@open_door
def api(request: HttpRequest) -> HttpResponse:
    """POST /leads/api: one lead from a web form, by bearer token and idempotency key (docs/capabilities/leads.md)."""
    source = web_form.source_of(request.headers.get("Authorization", ""))
    if source is None:
        answer = JsonResponse(
            {"errors": [{"field": "Authorization", "says": _("No such token.")}]}, status=401
        )
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    now, today = request.now, request.today  # type: ignore[attr-defined]  # the middleware's
    if not web_form.may_call(source, now=now, today=today):
        answer = JsonResponse(
            {"errors": [{"field": "", "says": _("Too many calls this minute.")}]}, status=429
        )
        answer["Retry-After"] = str(MINUTE_SECONDS - now.second)
        return answer
    key = request.headers.get("Idempotency-Key", "")
    told = web_form.take(source, key=key, raw=request.body, today=today, now=now)
    return JsonResponse(told.body, status=told.status)
