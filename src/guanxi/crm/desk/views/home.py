"""The first page after signing in: what this role looks at first."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.desk import homes
from guanxi.crm.desk.forms import ArrivalForm
from guanxi.crm.desk.standing import standing_of
from guanxi.crm.organisation.access import for_everyone, requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right, Sight
from guanxi.crm.scores.selectors import runs
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.worklist import pictures as worklist


@require_GET
@for_everyone
def home(request: ActingRequest) -> HttpResponse:
    """The day's list for those who have one, else sections by what one may do; nobody's is empty without a hint."""
    shown = day_sections(request) if has_day(request) else sections(request)
    return _page(request, shown, tab="today")


@require_GET
@requires(Right.SEE_WORKLIST)
def overview(request: ActingRequest) -> HttpResponse:
    """What stood on the first page before the day's list did: figures, the three lists, what the last run changed."""
    shown = [name for name in sections(request) if name != "arrival"]
    return _page(request, shown, tab="overview")


def _page(request: ActingRequest, shown: list[str], *, tab: str) -> HttpResponse:
    tabs = [
        (_("Today's list"), reverse("desk:home"), tab == "today"),
        (_("My customers"), reverse("desk:overview"), tab == "overview"),
    ]
    told: dict[str, Any] = {
        "run": standing_of(request).current,
        "sections": shown,
        "tabs": tabs if has_day(request) else [],
    }
    for section in shown:
        told |= SECTIONS[section](request)
    return render(request, "desk/home.html", told)


def has_day(request: ActingRequest) -> bool:
    """Whether the first page is the day's list: for managers, planners, the counter. Heads begin with the team."""
    return request.reach.may(Right.SEE_WORKLIST) and not request.reach.may(Right.SEE_TEAM_WORK)


def day_sections(request: ActingRequest) -> list[str]:
    """The day's list, and at the counter the question who has come above it."""
    return ["arrival", "today"] if request.reach.may(Right.SERVE_COUNTER) else ["today"]


def sections(request: ActingRequest) -> list[str]:
    """Which sections stand on this person's page, in order."""
    reach = request.reach
    counter = reach.may(Right.SEE_CUSTOMERS) and not reach.may(Right.SEE_DAILY)
    asked = {
        "arrival": counter,
        "book": counter,
        "figures": reach.may(Right.SEE_DAILY),
        "team": reach.may(Right.SEE_TEAM_WORK),
        "tiers": reach.may(Right.SEE_STRUCTURE),
        "lists": reach.may(Right.SEE_DAILY),
        "people": reach.may(Right.CHANGE_PEOPLE),
        "trail": reach.may(Right.SEE_AUDIT),
        "runs": reach.may(Right.SEE_RUNS) and not reach.may(Right.SEE_DAILY),
    }
    return [name for name, wanted in asked.items() if wanted]


def _today(request: ActingRequest) -> dict[str, Any]:
    try:
        return worklist.today(request.user, request.reach, request.today)
    except KeyError:  # a bank without this policy yet
        return {"head": worklist.Head(0, 0, 0), "lines": [], "rest_count": 0, "has_list": False}


def _arrival(_request: ActingRequest) -> dict[str, Any]:
    return {"form": ArrivalForm()}


def _book(request: ActingRequest) -> dict[str, Any]:
    names = tier_names(request.today)
    rows = homes.own_book(request.reach, request.user)
    first = rows[: homes.FIRST_ROWS * 2]
    return {"book": homes.book_rows(first, request.reach, names), "book_count": rows.order_by().count()}


def _team(_request: ActingRequest) -> dict[str, Any]:
    return {}  # the room of team work fills its own part


def _figures(request: ActingRequest) -> dict[str, Any]:
    return {"figures": homes.figures(request.reach), "whole": request.reach.sight is not Sight.BOOK}


def _tiers(request: ActingRequest) -> dict[str, Any]:
    return {"tiers": homes.tier_counts(request.reach, tier_names(request.today))}


def _lists(request: ActingRequest) -> dict[str, Any]:
    names = tier_names(request.today)
    count, turns = homes.turns(request.reach, names)
    return {"lists": homes.three_lists(request.reach, request.today), "turns": turns, "turn_count": count}


def _people(request: ActingRequest) -> dict[str, Any]:
    return {"people": homes.people_counts(request.today)}


def _trail(request: ActingRequest) -> dict[str, Any]:
    midnight = timezone.localtime(request.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"trail": homes.trail_counts(midnight)}


def _runs(_request: ActingRequest) -> dict[str, Any]:
    return {"runs": list(runs()[: homes.FIRST_ROWS])}


SECTIONS = {
    "today": _today,
    "arrival": _arrival,
    "book": _book,
    "figures": _figures,
    "team": _team,
    "tiers": _tiers,
    "lists": _lists,
    "people": _people,
    "trail": _trail,
    "runs": _runs,
}
