"""What this room's codes are called on the screen, and what to do."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.crm.processors import rules

FIELDS: Mapping[str, Promise] = {
    "name": pgettext_lazy("data", "Name"),
    "mobile": gettext_lazy("Mobile number"),
    "email": pgettext_lazy("data", "E-mail"),
    "address": gettext_lazy("Postal address"),
    "wecom": gettext_lazy("WeCom contact"),
    "device": gettext_lazy("Device of the app"),
    "content": gettext_lazy("Text of the message"),
    "holdings": gettext_lazy("Products and due days"),
    "tier": gettext_lazy("Tier"),
}
WHY_NOT: Mapping[str, tuple[Promise, Promise]] = {
    rules.ABSENT: (
        gettext_lazy("No processor is registered for this channel."),
        gettext_lazy(
            "The administrator enters the vendor, another person approves; what waits then goes out."
        ),
    ),
    rules.EARLY: (
        gettext_lazy("The contract with the processor has not begun."),
        gettext_lazy("Messages wait until its first day."),
    ),
    rules.OVER: (
        gettext_lazy("The contract with the processor is over."),
        gettext_lazy("Enter the new contract and have it approved; what waits then goes out."),
    ),
    rules.FOREIGN: (
        gettext_lazy("The processor's endpoint is abroad: nothing leaves."),
        gettext_lazy("Have the vendor move it home, then end this entry and enter the new endpoint."),
    ),
    rules.UNCONFIRMED: (
        gettext_lazy("This channel stood before the register and was not confirmed in time."),
        gettext_lazy(
            "The administrator enters the vendor, another person approves; what waits then goes out."
        ),
    ),
    rules.NO_POLICY: (
        gettext_lazy("The bank has no policy of the protection of personal information in force."),
        gettext_lazy("An administrator proposes one; it says in which country the bank is."),
    ),
}
KINDS: Mapping[str, str] = {
    "to_confirm": "amber", "proposed": "amber", "approved": "green", "rejected": "red", "ended": "grey",
}  # fmt: skip


def why_not(code: str) -> str:
    """Why nothing leaves, and what to do; empty when it does."""
    told = WHY_NOT.get(code)
    return f"{told[0]} {told[1]}" if told else code


def fields(codes: Iterable[str]) -> str:
    """Data in words, in the order they are offered in."""
    return _(", ").join(str(FIELDS[code]) for code in rules.FIELDS if code in set(codes))
