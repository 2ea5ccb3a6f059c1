"""Coming in (签到): by the code on somebody's phone, or typed. Twice is once; what was scanned without a network counts
at the moment it was scanned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.organisation.rules import Right
from guanxi.crm.salons import selectors
from guanxi.crm.salons.guests import GATE
from guanxi.crm.salons.models import Invitation, Salon
from guanxi.crm.salons.policy import salon_policy
from guanxi.crm.salons.rules import Stage, State, is_open, read_code
from guanxi.web.signed import unseal

IN, AGAIN, UNKNOWN, SHUT = "in", "again", "unknown", "shut"


@dataclass(frozen=True)
class Shown:
    """What the lobby scanned or typed, and when; None: just now."""

    code: str
    at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """What became of one code: in, again (had come in before), unknown, shut (too early or too late)."""

    code: str
    result: str
    name: str = ""
    at: datetime | None = None
    waiting: bool = False


@transaction.atomic
def let_in(acting: Acting, salon: Salon, shown: Sequence[Shown]) -> list[Entry]:
    """Let people in by their codes, each answered for itself. PermissionDenied out of reach.

    Whoever stands at the door sees a first name cut short, of customers of other outlets too, and no more.
    """
    if not (acting.reach.may(Right.RUN_SALONS) or acting.reach.may(Right.SERVE_COUNTER)):
        raise PermissionDenied("neither runs salons nor serves in the lobby")
    if not selectors.salons_for(acting.reach).filter(pk=salon.pk).exists():
        raise PermissionDenied("a salon out of reach")
    locked = Salon.objects.select_for_update(of=("self",)).get(pk=salon.pk)
    with within_the_bank():
        return [_one(acting, locked, one) for one in shown]


def _one(acting: Acting, salon: Salon, shown: Shown) -> Entry:
    row = _found(salon, shown.code)
    if row is None:
        return Entry(shown.code, UNKNOWN)
    name = shown_name(row.party.name if row.party else row.lead.name if row.lead else "", hidden=True)
    if row.came_at is not None:
        return Entry(row.code, AGAIN, name, row.came_at)
    at = shown.at or acting.now
    policy = salon_policy(acting.today)
    times = (salon.starts_at, salon.ends_at, policy.opens_minutes, policy.closes_minutes)
    if salon.state == Stage.CALLED_OFF or not is_open(at, *times):
        return Entry(row.code, SHUT, name)
    was = row.state
    row.came_at, row.let_in_by = at, acting.by
    if row.state in (State.INVITED, State.DECLINED):
        row.state = State.COMING if salon.taken < salon.seats else State.WAITING
        row.answered_at = row.answered_at or at
    row.save(update_fields=["came_at", "let_in_by", "state", "answered_at"])
    salon.taken += (row.state == State.COMING) - (was == State.COMING)
    salon.waiting += (row.state == State.WAITING) - (was == State.WAITING)
    salon.save(update_fields=["taken", "waiting"])
    audit.record(by=acting.by, verb="salons.let_in", on=row, at=at, late=shown.at is not None)
    return Entry(row.code, IN, name, at, waiting=row.state == State.WAITING)


def _found(salon: Salon, told: str) -> Invitation | None:
    """By the signed token of the QR code (whole address or its end), else by the short code."""
    rows = Invitation.objects.select_related("party", "lead").filter(salon=salon)
    token = told.strip().rstrip("/").rsplit("/", 1)[-1]
    signed = unseal(GATE, token)
    if signed is not None:
        return None if signed.expired_on(salon.day) else rows.filter(pk=signed.number).first()
    return rows.filter(code=read_code(told)).first()
