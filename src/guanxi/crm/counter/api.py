"""`POST /counter/api/events`: the bank's counter system tells of an event; its bearer token says who it acts as."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from guanxi.crm.counter import events, words
from guanxi.crm.counter.machines import machine_of
from guanxi.crm.counter.policy import counter_policy
from guanxi.crm.customers.search import find_exactly
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.middleware import DatedRequest
from guanxi.crm.organisation.models import Token
from guanxi.web.formats import fen_of

MOST_BYTES = 4_096
FIELDS = {"event_id", "kind", "number", "amount", "reason", "destination", "teller"}
NEEDED = ("event_id", "kind", "number")


class Refused(Exception):
    """The body cannot be taken; the message says why and holds nothing of it."""


@csrf_exempt
@require_POST
@open_door
def take(request: DatedRequest) -> HttpResponse:
    """201 new, 200 told before, 401 no such token, 403 not its right, 404 no such customer, 409 another under the
    number, 422 with what is wrong. The answer never repeats the number, nor does the log."""
    machine = machine_of(request.headers.get("Authorization", ""), now=request.now)
    if machine is None:
        return _said(401, _("No such token."))
    try:
        return _answer(request, machine)
    except Refused as why:
        return _said(422, str(why))
    except ValidationError as error:
        return _said(422, " ".join(error.messages))
    except PermissionDenied:
        return _said(403, _("The person this system acts as may not serve this customer."))
    except events.AnotherEvent:
        return _said(409, _("This number came before with another event."))


@sensitive_variables()
def _answer(request: DatedRequest, machine: Token) -> HttpResponse:
    told = _read(request.body)
    draft = _draft(machine, told)
    with acting_as(machine.staff, today=request.today) as reach:
        hits = find_exactly(reach, told["number"])
        if len(hits) != 1:
            return _said(404, _("The number finds no customer, or more than one."))
        made, is_new = events.take_event(
            by=machine.staff, party=hits[0], draft=draft, today=request.today, now=request.now
        )
        policy = counter_policy(request.today)
    say = words.said(policy.event_rule(made.kind)) if policy else ""
    return JsonResponse({"event": made.pk, "case": made.case_id, "say": say}, status=201 if is_new else 200)


def _draft(machine: Token, told: Mapping[str, str]) -> events.EventDraft:
    return events.EventDraft(
        source=f"machine:{machine.pk}", number=told["event_id"], kind=told["kind"],
        amount_fen=_fen(told["amount"]) if told.get("amount") else None, said_reason=told.get("reason", ""),
        said_place=told.get("destination", ""), author=told.get("teller", "")[:60] or machine.name,
    )  # fmt: skip


def _read(body: bytes) -> Mapping[str, str]:
    """One flat JSON object of texts, with what is needed and nothing else; raises Refused."""
    try:
        told: Any = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused(_("Send one JSON object of at most 4 KB."))
    if told.keys() - FIELDS:
        raise Refused(_("There are fields nobody knows."))
    if not all(isinstance(value, str) and "\x00" not in value for value in told.values()):
        raise Refused(_("Every field is a text; amounts too."))
    if not all(told.get(name, "").strip() for name in NEEDED):
        raise Refused(_("event_id, kind and number are needed."))
    return told


def _fen(text: str) -> int:
    """Yuan as text, with at most two places, in fen; raises Refused."""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise Refused(_("The amount is no number of yuan.")) from error
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")) or abs(amount) >= Decimal(10**13):
        raise Refused(_("The amount is no number of yuan."))
    return fen_of(amount)


def _said(status: int, why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)
