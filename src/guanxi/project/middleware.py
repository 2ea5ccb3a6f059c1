"""What every request gets before a room sees it: a number, the bank's today, and a strict content policy after it."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    return handle


def bank_day(get_response: Handler) -> Handler:
    """Give the request `today` and `now`: rooms read no clock of their own."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.now = clock.now()  # type: ignore[attr-defined]
        request.today = clock.today()  # type: ignore[attr-defined]
        return get_response(request)

    return handle
