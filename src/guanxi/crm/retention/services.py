"""Writes on cases: opened once, worked on, ended in two taps. Each is one transaction with its row in the trail."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.foresight.selectors import signals_of
from guanxi.crm.interactions.models import Contact
from guanxi.crm.interactions.pictures import bank_now
from guanxi.crm.interactions.services import log_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.retention import evidence, rules
from guanxi.crm.retention.models import CASE_ENDED, Case, CaseState, OfferState
from guanxi.crm.retention.people import responsible_for
from guanxi.crm.retention.policy import needed
from guanxi.crm.worklist import services as worklist
from guanxi.crm.worklist.models import Origin, Task

URGENT, USUAL = 3, 2
CLOSING = "closing"
CASE_SUBJECT = "case"
"""One open case a customer: the task about it needs no number."""


@dataclass(frozen=True)
class CounterFacts:
    """An event at the counter as it is kept with the case; amounts in fen, `day` as text."""

    key: str  # source and the caller's own number: what makes it one event
    kind: str
    amount_fen: int | None
    day: str
    author: str
    said_reason: str = ""
    said_place: str = ""

    @property
    def subject(self) -> str:
        """The subject of the task that this event opens."""
        return f"event:{hashlib.sha256(self.key.encode()).hexdigest()[:32]}"


@transaction.atomic
def open_case(
    *, by: Staff, party: Party, source: str, today: date, now: datetime, event: CounterFacts | None = None
) -> Case:
    """The customer's open case: a new one with everything now known frozen in it, or the one that is open already.

    An event at the counter is added to either, brings the day due to today, and tells the keeper at once. The rights:
    KEEP_CASES, or SERVE_COUNTER with an event; PermissionDenied without, or out of reach.
    """
    reach = reach_of(by, today)
    fits = reach.may(Right.KEEP_CASES) or (event is not None and reach.may(Right.SERVE_COUNTER))
    if not fits or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not open a case for this customer")
    case = _open_case_of(party) or _new_case(by, reach, party, source, today, now, event)
    if event is not None:
        case = _with_event(case, event, today)
        _tell(by, case, party, event, today)
    return case


@transaction.atomic
def log_step(
    *, by: Staff, case: Case, channel: str, outcome: str, note: str, client_key: UUID, today: date, now: datetime
) -> Contact:  # fmt: skip
    """A step of a case is a contact with the customer, in the log like any other."""
    locked = held(by, case, today)
    return log_contact(
        by=by, party=locked.party, channel=channel, at=bank_now(today, now), outcome=outcome, note=note,
        client_key=client_key, today=today, now=now,
    )  # fmt: skip


@transaction.atomic
def close_case(
    *, by: Staff, case: Case, ending: str, reason: str, place: str, note: str, today: date, now: datetime
) -> Case:
    """End a case with why and where to; the ledger's own word is written beside, and the day it will judge.

    Ends the case's tasks; offers still waiting are turned down. ValidationError for words that do not fit together,
    or a case that has ended.
    """
    locked = held(by, case, today)
    policy = needed(today)
    if not rules.may_end(policy, ending, reason, place):
        raise ValidationError(_("This reason or destination does not fit this ending."))
    reach = reach_of(by, today)
    places, bank = evidence.ledger_word(policy, locked.evidence, signals_of(reach, locked.party))
    locked.state, locked.reason, locked.place, locked.note = ending, reason, place, note.strip()[:500]
    locked.closed_by, locked.closed_on, locked.closed_at = by, today, now
    locked.ledger_places, locked.ledger_bank = places, bank
    locked.agrees = rules.agreement(place, places, policy.telling_places())
    locked.judge_on = today + timedelta(days=policy.judge_days)
    locked.save()
    locked.offers.filter(state=OfferState.ASKED).update(state=OfferState.REFUSED, decided_note=CASE_ENDED)
    _close_tasks(locked, by, ending, today, now)
    audit.record(
        by=by, verb="retention.case_closed", on=locked, ending=ending, reason=reason, place=place,
        ledger=places, agrees=locked.agrees,
    )  # fmt: skip
    return locked


def _open_case_of(party: Party) -> Case | None:
    return Case.objects.select_for_update(of=("self",)).filter(party=party, state=CaseState.OPEN).first()


def _new_case(
    by: Staff, reach: Reach, party: Party, source: str, today: date, now: datetime, event: CounterFacts | None
) -> Case:
    known = evidence.gathered(reach, party)
    figures = known["figures"]
    case = Case(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, source=source, opened_by=by, opened_on=today,
        opened_at=now, due_on=today if event else today + timedelta(days=needed(today).case_days), evidence=known,
        opening_fen=figures["wealth_fen"], amount_fen=evidence.amount_of(known, event.amount_fen if event else None),
        tier_scheme=figures["tier_scheme"], tier_rank=figures["tier_rank"],
    )  # fmt: skip
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:  # somebody opened it at the same moment
        standing = _open_case_of(party)
        if standing is None:
            raise
        return standing
    audit.record(
        by=by, verb="retention.case_opened", on=case, party=party.pk, source=source, due_on=case.due_on
    )
    if event is None:
        told = {"subject": CASE_SUBJECT, "due_on": case.due_on, "urgency": USUAL, "reason": _reason(case)}
        _open_task(by, case, party, today, value_fen=case.amount_fen, **told)
    return case


def _reason(case: Case) -> dict[str, Any]:
    return {"code": "retention_case", "amount_fen": case.amount_fen, "day_on": case.due_on.isoformat()}


def _with_event(case: Case, event: CounterFacts, today: date) -> Case:
    """The event among the case's, once; what the customer said there is kept to be confirmed at the end."""
    if any(one["key"] == event.key for one in case.events):
        return case
    case.events = [*case.events, asdict(event)]
    case.due_on = min(case.due_on, today)
    case.said_reason, case.said_place = (
        event.said_reason or case.said_reason,
        event.said_place or case.said_place,
    )
    case.amount_fen = max(case.amount_fen, event.amount_fen or 0)
    case.save(update_fields=["events", "due_on", "said_reason", "said_place", "amount_fen"])
    return case


