"""Useful information (资讯): the library, a new piece, one with whom it suits and its log; what suits one customer."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.messaging import audiences, pictures, pieces, words
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.messaging.forms import PieceForm
from guanxi.crm.messaging.models import Piece, State
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

LISTED = 200


@require_GET
@requires(Right.SEE_MESSAGES)
def page(request: ActingRequest) -> HttpResponse:
    """The library: what is in use first."""
    rows = sorted(
        pieces.listed(request.today, all_of_them=True)[:LISTED], key=lambda one: not _used(one, request)
    )
    told = {
        "rows": [(row, _used(row, request)) for row in rows],
        "may_write": request.reach.may(Right.WRITE_MESSAGES),
    }
    return render(request, "messaging/pieces.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.WRITE_MESSAGES)
def new(request: ActingRequest) -> HttpResponse:
    """Add a piece to the library."""
    begun = {"valid_from": request.today}
    form = PieceForm(request.POST or None, initial=begun, today=request.today, reach=request.reach)
    if request.method == "POST" and form.is_valid():
        try:
            made = pieces.make(by=request.user, today=request.today, now=request.now, **form.draft())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The piece is in the library."))
            return redirect("messaging:piece", made.uuid)
    return render(request, "messaging/piece_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Right.SEE_MESSAGES)
def piece(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One piece: its texts, how many it suits and who of them could be reached now, what was sent of it."""
    found = get_object_or_404(pieces.listed(request.today, all_of_them=True), uuid=uuid)
    counts, handed = pieces.sent(found)
    told: dict[str, Any] = {
        "piece": found, "used": _used(found, request), "whom": audiences.said(Whom.of(found), request.today),
        "texts": _texts(request, found), "handed": handed, "notices": list(found.notices.all()),
        "log": [(state.label, words.STATE_KINDS[state], counts[state]) for state in State if counts.get(state)],
        "may_write": request.reach.may(Right.WRITE_MESSAGES),
        "may_plan": request.reach.may(Right.MAKE_CAMPAIGNS),
    }  # fmt: skip
    return render(request, "messaging/piece.html", told)


@require_POST
@requires(Right.WRITE_MESSAGES)
def retire(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Take a piece out of use."""
    pieces.retire(
        by=request.user, piece=get_object_or_404(Piece, uuid=uuid), today=request.today, now=request.now
    )
    messages.success(request, _("Out of use. What was sent stays on record."))
    return redirect("messaging:piece", uuid)


@require_GET
@requires(Right.LOG_CONTACTS)
def suitable(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What suits one customer and may be passed on by WeCom; what the customer was told so far."""
    party = party_or_404(request.reach, uuid)
    offers = pieces.suitable(request.reach, party, now=request.now, today=request.today)
    told = {
        "party": party, "name": shown_name(party.name, hidden=request.reach.hides_names),
        "offers": [(one, words.why_not(one.verdict.code), uuid4()) for one in offers],
        "told": pieces.told(request.reach, party),
    }  # fmt: skip
    return render(request, "messaging/pieces_for.html", told)


@require_POST
@requires(Right.LOG_CONTACTS)
def hand(request: ActingRequest, uuid: UUID, party: UUID) -> HttpResponse:
    """Log that one passed a piece on to a customer."""
    customer, found = party_or_404(request.reach, party), get_object_or_404(Piece, uuid=uuid)
    try:
        key = UUID(request.POST.get("key", ""))
        pieces.hand(
            by=request.user, piece=found, party=customer, key=key, today=request.today, now=request.now
        )
        messages.success(request, _("Logged as a contact by WeCom."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ValueError:
        messages.error(request, _("Open the page again and confirm once more."))
    return redirect("messaging:pieces_for", party)


def _texts(request: ActingRequest, found: Piece) -> list[dict[str, Any]]:
    """Each approved text as it looks, with how many could be reached by it now for who sees customers."""
    told = []
    for version in pieces.versions_of(found):
        phones = pictures.phones(version.template, version.texts)
        line: dict[str, Any] = {"version": version, "phones": phones, "seen": None, "lost": "", "refused": []}
        if request.reach.may(Right.SEE_CUSTOMERS):
            try:
                line["seen"] = audiences.counted(
                    request.reach,
                    version,
                    Whom.of(found),
                    found.written_by,
                    at=request.now,
                    today=request.today,
                )
                line["refused"] = [(words.why_not(code), count) for code, count in line["seen"].refused]
            except ValidationError as error:
                line["lost"] = " ".join(error.messages)
        told.append(line)
    return told


def _used(found: Piece, request: ActingRequest) -> bool:
    return found.retired_at is None and found.valid_from <= request.today <= found.valid_until
