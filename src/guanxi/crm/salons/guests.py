"""What people who are no staff do through their own link: answer, bring a guest, sign up by the salon's code.

The link is signed and names one invitation; only the rows of that invitation's unit are there while it is read. The
program acts, not a person: the trail says so.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.protected import tokens_of
from guanxi.crm.leads.arriving import Arrival, Draft, arrive
from guanxi.crm.leads.models import Kind, Lead, Origin
from guanxi.crm.leads.program import within_the_bank, within_units
from guanxi.crm.organisation.models import Staff
from guanxi.crm.salons import seating, selectors, treating
from guanxi.crm.salons.models import Invitation, Salon, Source
from guanxi.crm.salons.policy import language, salon_policy
from guanxi.crm.salons.posting import PERSONAL
from guanxi.crm.salons.rules import SEATED, Answer, Stage, State, after
from guanxi.crm.salons.services import fresh_codes
from guanxi.web.signed import Signed, seal, unseal

GATE, OPEN = "salons.gate", "salons.open"


@dataclass(frozen=True)
class GuestDraft:
    """A guest's name and number in clear, for as long as this object lives, with the words agreed to."""

    name: str
    contact: str
    agreed: bool

    def __repr__(self) -> str:
        """Without what is protected: a failure writes this into a log."""
        return "GuestDraft()"


def personal_token(invitation: Invitation) -> str:
    """The signed part of somebody's own page; it counts until the day of the salon."""
    return seal(PERSONAL, invitation.pk, invitation.salon.day)


def gate_token(invitation: Invitation) -> str:
    """What the code shown at the door says; it counts on no later day than the salon's."""
    return seal(GATE, invitation.pk, invitation.salon.day)


def open_token(salon: Salon) -> str:
    """What the salon's own code says."""
    return seal(OPEN, salon.pk, salon.day)


def read_personal(token: str) -> tuple[Signed | None, Invitation | None]:
    """The link and its invitation with salon and customer; None for what was not made here or is gone."""
    told = unseal(PERSONAL, token)
    return told, (invitation_at(told.number) if told else None)


def invitation_at(number: int) -> Invitation | None:
    """One invitation with all that its own page shows, and nothing else of anybody's."""
    unit = selectors.unit_of(number)
    if unit is None:
        return None
    with within_units([unit]):
        rows = Invitation.objects.select_related("salon__unit", "salon__owner", "party", "lead")
        return rows.filter(pk=number).first()


def guests_of(invitation: Invitation) -> list[str]:
    """How those whom somebody brings stand: their names as the bringer gave them."""
    with within_units([invitation.salon.unit_id]):
        return [one.lead.name for one in invitation.guests.select_related("lead").order_by("pk") if one.lead]


@transaction.atomic
def answer(
    invitation: Invitation, said: Answer, *, today: date, now: datetime, by: Staff | None = None
) -> Invitation:
    """Keep an answer, one's own or as told to `by`; a seat given back goes to the first of the waiting list.

    The same answer again changes nothing. ValidationError once the salon is over or the person has come in.
    """
    salon = _planned(invitation.salon)
    with within_the_bank():
        row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        row.salon = salon
        if row.came_at is not None:
            raise ValidationError(_("You have come in already."))
        if _stands(row, said):
            return row
        was = row.state
        row.state = after(said, free=salon.seats - salon.taken)
        row.answered_at = now
        row.save(update_fields=["state", "answered_at"])
        seating.count(salon, was, row.state)
        treating.answered(row, by=by, now=now, today=today)
        audit.record(by=by, verb="salons.answered", on=row, state=row.state)
        if was == SEATED:
            seating.move_up(salon, today=today)
    return row


def _stands(row: Invitation, said: Answer) -> bool:
    return row.state in ((State.DECLINED,) if said is Answer.DECLINE else (State.COMING, State.WAITING))


@transaction.atomic
def bring(invitation: Invitation, draft: GuestDraft, *, today: date, now: datetime) -> Invitation:
    """A guest of somebody who has signed up: a seat or a place in the line, and a lead that the bank may call.

    The same name and number again is the same guest. ValidationError past the policy's number of guests.
    """
    salon = _planned(invitation.salon)
    if invitation.state not in (State.COMING, State.WAITING):
        raise ValidationError(_("Sign up yourself first."))
    policy = salon_policy(today)
    with within_the_bank():
        known = _known(salon, draft)
        if known is not None:
            return known
        if Invitation.objects.filter(brought_by=invitation).count() >= policy.guests_each:
            raise ValidationError(_("You may bring %(n)s guests.") % {"n": policy.guests_each})
        return _seat(salon, draft, Source.GUEST, today=today, now=now, brought_by=invitation)


@transaction.atomic
def sign_up(salon: Salon, draft: GuestDraft, *, today: date, now: datetime) -> Invitation:
    """Somebody of the community signs up by the salon's code; a known customer's call task goes to the keeper."""
    locked = _planned(salon)
    if not locked.is_open:
        raise ValidationError(_("This salon is for invited guests."))
    with within_the_bank():
        return _known(locked, draft) or _seat(locked, draft, Source.OPEN, today=today, now=now)


@transaction.atomic
def enrol(salon: Salon, draft: GuestDraft, *, by: Staff, today: date, now: datetime) -> Invitation:
    """Sign somebody up who asked on the phone or at the counter (线下报名), open to the community or not.

    `by` has read the words of consent out and says that they were agreed to.
    """
    locked = _planned(salon)
    with within_the_bank():
        return _known(locked, draft) or _seat(locked, draft, Source.PHONE, today=today, now=now, by=by)


def _seat(
    salon: Salon, draft: GuestDraft, source: Source, *, today: date, now: datetime,
    brought_by: Invitation | None = None, by: Staff | None = None,
) -> Invitation:  # fmt: skip
    if not draft.agreed:
        raise ValidationError(_("Without your consent we may not keep your name and number."))
    policy = salon_policy(today)
    lead = _lead(salon, draft, today=today, now=now)
    row = Invitation(
        salon=salon, lead=lead, unit_id=salon.unit_id, keeper_id=brought_by.keeper_id if brought_by else None,
        brought_by=brought_by, source=source, state=after(Answer.COME, free=salon.seats - salon.taken),
        code=fresh_codes(salon, 1)[0], consent_version=policy.consent_version, invited_at=now, answered_at=now,
        invited_by=by,
    )  # fmt: skip
    row.save(force_insert=True)
    seating.count(salon, State.INVITED, row.state)
    audit.record(
        by=by,
        verb="salons.guest",
        on=row,
        source=source,
        consent=policy.consent_version,
        language=language(),
    )
    return row


def _lead(salon: Salon, draft: GuestDraft, *, today: date, now: datetime) -> Lead:
    words = _("Salon “%(title)s” on %(day)s") % {"title": salon.title, "day": salon.day}
    told = Draft(Kind.PERSON, draft.name, draft.contact, note=words, agreed=True)
    (lead,) = arrive([told], Arrival(Origin.WEB, salon.unit, None, today, now))
    return lead


def _known(salon: Salon, draft: GuestDraft) -> Invitation | None:
    """The seat of who signed up with this very name and number."""
    rows = Invitation.objects.select_related("salon", "lead").filter(
        salon=salon, lead__contact_token__in=tokens_of(draft.contact), lead__name=draft.name.strip()
    )
    return rows.first()


def _planned(salon: Salon) -> Salon:
    locked = Salon.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=salon.pk)
    if locked.state != Stage.PLANNED:
        raise ValidationError(_("This salon is over or was called off."))
    return locked
