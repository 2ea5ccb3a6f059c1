"""Pages of key people: the map of a customer, what is noted on it, the sponsors of the largest companies."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.visits.people import pictures, selectors, services
from guanxi.crm.visits.people.forms import KnownForm, PersonForm, SponsorForm, initial_of
from guanxi.crm.visits.policy import visit_policy


@require_GET
@requires(Right.PLAN_VISITS)
def sponsors(request: ActingRequest) -> HttpResponse:
    """The largest companies with their sponsors (高层联络人) and whom nobody of ours knows."""
    return render(request, "visits/sponsors.html", pictures.sponsors(request.reach, request.today))


@require_GET
@requires(Right.PLAN_VISITS)
def chart(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The map of a customer: key people, who of ours knows them."""
    party = party_or_404(request.reach, uuid)
    audit.viewed(by=request.user, party_key=party.pk, what="key_people")
    return render(request, "visits/people.html", pictures.chart(request.reach, party, request.today))


@require_http_methods(["GET", "POST"])
@requires(Right.PLAN_VISITS)
def new(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Note a key person."""
    party = party_or_404(request.reach, uuid)
    form = _person_form(request, party)
    return _kept(request, form, party, _("Note a key person"), lambda: services.note_person(
        by=request.user, party=party, draft=form.draft(), today=request.today
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(Right.PLAN_VISITS)
def person(request: ActingRequest, number: int) -> HttpResponse:
    """Change what is noted of a key person."""
    found = selectors.person_or_404(request.reach, number)
    form = _person_form(request, found.party, initial=initial_of(found))
    return _kept(request, form, found.party, _("Correct %(name)s") % {"name": found.name}, lambda:
        services.change_person(by=request.user, person=found, draft=form.draft(), today=request.today)
    )  # fmt: skip


@require_POST
@requires(Right.PLAN_VISITS)
def left(request: ActingRequest, number: int) -> HttpResponse:
    """The person is no longer one."""
    found = selectors.person_or_404(request.reach, number)
    services.person_left(by=request.user, person=found, today=request.today)
    messages.success(request, _("Taken off the map; the record stays."))
    return redirect("visits:people", found.party.uuid)


@require_http_methods(["GET", "POST"])
@requires(Right.PLAN_VISITS)
def known(request: ActingRequest, number: int) -> HttpResponse:
    """One of ours knows this person."""
    found = selectors.person_or_404(request.reach, number)
    people = selectors.of_ours(found.party, request.today)
    form = KnownForm(*_sent(request), people=people, initial={"staff": request.user.pk})
    title = _("Who of ours knows %(name)s") % {"name": found.name}
    return _kept(request, form, found.party, title, lambda: services.note_known(
        by=request.user, person=found, today=request.today, **form.cleaned_data
    ))  # fmt: skip


@require_POST
@requires(Right.PLAN_VISITS)
def known_end(request: ActingRequest, number: int) -> HttpResponse:
    """One of ours no longer knows that person."""
    found = selectors.known_or_404(request.reach, number)
    services.end_known(by=request.user, known=found, today=request.today)
    return redirect("visits:people", found.party.uuid)


@require_http_methods(["GET", "POST"])
@requires(Right.CONFIRM_PLANS)
def sponsor(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Name the executive sponsor, or nobody any more."""
    party = party_or_404(request.reach, uuid)
    standing = selectors.sponsor_of(request.reach, party)
    days = standing.every_days if standing else visit_policy(request.today).sponsor_days
    shown = {"staff": standing.staff_id if standing else None, "every_days": days}
    form = SponsorForm(*_sent(request), people=selectors.may_sponsor(party, request.today), initial=shown)
    return _kept(request, form, party, _("Executive sponsor"), lambda: services.name_sponsor(
        by=request.user, party=party, today=request.today, **form.cleaned_data
    ))  # fmt: skip


def _sent(request: ActingRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _person_form(request: ActingRequest, party: Party, **more: Any) -> PersonForm:
    related = selectors.related(request.reach, party)
    return PersonForm(*_sent(request), related=related, company=pictures.is_company(party), **more)


def _kept(
    request: ActingRequest, form: Form, party: Party, title: str, deed: Callable[[], object]
) -> HttpResponse:
    """Do it and show the map; else the form with what it refused."""
    if form.is_bound and form.is_valid():
        try:
            deed()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Kept."))
            return redirect("visits:people", party.uuid)
    name = shown_name(party.name, hidden=request.reach.hides_names)
    told = {"form": form, "party": party, "name": name, "title": title}
    return render(request, "visits/people_form.html", told, status=422 if form.errors else 200)
