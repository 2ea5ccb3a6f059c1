"""Pages of documents: handing one in, a newer version, withdrawing one, and opening one for a purpose."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.crm.customers.documents import selectors, services, words
from guanxi.crm.customers.documents.forms import DocumentForm, PurposeForm, WithdrawDocumentForm
from guanxi.crm.customers.documents.models import Document
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.insight.policies.archive import DocumentKind
from guanxi.web.papers import MIME as PDF


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CUSTOMERS)
def new(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Hand a document in."""
    party, policy = party_or_404(request.reach, uuid), selectors.archive_policy(request.today)
    kinds = selectors.brought_for(request.reach, party, policy) if policy else []
    if policy is None or not kinds:
        raise PermissionDenied
    form = DocumentForm(request.POST or None, request.FILES or None, kinds=kinds, policy=policy)
    if form.is_bound and form.is_valid():
        try:
            services.add_document(
                by=request.user, party=party, draft=form.draft(), paper=form.paper, today=request.today,
                now=request.now,
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, party, _("Kept, encrypted."))
    return _form(request, form, party, _("Hand in a document"))


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CUSTOMERS)
def replace(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A newer version of a document."""
    document, kind = _found(request, uuid)
    policy = selectors.archive_policy(request.today)
    if policy is None or not selectors.brings(request.reach, kind):
        raise PermissionDenied
    form = DocumentForm(
        request.POST or None, request.FILES or None, kinds=[kind], policy=policy, only=kind.document
    )
    if form.is_bound and form.is_valid():
        try:
            services.replace_document(
                by=request.user, document=document, draft=form.draft(), paper=form.paper, today=request.today,
                now=request.now,
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(
                request, document.party, _("The newer version counts; the one before stays on file.")
            )
    about = _("%(kind)s: the version now on file stays readable.") % {"kind": kind.label(words.language())}
    return _form(request, form, document.party, _("Newer version"), about)


@require_http_methods(["GET", "POST"])
@requires(Right.SEE_CUSTOMERS)
def withdraw(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Withdraw a document with its reason."""
    document, kind = _found(request, uuid)
    if not services.may_withdraw(request.reach, document, kind):
        raise PermissionDenied
    form = WithdrawDocumentForm(request.POST or None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            services.withdraw_document(
                by=request.user, document=document, reason=reason, today=request.today, now=request.now
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, document.party, _("Withdrawn."))
    told = {"kind": kind.label(words.language()), "years": kind.kept_years}
    about = _("%(kind)s: no longer counts, and is kept for %(years)s years more.") % told
    return _form(request, form, document.party, _("Withdraw the document"), about)


@require_http_methods(["GET", "POST"])
@requires(Right.REVEAL)
def open_one(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Ask what for, then hand the document out as a file; the look stands in the trail before a byte is out."""
    document, kind = _found(request, uuid)
    if not selectors.opens(request.reach, kind):
        raise PermissionDenied
    form = PurposeForm(request.POST or None)
    if not (form.is_bound and form.is_valid()):
        told = {"kind": kind.label(words.language()), "n": document.version}
        about = _("%(kind)s, version %(n)s. It is handed out as a file.") % told
        return _form(request, form, document.party, _("Open the document"), about, opens=True)
    content = services.open_document(
        by=request.user, document=document, purpose=form.cleaned_data["purpose"], today=request.today
    )
    return _file(document, content)


def _file(document: Document, content: bytes) -> HttpResponse:
    """A file that no browser shows by itself, runs, or keeps."""
    name = f"{document.party.customer_no}-{document.kind}-v{document.version}"
    ending = "pdf" if document.mime == PDF else "jpg"
    answer = HttpResponse(content, content_type=document.mime)
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _found(request: ActingRequest, uuid: UUID) -> tuple[Document, DocumentKind]:
    policy = selectors.archive_policy(request.today)
    if not selectors.hears_of_any(request.reach, policy):
        raise PermissionDenied
    return selectors.document_or_404(request.reach, uuid, policy)


def _done(request: ActingRequest, party: Party, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("customers:archive", party.uuid)


def _form(
    request: ActingRequest, form: Form, party: Party, title: str, about: str = "", *, opens: bool = False
) -> HttpResponse:
    name = shown_name(party.name, hidden=request.reach.hides_names)
    told = {"form": form, "party": party, "name": name, "title": title, "about": about, "opens": opens}
    return render(request, "customers/archive/document.html", told, status=422 if form.errors else 200)
