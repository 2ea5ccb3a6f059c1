"""What the pages of messages are told; no request, no markup."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from guanxi.channels.parts import count
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.search import find_exactly
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.messaging import figures, filling, permission, selectors, wording, words
from guanxi.crm.messaging.models import (
    Message,
    Notice,
    Origin,
    State,
    Template,
    TemplateState,
    TemplateVersion,
    Volume,
)
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.contact import texts as pure
from guanxi.insight.contact.fields import fields_of
from guanxi.insight.policies.contact import MARKETING
from guanxi.web.lists import Column

SHOWN = 5
"""Messages in the customer's panel."""


def channel_line(line: figures.Line, per_second: float) -> dict[str, Any]:
    """One account in the overview."""
    return {
        "account": line.account,
        "counts": line.counts,
        "cost_fen": line.cost_fen,
        "per_second": per_second,
        "why": [
            (words.why_not(code), number)
            for code, number in sorted(line.why.items(), key=lambda one: -one[1])
        ],
    }


def channel_columns() -> list[Column]:
    """The overview's table."""
    return [
        Column("channel", _("Channel"), "name"),
        Column("state", _("State")),
        Column("queued", _("Waiting"), "number"),
        Column("sent", _("Sent today"), "number"),
        Column("delivered", _("Delivered"), "number"),
        Column("failed", _("Failed"), "number"),
        Column("refused", _("Not permitted"), "number"),
        Column("doubt", _("In doubt"), "number"),
        Column("rate", _("A second"), "decimal"),
        Column("cost", _("Cost"), "money"),
    ]


def _notices(refs: Sequence[str]) -> dict[str, str]:
    """Titles of notices by the reference of their messages; other service messages have none."""
    rows = Notice.objects.filter(uuid__in=[ref for ref in refs if _HEX.fullmatch(ref)])
    return {one.ref: one.title for one in rows}


_HEX = re.compile("[0-9a-f]{32}")
NAMED: dict[str, Callable[[Sequence[str]], Mapping[str, str]]] = {Origin.SERVICE.value: _notices}
"""By origin what names the matters that messages belong to; the room of the matter says it when it starts."""


def decisions(volumes: Sequence[Volume]) -> list[dict[str, Any]]:
    """Decisions to send in words, each with its matter's name where the matter's room tells one."""
    names: dict[tuple[str, str], str] = {}
    for origin, asks in NAMED.items():
        refs = sorted({one.ref for one in volumes if one.origin == origin})
        names |= {(origin, ref): name for ref, name in (asks(refs) if refs else {}).items()}
    return [
        {"one": one, "origin": one.get_origin_display(), "channel": one.get_channel_display(),
         "name": names.get((one.origin, one.ref), one.ref)}
        for one in volumes
    ]  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One state of a message's life: when it came to it, and whether it is where it stands."""

    label: str
    at: datetime | None
    kind: str
    note: str = ""


def life(message: Message, *, today: date, masked: bool) -> dict[str, Any]:
    """A message's states with their instants, its text as it was (masked where names are), what it rests on."""
    steps = [Step(str(State.PLANNED.label), message.planned_at, "grey")]
    if message.submitted_at:
        steps.append(Step(_("Handed to the channel"), message.submitted_at, "blue"))
    if message.accepted_at:
        steps.append(Step(_("Accepted"), message.accepted_at, "blue", message.vendor_id))
    if message.unknown_at:
        steps.append(Step(_("In doubt"), message.unknown_at, "amber"))
    state = str(message.state)
    if state not in ("planned", "accepted"):
        note = words.why_not(message.code) if message.code else ""
        at = message.ended_at or message.lease_until or message.unknown_at
        steps.append(Step(str(message.get_state_display()), at, words.STATE_KINDS.get(state, "grey"), note))
    return {
        "message": message,
        "name": shown_name(message.party.name, hidden=masked),
        "steps": steps,
        "kind": words.STATE_KINDS.get(state, "grey"),
        "text": _text(message, today, masked),
    }


def _text(message: Message, today: date, masked: bool) -> filling.Filled | None:
    version = (
        TemplateVersion.objects.select_related("template").filter(pk=message.template_version or 0).first()
    )
    known = filling.recipients([message.party_id])
    if version is None or message.party_id not in known:
        return None
    try:
        return filling.fill(
            version,
            known[message.party_id],
            message.fields,
            tiers=tier_names(today),
            until=today,
            masked=masked,
        )
    except (KeyError, ValueError):
        return None


def template_rows() -> list[dict[str, Any]]:
    """Each template with its approved version and what waits; two statements."""
    versions: dict[int, list[TemplateVersion]] = {}
    for version in TemplateVersion.objects.select_related("written_by").order_by("-number"):
        versions.setdefault(version.template_id, []).append(version)
    return [
        {
            "template": one,
            "use": words.use(one.use),
            "topic": words.topic(one.topic) if one.topic else "",
            "approved": _first(versions.get(one.pk, []), (TemplateState.APPROVED,)),
            "open": _first(versions.get(one.pk, []), wording.OPEN),
            "languages": sorted({key for version in versions.get(one.pk, [])[:1] for key in version.texts}),
        }
        for one in Template.objects.all()
    ]


