"""Two answers for whoever watches the program: it lives; it can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from guanxi.crm.organisation.access import open_door
from guanxi.crm.scores import selectors as scores


@open_door
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # a view's signature
    """The process answers; nothing else is asked."""
    return JsonResponse({"state": "alive"})


@open_door
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # a view's signature
    """Database, last run; 503 when the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        day = scores.current_business_date()
    except DatabaseError:
        return JsonResponse({"database": "no answer", "run": None}, status=503)
    return JsonResponse({"database": "answers", "run": day.isoformat() if day else None})
