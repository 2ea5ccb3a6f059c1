"""The score panels of a customer page, each by itself: to load again, or with other months. They write nothing."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores import cards, panels
from guanxi.crm.scores.models import Run
from guanxi.crm.scores.picture import Picture
from guanxi.crm.scores.selectors import current_run


@require_GET
@requires(Right.SEE_CUSTOMERS)
def wealth(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """AUM now, what it is made of, and its 12 or 25 months by component."""
    months = panels.SHORT if request.GET.get("months") == str(panels.SHORT) else panels.LONG
    return render(
        request, "scores/_wealth.html", cards.wealth(_picture(request, uuid, current_run()), months)
    )


@require_GET
@requires(Right.SEE_CUSTOMERS)
def value(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The value card: composite, four bars, and under each bar what it was made from."""
    return render(request, "scores/_value.html", cards.value(_picture(request, uuid)))


@require_GET
@requires(Right.SEE_CUSTOMERS)
def stage(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The life-cycle stage with its evidence, how long it has lasted, and the stages of the months before."""
    return render(request, "scores/_stage.html", cards.stage(_picture(request, uuid)))


@require_GET
@requires(Right.SEE_CUSTOMERS)
def changes(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """What is different from the run before."""
    return render(request, "scores/_changes.html", cards.changes(_picture(request, uuid)))


def _picture(request: ActingRequest, uuid: UUID, run: Run | None = None) -> Picture:
    party = party_or_404(request.reach, uuid)
    return Picture(request.reach, party, request.today, run)
