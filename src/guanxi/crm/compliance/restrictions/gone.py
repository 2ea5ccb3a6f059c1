"""What erasing takes from the store (删除范围): every table that held.py names, but those that stay, each with why."""

from collections.abc import Mapping

from guanxi.crm.compliance.held import HELD

STAYS: Mapping[str, str] = {
    "audit.ChangeLog": "the sealed trail of deeds, which may only grow; it names keys",
    "audit.CustomerView": "who looked at whom, which may only grow; it names keys",
    "audit.ExportLog": "which files left, which may only grow",
    "audit.ExportedCustomers": "whom files were about, should one leak; keys alone",
    "campaigns.Assignment": "the draw into groups, for sums alone; keys alone",
    "compliance.AffectedCustomer": "whom an incident affected; keys alone",
    "compliance.Erasure": "that and when it was erased",
    "compliance.Restricted": "keeps what the bank may still deliver hidden; keys alone",
    "compliance.Restriction": "who asked for and approved it",
    "compliance.SubjectRequest": "the request that was answered; its words are emptied",
    "customers.IdentityDecision": "an input of the night: which numbers are one person",
    "customers.Party": "the key that others point to; what it says is emptied",
    "customers.PartyLink": "an input of the night: which numbers are one person",
    "messaging.ConsentEntry": "the proof of consent and refusal, which may only grow",
    "messaging.Suppression": "a refusal, kept for ever as a keyed hash",
}
"""Tables whose rows are not deleted, with the reason."""

BESIDE: Mapping[str, str] = {
    "compliance.RequestFile": "request__party",
    "customers.DocumentContent": "document__party",
    "customers.NameGram": "party",
    "leads.LeadDelivery": "lead__party",
    "leads.LeadLook": "lead__party",
    "segments.Moved": "party_id",
}
"""Tables that no person is handed a copy of and that go all the same, with the lookup that leads to the customer."""

EMPTIED: Mapping[str, object] = {
    **dict.fromkeys(("name", "name_pinyin"), ""),
    **dict.fromkeys(("sex", "birth_date", "village", "occupation", "employer_name", "due_diligence_on")),
    **dict.fromkeys(("renown_kind", "renown_source", "renown_on", "id_type", "id_masked", "id_valid")),
}
"""What the customer's own row says afterwards."""


def lookups() -> Mapping[str, tuple[str, ...]]:
    """Tables to delete from, by label → the lookups that lead to the customer's keys; the vault apart, by token.

    Those found through another table come before it: once its rows are gone nothing leads to theirs.
    """
    every = {**HELD, **{label: (one,) for label, one in BESIDE.items()}}
    gone = {label: found for label, found in every.items() if label not in STAYS}
    return dict(sorted(gone.items(), key=lambda one: (-max(found.count("__") for found in one[1]), one[0])))
