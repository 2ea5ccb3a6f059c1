"""What the trail's codes are called: deeds, what was looked at, kinds of object, details."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DEEDS: Mapping[str, Promise] = {
    "organisation.signed_in": gettext_lazy("signed in"),
    "organisation.staff_created": gettext_lazy("added a person"),
    "organisation.staff_active": gettext_lazy("allowed sign-in"),
    "organisation.staff_stopped": gettext_lazy("stopped sign-in"),
    "organisation.password_set": gettext_lazy("set a password"),
    "organisation.post_opened": gettext_lazy("gave a post"),
    "organisation.post_closed": gettext_lazy("ended a post"),
    "organisation.licence_recorded": gettext_lazy("recorded a qualification"),
    "organisation.licence_ended": gettext_lazy("ended a qualification"),
    "organisation.cover_set": gettext_lazy("set leave cover"),
    "organisation.cover_ended": gettext_lazy("ended leave cover"),
    "organisation.demo_account_opened": gettext_lazy("opened a demo account"),
    "leads.handed_in": gettext_lazy("handed in a lead"),
    "leads.publish": gettext_lazy("published a lead"),
    "leads.drop": gettext_lazy("did not take up a lead"),
    "leads.claim": gettext_lazy("claimed a lead"),
    "leads.assign": gettext_lazy("gave a lead out"),
    "leads.opened": gettext_lazy("opened a published lead"),
    "leads.revealed": gettext_lazy("saw a lead's number in full"),
    "leads.contact": gettext_lazy("contacted a lead"),
    "leads.feed_back": gettext_lazy("fed back on a lead"),
    "leads.fall_short": gettext_lazy("fed back on a lead, not completely"),
    "leads.send_back": gettext_lazy("sent a lead back"),
    "leads.supply": gettext_lazy("supplied what a lead lacked"),
    "leads.convert": gettext_lazy("began to convert a lead"),
    "leads.step": gettext_lazy("did a step of a battle map"),
    "leads.give_back": gettext_lazy("gave a lead back"),
    "leads.lapse": gettext_lazy("took an idle lead back"),
    "leads.lose": gettext_lazy("ended a lead"),
    "leads.verify": gettext_lazy("found a lead's deal in the ledger"),
    "leads.recognise": gettext_lazy("found a lead to be a customer"),
    "leads.erased": gettext_lazy("erased an ended lead"),
    "leads.list_brought": gettext_lazy("brought a list of leads"),
    "leads.specialisms": gettext_lazy("noted who knows which industry"),
    "leads.source_made": gettext_lazy("made a web form's token"),
    "leads.source_revoked": gettext_lazy("revoked a web form's token"),
    "leads.opportunity_made": gettext_lazy("made an opportunity"),
    "leads.opportunity_moved": gettext_lazy("moved an opportunity"),
    "leads.opportunity_won": gettext_lazy("won an opportunity"),
    "leads.opportunity_lost": gettext_lazy("lost an opportunity"),
    "policies.seeded": gettext_lazy("took a policy from the bank's folder"),
    "policies.proposed": gettext_lazy("proposed a policy"),
    "policies.approved": gettext_lazy("approved a policy"),
    "policies.rejected": gettext_lazy("turned a policy down"),
    "policies.activated": gettext_lazy("let a policy count"),
    "policies.withdrawn": gettext_lazy("took a policy back"),
    "foresight.model_made": gettext_lazy("trained a model"),
    "foresight.model_asked": gettext_lazy("asked for a model to serve"),
    "foresight.model_on": gettext_lazy("switched a model on"),
    "foresight.model_off": gettext_lazy("switched a model off"),
    "foresight.model_replaced": gettext_lazy("replaced a model by a newer one"),
    "foresight.model_refused": gettext_lazy("turned a model down"),
    "retention.case_opened": gettext_lazy("opened a retention case"),
    "retention.case_closed": gettext_lazy("ended a retention case"),
    "retention.case_judged": gettext_lazy("judged a retention case by the ledger"),
    "retention.offer_made": gettext_lazy("made an offer within authority"),
    "retention.offer_asked": gettext_lazy("asked for an offer to be approved"),
    "retention.offer_approved": gettext_lazy("approved an offer"),
    "retention.offer_refused": gettext_lazy("turned an offer down"),
    "counter.received": gettext_lazy("received a customer at the counter"),
    "counter.answered": gettext_lazy("noted the answer to a prompt"),
    "counter.referred": gettext_lazy("referred a customer to the keeper"),
    "counter.fact_told": gettext_lazy("noted a missing entry"),
    "counter.entitlement_used": gettext_lazy("used an entitlement"),
    "counter.entitlement_taken_back": gettext_lazy("took a use of an entitlement back"),
    "counter.event": gettext_lazy("told of an event at the counter"),
    "counter.consent_taken": gettext_lazy("took a customer's consent at the counter"),
    "counter.consent_withdrawn": gettext_lazy("took a customer's consent back at the counter"),
    "counter.machine_made": gettext_lazy("made a counter system's token"),
    "counter.machine_stopped": gettext_lazy("stopped a counter system's token"),
    "interactions.contact_logged": gettext_lazy("logged a contact"),
    "interactions.contacts_imported": gettext_lazy("brought contacts from before"),
    "interactions.deal_found": gettext_lazy("found a contact's deal in the ledger"),
    "interactions.promise_made": gettext_lazy("made a promise"),
    "interactions.promise_kept": gettext_lazy("kept a promise"),
    "interactions.promise_withdrawn": gettext_lazy("took a promise back"),
    "interactions.promise_broken": gettext_lazy("marked a promise as broken"),
    "segments.made": gettext_lazy("made a segment"),
    "segments.changed": gettext_lazy("changed a segment's rule"),
    "segments.brought": gettext_lazy("brought a list of customers"),
    "segments.shared": gettext_lazy("shared a segment"),
    "segments.retired": gettext_lazy("put a segment away"),
    "customers.keeper_assigned": gettext_lazy("assigned a keeper"),
    "customers.keeper_released": gettext_lazy("released a customer"),
    "customers.identity_merge": gettext_lazy("said that two numbers are one person"),
    "customers.identity_apart": gettext_lazy("said that two numbers are two people"),
    "customers.identity_later": gettext_lazy("put a pair of numbers off"),
    "customers.identity_parted": gettext_lazy("took a number out of a person"),
    "customers.household_merge": gettext_lazy("confirmed a household"),
    "customers.household_apart": gettext_lazy("denied a household"),
    "customers.household_later": gettext_lazy("put a household off"),
    "customers.many_reveals": gettext_lazy("showed more numbers in full than usual"),
    "visits.planned": gettext_lazy("planned a visit"),
    "visits.moved": gettext_lazy("moved a visit"),
    "visits.cancelled": gettext_lazy("called a visit off"),
    "visits.prepared": gettext_lazy("prepared a visit"),
    "visits.joined": gettext_lazy("came along to a visit"),
    "visits.closed": gettext_lazy("wrote the minutes of a visit"),
    "visits.photo_added": gettext_lazy("added a photo to a visit"),
    "visits.photo_removed": gettext_lazy("took a photo off a visit"),
    "visits.plan_made": gettext_lazy("made a maintenance plan"),
    "visits.week_submitted": gettext_lazy("handed in a week's plan"),
    "visits.week_confirmed": gettext_lazy("confirmed a week's plan"),
    "visits.week_returned": gettext_lazy("sent a week's plan back"),
    "planning.asked": gettext_lazy("shared a customer with a planner"),
    "planning.accepted": gettext_lazy("took a planning case"),
    "planning.declined": gettext_lazy("did not take a planning case"),
    "planning.withdrawn": gettext_lazy("took a planning case back"),
    "planning.proposed": gettext_lazy("made a wealth proposal"),
    "planning.agreed": gettext_lazy("agreed the next step of a proposal"),
    "care.gift_given": gettext_lazy("wrote a gift down"),
    "care.gift_asked": gettext_lazy("asked for a gift to be approved"),
    "care.gift_approved": gettext_lazy("approved a gift"),
    "care.gift_refused": gettext_lazy("did not approve a gift"),
    "care.gift_withdrawn": gettext_lazy("noted that a gift was not given"),
    "care.news_told": gettext_lazy("told news of a customer"),
    "care.voice_handed_in": gettext_lazy("handed in a customer's suggestion"),
    "care.voice_answered": gettext_lazy("answered a customer's suggestion"),
}
LOOKS: Mapping[str, Promise] = {
    "page": gettext_lazy("customer page"),
    "identity": gettext_lazy("review of merges"),
    "visit": gettext_lazy("visit to the customer"),
    "visit_photo": gettext_lazy("photo of a visit"),
    "maintenance_plan": gettext_lazy("maintenance plan"),
    "planning_case": gettext_lazy("planning case"),
    "arrival": gettext_lazy("looked up on arrival"),
    "retention": gettext_lazy("a retention case"),
    "reveal:mobile": gettext_lazy("mobile number in full"),
    "reveal:phone": gettext_lazy("phone number in full"),
    "reveal:id": gettext_lazy("identity number in full"),
    "reveal:card": gettext_lazy("card number in full"),
    "reveal:address": gettext_lazy("address in full"),
    "reveal:email": gettext_lazy("e-mail in full"),
}
FILES: Mapping[str, Promise] = {
    "customers": gettext_lazy("customer list"),
    "visit_prep": gettext_lazy("prep sheet of a visit"),
    "maintenance_plan": gettext_lazy("maintenance plan"),
    "proposal": gettext_lazy("wealth proposal"),
    "segment": gettext_lazy("customers of a segment"),
    "retention": gettext_lazy("why customers left"),
    "large_changes": gettext_lazy("large changes of yesterday"),
    "maturities": gettext_lazy("maturities ahead"),
    "near_lines": gettext_lazy("customers near a line"),
    "daily": gettext_lazy("daily report"),
    "structure": gettext_lazy("customer analysis"),
}
DETAILS: Mapping[str, Promise | str] = {
    "staff": gettext_lazy("staff number"),
    "unit": gettext_lazy("unit"),
    "role": gettext_lazy("role"),
    "absent": gettext_lazy("away"),
    "covering": gettext_lazy("stands in"),
    "first_day": gettext_lazy("first day"),
    "last_day": gettext_lazy("last day"),
    "valid_from": gettext_lazy("from"),
    "valid_to": gettext_lazy("until"),
    "note": gettext_lazy("reason"),
    "content_hash": gettext_lazy("fingerprint"),
    "shown_today": gettext_lazy("shown today"),
    "usual": gettext_lazy("usual"),
    "keeper": gettext_lazy("keeper"),
    "before": gettext_lazy("before"),
    "reason": gettext_lazy("reason"),
    "kind": gettext_lazy("kind"),
    "shown": "",  # filters, already in words
    "parts": gettext_lazy("parts"),
    "shared": gettext_lazy("shared with"),
    "version": gettext_lazy("version"),
    "matched": gettext_lazy("found"),
    "channel": gettext_lazy("channel"),
    "outcome": gettext_lazy("outcome"),
    "source": gettext_lazy("entered"),
    "step": gettext_lazy("next step"),
    "due_on": gettext_lazy("due"),
    "was": gettext_lazy("was"),
    "opened_on": gettext_lazy("opened on"),
    "fen": gettext_lazy("amount in fen"),
    "lines": gettext_lazy("lines"),
    "taken": gettext_lazy("taken"),
    "already": gettext_lazy("there already"),
    "client_key": gettext_lazy("key"),
    "party": gettext_lazy("customer"),
}
TABLES: Mapping[str, Promise] = {
    "audit_changelog": gettext_lazy("Changes"),
    "audit_customerview": gettext_lazy("Looks at customers"),
    "audit_exportlog": gettext_lazy("Files taken"),
}
OF_CUSTOMERS = "customers.party"
SHOWN = 16  # letters of a long value, such as a hash


def deed_name(verb: str) -> str:
    """A deed in words; its code when it has none yet."""
    return str(DEEDS.get(verb, verb))


def look_name(what: str) -> str:
    """What was looked at."""
    if what in LOOKS:
        return str(LOOKS[what])
    return _("a number in full") if what.startswith("reveal") else what


def file_name(what: str) -> str:
    """Which list or report was taken as a file."""
    return str(FILES.get(what, what))


def details_in_words(details: Mapping[str, Any]) -> str:
    """The details a service wrote down, as one line."""
    parts = [
        f"{DETAILS.get(name, name)} {_short(value)}".strip()
        for name, value in details.items()
        if value not in (None, "", [])
    ]
    return " · ".join(parts)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 2 * SHOWN or " " in text else f"{text[:SHOWN]}…"
