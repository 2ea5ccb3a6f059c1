"""Pages of the archive (客户档案): all of it, and writing, changing and withdrawing a note."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.archive import pictures, selectors, services
from guanxi.crm.customers.archive.forms import NoteForm, WithdrawForm
from guanxi.crm.customers.completeness import of_customer
from guanxi.crm.customers.documents import pictures as documents
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right


@require_GET
@requires(Right.SEE_CUSTOMERS)
def page(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Completeness, notes with their versions, documents, and what nights changed in the profile."""
    party = party_or_404(request.reach, uuid)
    audit.viewed(by=request.user, party_key=party.pk, what="archive")
    told = {
        **pictures.whole(request.reach, party),
        **documents.panel(request.reach, party, request.today),
        **of_customer(request.reach, party, request.today),
    }
    return render(request, "customers/archive/page.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.REVEAL)
def new(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Write a note."""
    party = party_or_404(request.reach, uuid)
    form = NoteForm(request.POST or None)
    return _kept(request, form, party, _("Write a note"), lambda: services.write_note(
        by=request.user, party=party, today=request.today, now=request.now, **form.cleaned_data
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Right.REVEAL)
def change(request: ActingRequest, thread: UUID) -> HttpResponse:
    """The next version of a note."""
    note = selectors.note_or_404(request.reach, thread)
    form = NoteForm(request.POST or None, initial={"text": note.text, "pinned": note.pinned})
    return _kept(request, form, note.party, _("Change the note"), lambda: services.change_note(
        by=request.user, note=note, today=request.today, now=request.now, **form.cleaned_data
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Right.REVEAL)
def withdraw(request: ActingRequest, thread: UUID) -> HttpResponse:
    """Withdraw a note with its reason."""
    note = selectors.note_or_404(request.reach, thread)
    form = WithdrawForm(request.POST or None)
    return _kept(request, form, note.party, _("Withdraw the note"), lambda: services.withdraw_note(
        by=request.user, note=note, today=request.today, now=request.now, **form.cleaned_data
    ), about=note.text)  # fmt: skip


def _kept(
    request: ActingRequest, form: Form, party: Party, title: str, deed: Callable[[], object], about: str = ""
) -> HttpResponse:
    """Do it and show the archive; else the form with what it refused."""
    if form.is_bound and form.is_valid():
        try:
            deed()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Kept."))
            return redirect("customers:archive", party.uuid)
    name = shown_name(party.name, hidden=request.reach.hides_names)
    told = {"form": form, "party": party, "name": name, "title": title, "about": about}
    return render(request, "customers/archive/form.html", told, status=422 if form.errors else 200)
