"""One case: its page, and the deeds on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.foresight.selectors import signals_of
from guanxi.crm.interactions.policy import interaction_policy
from guanxi.crm.interactions.selectors import contacts_of
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.retention import evidence, offers, pictures, selectors, services, words
from guanxi.crm.retention.forms import OfferForm, StepForm
from guanxi.crm.retention.models import Case, CaseOffer, CaseSource, CaseState
from guanxi.crm.retention.policy import retention_policy, suitability_policy
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.policies.retention import RetentionPolicy


@require_GET
@requires(Right.KEEP_CASES, Right.SEE_STRUCTURE)
def case(request: ActingRequest, number: int) -> HttpResponse:
    """Evidence, steps, offers, ending. Looking at a case is looking at a customer: one row of the trail."""
    found = selectors.case_or_404(request.reach, number)
    audit.viewed(by=request.user, party_key=found.party_id, what="retention")
    policy = retention_policy(request.today)
    told = pictures.page(found, request.reach, policy, tier_names(request.today), request.today)
    told |= {
        "steps": _steps(request, found),
        "offers": pictures.offer_lines(selectors.offers_of(request.reach, found), request.reach, policy),
        "may_work": found.state == CaseState.OPEN
        and request.reach.may(Right.KEEP_CASES)
        and policy is not None,
        "hides": request.reach.hides_names,
    }
    if told["may_work"] and policy is not None:
        told |= _work(request, found, policy)
    return render(request, "retention/case.html", told)


def _steps(request: ActingRequest, found: Case) -> list[tuple[Any, str]]:
    """Contacts since the case was opened, and until it ended, each with its outcome in words."""
    rows = contacts_of(request.reach, found.party).filter(day__gte=found.opened_on)
    if found.closed_on:
        rows = rows.filter(day__lte=found.closed_on)
    listed = list(rows[:50])
    policy = interaction_policy(request.today) if listed else None
    return [
        (row, words.label(policy.outcome(row.outcome) if policy else None, row.outcome)) for row in listed
    ]


def _work(request: ActingRequest, found: Case, policy: RetentionPolicy) -> dict[str, Any]:
    """The forms of a case in hand."""
    now = evidence.ledger_word(policy, found.evidence, signals_of(request.reach, found.party))
    products = pictures.offerable(
        found.party, Product.objects.all(), request.today, suitability_policy(request.today)
    )
    return pictures.two_taps(policy, now) | {
        "step_form": StepForm(
            policy=interaction_policy(request.today),
            language=words.language(),
            initial={"client_key": uuid4()},
        ),
        "offer_form": OfferForm(products=products),
        "authority": pictures.authority(policy, request.reach),
    }


@require_POST
@requires(Right.KEEP_CASES)
def open_case(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Open a case for a customer from the warning that stands, or go to the one that is open."""
    party = party_or_404(request.reach, uuid)
    source = CaseSource.WARNING if signals_of(request.reach, party) else CaseSource.MANUAL
    try:
        made = services.open_case(
            by=request.user, party=party, source=source, today=request.today, now=request.now
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("retention:list")
    return redirect("retention:case", made.pk)


@require_POST
@requires(Right.KEEP_CASES)
def step(request: ActingRequest, number: int) -> HttpResponse:
    """Log a contact as a step of the case."""
    found = selectors.case_or_404(request.reach, number)
    form = StepForm(request.POST, policy=interaction_policy(request.today), language=words.language())
    return _done(
        request,
        found,
        form.is_valid(),
        lambda: services.log_step(
            by=request.user, case=found, today=request.today, now=request.now, **form.cleaned_data
        ),
        _("Logged."),
    )


@require_POST
@requires(Right.KEEP_CASES)
def offer(request: ActingRequest, number: int) -> HttpResponse:
    """Add an offer to the case."""
    found = selectors.case_or_404(request.reach, number)
    form = OfferForm(request.POST)
    return _done(
        request,
        found,
        form.is_valid(),
        lambda: offers.make_offer(
            by=request.user, case=found, today=request.today, now=request.now, **form.cleaned_data
        ),
        _("Offer kept. Above your own authority it waits for another person."),
    )


@require_POST
@requires(Right.APPROVE_OFFERS)
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Another person's word on an offer."""
    made = CaseOffer.objects.select_related("case").filter(pk=number).first()
    if made is None or not request.reach.covers(made.case.unit_id, made.case.keeper_id):
        raise Http404
    return _done(
        request,
        made.case,
        True,
        lambda: offers.decide_offer(
            by=request.user, offer=made, approve=request.POST.get("word") == "approve",
            note=request.POST.get("note", ""), today=request.today, now=request.now,
        ),
        _("Decided."),
    )  # fmt: skip


@require_POST
@requires(Right.KEEP_CASES)
def close(request: ActingRequest, number: int) -> HttpResponse:
    """End the case: the first tap says ending and reason ("lost:rate"), the second the destination."""
    found = selectors.case_or_404(request.reach, number)
    ending, _colon, reason = request.POST.get("why", "").partition(":")
    return _done(
        request,
        found,
        True,
        lambda: services.close_case(
            by=request.user, case=found, ending=ending, reason=reason, place=request.POST.get("place", ""),
            note=request.POST.get("note", ""), today=request.today, now=request.now,
        ),
        _("The case has ended. The ledger judges later."),
    )  # fmt: skip


def _done(
    request: ActingRequest, found: Case, readable: bool, deed: Callable[[], object], said: str
) -> HttpResponse:
    """Do it and say so, or say why not; back to the case."""
    if not readable:
        messages.error(request, _("Something is missing or cannot be read; nothing was kept."))
        return redirect("retention:case", found.pk)
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("retention:case", found.pk)
