"""Errors as application/problem+json (RFC 9457), in the language asked for; nothing of the request in them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

TITLES: Mapping[int, Promise] = {
    400: _("The request cannot be read"),
    401: _("No working token"),
    403: _("Not within the token's scopes"),
    404: _("Nothing here"),
    405: _("Not this method"),
    409: _("Not possible as things stand"),
    413: _("Too much at once"),
    422: _("The request does not fit"),
    429: _("Too many requests"),
    500: _("A failure on our side"),
}


class Problem(Exception):
    """An answer that is none: status, what is wrong in words, headers beside."""

    def __init__(self, status: int, detail: str = "", **headers: str) -> None:
        """Keep all three."""
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def problem(
    status: int,
    detail: str = "",
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The answer: a title for the status, details, and for each wrong entry where it stands and why."""
    body: dict[str, Any] = {"type": "about:blank", "title": str(TITLES[status]), "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = list(errors)
    answer = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json"
    )
    answer["Content-Language"] = get_language() or "zh-hans"
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer
