"""Reasons and states of this room in words, and the colours that mean something."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.keeping.models import ExitState, HandOverState, OverrideState

REASONS: Mapping[str, Promise] = {
    "brought": _("brought most of the deposits"),
    "main_outlet": _("main outlet"),
    "payroll_outlet": _("outlet of the payroll company"),
    "load": _("balance of the load"),
    "all_full": _("everybody here is full: choose yourself, or ask for capacity"),
    "nobody_here": _("nobody here may keep customers"),
}
WHY_POOL: Mapping[str, Promise] = {
    "entered": _("newly in scope"),
    "re_entry": _("back in scope"),
}
WHY_CHOICES: tuple[tuple[str, Promise], ...] = (
    ("post_ended", _("The keeper leaves or moves")),
    ("balance", _("Balance of the books")),
    ("request", _("The customer asks for it")),
    ("other", _("Another reason")),
)
WHY: Mapping[str, Promise] = dict(WHY_CHOICES)
HANDOVER_KINDS: Mapping[str, str] = {
    HandOverState.OPEN: "red",
    HandOverState.DRAWN: "amber",
    HandOverState.GIVEN: "amber",
    HandOverState.TAKEN: "amber",
    HandOverState.DONE: "green",
    HandOverState.CANCELLED: "grey",
}
EXIT_KINDS: Mapping[str, str] = {
    ExitState.PROPOSED: "amber",
    ExitState.NOTICED: "amber",
    ExitState.APPEALED: "amber",
    ExitState.KEPT: "green",
    ExitState.LEFT: "grey",
    ExitState.DROPPED: "grey",
}
OVERRIDE_KINDS: Mapping[str, str] = {
    OverrideState.PROPOSED: "amber",
    OverrideState.APPROVED: "green",
    OverrideState.REFUSED: "red",
    OverrideState.WITHDRAWN: "grey",
    OverrideState.ENDED: "grey",
}
