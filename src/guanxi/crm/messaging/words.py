"""What this room's codes are called on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.crm.processors.words import WHY_NOT as REGISTER
from guanxi.insight.contact.fields import FIELDS, TOPICS, USES

WHY_NOT: Mapping[str, Promise] = {
    "ok": _("May be reached"),
    "unknown": _("Not within reach"),
    "no_policy": _("No contact rules in force"),
    "deceased": _("Deceased"),
    "stopped": _("Processing restricted"),
    "closed": _("No longer a customer"),
    "minor": _("Too young for marketing"),
    "suppressed": _("Number on the list of refusals"),
    "refused": _("The customer refused"),
    "no_consent": _("No consent on record"),
    "no_profiling": _("Wants general messages only"),
    "topic": _("Does not want to hear about this"),
    "hold": _("On hold"),
    "zone": _("Zone unknown"),
    "calendar": _("Holidays of that year unknown"),
    "cap_none": _("No contact budget set"),
    "quiet": _("Quiet hours"),
    "cap_day": _("Reached often enough today"),
    "cap_week": _("Reached often enough this week"),
    "cap_month": _("Reached often enough this month"),
    "text": _("The text cannot be filled in"),
    "address": _("No number or address"),
    **{code: told[0] for code, told in REGISTER.items()},
}
STATE_KINDS: Mapping[str, str] = {
    "planned": "grey", "claimed": "grey", "submitting": "amber", "accepted": "blue", "delivered": "green",
    "failed": "red", "refused": "grey", "expired": "grey", "unknown": "amber", "stopped": "grey",
}  # fmt: skip
ADAPTERS: Mapping[str, Promise] = {
    "sms_smpp": _("SMS gateway (SMPP)"),
    "sms_http": _("SMS gateway (HTTP)"),
    "email_smtp": _("Mail server (SMTP)"),
    "wecom_app": _("WeCom application message"),
    "wecom_mass": _("WeCom mass message"),
    "webhook": _("Push service (webhook)"),
    "call_list": _("Call list"),
    "letter": _("Letter to print"),
}
TEMPLATE_KINDS: Mapping[str, str] = {
    "draft": "grey", "proposed": "amber", "approved": "green", "rejected": "red", "retired": "grey",
}  # fmt: skip
DOUBT: Mapping[str, Promise] = {
    "delivered": pgettext_lazy("settle", "It arrived"),
    "failed": pgettext_lazy("settle", "It did not arrive"),
    "planned": pgettext_lazy("settle", "Send again"),
}


def why_not(code: str) -> str:
    """A verdict's code in words."""
    return str(WHY_NOT.get(code, code.replace("_", " ")))


def adapter(code: str) -> str:
    """What a channel leads to, by its kind in `channels.register`."""
    return str(ADAPTERS.get(code, code))


def use(code: str) -> str:
    """What a template is for."""
    pair = USES.get(code)
    return _said(pair[0], pair[1]) if pair else code


def topic(code: str) -> str:
    """What a message is about."""
    pair = TOPICS.get(code)
    return _said(*pair) if pair else code


def field(code: str) -> str:
    """A field of a template."""
    one = FIELDS.get(code)
    return _said(one.label_zh, one.label_en) if one else code


def often(most: int | None) -> str:
    """How often a customer wishes to hear of offers."""
    if most is None:
        return gettext("As usual")
    return ngettext("At most once a month", "At most %(most)s times a month", most) % {"most": most}


def _said(zh: str, en: str) -> str:
    return zh if (get_language() or "zh").startswith("zh") else en
