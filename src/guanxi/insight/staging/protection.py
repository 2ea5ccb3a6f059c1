"""Which kind of protected value stands in which personal column of the contract: the one table that decides it."""

from __future__ import annotations

from guanxi.insight.staging.identifiers import Protected, id_kind

# (file, column) → the column beside it that says the kind, or the kind itself
BESIDE: dict[tuple[str, str], str] = {("customers", "id_no"): "id_type", ("contact_points", "value"): "kind"}
_ALWAYS = {("accounts", "card_no"): Protected.CARD, ("transactions", "counter_name"): Protected.NAME}
_CONTACTS = {
    "mobile": Protected.MOBILE,
    "phone": Protected.PHONE,
    "email": Protected.EMAIL,
    "wecom": Protected.WECOM,
    "address": Protected.ADDRESS,
}
# personal columns of which linkage needs parts too (insight/staging/linking.py): they carry `<column>_parts`
PARTED = frozenset({("customers", "id_no"), ("contact_points", "value")})
# what a value that fails the check of its kind is reported as
FORM_RULES = {
    Protected.RESIDENT_ID: "id.invalid",
    Protected.RESIDENT_ID_15: "id.invalid",
    Protected.USCC: "id.invalid",
    Protected.CARD: "card.invalid",
}


def protected_kind(file: str, column: str, beside: str, value: str) -> Protected:
    """The kind of a value in a personal column; `beside` is what the column beside it says, "" when nothing."""
    if (file, column) in _ALWAYS:
        return _ALWAYS[file, column]
    if column == "id_no":
        return id_kind(beside or None, value)
    return _CONTACTS.get(beside, Protected.OTHER_ID)


def form_rule(kind: Protected) -> str:
    """The rule a value of this kind breaks when its form or check digit does not hold."""
    return FORM_RULES.get(kind, "contact.invalid")
