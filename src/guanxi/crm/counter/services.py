"""Writes at the counter: received, answered in one tap, entitlements used, a missing entry told, a referral."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.counter import words
from guanxi.crm.counter.models import Answer, Reception, ToldFact
from guanxi.crm.counter.policy import needed
from guanxi.crm.counter.prompts import Asked, one_prompt
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.models import Channel
from guanxi.crm.interactions.pictures import bank_now
from guanxi.crm.interactions.services import log_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.retention.people import responsible_for
from guanxi.crm.worklist import services as worklist
from guanxi.crm.worklist.models import Origin

USUAL = 2
LONGEST = 100


@transaction.atomic
def receive(*, by: Staff, party: Party, today: date, now: datetime) -> Reception:
    """A customer recognised: the prompt is chosen once and kept, and the trail says who was looked up by whom."""
    reach = may_serve(by, party, today)
    prompt = one_prompt(Asked(reach, party, today, needed(today)))
    made = Reception.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, at=now, day=today, key=uuid4(),
        kind=prompt.kind if prompt else "", subject=prompt.subject if prompt else "",
        prompt=dict(prompt.facts) if prompt else {},
    )  # fmt: skip
    audit.viewed(by=by, party_key=party.pk, what="arrival")
    audit.record(by=by, verb="counter.received", on=made, party=party.pk, prompt=made.kind)
    return made


@transaction.atomic
def answer(*, by: Staff, reception: Reception, said: str, today: date, now: datetime) -> Reception:
    """The customer's answer, kept once: a contact in the log, and for the interested a task of whoever keeps them."""
    locked = _own(by, reception)
    if said not in Answer.values or not locked.kind:
        raise ValidationError(_("Choose one of the answers."))
    if locked.answer:
        return locked
    policy = needed(today)
    interested = said == Answer.INTERESTED
    text = words.prompt_sentence(locked)
    locked.contact = log_contact(
        by=by, party=locked.party, channel=Channel.BRANCH, at=bank_now(today, now), note=text,
        client_key=locked.key, today=today, now=now,
        outcome=policy.interested_outcome if interested else policy.declined_outcome,
    )  # fmt: skip
    locked.answer, locked.answered_at = said, now
    locked.save(update_fields=["answer", "answered_at", "contact"])
    audit.record(by=by, verb="counter.answered", on=locked, said=said, subject=locked.subject)
    if interested:
        reason = {"code": "counter_interested", "text": text, "author": by.name}
        _open_task(by, locked, f"interest:{locked.pk}", reason, today)
    return locked


@transaction.atomic
def refer(*, by: Staff, reception: Reception, text: str, today: date) -> None:
    """Hand a customer's wish in to whoever keeps them. ValidationError without words."""
    locked = _own(by, reception)
    if not text.strip():
        raise ValidationError(_("Say what it is about."))
    reason = {"code": "counter_referral", "text": text.strip()[:LONGEST], "author": by.name}
    subject = f"referral:{locked.pk}:{locked.party_id}"
    if _open_task(by, locked, subject, reason, today) is None:
        raise ValidationError(_("Nobody keeps this customer and the outlet has no head to tell."))
    audit.record(by=by, verb="counter.referred", on=locked, text=text.strip()[:LONGEST])


@transaction.atomic
def tell_fact(
    *, by: Staff, reception: Reception, field: str, value: str, now: datetime, today: date
) -> ToldFact:
    """Keep a missing entry as told. ValidationError for a field that is not asked for, or known already."""
    locked = _own(by, reception)
    party = locked.party
    if field not in needed(today).asked_facts or getattr(party, field):
        raise ValidationError(_("This is not asked for."))
    if not value.strip():
        raise ValidationError(_("Say what the customer told you."))
    told, _made = ToldFact.objects.update_or_create(
        party=party, field=field,
        defaults={"value": value.strip()[:LONGEST], "staff": by, "at": now, "unit_id": party.unit_id,
                  "keeper_id": party.keeper_id},
    )  # fmt: skip
    audit.record(by=by, verb="counter.fact_told", on=told, field=field)
    return told


def may_serve(by: Staff, party: Party, today: date) -> Reach:
    """The reach of who serves; PermissionDenied without the right or out of reach."""
    reach = reach_of(by, today)
    if not reach.may(Right.SERVE_COUNTER) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not serve this customer")
    return reach


def _own(by: Staff, reception: Reception) -> Reception:
    locked = Reception.objects.select_for_update(of=("self",)).select_related("party__unit", "party__keeper")
    found = locked.filter(pk=reception.pk, staff=by).first()
    if found is None:
        raise PermissionDenied("a reception is answered by who received")
    return found


def _open_task(
    by: Staff, reception: Reception, subject: str, reason: dict[str, Any], today: date
) -> object | None:
    party = reception.party
    person = responsible_for(party, today)
    if person is None:
        return None
    return worklist.open_task(
        by=by, origin=Origin.LEAD, assignee=person, party=party, unit=party.unit, subject=subject, due_on=today,
        urgency=USUAL, reason=reason, today=today, link=f"desk:customer {party.uuid}",
    )  # fmt: skip
