"""Joint cases: asked, taken, proposed, agreed; the planner reads the case's own copy and nothing else."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.planning import pictures, selectors, services
from guanxi.crm.planning.forms import AskForm, ProposalForm, WhyForm
from guanxi.crm.planning.models import CaseState
from guanxi.crm.planning.policy import planning_policy
from guanxi.web.pdf import pdf_answer


@require_GET
@requires(Right.ASK_PLANNER, Right.ADVISE)
def cases(request: ActingRequest) -> HttpResponse:
    """The cases one has to do with: asked of one as planner, or about one's own customers."""
    rows = list(selectors.cases(request.reach)[:100])
    told = {
        "rows": [
            (row, pictures.KINDS[CaseState(row.state)], row.planner_id == request.user.pk) for row in rows
        ],
        "today": request.today,
    }
    return render(request, "planning/list.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.ASK_PLANNER)
def ask(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Share a customer with a planner."""
    party = party_or_404(request.reach, uuid)
    sent = (request.POST,) if request.method == "POST" else ()
    form = AskForm(*sent, people=selectors.planners(request.reach, request.today))
    if request.method == "POST" and form.is_valid():
        made = _done(form, lambda: services.ask_planner(
            by=request.user, party=party, today=request.today, now=request.now, **form.cleaned_data
        ))  # fmt: skip
        if made is not None:
            return redirect("planning:case", made.pk)
    told = {"form": form, "party": party}
    return render(request, "planning/ask.html", told, status=422 if form.errors else 200)


@require_GET
@requires(Right.ASK_PLANNER, Right.ADVISE)
def case(request: ActingRequest, number: int) -> HttpResponse:
    """A case: what was shared, allocation, concentration, maturities, proposals."""
    found = selectors.case_or_404(request.reach, number)
    audit.viewed(by=request.user, party_key=found.party_id, what="planning_case")
    told = pictures.case_page(found, planning_policy(request.today), request.user, request.today)
    covered = request.reach.covers(found.unit_id, found.keeper_id)
    told |= {"party": found.party if covered else None, "why_form": WhyForm(), "today": request.today}
    return render(request, "planning/case.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.ADVISE)
def propose(request: ActingRequest, number: int) -> HttpResponse:
    """Write a proposal; what does not suit is refused with its name."""
    found = selectors.case_or_404(request.reach, number)
    if found.planner_id != request.user.pk or found.state not in (CaseState.OPEN, CaseState.PROPOSED):
        raise PermissionDenied("not the planner of an open case")
    sent = (request.POST,) if request.method == "POST" else ()
    form = ProposalForm(*sent, products=selectors.on_sale(request.today), today=request.today)
    if request.method == "POST" and form.is_valid():
        made = _done(form, lambda: services.propose(
            by=request.user, case=found, draft=form.draft(), today=request.today, now=request.now
        ))  # fmt: skip
        if made is not None:
            return redirect("planning:case", found.pk)
    told = pictures.case_page(found, planning_policy(request.today), request.user, request.today)
    told["recording_help"] = pictures.recording_help(planning_policy(request.today))
    return render(
        request, "planning/propose.html", {**told, "form": form}, status=422 if form.errors else 200
    )


@require_GET
@requires(Right.ASK_PLANNER, Right.ADVISE)
def proposal(request: ActingRequest, number: int) -> HttpResponse:
    """The file as it was handed out; one that is no longer the same is not handed out."""
    kept = selectors.proposal_or_404(request.reach, number)
    content = bytes(kept.content)
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        raise PermissionDenied("the file differs from its fingerprint")
    audit.exported(by=request.user, what="proposal", rows=1, columns=[], filters={"proposal": kept.pk},
                   content_hash=kept.sha256, customers=[kept.case.party_id])  # fmt: skip
    return pdf_answer(content, f"{_('Wealth proposal')} {kept.case_id}-{kept.number}")


@require_POST
@requires(Right.ADVISE)
def take(request: ActingRequest, number: int) -> HttpResponse:
    """The planner takes the case."""
    found = selectors.case_or_404(request.reach, number)
    return _said(request, number, lambda: services.accept(by=request.user, case=found, today=request.today))


@require_POST
@requires(Right.ADVISE)
def decline(request: ActingRequest, number: int) -> HttpResponse:
    """The planner does not take it."""
    return _ended(request, number, services.decline)


@require_POST
@requires(Right.ASK_PLANNER)
def withdraw(request: ActingRequest, number: int) -> HttpResponse:
    """The manager takes the customer back."""
    return _ended(request, number, services.withdraw)


@require_POST
@requires(Right.ASK_PLANNER)
def agree(request: ActingRequest, number: int) -> HttpResponse:
    """The manager takes on the next step."""
    found = selectors.case_or_404(request.reach, number)
    return _said(request, number, lambda: services.agree(
        by=request.user, case=found, today=request.today, now=request.now
    ))  # fmt: skip


def _ended(request: ActingRequest, number: int, deed: Callable[..., object]) -> HttpResponse:
    found, why = selectors.case_or_404(request.reach, number), request.POST.get("why", "")
    return _said(request, number, lambda: deed(
        by=request.user, case=found, why=why, today=request.today, now=request.now
    ))  # fmt: skip


def _done(form: Any, deed: Callable[[], Any]) -> Any:
    """What the deed gives, or None with what it refused said in the form."""
    try:
        return deed()
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _said(request: ActingRequest, number: int, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("planning:case", number)
