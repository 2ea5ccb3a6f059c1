"""What the trail's codes are called: what was looked at, kinds of object, details; deeds stand in `deeds.py`."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.crm.audit.deeds import DEEDS
from guanxi.insight.data_map.purposes import PURPOSE_NAMES, Purpose
from guanxi.web.formats import is_chinese, money

LOOKS: Mapping[str, Promise] = {
    "page": gettext_lazy("customer page"),
    "identity": gettext_lazy("review of merges"),
    "visit": gettext_lazy("visit to the customer"),
    "visit_photo": gettext_lazy("photo of a visit"),
    "maintenance_plan": gettext_lazy("maintenance plan"),
    "planning_case": gettext_lazy("planning case"),
    "arrival": gettext_lazy("looked up on arrival"),
    "retention": gettext_lazy("a retention case"),
    "archive": gettext_lazy("customer archive"),
    "document": gettext_lazy("document of the customer"),
    "behaviour": gettext_lazy("events on our channels"),
    "key_people": gettext_lazy("key people of a company"),
    "message": gettext_lazy("a message sent"),
    "guest_arrival": gettext_lazy("let in at a salon"),
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
    "outflow": gettext_lazy("money flowing out"),
    "slope": gettext_lazy("customers in decline"),
    "weekly_pack": gettext_lazy("pack of the weekly meeting"),
    "morning": gettext_lazy("morning page"),
    "handover": gettext_lazy("file of a hand-over"),
    "lab_moves": gettext_lazy("customers who would move"),
    "daily": gettext_lazy("daily report"),
    "structure": gettext_lazy("customer analysis"),
    "workbench": gettext_lazy("result of a query"),
    "handover_notice": gettext_lazy("letters of a hand-over"),
    "exit_notice": gettext_lazy("letter of an exit"),
    "effect": gettext_lazy("effect of a campaign"),
    "salons.sheet": gettext_lazy("list at the door"),
    "request_letter": gettext_lazy("answer to a request"),
    "subject_request": gettext_lazy("all that is held about a customer"),
    "api.customers": gettext_lazy("customers through the API"),
    "api.segment": gettext_lazy("segment through the API"),
    "incident_notice": gettext_lazy("notice of an incident"),
    "incident": gettext_lazy("customers affected by an incident"),
    "audit_pack": gettext_lazy("audit pack"),
    "data_map": gettext_lazy("data map"),
}
DETAILS: Mapping[str, Promise | str] = {
    "fields": gettext_lazy("fields"),
    "what": gettext_lazy("what"),
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
    "fen": gettext_lazy("amount in yuan"),
    "amount_fen": gettext_lazy("amount in yuan"),
    "sold_fen": gettext_lazy("amount in yuan"),
    "assignee": gettext_lazy("task of"),
    "owner": gettext_lazy("in the hands of"),
    "about": gettext_lazy("about whom"),
    "giver": gettext_lazy("handing over"),
    "taker": gettext_lazy("taking over"),
    "pack": gettext_lazy("number of the pack"),
    "week": gettext_lazy("week from"),
    "measure": gettext_lazy("measure"),
    "after": gettext_lazy("figure afterwards"),
    "contact": gettext_lazy("number of the contact"),
    "state": gettext_lazy("state then"),
    "stage": gettext_lazy("stage then"),
    "origin": gettext_lazy("came from"),
    "family": gettext_lazy("family of products"),
    "leaves_on": gettext_lazy("leaves on"),
    "kept": gettext_lazy("was kept"),
    "side": gettext_lazy("signed as"),
    "for_giver": gettext_lazy("in the giver's place"),
    "customers": gettext_lazy("customers concerned"),
    "count": gettext_lazy("how many"),
    "why": gettext_lazy("because of"),
    "consent": gettext_lazy("words read out"),
    "purpose": gettext_lazy("to what end"),
    "rank": gettext_lazy("rank of the tier"),
    "stopped": gettext_lazy("messages stopped"),
    "messages": gettext_lazy("messages"),
    "reward": gettext_lazy("reward given"),
    "industries": gettext_lazy("industries known"),
    "file_hash": gettext_lazy("fingerprint"),
    "sha256": gettext_lazy("fingerprint"),
    "lines": gettext_lazy("lines"),
    "taken": gettext_lazy("taken"),
    "already": gettext_lazy("there already"),
    "client_key": gettext_lazy("key"),
    "tasks": gettext_lazy("tasks closed"),
    "months_below": gettext_lazy("months below the line"),
    "recording_no": gettext_lazy("recording number"),
    "products": gettext_lazy("products"),
    "new": gettext_lazy("new ones"),
    "known": gettext_lazy("known already"),
    "twice": gettext_lazy("twice in the file"),
    "faulty": gettext_lazy("faulty"),
    "today": gettext_lazy("day of the list"),
    "opened": gettext_lazy("tasks opened"),
    "refreshed": gettext_lazy("brought up to date"),
    "woken": gettext_lazy("back from snoozing"),
    "lapsed": gettext_lazy("given up"),
    "with_keeper": gettext_lazy("with a keeper"),
    "purchase_left": gettext_lazy("purchases left half-way"),
    "text": gettext_lazy("query"),
    "tables": gettext_lazy("views"),
    "party": "",  # the key's end says itself what it is
}
TABLES: Mapping[str, Promise] = {
    "audit_changelog": gettext_lazy("Changes"),
    "audit_customerview": gettext_lazy("Looks at customers"),
    "audit_exportlog": gettext_lazy("Files taken"),
    "audit_exportedcustomers": gettext_lazy("Customers in files taken"),
}
OF_CUSTOMERS = "customers.party"
KEY = re.compile(r"(?<!\d)\d{15,19}(?!\d)")  # a customer's key, as labels and details hold it
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
        f"{DETAILS.get(name, name)} {_said(name, value)}".strip()
        for name, value in details.items()
        if value not in (None, "", [])
    ]
    return " · ".join(parts)


def _said(name: str, value: Any) -> str:
    """One value: money in yuan, yes and no in words, a customer by the end of the key alone."""
    if name == "purpose" and value in set(Purpose):
        return PURPOSE_NAMES[Purpose(value)][0 if is_chinese(get_language() or "") else 1]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("fen") and isinstance(value, int):
        return money(value)
    return without_keys(_short(value))


def without_keys(text: str) -> str:
    """The text with each customer's key cut to its end: what stands before is nobody's to copy."""
    return KEY.sub(lambda found: _("customer …%(end)s") % {"end": found[0][-6:]}, text)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 2 * SHOWN or " " in text else f"{text[:SHOWN]}…"
