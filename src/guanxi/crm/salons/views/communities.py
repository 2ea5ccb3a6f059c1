"""Pages of communities: the list with its numbers, one community with its people and events, keeping one."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.salons import communities, pictures, selectors
from guanxi.crm.salons.forms import CommunityForm
from guanxi.crm.salons.models import Community
from guanxi.crm.salons.views.asking import acting
from guanxi.crm.scores.tiers import TierNames, tier_names

MOST_PEOPLE, MOST_LEADS, MOST_EVENTS = 50, 20, 20


@require_GET
@requires(Right.RUN_SALONS)
def page(request: ActingRequest) -> HttpResponse:
    """All communities within reach, in numbers."""
    kept = list(communities.communities_for(request.reach))
    told = communities.figures(request.reach, kept, tier_names(request.today))
    return render(request, "salons/communities.html", {"rows": [(one, told[one.pk]) for one in kept]})


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SALONS)
def new(request: ActingRequest) -> HttpResponse:
    """Keep a new community."""
    return _kept(request, None)


@require_http_methods(["GET", "POST"])
@requires(Right.RUN_SALONS)
def change(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Change a community one's outlet keeps."""
    found = communities.community_or_404(request.reach, uuid)
    if not selectors.may_hold(request.reach, found.unit_id):
        raise Http404
    return _kept(request, found)


@require_GET
@requires(Right.RUN_SALONS)
def detail(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One community: its customers, its leads, its events."""
    reach, names = request.reach, tier_names(request.today)
    found = communities.community_or_404(reach, uuid)
    people = communities.members(reach, found).select_related("partyscore", "keeper", "unit")
    people = people.defer("partyscore__details").order_by(
        F("partyscore__aum_fen").desc(nulls_last=True), "pk"
    )
    hidden = reach.hides_names
    leads = communities.leads_of(reach, found).select_related("owner")[:MOST_LEADS]
    told = {
        "community": found,
        "figures": communities.figures(reach, [found], names)[found.pk],
        "people": [(one, shown_name(one.name, hidden=hidden), *_score(one, names)) for one in people[:MOST_PEOPLE]],
        "leads": [(one, shown_name(one.name, hidden=hidden)) for one in leads],
        "events": pictures.lines(list(communities.events_of(reach, found)[:MOST_EVENTS]), request.today),
        "may_change": selectors.may_hold(reach, found.unit_id),
    }  # fmt: skip
    return render(request, "salons/community.html", told)


def _score(one: Party, names: TierNames) -> tuple[str, int | None]:
    """Tier and AUM; a customer no run has seen yet has neither."""
    score = getattr(one, "partyscore", None)
    return (names.label(score.tier_scheme, score.tier_rank), score.aum_fen) if score else ("", None)


def _kept(request: ActingRequest, found: Community | None) -> HttpResponse:
    units = [found.unit] if found else list(selectors.units_for(request.reach))
    villages = dict(communities.villages_of(request.reach, [unit.pk for unit in units]))
    for name in found.villages if found else ():
        villages.setdefault(name, 0)
    initial = {name: getattr(found, name) for name in ("name", "villages", "about")} if found else None
    form = CommunityForm(
        request.POST or None, units=units, villages=sorted(villages.items()), initial=initial
    )  # fmt: skip
    if form.is_valid():
        try:
            kept = communities.keep(acting(request), form.draft(), found)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The community is kept."))
            return redirect("salons:community", kept.uuid)
    told = {"form": form, "community": found}
    return render(request, "salons/community_form.html", told, status=422 if form.errors else 200)
