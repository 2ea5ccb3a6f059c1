"""What codes of visits are called on the screen, and the colours that mean something."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.visits.models import VisitState, WeekState

STATE_KINDS: Mapping[str, str] = {
    VisitState.PLANNED: "accent",
    VisitState.DONE: "green",
    VisitState.CANCELLED: "grey",
}
WEEK_KINDS: Mapping[str, str] = {
    WeekState.DRAFT: "grey",
    WeekState.SUBMITTED: "amber",
    WeekState.CONFIRMED: "green",
    WeekState.RETURNED: "red",
}
EVIDENCE: Mapping[str, Promise] = {
    "minutes": _("Minutes in time and long enough"),
    "place": _("Where it really was"),
    "companion": _("A companion says so"),
}
