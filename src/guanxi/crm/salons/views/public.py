"""Pages for guests, on the phone, without signing in: opened from a signed link or from the salon's own code.

A link that is false, over or forged gets the same short page; each door may be knocked at only so often.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import context
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.access import open_door
from guanxi.crm.organisation.knocks import may_knock
from guanxi.crm.organisation.middleware import DatedRequest
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.selectors import path_to
from guanxi.crm.salons import guests
from guanxi.crm.salons.forms import GuestForm
from guanxi.crm.salons.models import Invitation, Salon
from guanxi.crm.salons.policy import language, salon_policy
from guanxi.crm.salons.rules import Answer, Stage
from guanxi.crm.salons.views.asking import moment_of, said_no
from guanxi.web.codes import qr_svg
from guanxi.web.signed import unseal

View = Callable[..., HttpResponse]


def _door(view: View) -> View:
    """An open door that counts who knocks; beyond the limit it says so and nothing else."""

    @wraps(view)
    def guarded(request: DatedRequest, token: str) -> HttpResponse:
        limit = salon_policy(request.today).knocks_a_minute
        if not may_knock("salons", context.current().ip, limit=limit, now=request.now):
            answer = _closed(request, _("Too many openings at once. Try again in a minute."), status=429)
            answer["Retry-After"] = "60"
            return answer
        return view(request, token)

    return open_door(guarded)


@require_GET
@_door
def guest(request: DatedRequest, token: str) -> HttpResponse:
    """Somebody's own page: the salon, the answer, the code for the door, guests."""
    found = _invitation(request, token)
    if found is None:
        return _closed(request, _("This link does not count, or its day has passed."))
    return render(request, "salons/guest.html", _told(request, token, found))


@require_POST
@_door
def answer(request: DatedRequest, token: str) -> HttpResponse:
    """Come, or not."""
    found = _invitation(request, token)
    if found is None:
        return _closed(request, _("This link does not count, or its day has passed."))
    said = request.POST.get("said", "")
    if said in tuple(Answer):
        try:
            guests.answer(found, Answer(said), today=request.today, now=moment_of(request))
        except ValidationError as refused:
            said_no(request, refused)
    return redirect("salons:guest", token)


@sensitive_post_parameters("contact", "name")
@require_POST
@_door
def bring(request: DatedRequest, token: str) -> HttpResponse:
    """Bring somebody along."""
    found = _invitation(request, token)
    if found is None:
        return _closed(request, _("This link does not count, or its day has passed."))
    form = GuestForm(request.POST)
    if form.is_valid():
        try:
            told = guests.GuestDraft(**form.cleaned_data)
            guests.bring(found, told, today=request.today, now=moment_of(request))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Your guest is on the list."))
            return redirect("salons:guest", token)
    return render(request, "salons/guest.html", _told(request, token, found, form), status=422)


@sensitive_post_parameters("contact", "name")
@require_http_methods(["GET", "POST"])
@_door
def sign_up(request: DatedRequest, token: str) -> HttpResponse:
    """The community's door: a name, a number, consent; then one's own page."""
    salon = _salon(request, token)
    if salon is None:
        return _closed(request, _("This link does not count, or its day has passed."))
    form = GuestForm(request.POST or None)
    if form.is_valid():
        try:
            told = guests.GuestDraft(**form.cleaned_data)
            made = guests.sign_up(salon, told, today=request.today, now=moment_of(request))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect("salons:guest", guests.personal_token(made))
    told_page = {"salon": salon, "form": form, "token": token, **_around(request, salon)}
    return render(request, "salons/open.html", told_page, status=422 if form.errors else 200)


def _invitation(request: DatedRequest, token: str) -> Invitation | None:
    """The invitation a link counts for today; None for a forged one, one past its day, or one that is gone."""
    told, found = guests.read_personal(token)
    return found if told is not None and not told.expired_on(request.today) else None


def _salon(request: DatedRequest, token: str) -> Salon | None:
    told = unseal(guests.OPEN, token)
    if told is None or told.expired_on(request.today):
        return None
    rows = Salon.objects.select_related("unit").filter(pk=told.number, is_open=True, state=Stage.PLANNED)
    return rows.first()


def _told(
    request: DatedRequest, token: str, found: Invitation, form: GuestForm | None = None
) -> dict[str, Any]:
    link = request.build_absolute_uri(reverse("salons:gate", args=[guests.gate_token(found)]))
    brought = guests.guests_of(found)
    most = salon_policy(request.today).guests_each
    whole = found.party.name if found.party else found.lead.name if found.lead else ""
    return {
        "invitation": found,
        "salon": found.salon,
        "token": token,
        "name": shown_name(whole, hidden=True),
        "code": qr_svg(link, label=_("Code for the door")),
        "brought": brought,
        "may_bring": found.party_id is not None and len(brought) < most,
        "form": form or GuestForm(),
        "over": found.salon.state != Stage.PLANNED,
        **_around(request, found.salon),
    }


def _around(request: DatedRequest, salon: Salon) -> dict[str, Any]:
    policy = salon_policy(request.today)
    kind = policy.salon_kind(salon.kind)
    return {
        "bank": path_to(salon.unit)[0].name,
        "kind": kind.label(language()) if kind else "",
        "full": salon.taken >= salon.seats,
        "consent": policy.consent(language()),
    }


def _closed(request: DatedRequest, words: str, *, status: int = 404) -> HttpResponse:
    bank = Unit.objects.filter(parent=None).order_by("unit_no").values_list("name", flat=True).first()
    return render(request, "salons/closed.html", {"words": words, "bank": bank or ""}, status=status)
