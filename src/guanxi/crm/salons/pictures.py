"""What the pages of salons show."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.salons import effect, selectors
from guanxi.crm.salons.models import Invitation, Salon, Source
from guanxi.crm.salons.policy import language, salon_policy
from guanxi.crm.salons.rules import Stage, State, ways
from guanxi.crm.salons.words import STAGES, STATES

KINDS = {Stage.PLANNED: "blue", Stage.CALLED_OFF: "red", Stage.ENDED: "grey"}
ANSWERS = {State.INVITED: "grey", State.COMING: "green", State.WAITING: "amber", State.DECLINED: "grey"}
MOST_ROWS = 400


@dataclass
class Line:
    """A salon in a list."""

    salon: Salon
    kind: str
    stage: str
    colour: str


@dataclass
class Row:
    """One of the invited."""

    invitation: Invitation
    name: str
    party: Party | None
    source: str
    state: str
    colour: str
    came: bool
    missed: bool


def lines(salons: list[Salon], today: date) -> list[Line]:
    """Salons as a list shows them."""
    policy, tongue = salon_policy(today), language()
    made = []
    for salon in salons:
        kind = policy.salon_kind(salon.kind)
        state = Stage(salon.state)
        made.append(Line(salon, kind.label(tongue) if kind else salon.kind, str(STAGES[state]), KINDS[state]))
    return made


def rows(reach: Reach, salon: Salon) -> list[Row]:
    """The invited whom this person sees."""
    found = selectors.invitations_of(reach, salon)[:MOST_ROWS]
    return [_row(one, reach, salon) for one in found]


def _row(one: Invitation, reach: Reach, salon: Salon) -> Row:
    state = State(one.state)
    missed = salon.state == Stage.ENDED and state is State.COMING and one.came_at is None
    return Row(
        one, name_of(one, hidden=reach.hides_names), one.party, str(Source(one.source).label),
        _("Did not come") if missed else str(STATES[state]), "red" if missed else ANSWERS[state],
        one.came_at is not None, missed,
    )  # fmt: skip


def name_of(one: Invitation, *, hidden: bool) -> str:
    """The customer's name; of a guest the name given, or by whom brought where the lead is not one's to see."""
    if one.party is not None:
        return shown_name(one.party.name, hidden=hidden)
    if one.lead is not None:
        return shown_name(one.lead.name, hidden=hidden)
    if one.brought_by is not None and one.brought_by.party is not None:
        return _("Guest of %(name)s") % {"name": shown_name(one.brought_by.party.name, hidden=hidden)}
    return _("Guest")


def figures(salon: Salon) -> dict[str, Any]:
    """Numbers of a salon and the shares they make."""
    counts = selectors.counts_of(salon)
    return {"counts": counts, "ways": ways(vars(counts)), "free": max(0, salon.seats - salon.taken)}


def effect_of(salon: Salon, today: date) -> dict[str, Any]:
    """What stands in the panel about effect, once the salon is over."""
    if salon.state != Stage.ENDED:
        return {"beside": None}
    least = salon_policy(today).effect_least
    return {"beside": effect.beside(salon, least=least), "least": least}


def panel(reach: Reach, party: Party) -> dict[str, Any]:
    """The salons of a customer, for the customer page."""
    return {"salons": [(one, *_standing(one)) for one in selectors.attended(reach, party)]}


def _standing(one: Invitation) -> tuple[str, str]:
    if one.came_at is not None:
        return _("Attended"), "green"
    if one.salon.state == Stage.ENDED and one.state == State.COMING:
        return _("Did not come"), "red"
    return str(STATES[State(one.state)]), ANSWERS[State(one.state)]
