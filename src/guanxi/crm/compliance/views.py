"""Pages of requests about personal information: for compliance, and the form for those who meet customers."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance import pictures, selectors, services
from guanxi.crm.compliance.forms import DecisionForm, IdentityForm, NumberedRequestForm, RequestForm
from guanxi.crm.compliance.letter import letter_of
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.compliance.sight import for_compliance
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.web.pdf import mark_of, pdf_answer, pdf_bytes

BAD = 422


@require_GET
@for_compliance
def overview(request: ActingRequest) -> HttpResponse:
    """Requests that wait, the earliest due first, and those that ended lately."""
    return render(request, "compliance/overview.html", pictures.overview(request.today))


@require_http_methods(["GET", "POST"])
@for_compliance
def new(request: ActingRequest) -> HttpResponse:
    """A request that reached compliance itself, by the whole customer number."""
    form = NumberedRequestForm(*_sent(request), today=request.today)

    def keep() -> SubjectRequest:
        party = selectors.party_numbered(form.cleaned_data["customer_no"])
        if party is None:
            raise ValidationError({"customer_no": _("There is no customer of this number.")})
        return services.hand_in(
            by=request.user, party=party, draft=form.draft(), today=request.today, now=request.now
        )

    made = _kept(form, keep)
    if made is not None:
        return redirect("compliance:request", made.pk)
    return render(request, "compliance/new.html", {"form": form}, status=BAD if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.HAND_IN_REQUESTS)
def hand_in(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A customer within reach asks about their personal information: handed in to compliance."""
    party = party_or_404(request.reach, uuid)
    form = RequestForm(*_sent(request), today=request.today)
    made = _kept(form, lambda: services.hand_in(
        by=request.user, party=party, draft=form.draft(), today=request.today, now=request.now
    ))  # fmt: skip
    if made is not None:
        said = _("Handed in as request %(n)s. Compliance answers by %(day)s.")
        messages.success(request, said % {"n": made.pk, "day": made.due_on.isoformat()})
        return redirect("desk:customer", party.uuid)
    told = {"form": form, "party": party, "name": shown_name(party.name, hidden=request.reach.hides_names)}
    return render(request, "compliance/hand_in.html", told, status=BAD if form.errors else 200)


@require_GET
@for_compliance
def detail(request: ActingRequest, number: int) -> HttpResponse:
    """One request: who asks, how long there is, what was decided, what can be done next. A look at the customer."""
    row = selectors.request_or_404(number)
    audit.viewed(by=request.user, party_key=row.party_id, what="request", reason=str(row.pk))
    told = {
        "identity_form": IdentityForm(),
        "form": DecisionForm(),
        "mine": row.handler_id == request.user.pk,
        **pictures.one(row, request.today),
    }
    return render(request, "compliance/request.html", told)


@require_POST
@for_compliance
def take(request: ActingRequest, number: int) -> HttpResponse:
    """Answer for a request oneself."""
    return _done(request, number, _("It is in your hands."), lambda row: services.take(
        by=request.user, request=row, today=request.today
    ))  # fmt: skip


@require_POST
@for_compliance
def identify(request: ActingRequest, number: int) -> HttpResponse:
    """Note how it was made sure who asks."""
    return _done(request, number, _("Noted."), lambda row: services.identify(
        by=request.user, request=row, identity=request.POST.get("identity", ""), today=request.today, now=request.now
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@for_compliance
def decide(request: ActingRequest, number: int) -> HttpResponse:
    """Grant a request, wholly or in part, or refuse it with its ground."""
    row, form = selectors.request_or_404(number), DecisionForm(*_sent(request))
    made = _kept(form, lambda: services.decide(
        by=request.user, request=row, decision=form.decision(), today=request.today, now=request.now
    ))  # fmt: skip
    if made is not None:
        messages.success(request, _("The request is decided."))
        return redirect("compliance:request", row.pk)
    told = {"form": form, "row": row}
    return render(request, "compliance/decide.html", told, status=BAD if form.errors else 200)


@require_POST
@for_compliance
def make_file(request: ActingRequest, number: int) -> HttpResponse:
    """Gather what the store holds about the customer."""
    return _done(request, number, _("The file is ready. It can be fetched once."), lambda row: services.make_file(
        by=request.user, request=row, today=request.today, now=request.now
    ))  # fmt: skip


@require_POST
@for_compliance
def fetch(request: ActingRequest, number: int) -> HttpResponse:
    """The file, once."""
    row = selectors.request_or_404(number)
    try:
        content = services.fetch_file(by=request.user, request=row, today=request.today)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("compliance:request", row.pk)
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="request-{row.pk}-{request.today.isoformat()}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_GET
@for_compliance
def letter(request: ActingRequest, number: int) -> HttpResponse:
    """The answer on paper; none before a person has decided."""
    row = selectors.request_or_404(number)
    if not row.verdict:
        raise Http404
    told = {"row": row, "today": request.today, **letter_of(row)}
    mark = mark_of(request.user.name, request.user.staff_no, request.now)
    content = pdf_bytes("compliance/letter_print.html", told, mark=mark)
    audit.exported(
        by=request.user, what="request_letter", rows=1, columns=["name", "decision"], filters={"request": row.pk},
        content_hash=hashlib.sha256(content).hexdigest(), customers=[row.party_id],
    )  # fmt: skip
    return pdf_answer(content, _("Answer to request %(n)s") % {"n": row.pk})


@require_POST
@for_compliance
def answer(request: ActingRequest, number: int) -> HttpResponse:
    """The answer has gone out."""
    return _done(request, number, _("The request has ended."), lambda row: services.answer(
        by=request.user, request=row, today=request.today
    ))  # fmt: skip


@require_POST
@for_compliance
def withdraw(request: ActingRequest, number: int) -> HttpResponse:
    """Who asked does not want it any more."""
    return _done(request, number, _("The request has ended."), lambda row: services.withdraw(
        by=request.user, request=row, today=request.today
    ))  # fmt: skip


def _sent(request: ActingRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _kept(form: Form, deed: Callable[[], Any]) -> Any:
    """What the deed gives when the form was sent whole; None with what it refused said in the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return deed()
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _done(
    request: ActingRequest, number: int, said: str, deed: Callable[[SubjectRequest], object]
) -> HttpResponse:
    row = selectors.request_or_404(number)
    try:
        deed(row)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("compliance:request", row.pk)
