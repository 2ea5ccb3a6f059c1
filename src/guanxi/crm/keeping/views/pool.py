"""The pool (待分配池) with the program's proposal, and a customer's panel of keeping."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.keeping import pictures, selectors
from guanxi.crm.keeping.load import Minutes
from guanxi.crm.keeping.services import pool as services
from guanxi.crm.keeping.views.common import done, tabs
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import keepers_in
from guanxi.web.sent import whole


@require_GET
@requires(Right.DECIDE_KEEPING)
def page(request: ActingRequest) -> HttpResponse:
    """Who waits for a keeper, the earliest due first, with whom the program would choose and why."""
    entries = list(selectors.pool_listed(request.reach)[: pictures.AT_ONCE])
    units = {entry.unit_id for entry in entries}
    told = {
        "tabs": tabs(request, "pool"),
        "lines": pictures.pool_lines(request.reach, entries, request.today),
        "books": pictures.books(services.candidates(units, Minutes(request.today), request.today)),
        "keepers": list(keepers_in(units, request.today).order_by("name", "pk")),
        "overdue": sum(entry.due_on < request.today for entry in entries),
    }
    return render(request, "keeping/pool.html", told)


@require_POST
@requires(Right.DECIDE_KEEPING)
def propose(request: ActingRequest) -> HttpResponse:
    """Let the program propose anew for the whole pool."""
    found = services.propose(by=request.user, reach=request.reach, today=request.today)
    said = ngettext("Proposed for %(num)s customer.", "Proposed for %(num)s customers.", found)
    messages.success(request, said % {"num": found})
    return redirect("keeping:pool")


@require_POST
@requires(Right.DECIDE_KEEPING)
def confirm(request: ActingRequest) -> HttpResponse:
    """Assign the chosen lines as they stand in the form."""
    named = {
        entry: whole(request.POST.get(f"keeper-{text}", ""))
        for text in request.POST.getlist("chosen")
        if (entry := whole(text)) is not None
    }
    known = Staff.objects.in_bulk([key for key in named.values() if key is not None])
    chosen = {entry: known[key] for entry, key in named.items() if key in known}
    if not chosen or len(chosen) < len(named):
        messages.error(request, _("Choose customers, and a keeper for each of them."))
        return redirect("keeping:pool")
    done(
        request,
        lambda: services.confirm(by=request.user, reach=request.reach, chosen=chosen, today=request.today),
        ngettext("%(num)s customer is assigned.", "%(num)s customers are assigned.", len(chosen))
        % {"num": len(chosen)},
    )
    return redirect("keeping:pool")


@require_GET
@requires(Right.SEE_CUSTOMERS)
def panel(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Who keeps a customer and kept him, and what of this room is open about him."""
    party = party_or_404(request.reach, uuid)
    terms = selectors.keeper_history(request.reach, party)
    return render(request, "keeping/_panel.html", pictures.panel(request.reach, party, terms, request.today))
