"""The run whose figures are shown and the one that began last, read once for each request."""

from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.scores.selectors import Standing, standing

_KEPT = "guanxi_standing"


def standing_of(request: ActingRequest) -> Standing:
    """The standing of this request; one query, however many parts of the page ask, one that writes included."""
    kept = getattr(request, _KEPT, None)
    if kept is None:
        kept = standing()
        setattr(request, _KEPT, kept)
    assert isinstance(kept, Standing)
    return kept
