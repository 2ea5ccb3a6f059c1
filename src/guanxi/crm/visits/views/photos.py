"""Photos of a visit: added from the phone, shown to who may see the visit, taken off again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.visits.forms import MinutesForm
from guanxi.crm.visits.models import VisitState
from guanxi.crm.visits.photos import photo_or_404, remove_photo
from guanxi.crm.visits.policy import visit_policy
from guanxi.crm.visits.views.visit import own_visit, page_of, photos_sent
from guanxi.web.photos import MIME


@require_POST
@requires(Right.PLAN_VISITS)
def add(request: ActingRequest, number: int) -> HttpResponse:
    """Keep the photos sent; the page again with what else was typed, and why a photo was not taken."""
    visit = own_visit(request, number)
    refused = photos_sent(request, visit)
    visit.refresh_from_db(fields=["evidence", "is_proven"])
    if visit.state != VisitState.PLANNED:
        return page_of(request, visit, refused=refused) if refused else redirect("visits:detail", number)
    policy = visit_policy(request.today)
    typed = MinutesForm(request.POST, visit=visit, policy=policy, today=request.today, as_typed=True)
    return page_of(request, visit, typed, refused)


@require_GET
@requires(Right.PLAN_VISITS)
def show(request: ActingRequest, number: int, photo: int) -> HttpResponse:
    """One photo as it is kept; looking at it is recorded."""
    return _picture(request, number, photo, small=False)


@require_GET
@requires(Right.PLAN_VISITS)
def small(request: ActingRequest, number: int, photo: int) -> HttpResponse:
    """The small copy of a photo; looking at it is recorded too."""
    return _picture(request, number, photo, small=True)


def _picture(request: ActingRequest, number: int, photo: int, *, small: bool) -> HttpResponse:
    """Bytes that a browser takes for nothing but a picture, and keeps nowhere."""
    found = photo_or_404(request.reach, number, photo, small=small)
    audit.viewed(by=request.user, party_key=found.party_id, what="visit_photo")
    answer = HttpResponse(bytes(found.small if small else found.content), content_type=MIME)
    answer["Content-Disposition"] = f'inline; filename="visit-{number}-{photo}.jpg"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@require_POST
@requires(Right.PLAN_VISITS)
def remove(request: ActingRequest, number: int, photo: int) -> HttpResponse:
    """Take a photo off one's own visit."""
    visit = own_visit(request, number)
    try:
        remove_photo(by=request.user, visit=visit, number=photo, today=request.today)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("visits:detail", number)
