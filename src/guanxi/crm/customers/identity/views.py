"""Pages of the review of merges (归并复核): queue, one pair, what was merged, what was stopped, households."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.identity import pictures, selectors, services
from guanxi.crm.customers.identity.forms import DecisionForm
from guanxi.crm.customers.identity.models import PairState, Verdict
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.web.paging import page_of


@require_GET
@requires(Right.RESOLVE_IDENTITY)
def queue(request: ActingRequest) -> HttpResponse:
    """Pairs that wait for a person, the surest first."""
    waiting = selectors.queue(request.reach)
    told = {"tab": "queue", "pairs": waiting[: selectors.AT_ONCE], "count": waiting.count()}
    return render(request, "customers/identity/queue.html", {**told, **_words(request)})


@require_GET
@requires(Right.RESOLVE_IDENTITY)
def merged(request: ActingRequest) -> HttpResponse:
    """What was merged, newest first, each with its evidence and the way back."""
    page = page_of(selectors.pairs(request.reach, PairState.MERGED), request.GET)
    newer, older = page.addresses(request.GET.dict())
    told = {"tab": "merged", "pairs": page.rows, "newer": newer, "older": older}
    return render(request, "customers/identity/queue.html", {**told, **_words(request)})


@require_GET
@requires(Right.RESOLVE_IDENTITY)
def stopped(request: ActingRequest) -> HttpResponse:
    """Groups that linkage stopped."""
    told = {"tab": "stopped", "groups": selectors.stopped_groups(request.reach)}
    return render(request, "customers/identity/stopped.html", {**told, **_words(request)})


@require_GET
@requires(Right.RESOLVE_IDENTITY)
def households(request: ActingRequest) -> HttpResponse:
    """People of one family name at one address: one household or not."""
    hints = selectors.household_hints(request.reach)
    told = {"tab": "households", "hints": hints[: selectors.AT_ONCE], "count": hints.count()}
    return render(request, "customers/identity/households.html", {**told, **_words(request)})


@require_GET
@requires(Right.RESOLVE_IDENTITY)
def pair(request: ActingRequest, number: int) -> HttpResponse:
    """Both sides, field by field, with the evidence; opening it is kept in the trail for either side."""
    found = selectors.pair_or_404(request.reach, number)
    for party in (found.left, found.right):
        audit.viewed(by=request.user, party_key=party.pk, what="identity")
    points = selectors.reached_by((found.left, found.right))
    told = {
        "pair": found,
        "lines": pictures.lines(request.reach, found, points),
        "said": selectors.decisions_on(found.left, found.right),
        "certainty": pictures.certainty(found),
        "names": [pictures.name_of(request.reach, party) for party in (found.left, found.right)],
        "form": DecisionForm(),
    }
    return render(request, "customers/identity/pair.html", told)


@require_POST
@requires(Right.RESOLVE_IDENTITY)
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Keep what a person says of a pair."""
    found = selectors.pair_or_404(request.reach, number)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what convinced you."))
        return redirect("customers:identity_pair", number)
    verdict = Verdict(form.cleaned_data["verdict"])
    done = _done(
        request,
        lambda: services.decide(
            by=request.user, reach=request.reach, pair=found, verdict=verdict,
            reason=form.cleaned_data["reason"], today=request.today,
        ),
    )  # fmt: skip
    return redirect("customers:identity") if done else redirect("customers:identity_pair", number)


@require_POST
@requires(Right.RESOLVE_IDENTITY)
def answer(request: ActingRequest, number: int) -> HttpResponse:
    """Keep what a person says of a household."""
    found = selectors.hint_or_404(request.reach, number)
    form = DecisionForm(request.POST)
    if form.is_valid():
        _done(
            request,
            lambda: services.answer_household(
                by=request.user, reach=request.reach, hint=found, verdict=Verdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"], today=request.today,
            ),
        )  # fmt: skip
    else:
        messages.error(request, _("Say what convinced you."))
    return redirect("customers:identity_households")


def _done(request: ActingRequest, deed: Callable[[], object]) -> bool:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    messages.success(request, _("Kept. It counts from the next run."))
    return True


def _words(request: ActingRequest) -> dict[str, object]:
    return {
        "name_of": lambda party: pictures.name_of(request.reach, party),
        "certainty": pictures.certainty,
        "reasons": pictures.REASONS,
        "levels": pictures.LEVELS,
        "fields": pictures.FIELDS,
    }
