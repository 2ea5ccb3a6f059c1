"""The run whose figures are shown and the one that began last, read once for each request."""

from dataclasses import dataclass

from django.db.models import F

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


def _read() -> Standing:
    rows = Run.objects.defer("manifest", "notes")
    first = list(rows.order_by("-is_current", F("started_at").desc(nulls_last=True))[:2])
    current = first[0] if first and first[0].is_current else None
    begun = [run for run in first if run.started_at is not None]
    return Standing(current, max(begun, key=lambda run: run.started_at, default=current))
