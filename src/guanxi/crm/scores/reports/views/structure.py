"""客户分析: the page, its parts one by one, and the workbook."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right


@require_GET
@requires(Right.SEE_STRUCTURE)
def page(request: ActingRequest) -> HttpResponse:
    return HttpResponse("soon")


@require_GET
@requires(Right.SEE_STRUCTURE)
def part(request: ActingRequest, code: str) -> HttpResponse:
    return HttpResponse(code)


@require_GET
@requires(Right.SEE_STRUCTURE)
def file(request: ActingRequest) -> HttpResponse:
    return HttpResponse("soon")
