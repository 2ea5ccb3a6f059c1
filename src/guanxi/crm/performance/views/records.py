"""Completeness of records (档案完整度): of one's own book, of one's outlets, of the bank."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.performance import records


@require_GET
@requires(Right.SEE_DAILY)
def page(request: ActingRequest) -> HttpResponse:
    """Average completeness, the entry missing most, and who brought what."""
    return render(request, "performance/records.html", records.page(request.reach, request.today))
