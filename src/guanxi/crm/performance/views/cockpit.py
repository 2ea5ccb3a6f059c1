"""团队驾驶舱 and the lists behind its figures."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import approvals, outputs, pictures, selectors, words
from guanxi.crm.performance.cockpit import Board, board_of
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.team import place_asked
from guanxi.crm.performance.views.common import says_what_is_unset
from guanxi.crm.scores.reports.keyset import page_of
from guanxi.crm.scores.reports.places import Place
from guanxi.crm.scores.selectors import current_business_date
from guanxi.crm.scores.tiers import tier_names


@require_GET
@requires(Right.SEE_TEAM_WORK)
@says_what_is_unset
def page(request: ActingRequest) -> HttpResponse:
    """Due against done, what nobody touched, who has too much: of a unit, or of one below it."""
    place = place_asked(request.reach, request.GET.get("unit"))
    board, names = board_of(request.reach, place, terms_on(request.today)), tier_names(request.today)
    told = _strip(request, board) | {
        "place": place,
        "trail": trail(place),
        "columns": pictures.columns_of_lines(bool(place.children)),
        "lines": pictures.lines_of(board),
        "coverage": pictures.coverage_chart(board, names),
        "load": pictures.load_chart(board),
        "outputs": _outputs(board),
        "as_of": current_business_date(),
    }
    return render(request, "performance/cockpit.html", told)


def _outputs(board: Board) -> list[outputs.Shown]:
    """The adjusted output of the people of the place together."""
    team = [line.member.key for line in board.people if line.member]
    return outputs.shown_outputs(outputs.team_outputs(selectors.outputs_of(team)))


@require_GET
@requires(Right.SEE_TEAM_WORK)
@says_what_is_unset
def strip(request: ActingRequest) -> HttpResponse:
    """The cockpit's figures as a part of a head's first page."""
    place = place_asked(request.reach, None)
    board = board_of(request.reach, place, terms_on(request.today))
    return render(request, "performance/_strip.html", _strip(request, board))


def _strip(request: ActingRequest, board: Board) -> dict[str, Any]:
    waiting = approvals.waiting_for(request.user, request.reach, request.today)
    return {
        "board": board,
        "waiting": sum(one.count for one in waiting),
        "of": words.of,
        "query": f"?unit={board.place.unit.pk}",
    }


@require_GET
@requires(Right.SEE_TEAM_WORK)
@says_what_is_unset
def listed(request: ActingRequest, kind: str) -> HttpResponse:
    """The list behind one figure of the cockpit."""
    if kind not in words.LISTS:
        raise Http404
    place, today = place_asked(request.reach, request.GET.get("unit")), request.today
    rows = pictures.rows_of(kind, request.reach, place, terms_on(today))
    shown = page_of(rows, pictures.ORDERS[kind], request.GET)
    previous_url, next_url = shown.addresses(request.GET)
    told = {
        "kind": kind,
        "title": words.LISTS[kind][0],
        "about": words.LISTS[kind][1],
        "trail": [*trail(place), (str(words.LISTS[kind][0]), None)],
        "columns": pictures.columns_of_list(kind),
        "items": pictures.items_of(kind, shown.rows, request.reach, tier_names(today), today),
        "count": rows.order_by().count(),
        "previous_url": previous_url,
        "next_url": next_url,
        "as_of": current_business_date(),
    }
    return render(request, "performance/list.html", told)


def trail(place: Place) -> list[tuple[str, str | None]]:
    """The way down to a unit."""
    address = reverse("performance:cockpit")
    return [(unit.name, f"{address}?unit={unit.pk}") for unit in place.trail]
