"""Small helpers for views that answer HTMX."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def is_htmx(request: HttpRequest) -> bool:
    """Whether HTMX asks for a part of a page (not the browser for the whole, also not its history)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def render_part(
    request: HttpRequest, page: str, part: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """The part alone for HTMX, the whole page for the browser; both from one context."""
    response = render(request, part if is_htmx(request) else page, dict(context), status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def say(response: HttpResponse, sentence: str) -> HttpResponse:
    """Have the page show one short sentence (already in the reader's language)."""
    return _trigger(response, "guanxi:say", sentence)


def close_dialog(response: HttpResponse | None = None) -> HttpResponse:
    """Have the page close its dialog; by itself an empty answer."""
    return _trigger(response or HttpResponse(status=204), "guanxi:close", True)


def tell(response: HttpResponse, event: str) -> HttpResponse:
    """Have an event of a room ("guanxi:<what>") reach the page, so that a part that listens asks again."""
    return _trigger(response, event, True)


def go_to(address: str) -> HttpResponse:
    """Have the browser open another page after an HTMX form; `address` is one of ours."""
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def _trigger(response: HttpResponse, event: str, detail: object) -> HttpResponse:
    """Add one event to the answer; header values are ASCII, so Chinese travels escaped."""
    said = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**said, event: detail})
    return response
