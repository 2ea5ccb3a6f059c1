"""Words of compliance: tables and columns as a customer reads them, where a value stands, what colours mean."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.crm.compliance.models import RequestState, Verdict
from guanxi.crm.compliance.tables import TABLES
from guanxi.insight.data_map.catalogue import data_map
from guanxi.insight.policies.base import speak

STATES: Mapping[str, str] = {
    RequestState.HANDED_IN: "amber",
    RequestState.IN_WORK: "accent",
    RequestState.DECIDED: "amber",
    RequestState.ANSWERED: "green",
    RequestState.WITHDRAWN: "grey",
}
VERDICTS: Mapping[str, str] = {Verdict.GRANTED: "green", Verdict.PARTLY: "amber", Verdict.REFUSED: "red"}
FIELDS: Mapping[str, Promise] = {
    "name": pgettext_lazy("what is wrong", "Name"),
    "identity": pgettext_lazy("what is wrong", "Identity document"),
    "birth_date": pgettext_lazy("what is wrong", "Date of birth"),
    "mobile": pgettext_lazy("what is wrong", "Mobile number"),
    "address": pgettext_lazy("what is wrong", "Address"),
    "email": pgettext_lazy("what is wrong", "E-mail"),
    "occupation": pgettext_lazy("what is wrong", "Occupation and employer"),
    "relation": pgettext_lazy("what is wrong", "Relation to somebody"),
    "other": pgettext_lazy("what is wrong", "Something else"),
}
"""What a correction may be about."""
_CORE, _NIGHT = _("the bank's core system"), _("renewed by the night after the source is right")
FAN_OUT: Mapping[str, tuple[tuple[str | Promise, str | Promise], ...]] = {
    "name": (
        ("customers.Party", _NIGHT),
        ("customers.VaultEntry", _NIGHT),
        ("keeping.HandOverLine", _("stays as it was signed")),
    ),
    "identity": (
        ("customers.Identifier", _NIGHT),
        ("customers.VaultEntry", _NIGHT),
        ("customers.Document", _("hand in the new paper")),
    ),
    "birth_date": (("customers.Party", _NIGHT), ("care.ImportantDate", _("change by hand"))),
    "mobile": (
        ("customers.ContactPoint", _NIGHT),
        ("customers.VaultEntry", _NIGHT),
        ("messaging.Suppression", _("the old number stays suppressed")),
        ("leads.LeadSecret", _("change by hand")),
    ),
    "address": (("customers.ContactPoint", _NIGHT), ("customers.VaultEntry", _NIGHT)),
    "email": (("customers.ContactPoint", _NIGHT), ("customers.VaultEntry", _NIGHT)),
    "occupation": (("customers.Party", _NIGHT), ("customers.ProfileChange", _("history, stays"))),
    "relation": (("customers.Relation", _NIGHT), ("visits.KeyPerson", _("change by hand"))),
    "other": (),
}
"""Where a value stands in the store, and what becomes of it once the source is right: (table, what happens)."""
SOURCE = _CORE
"""Where a correction is made first: what Guanxi holds of a person comes from there."""


def table_name(label: str) -> str:
    """What a table is called to a customer, in the reader's language; its own label where it has no name."""
    zh, en = TABLES.get(label, (label, label))
    return speak(get_language() or "zh", zh, en)


def kind_of_column(label: str, column: str) -> str:
    """What kind of data a column is by the data map, in the reader's language; "" for a value opened from it."""
    try:
        kind = data_map().entry(label.lower(), column).kind
    except KeyError:
        return ""
    return speak(get_language() or "zh", kind.name["zh"], kind.name["en"])
