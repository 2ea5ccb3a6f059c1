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
    "photo": _("A photo added in time"),
}
REFUSED: Mapping[str, Promise] = {
    "empty": _("it is empty"),
    "kind": _("it is no picture of a kind that is taken (%(kinds)s)"),
    "size": _("it is larger than %(size)s"),
    "pixels": _("it has more than %(pixels)s million pixels"),
    "damaged": _("it is damaged and cannot be opened"),
    "many": _("a visit takes %(most)s photos at most"),
    "known": _("the same picture stands with a visit already"),
}
"""Why a photo was not taken, by code."""
