"""What every request gets before a room sees it: a number, the bank's today, and a strict content policy after it."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers

from guanxi.crm.audit import context
from guanxi.project import clock
from guanxi.web import csp

Handler = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: Handler) -> Handler:
    """Number the request; the number goes to the log, the trail and the answer's header."""

    def handle(request: HttpRequest) -> HttpResponse:
        with context.of_request(request_id=str(uuid.uuid4()), ip=clock.address_of(request)):
            response = get_response(request)
            response["X-Request-Id"] = context.current().request_id
            return response

    return handle


def content_security_policy(get_response: Handler) -> Handler:
    """No inline script or style, nothing from elsewhere, no frame around us."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = csp.POLICY
        # a page that reads codes with the camera says so itself
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    return handle


def language(get_response: Handler) -> Handler:
    """Speak the language chosen with the switch, else Chinese: the browser's wish is not asked.

    A bank's branch has many machines and one language; who wants the other says so once.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(known):
            request.LANGUAGE_CODE = known
            response = get_response(request)
        response.headers.setdefault("Content-Language", known)
        patch_vary_headers(response, ("Cookie",))
        return response

    return handle


class NoNul:
    """Refuse an address or a form with the sign NUL: no keyboard writes it and PostgreSQL keeps it in no text.

    Bodies of doors for machines are left alone (they read them themselves): there this would be the first to read it.
    """

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing yet: the view is not known."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_told: Any) -> None:
        """BadRequest (400) before the view reads anything."""
        found = "\0" in request.path or "\0" in unquote(request.META.get("QUERY_STRING", ""))
        if not found and request.method == "POST" and not getattr(view, "csrf_exempt", False):
            found = _has_nul(request.POST)
        if found:
            raise BadRequest("NUL in an address or a form")


def _has_nul(told: QueryDict) -> bool:
    return any("\0" in text for name, texts in told.lists() for text in (name, *map(str, texts)))


def bank_day(get_response: Handler) -> Handler:
    """Give the request `today` and `now`: rooms read no clock of their own."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        request.today = clock.today()  # type: ignore[attr-defined]
        return get_response(request)

    return handle