def _first(versions: list[TemplateVersion], states: tuple[str, ...]) -> TemplateVersion | None:
    return next((version for version in versions if version.state in states), None)


def template_page(template: Template, *, today: date) -> dict[str, Any]:
    """One template: the version shown is the open one, else the approved one, else the last."""
    versions = list(template.versions.select_related("written_by", "decided_by").order_by("-number"))
    shown = _first(versions, wording.OPEN) or _first(versions, (TemplateState.APPROVED,))
    shown = shown or (versions[0] if versions else None)
    told: dict[str, Any] = {
        "template": template,
        "use": words.use(template.use),
        "topic": words.topic(template.topic) if template.topic else _("none"),
        "versions": [(version, words.TEMPLATE_KINDS.get(version.state, "grey")) for version in versions],
        "shown": shown,
        "shown_kind": words.TEMPLATE_KINDS.get(shown.state, "grey") if shown else "grey",
        "has_approved": _first(versions, (TemplateState.APPROVED,)) is not None,
        "faults": wording.faults_of(shown, today) if shown else [],
        "phones": phones(template, shown.texts) if shown else [],
    }
    return told


def phones(template: Template, texts: wording.Texts) -> list[dict[str, Any]]:
    """How a text looks, in each language, with made-up values."""
    told = []
    for language in pure.LANGUAGES:
        written = wording.written(template, texts, language)
        if written.text.strip():
            told.append(
                {
                    "language": language,
                    "subject": written.subject,
                    "text": pure.example(written),
                    "letters": len(pure.longest(written)),
                    "parts": count(pure.longest(written)) if template.channel == "sms" else None,
                }
            )
    return told


def linted(template: Template, texts: wording.Texts, *, today: date) -> dict[str, Any]:
    """Faults, preview and the fields that may be used."""
    return {
        "faults": wording.check(template, texts, today),
        "phones": phones(template, texts),
        "fields": [(field.code, words.field(field.code)) for field in fields_of(template.use)],
    }


def latest(template: Template) -> wording.Texts:
    """The text to go on from: the last version's."""
    version = template.versions.order_by("-number").first()
    texts: wording.Texts = version.texts if version else {}
    return texts


def preview(reach: Reach, version: TemplateVersion | None, typed: str, *, today: date) -> dict[str, Any]:
    """The text as one customer would get it, masked where this person does not see names."""
    told, why = None, ""
    if typed.strip() and version is not None:
        if reach.may(Right.SEE_CUSTOMERS):
            told, why = _previewed(reach, version, typed, today)
        else:
            why = _("You see no customers.")
    return {"asked": typed, "preview": told, "preview_none": why}


def _previewed(
    reach: Reach, version: TemplateVersion, typed: str, today: date
) -> tuple[filling.Filled | None, str]:
    """The filled text, or why there is none."""
    hits = find_exactly(reach, typed)
    if len(hits) != 1:
        return None, _("The number finds no customer, or more than one.")
    one = filling.recipients([hits[0].pk])[hits[0].pk]
    names, masked = tier_names(today), reach.hides_names
    try:
        told = filling.fill(
            version, one, _examples(version), tiers=names, until=today, masked=masked, shown=True
        )
    except (KeyError, ValueError) as missing:
        return None, _("Cannot be filled in: %(field)s") % {"field": missing}
    return told, ""


def _examples(version: TemplateVersion) -> Mapping[str, Any]:
    """Stand-ins for what comes with a message; what the program knows itself is the customer's own."""
    return {
        field.code: {"money": 5_000_000, "day": "2026-11-30"}.get(field.kind, field.example["zh"])
        for field in fields_of(version.template.use)
        if not field.given
    }


def budget(reach: Reach, party: Party | None, *, now: datetime, today: date) -> dict[str, Any]:
    """May this customer be called with an offer now, and what is left (可触达次数): to be seen before dialling.

    One statement beside the rules in force; nothing for a customer out of reach or a bank without rules.
    """
    policy = contact_policy(today)
    verdict = None
    if party is not None and policy is not None and reach.covers(party.unit_id, party.keeper_id):
        verdict = permission.may_contact(
            parties=[party.pk], channel="call", purpose=MARKETING, at=now, policy=policy
        )[party.pk]
    return {"contact_verdict": verdict, "contact_why": words.why_not(verdict.code) if verdict else ""}


def customer_panel(reach: Reach, party: Party, *, now: datetime, today: date) -> dict[str, Any]:
    """What a customer's page says of messages: the budget, and the latest few."""
    rows = [] if nothing_in(party, Message) else selectors.messages_of(reach, party)[:SHOWN]
    return budget(reach, party, now=now, today=today) | {
        "sent_messages": [(row, words.STATE_KINDS.get(str(row.state), "grey")) for row in rows],
        "may_pass_on": reach.may(Right.LOG_CONTACTS),
    }
