"""晨会一页纸 as a page and as a sheet."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.audit.services import exported
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import words
from guanxi.crm.performance.morning import Morning, morning_of
from guanxi.crm.performance.policy import terms_on
from guanxi.crm.performance.team import place_asked
from guanxi.crm.performance.views.common import says_what_is_unset
from guanxi.crm.scores.reports.places import Place
from guanxi.crm.scores.selectors import current_business_date
from guanxi.web import pdf


@require_GET
@requires(Right.SEE_TEAM_WORK)
@says_what_is_unset
def page(request: ActingRequest) -> HttpResponse:
    """The morning page of a unit."""
    place, morning = _asked(request)
    told = _told(request, place, morning) | {
        "query": f"?unit={place.unit.pk}",
    }
    return render(request, "performance/morning.html", told)


@require_GET
@requires(Right.SEE_TEAM_WORK)
@says_what_is_unset
def sheet(request: ActingRequest) -> HttpResponse:
    """The same on one A4 page; taking it is recorded."""
    place, morning = _asked(request)
    shown = (morning.maturities, morning.promises, morning.pool)
    exported(
        by=request.user, what="morning", rows=sum(len(short.rows) for short in shown), columns=[],
        filters={"unit": place.unit.unit_no, "day": request.today},
        customers=[row.party for short in shown for row in short.rows],
    )  # fmt: skip
    mark = pdf.mark_of(request.user.name, request.user.staff_no, request.now)
    name = f"晨会一页纸-{place.unit.name}-{request.today.isoformat()}"
    return pdf.pdf_response("performance/morning_sheet.html", _told(request, place, morning), name, mark=mark)


def _asked(request: ActingRequest) -> tuple[Place, Morning]:
    place = place_asked(request.reach, request.GET.get("unit"))
    return place, morning_of(request.reach, place, terms_on(request.today))


def _told(request: ActingRequest, place: Place, morning: Morning) -> dict[str, Any]:
    return {
        "place": place,
        "morning": morning,
        "result_words": words.RESULTS,
        "today": request.today,
        "as_of": current_business_date(),
    }
