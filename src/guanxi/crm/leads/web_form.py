"""Leads from a web form: its token, the minute's limit, the schema in words, the idempotency key."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.arriving import Arrival, Draft, arrive, contact_kind
from guanxi.crm.leads.models import Kind, Lead, LeadDelivery, LeadSource, Origin
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.program import within_units
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Right

MOST_BYTES, MOST_KEY, TOKEN_BYTES, HINT = 8_192, 80, 32, 4
FIELDS = {
    "kind": str,
    "name": str,
    "contact": str,
    "industry": str,
    "note": str,
    "amount": int,
    "agreed": bool,
}
LONGEST = {"name": 200, "contact": 40, "note": 400}
MOST_YUAN = 10**11


@dataclass(frozen=True)
class Answer:
    """The status and the body to answer with."""

    status: int
    body: dict[str, Any]


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_source(acting: Acting, *, name: str, unit: Unit) -> tuple[LeadSource, str]:
    """A web form for one outlet, by an administrator; its token is told this once and never again."""
    acting.need(Right.CHANGE_PEOPLE)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    source = LeadSource.objects.create(
        name=name, unit=unit, token_hash=hash_of(token), token_hint=token[-HINT:], made_by=acting.by, made_at=acting.now
    )  # fmt: skip
    audit.record(by=acting.by, verb="leads.source_made", on=source, unit=unit.unit_no)
    return source, token


@transaction.atomic
def revoke(acting: Acting, source: LeadSource) -> None:
    """End a form's token at once."""
    acting.need(Right.CHANGE_PEOPLE)
    if LeadSource.objects.filter(pk=source.pk, revoked_at=None).update(revoked_at=acting.now):
        audit.record(by=acting.by, verb="leads.source_revoked", on=source)


def source_of(header: str) -> LeadSource | None:
    """The form whose bearer token this is; None for any other header."""
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    hashed = hash_of(token.strip())
    found = LeadSource.objects.select_related("unit").filter(token_hash=hashed, revoked_at=None).first()
    return found if found and hmac.compare_digest(found.token_hash, hashed) else None


@transaction.atomic
def may_call(source: LeadSource, *, now: datetime, today: date) -> bool:
    """Count a call; False beyond the policy's calls a minute. In its own transaction: a refused body counts too."""
    locked = LeadSource.objects.select_for_update().get(pk=source.pk)
    minute = now.replace(second=0, microsecond=0)
    locked.calls = locked.calls + 1 if locked.minute == minute else 1
    locked.minute = minute
    locked.save(update_fields=["minute", "calls"])
    return locked.calls <= lead_policy(today).calls_a_minute


def take(source: LeadSource, *, key: str, raw: bytes, today: date, now: datetime) -> Answer:
    """Take a lead once per key: 201 new, 200 the same again, 409 another body under the key, 422 with what is wrong.

    The answer is the same for new people, customers and those handed in before: a form is told nothing of them.
    """
    if not key.strip() or len(key) > MOST_KEY:
        return Answer(422, _refusal("Idempotency-Key", _("Send a key of 1 to 80 letters with each lead.")))
    draft, wrong = read(raw, today)
    if draft is None:
        return Answer(422, {"errors": wrong})
    body_hash = hashlib.sha256(raw).hexdigest()
    try:
        with within_units([source.unit_id]):
            before = LeadDelivery.objects.select_related("lead").filter(source=source, key=key).first()
            if before is None:
                how = Arrival(Origin.WEB, source.unit, None, today, now, source=source)
                (lead,) = arrive([draft], how)
                LeadDelivery.objects.create(source=source, key=key, body_hash=body_hash, lead=lead)
                return Answer(201, _taken(lead))
    except IntegrityError:  # the same key came twice at once
        with within_units([source.unit_id]):
            before = LeadDelivery.objects.select_related("lead").get(source=source, key=key)
    if before.body_hash != body_hash:
        return Answer(409, _refusal("Idempotency-Key", _("This key came before with another lead.")))
    return Answer(200, _taken(before.lead))


def read(raw: bytes, today: date) -> tuple[Draft | None, list[dict[str, str]]]:
    """The body as a lead, or what is wrong with it, field by field."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping) or len(raw) > MOST_BYTES:
        return None, _refusal("", _("Send one JSON object of at most 8 KB."))["errors"]
    wrong = [*_wrong_types(told), *_wrong_values(told, today)]
    if wrong:
        return None, wrong
    amount = told.get("amount")
    return Draft(
        kind=told.get("kind", Kind.PERSON), name=told["name"], contact=told["contact"],
        industry=told.get("industry", ""), note=told.get("note", ""),
        worth_fen=None if amount is None else amount * 100, agreed=True,
    ), []  # fmt: skip


def _wrong_types(told: Mapping[str, Any]) -> list[dict[str, str]]:
    unknown = [_problem(str(name)[:40], _("There is no such field.")) for name in told if name not in FIELDS]
    mistyped = [
        _problem(name, _("This must be of the type %(type)s.") % {"type": kind.__name__})
        for name, kind in FIELDS.items()
        if name in told and type(told[name]) is not kind
    ]
    return [*unknown, *mistyped]


def _wrong_values(told: Mapping[str, Any], today: date) -> list[dict[str, str]]:
    texts = {name: told[name] for name in FIELDS if isinstance(told.get(name), str)}
    wrong = [
        _problem(name, _("This is missing."))
        for name in ("name", "contact")
        if not str(texts.get(name, "")).strip() and (name not in told or name in texts)
    ]
    wrong += [
        _problem(name, _("At most %(n)s letters.") % {"n": most})
        for name, most in LONGEST.items()
        if len(texts.get(name, "")) > most
    ]
    if "\x00" in "".join(texts.values()):
        wrong.append(_problem("", _("A letter that is none.")))
    if texts.get("contact", "").strip() and contact_kind(texts["contact"]) is None:
        wrong.append(_problem("contact", _("Enter a mobile or fixed phone number.")))
    if texts.get("kind", Kind.PERSON) not in Kind.values:
        wrong.append(_problem("kind", _("Say person or company.")))
    industries = {"", *(one.code for one in lead_policy(today).industries)}
    if texts.get("industry", "") not in industries:
        wrong.append(_problem("industry", _("There is no such industry.")))
    amount = told.get("amount")
    if type(amount) is int and not 0 < amount <= MOST_YUAN:
        wrong.append(_problem("amount", _("Whole yuan above zero.")))
    if told.get("agreed") is False or "agreed" not in told:
        wrong.append(_problem("agreed", _("The person must have agreed to be called.")))
    return wrong


def _problem(field: str, says: str) -> dict[str, str]:
    return {"field": field, "says": says}


def _refusal(field: str, says: str) -> dict[str, Any]:
    return {"errors": [_problem(field, says)]}


def _taken(lead: Lead) -> dict[str, Any]:
    return {"lead": str(lead.uuid), "state": "taken"}
