"""What the pages of this room share: tabs, a deed with its answer, names."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.keeping import selectors
from guanxi.crm.keeping.models import EXIT_STANDING, STANDING, OverrideState
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Reach, Right

Tab = tuple[str, str, bool, int | None]


def tabs(request: ActingRequest, current: str) -> list[Tab]:
    """The matters of this room as tabs, each with what stands open; who decides nothing sees only his own."""
    reach = request.reach
    decides = reach.may(Right.DECIDE_KEEPING)
    made = [("pool", _("Pool"), selectors.pool(reach).count())] if decides else []
    made += [
        ("handovers", _("Hand-overs"), selectors.handovers(reach).filter(state__in=STANDING).count()),
        ("exits", _("Exits"), selectors.exits(reach).filter(state__in=EXIT_STANDING).count()),
    ]
    waiting = selectors.overrides(reach).filter(state=OverrideState.PROPOSED).count()
    made += [("overrides", _("Tiers set by hand"), waiting)]
    found: list[Tab] = [
        (label, reverse(f"keeping:{name}"), name == current, number) for name, label, number in made
    ]
    if decides:
        found.append((_("Shared keeping"), reverse("keeping:shared"), current == "shared", None))
        found.append((_("Fairness"), reverse("keeping:fairness"), current == "fairness", None))
    return found


def done(request: ActingRequest, deed: Callable[[], object], said: str) -> bool:
    """Do it and say so, or say why not; False when it was refused."""
    try:
        deed()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return False
    messages.success(request, said)
    return True


def name_for(reach: Reach) -> Callable[[Party], str]:
    """How customers are named to this person."""
    return lambda party: shown_name(party.name, hidden=reach.hides_names)
