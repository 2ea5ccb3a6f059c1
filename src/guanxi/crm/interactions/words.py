"""Words of the contact log: channels, states of promises, stages of an intent, and what the scripts say."""

from collections.abc import Mapping

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.interactions.models import PromiseState
from guanxi.crm.interactions.rules import Stage

CHANNEL_ICONS: Mapping[str, str] = {
    "call": "phone",
    "visit": "map-pin",
    "branch": "building-bank",
    "wecom": "message-circle",
    "letter": "mail",
    "email": "send",
}
STATE_KINDS: Mapping[str, str] = {
    PromiseState.OPEN: "accent",
    PromiseState.KEPT: "green",
    PromiseState.BROKEN: "red",
    PromiseState.WITHDRAWN: "grey",
}
STAGES: Mapping[str, Lazy] = {
    Stage.INTENT: gettext_lazy("intent: %(what)s"),
    Stage.AGREED: gettext_lazy("agreed: %(what)s"),
    Stage.DEAL: gettext_lazy("deal found in the ledger on %(day)s: %(amount)s"),
    Stage.LAPSED: gettext_lazy("intent without a deal: %(what)s"),
}


def for_script() -> dict[str, str]:
    """What the queue in the browser says, in the reader's language."""
    return {
        "saved": _("Contact logged"),
        "kept": _("No network: kept on this device, sent by itself later"),
        "waiting": _("{n} waiting to be sent"),
        "title": _("Contacts waiting to be sent"),
        "none": _("Nothing is waiting."),
        "send": _("Send now"),
        "drop": _("Drop"),
        "sure": _("Drop this contact? It was not sent."),
        "sign_in": _("Sign in again, then it is sent."),
        "refused": _("Not accepted: {why}"),
        "forbidden": _("this customer is not within your reach any more"),
        "busy": _("The server is busy; it is sent later."),
        "unknown": _("Customer (name appears when connected)"),
        "close": _("Close"),
    }