def _tell(by: Staff, case: Case, party: Party, event: CounterFacts, today: date) -> None:
    """A task for today. Who closes takes everything along: then all of the wealth is at stake, not what was named."""
    whole = case.opening_fen or 0 if event.kind == CLOSING else 0
    reason = {"code": f"counter_{event.kind}", "amount_fen": event.amount_fen, "author": event.author}
    told = {"subject": event.subject, "due_on": today, "urgency": URGENT, "reason": reason}
    _open_task(by, case, party, today, value_fen=max(whole, case.amount_fen), **told)


def _open_task(
    by: Staff, case: Case, party: Party, today: date, *, value_fen: int, **told: Any
) -> Task | None:
    """Tell who is to act; None where nobody is: neither a keeper nor a head. `told`: subject, day, urgency, reason."""
    person = responsible_for(party, today)
    if person is None:
        return None
    return worklist.open_task(
        by=by, origin=Origin.RETENTION, assignee=person, party=party, unit=party.unit, value_fen=value_fen,
        today=today, link=f"retention:case {case.pk}", **told,
    )  # fmt: skip


def _close_tasks(case: Case, by: Staff, outcome: str, today: date, now: datetime) -> None:
    subjects = [CASE_SUBJECT, *(CounterFacts(**one).subject for one in case.events)]
    subjects += [f"offer:{offer}" for offer in case.offers.values_list("pk", flat=True)]
    for subject in subjects:
        worklist.close_for(
            origin=Origin.RETENTION,
            subject=subject,
            party=case.party,
            by=by,
            now=now,
            today=today,
            outcome=outcome,
        )


def held(by: Staff, case: Case, today: date) -> Case:
    """The case, locked and open, when this person may work on it: two people at once come one after another."""
    reach = reach_of(by, today)
    locked = Case.objects.select_for_update(of=("self",)).select_related("party").filter(pk=case.pk).first()
    if (
        locked is None
        or not reach.may(Right.KEEP_CASES)
        or not reach.covers(locked.unit_id, locked.keeper_id)
    ):
        raise PermissionDenied(f"{by.staff_no} may not work on this case")
    if locked.state != CaseState.OPEN:
        raise ValidationError(_("This case has ended."))
    return locked
