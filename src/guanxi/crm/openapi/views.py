"""The API's document and its page, and the page of tokens for administrators."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.openapi import api, pictures, services
from guanxi.crm.openapi.forms import TokenForm
from guanxi.crm.organisation.access import open_door, requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Token
from guanxi.crm.organisation.rules import Right

PREFIX = "open/v1/"


@require_GET
@open_door
def document(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # a view's signature
    """The OpenAPI 3.1 document: shapes only, for whoever writes a caller."""
    return api.openapi_json(api.document(PREFIX))


@require_GET
@requires(Right.KEEP_TOKENS, Right.SEE_RUNS)
def docs(request: ActingRequest) -> HttpResponse:
    """The document as a page, made here: no script, nothing from elsewhere."""
    return render(request, "openapi/docs.html", pictures.operations(api.document(PREFIX)))


@require_GET
@requires(Right.KEEP_TOKENS)
def tokens(request: ActingRequest) -> HttpResponse:
    """All tokens with what they may, whom they act as, and when they were last used."""
    return render(request, "openapi/tokens.html", _told(request))


@require_http_methods(["GET", "POST"])
@requires(Right.KEEP_TOKENS)
@sensitive_variables("told")
def new(request: ActingRequest) -> HttpResponse:
    """Make a token; it is shown once on the answer and kept nowhere."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = dict(form.cleaned_data)
        try:
            made, told = services.make(
                by=request.user, reach=request.reach, staff=chosen.pop("staff_no"), now=request.now,
                today=request.today, **chosen,
            )  # fmt: skip
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            return render(request, "openapi/made.html", {"token": made, "told": told})
    return render(request, "openapi/new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@requires(Right.KEEP_TOKENS)
def approve(request: ActingRequest, key: int) -> HttpResponse:
    """Let a token work that a colleague made."""
    token = _token(key)
    try:
        services.approve(
            by=request.user, reach=request.reach, token=token, today=request.today, now=request.now
        )
    except PermissionDenied:
        messages.error(request, _("A second person approves: you made this token."))
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
    else:
        messages.success(request, _("“%(name)s” works from now on.") % {"name": token.name})
    return redirect("openapi:tokens")


@require_POST
@requires(Right.KEEP_TOKENS)
def stop(request: ActingRequest, key: int) -> HttpResponse:
    """End a token at once."""
    token = _token(key)
    services.stop(by=request.user, reach=request.reach, token=token, now=request.now)
    messages.success(request, _("“%(name)s” is stopped.") % {"name": token.name})
    return redirect("openapi:tokens")


def _told(request: ActingRequest) -> dict[str, Any]:
    return pictures.tokens(request.user, request.now)


def _token(key: int) -> Token:
    found = Token.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found
