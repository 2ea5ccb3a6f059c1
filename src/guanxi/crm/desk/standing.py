"""The run whose figures are shown and the one that began last, read once for each request."""

from dataclasses import dataclass

from django.db import connection

from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.scores.models import Run

_KEPT = "guanxi_standing"


@dataclass(frozen=True)
class Standing:
    """`current`: shown to people; `latest`: began last, however it ended. Both without manifest and notes."""

    current: Run | None
    latest: Run | None


def standing_of(request: ActingRequest) -> Standing:
    """The standing of this request; one query, however many parts of the page ask."""
    kept = getattr(request, _KEPT, None)
    if kept is None:
        kept = _read()
        setattr(request, _KEPT, kept)
    assert isinstance(kept, Standing)
    return kept


# Written out because every page asks it: composing the same by the ORM took five times as long as its answer.
_COLUMNS = ("id", "business_date", "as_of", "state", "is_current", "started_at", "finished_at")
_READ = f"SELECT {', '.join(_COLUMNS)} FROM scores_run ORDER BY is_current DESC, started_at DESC NULLS LAST LIMIT 2"


def _read() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        first = [Run.from_db(connection.alias, _COLUMNS, row) for row in cursor.fetchall()]
    current = first[0] if first and first[0].is_current else None
    begun = [run for run in first if run.started_at is not None]
    return Standing(current, max(begun, key=lambda run: run.started_at, default=current))
