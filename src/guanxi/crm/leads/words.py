"""The room's codes in words, with the colour a state is shown in."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.leads.assignment import Why
from guanxi.crm.leads.rules import STEPS, Deed, State

STATES: Mapping[str, tuple[Promise, str]] = {
    State.COLLECT: (_("collected"), "grey"),
    State.PUBLISH: (_("to be claimed"), "accent"),
    State.FEEDBACK: (_("feedback"), "accent"),
    State.REPAIR: (_("to be supplied"), "amber"),
    State.CONVERT: (_("in conversion"), "accent"),
    State.WON: (_("sold"), "green"),
    State.LOST: (_("ended"), "grey"),
    State.KNOWN: (_("a customer already"), "grey"),
    State.TWICE: (_("handed in before"), "grey"),
    State.DROPPED: (_("not taken up"), "grey"),
}
IN_GOOD_HANDS = _("somebody looks after it already")
"""What a finder reads of a customer: that there is one is the bank's secret."""
STEP_NAMES: Mapping[State, Promise] = {
    State.COLLECT: _("Collect"),
    State.PUBLISH: _("Publish"),
    State.FEEDBACK: _("Feedback"),
    State.REPAIR: _("Repair"),
    State.CONVERT: _("Convert"),
}
DEEDS: Mapping[str, tuple[Promise, str]] = {
    Deed.HAND_IN: (_("Handed in"), "user-plus"),
    Deed.PUBLISH: (_("Published"), "list"),
    Deed.DROP: (_("Not taken up"), "ban"),
    Deed.CLAIM: (_("Claimed"), "flag"),
    Deed.ASSIGN: (_("Given by the head"), "user-check"),
    Deed.CONTACT: (_("Contact"), "phone"),
    Deed.FEED_BACK: (_("Feedback is complete"), "circle-check"),
    Deed.FALL_SHORT: (_("Feedback lacks something"), "alert-circle"),
    Deed.SEND_BACK: (_("Sent back by the head"), "arrow-left"),
    Deed.SUPPLY: (_("Supplied by the finder"), "edit"),
    Deed.CONVERT: (_("Conversion began"), "target-arrow"),
    Deed.STEP: (_("Step done"), "check"),
    Deed.GIVE_BACK: (_("Given back"), "arrow-left"),
    Deed.LAPSE: (_("Back in the pool, nobody acted"), "refresh"),
    Deed.LOSE: (_("Ended"), "x"),
    Deed.VERIFY: (_("Deal found in the ledger"), "coin"),
    Deed.RECOGNISE: (_("Found to be a customer"), "user"),
}
MISSING: Mapping[str, Promise] = {
    "resources": _("which resources"),
    "decides": _("who decides"),
    "informs": _("who knows"),
    "operates": _("who operates"),
}
WHY: Mapping[str, Promise] = {
    Why.NO_ROLE: _("Nobody here works leads of this kind."),
    Why.TOO_FAR: _("Nobody near enough."),
    Why.RESTING: _("All who could have it let it go lately."),
    Why.FULL: _("All who could have it hold as many leads as they may."),
}
CLOSE_REASONS: Mapping[str, Promise] = {"dropped": _("not taken up")}


def step_of(state: str) -> int:
    """How far a lead is, 1 to 5; a sold one is through, other ends are nowhere."""
    if state == State.WON:
        return len(STEPS) + 1
    return STEPS.index(State(state)) + 1 if state in STEPS else 0
