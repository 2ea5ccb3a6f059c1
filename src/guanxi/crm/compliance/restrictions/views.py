"""Pages of restrictions: by number only, asked for, approved by another, lifted, and erased when retention is over."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import DateField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.compliance import selectors
from guanxi.crm.compliance.incidents.pictures import tabs
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.compliance.restrictions import erasures, services
from guanxi.crm.compliance.restrictions.models import (
    ERASURE_STANDS,
    Erasure,
    ErasureState,
    Restriction,
    RestrictionState,
)
from guanxi.crm.compliance.sight import for_compliance
from guanxi.crm.organisation.middleware import ActingRequest

LISTED = 200
COLOURS = {
    RestrictionState.ASKED: "amber", RestrictionState.IN_FORCE: "red", RestrictionState.LIFTING: "amber",
    RestrictionState.REFUSED: "grey", RestrictionState.LIFTED: "grey",
}  # fmt: skip
ERASURE_COLOURS = {ErasureState.ASKED: "amber", ErasureState.APPROVED: "amber", ErasureState.DONE: "grey"}
DUE = ("approves", "lifts", "erases", "asks_to_erase")
"""What waits for a word of who looks, or for a first one: such lines stand first."""


@require_GET
@for_compliance
def page(request: ActingRequest) -> HttpResponse:
    """Restrictions, what waits for a word first, and the form that asks for one."""
    rows = list(
        Restriction.objects.select_related("asked_by", "decided_by", "lift_asked_by", "request").order_by(
            "-pk"
        )[:LISTED]
    )
    standing = Erasure.objects.filter(restriction__in=rows, state__in=ERASURE_STANDS)
    by_restriction = {one.restriction_id: one for one in standing.select_related("asked_by", "decided_by")}
    lines = [_line(one, by_restriction.get(one.pk), request) for one in rows]
    lines.sort(key=lambda line: not any(line[may] for may in DUE))
    over = sum(line["asks_to_erase"] for line in lines)
    return render(
        request, "compliance/restrictions.html", {"tabs": tabs("restrictions"), "lines": lines, "over": over}
    )


def _line(one: Restriction, erasure: Erasure | None, request: ActingRequest) -> dict[str, Any]:
    """One restriction: how it stands, and what who looks may do about it."""
    state = one.get_state_display(), COLOURS[RestrictionState(one.state)]
    if erasure:
        state = erasure.get_state_display(), ERASURE_COLOURS[ErasureState(erasure.state)]
    return {
        "one": one,
        "erasure": erasure,
        "state": state,
        "over": erasure is None and erasures.retention_over(one, request.today),
        **_may(one, erasure, request),
    }


def _may(one: Restriction, erasure: Erasure | None, request: ActingRequest) -> dict[str, bool]:
    asker = one.asked_by_id if one.state == RestrictionState.ASKED else one.lift_asked_by_id
    own = request.user.pk == asker
    standing = one.state == RestrictionState.IN_FORCE and erasure is None
    return {
        "approves": one.state == RestrictionState.ASKED and not own,
        "lifts": one.state == RestrictionState.LIFTING and not own,
        "asks_to_lift": standing,
        "asks_to_erase": standing and erasures.retention_over(one, request.today),
        "erases": erasure is not None
        and erasure.state == ErasureState.ASKED
        and erasure.asked_by_id != request.user.pk,
    }


@require_POST
@for_compliance
def ask(request: ActingRequest) -> HttpResponse:
    """Ask for one by the whole customer number, or for the customer of a request."""
    number, asked = request.POST.get("customer_no", "").strip(), None
    if request.POST.get("request", "").isdigit():
        asked = SubjectRequest.objects.filter(pk=int(request.POST["request"])).first()
    party = asked.party if asked else selectors.party_numbered(number)

    def deed() -> None:
        if party is None:
            raise ValidationError(_("There is no customer of this number."))
        services.ask(
            by=request.user, party=party, reason=request.POST.get("reason", ""), request=asked,
            kept_until=_day(request), today=request.today, now=request.now,
        )  # fmt: skip

    return _done(request, deed, _("Asked for. It begins once another person has approved it."))


@require_POST
@for_compliance
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Approve, turn down, ask to lift, or lift; note the last day of retention; ask to erase, agree or turn it down."""
    one = get_object_or_404(Restriction, pk=number)
    by, today, now = request.user, request.today, request.now
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "approve": (
            lambda: services.approve(by=by, restriction=one, today=today, now=now),
            _("Restricted: nobody sees or uses this customer's data any more."),
        ),
        "refuse": (
            lambda: services.turn_down(by=by, restriction=one, today=today, now=now),
            _("Turned down."),
        ),
        "ask_to_lift": (
            lambda: services.ask_to_lift(
                by=by, restriction=one, reason=request.POST.get("reason", ""), today=today
            ),
            _("Asked for. It ends once another person has approved it."),
        ),
        "lift": (
            lambda: services.lift(by=by, restriction=one, today=today, now=now),
            _("Lifted: the customer is seen again; figures follow with the next night."),
        ),
        "keep_until": (
            lambda: erasures.keep_until(by=by, restriction=one, day=_needed_day(request), today=today),
            _("The last day of legal retention is noted."),
        ),
        "ask_to_erase": (
            lambda: erasures.ask(by=by, restriction=one, today=today, now=now),
            _("Asked for. It is erased once another person has approved it."),
        ),
        "erase": (
            lambda: erasures.approve(by=by, erasure=_erasure(one), today=today, now=now),
            _("Approved: the next night erases the customer."),
        ),
        "keep": (
            lambda: erasures.turn_down(by=by, erasure=_erasure(one), today=today, now=now),
            _("Turned down: the customer stays restricted."),
        ),
    }
    deed, said = deeds.get(request.POST.get("word", ""), deeds["refuse"])
    return _done(request, deed, said)


def _erasure(one: Restriction) -> Erasure:
    """The erasure that stands; 404 where none does."""
    return get_object_or_404(Erasure, restriction=one, state__in=ERASURE_STANDS)


def _day(request: ActingRequest) -> date | None:
    """The last day of retention that the form says; None where it says none, ValidationError for what is no day."""
    day: date | None = DateField(required=False).clean(request.POST.get("kept_until"))
    return day


def _needed_day(request: ActingRequest) -> date:
    day = _day(request)
    if day is None:
        raise ValidationError(_("Say the last day of legal retention."))
    return day


def _done(request: ActingRequest, deed: Callable[[], object], said: str) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except PermissionDenied:
        messages.error(request, _("Another person of compliance approves what you asked for."))
    else:
        messages.success(request, said)
    return redirect("compliance:restrictions")
