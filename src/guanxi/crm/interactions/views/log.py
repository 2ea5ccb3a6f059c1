"""Logging a contact (登记跟进): the slide-in, the page for the phone, its empty shell for times without a network."""

from importlib.resources import files
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.interactions import pictures
from guanxi.crm.interactions.forms import LogForm
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.interactions.script import script_for
from guanxi.crm.interactions.services import keep_draft
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.web.htmx import is_htmx


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Right.LOG_CONTACTS)
def log(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The form of one customer, and what it sends. A script sends it with `Accept: application/json`."""
    party = party_or_404(request.reach, uuid)
    policy = interaction_policy(request.today)
    if request.method == "GET":
        form = pictures.new_form(policy, request.reach, request.today, request.now)
        return _page(request, form, party)
    form = LogForm(request.POST, policy=policy)
    said = _kept(request, party, form)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(
            {"errors": said} if said else {"said": _("Contact logged")}, status=422 if said else 201
        )
    if said:
        return _page(request, form, party, status=422)
    messages.success(request, _("Contact logged"))
    return redirect("desk:customer", party.uuid)


def _kept(request: ActingRequest, party: Party, form: LogForm) -> list[str]:
    """Keep what the form says; the sentences that say why not, none when it is kept."""
    if not form.is_valid():
        return form.sentences()
    draft = form.draft(latest=pictures.bank_now(request.today, request.now))
    try:
        keep_draft(by=request.user, party=party, draft=draft, today=request.today, now=request.now)
    except ValidationError as wrong:
        form.add_error(None, wrong)
        return list(wrong.messages)
    return []


def _page(request: ActingRequest, form: LogForm, party: Party, status: int = 200) -> HttpResponse:
    told = {
        **pictures.form_told(form, request.today),
        **pictures.log_addresses(party),
        "party": party,
        "name": shown_name(party.name, hidden=request.reach.hides_names),
        "said": form.sentences() if form.is_bound else [],
    }
    page = "interactions/_slide.html" if is_htmx(request) else "interactions/log.html"
    return render(request, page, told, status=status)


@never_cache
@require_GET
@requires(Right.LOG_CONTACTS)
def shell(request: ActingRequest) -> HttpResponse:
    """The form without a customer: what the service worker keeps, since nothing of a customer may stay in a browser."""
    form = pictures.new_form(interaction_policy(request.today), request.reach, request.today, request.now)
    told = {**pictures.form_told(form, request.today), "said": [], "script": script_for(request)}
    return render(request, "interactions/shell.html", told)


@never_cache
@require_GET
@requires(Right.LOG_CONTACTS)
def standing(request: ActingRequest) -> JsonResponse:
    """Who is signed in, with a fresh token: asked before what waited in the browser is sent."""
    return JsonResponse({"who": request.user.staff_no, "token": get_token(request)})


@require_GET
@requires(Right.LOG_CONTACTS)
def worker(request: ActingRequest) -> HttpResponse:  # noqa: ARG001  # the same for everybody
    """The service worker's script; it stands here because its reach is the folder of its address."""
    text = (
        files("guanxi.crm.interactions").joinpath("static/interactions/worker.js").read_text(encoding="utf8")
    )
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")
