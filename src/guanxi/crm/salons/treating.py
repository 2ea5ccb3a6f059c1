"""How the invited are reached: through their keepers' lists, or through the outbox; and what follows a salon."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from guanxi.crm.campaigns.drawing import left_alone
from guanxi.crm.customers.models import Consent, Party
from guanxi.crm.leads.acting import Acting
from guanxi.crm.messaging import services as messaging
from guanxi.crm.organisation.models import Staff
from guanxi.crm.salons import posting
from guanxi.crm.salons.models import Channel, Invitation, Salon
from guanxi.crm.salons.policy import salon_policy
from guanxi.crm.salons.rules import SEATED
from guanxi.crm.worklist import services as worklist
from guanxi.insight.workdays import add_workdays

ORIGIN = "campaign"
"""Of a salon's tasks: calls of a campaign in all that matters to a day's list."""
MARKETING = "marketing"
PHONE = "phone"
"""What the bank's extract calls a customer's word on being called."""


def subject_of(salon: Salon, matter: str) -> str:
    """What the tasks of a salon are about; one of each matter and customer stands at a time."""
    return f"salon:{salon.uuid}:{matter}"


def allowed(parties: Sequence[Party], channel: Channel, acting: Acting) -> frozenset[int]:
    """Which of these customers may be invited in this way: those whose last word on marketing is no refusal.

    By phone silence is no refusal, since a keeper's call is service first; what goes out by machine needs a yes, and
    leaves the bank's global control alone as campaigns do. Which of the reasons it was, nobody is told.
    """
    keys = [party.pk for party in parties]
    if channel != Channel.CALL:
        untouched = left_alone([(party.pk, party.keeper_id) for party in parties], acting.today)
        return posting.allowed(keys, channel, acting) - untouched
    said = _latest(keys, PHONE, acting.today)
    return frozenset(key for key in keys if said.get(key, True))


def _latest(parties: Sequence[int], channel: str, today: date) -> Mapping[int, bool]:
    # A refusal that stands there was said, also where the clock has gone back behind its day.
    said = Q(given_on__lte=today) | Q(agreed=False)
    rows = Consent.objects.filter(said, party__in=parties, purpose=MARKETING, channel__in=(channel, "any"))
    return {row.party_id: row.agreed for row in rows.order_by("party", "given_on", "agreed")}


def reach_out(salon: Salon, made: Sequence[Invitation], channel: Channel, acting: Acting) -> None:
    """Let the invitations reach people: a call on each keeper's list, or a message in the outbox."""
    if channel == Channel.CALL:
        _calls(salon, made, acting)
    else:
        posting.post(salon, made, channel, acting)


def _calls(salon: Salon, made: Sequence[Invitation], acting: Acting) -> None:
    keepers = _people(made)
    due = max(acting.today, salon.day - timedelta(days=salon_policy(acting.today).call_days))
    worklist.open_many(
        by=acting.by, origin=ORIGIN, subject=subject_of(salon, "invite"),
        rows=[(one.party, keepers[one.keeper_id]) for one in made if one.party and one.keeper_id in keepers],
        reason=_reason("salon_invite", salon), due_on=due, today=acting.today,
    )  # fmt: skip


def answered(invitation: Invitation, *, by: Staff | None, now: datetime, today: date) -> None:
    """The customer has answered: the call that was to ask is done."""
    if invitation.party_id:
        worklist.close_for(
            origin=ORIGIN, subject=subject_of(invitation.salon, "invite"), party=invitation.party, by=by, now=now,
            today=today, outcome=str(invitation.state),
        )  # fmt: skip


def tell_seat_free(invitation: Invitation, *, today: date) -> None:
    """The keeper tells who moved up from the waiting list; a guest sees it on the own page."""
    keeper = _people([invitation]).get(invitation.keeper_id or 0)
    if keeper is not None and invitation.party is not None:
        salon = invitation.salon
        worklist.open_task(
            by=None, origin=ORIGIN, assignee=keeper, unit=invitation.party.unit, party=invitation.party,
            subject=subject_of(salon, "seat"), due_on=today, urgency=2, reason=_reason("salon_seat", salon),
            link=f"salons:detail {salon.uuid}", today=today,
        )  # fmt: skip


def tell_called_off(salon: Salon, *, by: Staff, today: date) -> int:
    """Those who signed up are called by their keepers."""
    coming = _rows(salon).filter(state=SEATED)
    return _many(salon, list(coming), "off", "salon_off", by, due=today, today=today)


def follow_up(salon: Salon, *, by: Staff, today: date) -> int:
    """Those who came are called by their keepers within the policy's working days."""
    due = add_workdays(salon.day, salon_policy(today).follow_days)
    came = list(_rows(salon).filter(came_at__isnull=False))
    return _many(salon, came, "after", "salon_came", by, due=max(due, today), today=today)


def stop(salon: Salon, *, by: Staff | None, now: datetime, today: date) -> None:
    """What was still to be done before the salon is no longer due."""
    for matter in ("invite", "seat"):
        worklist.close_for(
            origin=ORIGIN, subject=subject_of(salon, matter), by=by, now=now, today=today, lapsed=True
        )
    messaging.stop(origin=posting.ORIGIN, ref=str(salon.uuid), by=by, now=now)


def _rows(salon: Salon) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(salon=salon, party__isnull=False, keeper__isnull=False)
    return rows.select_related("party").order_by("pk")


def _many(
    salon: Salon, rows: Sequence[Invitation], matter: str, code: str, by: Staff, *, due: date, today: date
) -> int:
    keepers = _people(rows)
    return worklist.open_many(
        by=by, origin=ORIGIN, subject=subject_of(salon, matter), reason=_reason(code, salon), due_on=due, today=today,
        rows=[(row.party, keepers[row.keeper_id]) for row in rows if row.party and row.keeper_id in keepers],
    )  # fmt: skip


def _people(rows: Sequence[Invitation]) -> dict[int, Staff]:
    wanted = {row.keeper_id for row in rows if row.keeper_id}
    return {one.pk: one for one in Staff.objects.filter(pk__in=wanted, is_active=True)}


def _reason(code: str, salon: Salon) -> dict[str, str]:
    return {"code": code, "name": salon.title, "day_on": salon.day.isoformat()}
