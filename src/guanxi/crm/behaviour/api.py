"""`POST /behaviour/events`: a channel of the bank sends what its customers did; its token says who it acts as."""

from datetime import date
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from guanxi.crm.behaviour import taking, words
from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.middleware import DatedRequest
from guanxi.crm.organisation.models import Token
from guanxi.crm.organisation.tokens import token_of

TOLD_MOST = 100  # lines refused that one answer names
KB = 1024


class Refused(Exception):
    """The request cannot be taken: a status, and why."""

    def __init__(self, status: int, why: str) -> None:
        """Keep both."""
        super().__init__(why)
        self.status = status


@csrf_exempt
@require_POST
@open_door
def take(request: DatedRequest) -> HttpResponse:
    """200 with what became of each line, 401 no such token, 403 not its scope, 413 too much, 422 no events in it.

    `?whole=1`: 422 and nothing kept when a line cannot be taken. Sent again, it changes nothing.
    """
    try:
        token = _sender(request)
        return _answer(request, token, events_in(request.body, request.today))
    except Refused as refused:
        return JsonResponse({"error": str(refused)}, status=refused.status)


def _sender(request: DatedRequest) -> Token:
    token = token_of(request.headers.get("Authorization", ""), now=request.now)
    if token is None:
        raise Refused(401, _("No such token."))
    if taking.SCOPE not in token.scopes:
        raise Refused(403, _("This token may not send events."))
    return token


def events_in(body: bytes, today: date, *, listed: bool = False) -> list[Any]:
    """The events of a body within the policy's limits; raises Refused. `listed`: only a JSON list will do."""
    policy = event_policy(today)
    if policy is None:
        raise Refused(422, _("The bank has no policy of events yet; an administrator proposes one."))
    fits = len(body) <= policy.batch_kb * KB
    told = taking.decoded(body, line_bytes=policy.line_bytes, listed=listed) if fits else []
    if told is None:
        raise Refused(422, _("Send one JSON object a line, or a JSON list."))
    if not fits or len(told) > policy.batch_most:
        raise Refused(413, _("Send less at once."))
    return told


@sensitive_variables()
def _answer(request: DatedRequest, token: Token, told: list[Any]) -> HttpResponse:
    whole = request.GET.get("whole") == "1"
    with acting_as(token.staff, today=request.today):
        taken = taking.take(token=token, told=told, today=request.today, now=request.now, whole=whole)
    refused = whole and bool(taken.bad)
    return JsonResponse(result(taken), status=422 if refused else 200)


def result(taken: taking.Taken) -> dict[str, Any]:
    """What became of a batch, as it is answered; lines by number, nothing of what they said."""
    return {
        "received": taken.came,
        "new": taken.new,
        "known": taken.known,
        "waiting": taken.waiting,
        "dropped": dict(sorted(taken.dropped.items())),
        "refused": len(taken.bad),
        "lines": [
            {
                "line": bad.number,
                "reason": bad.reason,
                "words": str(words.REASONS[bad.reason]),
                **({"property": bad.property_name} if bad.property_name else {}),
            }
            for bad in taken.bad[:TOLD_MOST]
        ],
    }
