"""Events at the counter (销户、提前支取、大额取现): prompt the teller, tell the keeper at once, open a case."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.counter.models import CounterEvent, EventKind
from guanxi.crm.counter.services import may_serve
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.retention.models import CaseSource
from guanxi.crm.retention.policy import needed as retention_policy
from guanxi.crm.retention.services import CounterFacts, open_case

PAGE, COMMAND = "page", "command"
LONGEST_NUMBER = 80


class AnotherEvent(Exception):
    """The number was used before for something else."""


@dataclass(frozen=True)
class EventDraft:
    """What the caller tells; `number` is the caller's own and makes it one event. Money in fen."""

    source: str
    number: str
    kind: str
    amount_fen: int | None = None
    said_reason: str = ""
    said_place: str = ""
    author: str = ""  # who serves, where the caller is a machine


@transaction.atomic
def take_event(
    *, by: Staff, party: Party, draft: EventDraft, today: date, now: datetime
) -> tuple[CounterEvent, bool]:
    """The event with its case, and whether it is new; told again it changes nothing.

    AnotherEvent when the number stands for another customer, kind or amount; ValidationError for words nobody knows;
    PermissionDenied without SERVE_COUNTER or out of reach.
    """
    may_serve(by, party, today)
    _check(draft, today)
    known = CounterEvent.objects.filter(source=draft.source, number=draft.number).first()
    if known is not None:
        return _same(known, party, draft), False
    facts = CounterFacts(
        key=f"{draft.source}:{draft.number}", kind=draft.kind, amount_fen=draft.amount_fen, day=today.isoformat(),
        author=draft.author or by.name, said_reason=draft.said_reason, said_place=draft.said_place,
    )  # fmt: skip
    try:
        with transaction.atomic():
            case = open_case(by=by, party=party, source=CaseSource.COUNTER, today=today, now=now, event=facts)
            made = CounterEvent.objects.create(
                party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, source=draft.source,
                number=draft.number, kind=draft.kind, amount_fen=draft.amount_fen, staff=by, at=now, day=today,
                said_reason=draft.said_reason, said_place=draft.said_place, case=case,
            )  # fmt: skip
    except IntegrityError:  # told twice at the same moment
        again = CounterEvent.objects.filter(source=draft.source, number=draft.number).first()
        if again is None:
            raise
        return _same(again, party, draft), False
    audit.record(by=by, verb="counter.event", on=made, party=party.pk, kind=draft.kind, case=case.pk)
    return made, True


def _check(draft: EventDraft, today: date) -> None:
    policy = retention_policy(today)
    if draft.kind not in EventKind.values:
        raise ValidationError(_("There is no such event."))
    if not draft.number.strip() or len(draft.number) > LONGEST_NUMBER:
        raise ValidationError(_("Send a number of your own with each event, of at most 80 letters."))
    if draft.amount_fen is not None and draft.amount_fen <= 0:
        raise ValidationError(_("An amount must be above nothing."))
    if draft.said_reason and policy.reason(draft.said_reason) is None:
        raise ValidationError(_("There is no such reason."))
    if draft.said_place and policy.place(draft.said_place) is None:
        raise ValidationError(_("There is no such destination."))


def _same(known: CounterEvent, party: Party, draft: EventDraft) -> CounterEvent:
    if (known.party_id, known.kind, known.amount_fen) != (party.pk, draft.kind, draft.amount_fen):
        raise AnotherEvent(draft.number)
    return known
