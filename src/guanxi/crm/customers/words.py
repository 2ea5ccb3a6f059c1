"""What the codes of this room are called on the screen."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SEXES: Mapping[str, Promise] = {"male": _("male"), "female": _("female")}
CONTACT_KINDS: Mapping[str, Promise] = {
    "mobile": _("Mobile phone"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "wecom": _("WeCom"),
    "address": _("Address"),
}
CONSENT_PURPOSES: Mapping[str, Promise] = {
    "marketing": _("marketing"),
    "profiling": _("profiling"),
    "sharing": _("sharing with others"),
    "service": _("service notices"),
}
CONSENT_CHANNELS: Mapping[str, Promise] = {
    "sms": _("SMS"),
    "phone": _("phone"),
    "email": _("e-mail"),
    "wecom": _("WeCom"),
    "any": _("any channel"),
}
RELATIONS: Mapping[str, Promise] = {
    "spouse": _("Spouse"),
    "parent": _("Parent"),
    "child": _("Child"),
    "guardian": _("Guardian"),
    "employee": _("Employee"),
    "employer": _("Employer"),
    "owner": _("Owner"),
    "legal_person": _("Legal representative"),
    "guarantor": _("Guarantor"),
    "agent": _("Agent"),
    "authorised": _("Authorised person"),
    "household": _("Household"),
}
ACCOUNT_ROLES: Mapping[str, Promise] = {
    "holder": _("Holder"),
    "joint": _("Joint holder"),
    "agent": _("Agent"),
    "guardian": _("Guardian"),
    "authorised": _("Authorised"),
}
ACCOUNT_STATES: Mapping[str, Promise] = {
    "open": pgettext_lazy("account", "Open"),
    "frozen": pgettext_lazy("account", "Frozen"),
    "stopped": pgettext_lazy("account", "Stopped"),
    "dormant": pgettext_lazy("account", "Dormant"),
    "closed": pgettext_lazy("account", "Closed"),
}
ID_TYPES: Mapping[str, Promise] = {
    "resident_id": _("Resident id"),
    "resident_id_15": _("Resident id (15 digits)"),
    "uscc": _("Credit code"),
    "passport": _("Passport"),
    "other": _("Other document"),
}
SIZES: Mapping[str, Promise] = {
    "large": _("Large"),
    "medium": _("Medium"),
    "small": _("Small"),
    "micro": _("Micro"),
}
RESIDENTS: Mapping[str, Promise] = {
    "farmer": _("Farmer"),
    "sole_trader": _("Sole trader"),
    "micro_owner": _("Owner of a micro firm"),
    "employee": _("Employed"),
    "retired": pgettext_lazy("livelihood", "Retired"),
    "other": _("Other"),
}
RENOWN: Mapping[str, Promise] = {
    "village_cadre": _("Village cadre"),
    "business_owner": _("Business owner"),
    "deputy": _("Deputy of the People's Congress"),
    "committee_member": _("Member of the CPPCC"),
    "listed": _("Listed company"),
    "other": _("Other ground"),
}
AREAS: Mapping[str, Promise] = {"urban": _("Town"), "rural": _("Country")}


_NOT_DELIVERED: Mapping[str, Promise] = {
    "card": _("The bank hands over no expiry days of cards, so no new card is reminded of."),
    "debit": _("The bank hands over no next instalments, so no low balance is reminded of."),
}


def lacking(codes: Iterable[str]) -> list[Promise]:
    """Why accounts have no reminders (账户提醒), a sentence for each input that is not there."""
    return [_NOT_DELIVERED[code] for code in codes]
