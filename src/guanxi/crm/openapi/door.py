"""The door of the API: who calls, how often, acting as whom, and whether this was answered before.

Around each operation: the token (401), its rate (429), the person it acts as with row security, the scope (403); a
write with an Idempotency-Key is done once. Whatever fails is undone with all it wrote.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from ninja.security.base import AuthBase

from guanxi.crm.openapi.models import Answer
from guanxi.crm.openapi.problems import Problem, problem
from guanxi.crm.openapi.scopes import SCOPES
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Token
from guanxi.crm.organisation.tokens import token_of
from guanxi.crm.organisation.twice import was_done_already

USUAL_RATE = 600  # calls a minute of a token without a limit of its own
KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 80
KEPT = timedelta(days=2)
MOST_BYTES = 1_048_576
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

LOG = logging.getLogger("django.request")
View = Callable[..., HttpResponse]

_COUNT = """
INSERT INTO openapi_minute AS known (token_id, minute, calls) VALUES (%s, date_trunc('minute', %s::timestamptz), 1)
ON CONFLICT (token_id, minute) DO UPDATE SET calls = known.calls + 1 RETURNING calls
"""


class ApiRequest(ActingRequest):
    """A request of a token: what an operation may rely on."""

    token: Token


class Needs(AuthBase):
    """An operation's scope: checked before the request is looked at further; 403 without it, or without the right."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "A token made on the page of tokens; it acts as one person, within its scopes."

    def __init__(self, scope: str) -> None:
        """The scope asked for."""
        super().__init__()
        self.scope = scope

    def __call__(self, request: ApiRequest) -> Token:  # type: ignore[override]
        """The token, when it may."""
        rights = SCOPES[self.scope].rights
        if self.scope not in request.token.scopes or not any(request.reach.may(right) for right in rights):
            raise Problem(403, _("This needs the scope %(scope)s.") % {"scope": self.scope})
        return request.token


def behind(view: View, *, keyed: bool = True) -> View:
    """A view of the API behind the door. `keyed` False: its answers are not kept for an Idempotency-Key."""

    @wraps(view)
    @sensitive_variables()
    def guarded(request: ApiRequest, *args: Any, **more: Any) -> HttpResponse:
        with translation.override(language_of(request)):
            try:
                return _through(request, view, args, more, keyed=keyed)
            except Problem as refused:
                return problem(refused.status, refused.detail, headers=refused.headers)
            except (
                Exception
            ) as error:  # whatever it is: undone by now, told to the log, answered as the others
                if was_done_already(error, request.path):
                    return problem(409, _("The same was saved at the same moment: read it again."))
                LOG.exception("Internal Server Error: %s", request.path)
                return problem(500)

    made: View = csrf_exempt(open_door(guarded))
    return made


def _through(
    request: ApiRequest, view: View, args: tuple[Any, ...], more: dict[str, Any], *, keyed: bool
) -> HttpResponse:
    token = token_of(request.headers.get("Authorization", ""), now=request.now)
    if token is None:
        raise Problem(
            401, _("Send a working token as Authorization: Bearer …"), **{"WWW-Authenticate": "Bearer"}
        )
    _count(token)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Problem(413)
    request.token, request.user = token, token.staff
    key = request.headers.get(KEY_HEADER, "")
    with acting_as(token.staff, today=request.today) as reach:
        request.reach = reach
        if key and keyed and request.method not in SAFE:
            answer = _once(request, key, lambda: view(request, *args, **more))
        else:
            answer = view(request, *args, **more)
        if answer.status_code >= 400:
            transaction.set_rollback(True)
        return answer


def _count(token: Token) -> None:
    """Count the call in a transaction of its own, so that callers at once do not wait for each other's work."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [token.pk, now])
        ((calls,),) = cursor.fetchall()
    limit = token.per_minute or USUAL_RATE
    if calls > limit:
        raise Problem(
            429, _("At most %(n)s requests a minute.") % {"n": limit}, **{"Retry-After": str(60 - now.second)}
        )


def _once(request: ApiRequest, key: str, do: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of a write with a key: done now, or as it was answered before. 422 for the key of another request."""
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Problem(400, _("The Idempotency-Key has at most %(n)s plain letters.") % {"n": LONGEST_KEY})
    told = f"{request.method} {request.get_full_path()}".encode() + b"\0" + request.body
    digest = hashlib.sha256(told).hexdigest()
    # Somebody with the same key at the same moment waits here until we are done.
    row, is_new = Answer.objects.get_or_create(
        token=request.token, key=key, defaults={"request": digest, "at": request.now}
    )
    if not is_new:
        if row.request != digest:
            raise Problem(422, _("This Idempotency-Key was used for another request."))
        again = JsonResponse(row.body, status=row.status, json_dumps_params={"ensure_ascii": False})
        again["Idempotency-Replayed"] = "true"
        return again
    answer = do()
    if answer.status_code < 400:
        row.status, row.body = answer.status_code, json.loads(answer.content or b"{}")
        row.save(update_fields=["status", "body"])
    return answer


def language_of(request: HttpRequest) -> str:
    """Chinese unless English is asked for before it."""
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        code = part.split(";")[0].strip()
        if code.startswith(("zh", "en")):
            return "en" if code.startswith("en") else "zh-hans"
    return "zh-hans"
