"""Two answers for whoever watches the program: it lives; it can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from guanxi.crm.organisation.access import open_door
from guanxi.crm.scores import selectors as scores

# Jobs that wait and run, and workers that gave a sign of life within half a minute.
_QUEUE = """
SELECT COUNT(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= NOW())),
       COUNT(*) FILTER (WHERE status = 'doing'),
       (SELECT COUNT(*) FROM procrastinate_workers WHERE last_heartbeat > NOW() - INTERVAL '30 seconds')
FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
"""


@open_door
def health(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # a view's signature
    """The process answers; nothing else is asked."""
    return JsonResponse({"state": "alive"})


@open_door
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # a view's signature
    """Database, last run, queue; 503 when the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.execute(_QUEUE)
            waiting, doing, workers = cursor.fetchone() or (0, 0, 0)
        day = scores.current_business_date()
    except DatabaseError:
        return JsonResponse({"database": "no answer", "run": None, "queue": None}, status=503)
    queue = {"waiting": waiting, "doing": doing, "workers": workers}
    return JsonResponse({"database": "answers", "run": day.isoformat() if day else None, "queue": queue})
