"""Events of customers, the same as `POST /behaviour/events`."""

from typing import Any

from ninja import Router

from guanxi.crm.behaviour import taking
from guanxi.crm.behaviour.api import Refused, events_in, result
from guanxi.crm.openapi.door import ApiRequest, Needs
from guanxi.crm.openapi.problems import Problem as Declined
from guanxi.crm.openapi.routes.customers import ERRORS
from guanxi.crm.openapi.shapes import EventsTaken, Problem

router = Router(tags=["events"])
# A line that does not fit is told in the answer and makes no request unfit, so the document asks nothing of lines.
LINE = {
    "description": "An event: key, kind, at (with zone), source, customer or token, properties. Each line is judged by "
    "itself against the register of kinds; what is refused is told by number and reason.",
    "examples": [
        {
            "key": "m-1", "kind": "page_viewed", "at": "2026-11-01T10:00:00+08:00", "source": "mobile",
            "customer": "C00000042", "properties": {"page": "home"},
        }
    ],
}  # fmt: skip
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "minItems": 1, "maxItems": 1000, "items": LINE}},
        },
    }
}


@router.post(
    "/events", auth=Needs(taking.SCOPE), response={200: EventsTaken, 400: Problem, 413: Problem, **ERRORS},
    operation_id="sendEvents", summary="Events of customers", openapi_extra=BODY, exclude_none=True,
)  # fmt: skip
def take(request: ApiRequest) -> dict[str, Any]:
    """Each line is kept, known before, dropped or refused; the answer says which. As application/x-ndjson one object a
    line does too."""
    try:
        told = events_in(request.body, request.today, listed=request.content_type == "application/json")
    except Refused as refused:
        raise Declined(refused.status, str(refused)) from refused
    taken = taking.take(token=request.token, told=told, today=request.today, now=request.now)
    return result(taken)
