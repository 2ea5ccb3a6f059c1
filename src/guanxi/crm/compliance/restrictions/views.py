"""Pages of restrictions: by number only, asked for, approved by another, lifted."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.compliance import selectors
from guanxi.crm.compliance.incidents.pictures import tabs
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.compliance.restrictions import services
from guanxi.crm.compliance.restrictions.models import Restriction, RestrictionState
from guanxi.crm.compliance.sight import for_compliance
from guanxi.crm.organisation.middleware import ActingRequest

LISTED = 200
COLOURS = {
    RestrictionState.ASKED: "amber", RestrictionState.IN_FORCE: "red", RestrictionState.LIFTING: "amber",
    RestrictionState.REFUSED: "grey", RestrictionState.LIFTED: "grey",
}  # fmt: skip


@require_GET
@for_compliance
def page(request: ActingRequest) -> HttpResponse:
    """Restrictions, what waits for a word first, and the form that asks for one."""
    rows = Restriction.objects.select_related("asked_by", "decided_by", "lift_asked_by", "request").order_by(
        "-pk"
    )
    lines = [
        {"one": one, "colour": COLOURS[RestrictionState(one.state)], **_may(one, request)}
        for one in rows[:LISTED]
    ]
    lines.sort(key=lambda line: not (line["approves"] or line["lifts"]))
    return render(request, "compliance/restrictions.html", {"tabs": tabs("restrictions"), "lines": lines})


def _may(one: Restriction, request: ActingRequest) -> dict[str, bool]:
    asker = one.asked_by_id if one.state == RestrictionState.ASKED else one.lift_asked_by_id
    own = request.user.pk == asker
    return {
        "approves": one.state == RestrictionState.ASKED and not own,
        "lifts": one.state == RestrictionState.LIFTING and not own,
        "asks_to_lift": one.state == RestrictionState.IN_FORCE,
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
            today=request.today, now=request.now,
        )  # fmt: skip

    return _done(request, deed, _("Asked for. It begins once another person has approved it."))


@require_POST
@for_compliance
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Approve, turn down, ask to lift, or lift."""
    one = get_object_or_404(Restriction, pk=number)
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "approve": (
            lambda: services.approve(by=request.user, restriction=one, today=request.today, now=request.now),
            _("Restricted: nobody sees or uses this customer's data any more."),
        ),
        "refuse": (
            lambda: services.turn_down(
                by=request.user, restriction=one, today=request.today, now=request.now
            ),
            _("Turned down."),
        ),
        "ask_to_lift": (
            lambda: services.ask_to_lift(
                by=request.user, restriction=one, reason=request.POST.get("reason", ""), today=request.today
            ),
            _("Asked for. It ends once another person has approved it."),
        ),
        "lift": (
            lambda: services.lift(by=request.user, restriction=one, today=request.today, now=request.now),
            _("Lifted: the customer is seen again; figures follow with the next night."),
        ),
    }
    deed, said = deeds.get(request.POST.get("word", ""), deeds["refuse"])
    return _done(request, deed, said)


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
