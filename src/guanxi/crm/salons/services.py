"""Writes on salons by people of the bank: planned, changed, called off, ended; customers invited. Each is audited."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party, PartyState
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.salons import seating, selectors, treating
from guanxi.crm.salons.models import Channel, Community, Invitation, Salon, Source
from guanxi.crm.salons.policy import salon_policy
from guanxi.crm.salons.rules import CODE_LENGTH, CODE_LETTERS, Stage, code_of

__all__ = ["Acting", "Invited", "SalonDraft", "call_off", "change", "end", "invite", "plan"]


@dataclass(frozen=True)
class SalonDraft:
    """A salon as somebody plans it; times are the bank's own, money in fen."""

    title: str
    kind: str
    unit: Unit
    place: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    family: str = ""
    budget_fen: int = 0
    about: str = ""
    campaign: str | None = None
    is_open: bool = False
    community: Community | None = None


@dataclass(frozen=True)
class Invited:
    """How many are newly invited, how many were already, and who was left out: by refusal, or kept by nobody."""

    new: int
    already: int
    refused: int
    unkept: int


@transaction.atomic
def plan(acting: Acting, draft: SalonDraft) -> Salon:
    """A new salon of a unit one works at or is head of; ValidationError says what the policy has no place for."""
    acting.need(Right.RUN_SALONS)
    _check(acting, draft)
    if not selectors.may_hold(acting.reach, draft.unit.pk):
        raise PermissionDenied("a salon of another unit")
    salon = Salon(owner=acting.by, made_at=acting.now, **_values(draft))
    salon.save(force_insert=True)
    audit.record(by=acting.by, verb="salons.planned", on=salon, day=salon.day, unit=draft.unit.unit_no)
    return salon


@transaction.atomic
def change(acting: Acting, salon: Salon, draft: SalonDraft) -> Salon:
    """Change a planned salon; never to fewer seats than are taken, and with more of them the line moves up.

    The unit stays.
    """
    locked = _own(acting, salon)
    _check(acting, draft)
    if draft.seats < locked.taken:
        raise ValidationError(
            _("%(n)s have signed up already; there cannot be fewer seats.") % {"n": locked.taken}
        )
    values = _values(draft) | {"unit": locked.unit}
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save()
    with within_the_bank():
        seating.move_up(locked, today=acting.today)
    audit.record(by=acting.by, verb="salons.changed", on=locked, day=locked.day, seats=locked.seats)
    return locked


@transaction.atomic
def call_off(acting: Acting, salon: Salon, *, reason: str) -> Salon:
    """Call a planned salon off: what was to be sent stops, keepers of those who signed up call them."""
    locked = _own(acting, salon)
    if not reason.strip():
        raise ValidationError(_("Say why."))
    locked.state, locked.ended_on = Stage.CALLED_OFF, acting.today
    locked.save(update_fields=["state", "ended_on"])
    with within_the_bank():
        treating.stop(locked, by=acting.by, now=acting.now, today=acting.today)
        told = treating.tell_called_off(locked, by=acting.by, today=acting.today)
    audit.record(by=acting.by, verb="salons.called_off", on=locked, reason=reason.strip()[:200], calls=told)
    return locked


@transaction.atomic
def end(acting: Acting, salon: Salon) -> Salon:
    """End a salon that has begun: who came is followed up by the keeper, who did not is noted as such."""
    locked = _own(acting, salon)
    if acting.now < locked.starts_at:
        raise ValidationError(_("It has not begun yet."))
    return close(locked, by=acting.by, today=acting.today, now=acting.now)


def close(salon: Salon, *, by: Staff | None, today: date, now: datetime) -> Salon:
    """End a locked salon, by a person or by the night."""
    salon.state, salon.ended_on = Stage.ENDED, today
    salon.save(update_fields=["state", "ended_on"])
    with within_the_bank():
        treating.stop(salon, by=by, now=now, today=today)
        calls = treating.follow_up(salon, by=by or salon.owner, today=today)
    audit.record(by=by, verb="salons.ended", on=salon, calls=calls)
    return salon


@transaction.atomic
def invite(
    acting: Acting, salon: Salon, parties: Iterable[int], *, source: Source, channel: Channel
) -> Invited:
    """Invite customers within reach, each once; by phone through their keepers, else through the outbox.

    Who refused to be addressed for marketing is left out, and nobody is invited past the policy's number.
    """
    acting.need(Right.RUN_SALONS)
    locked = _open(acting, salon)
    known = _known(acting.reach, parties)
    there = set(Invitation.objects.filter(salon=locked, party__in=known).values_list("party_id", flat=True))
    allowed = treating.allowed(list(known.values()), channel, acting)
    chosen = [party for key, party in known.items() if key not in there and key in allowed]
    unkept = [party for party in chosen if channel == Channel.CALL and party.keeper_id is None]
    fresh = [party for party in chosen if party not in unkept]
    _need_room(locked, len(fresh), acting)
    made = _write(acting, locked, fresh, source, channel)
    treating.reach_out(locked, made, channel, acting)
    refused = sum(key not in allowed for key in known if key not in there)
    audit.record(
        by=acting.by, verb="salons.invited", on=locked, new=len(made), source=source, channel=channel,
        refused=refused,
    )  # fmt: skip
    return Invited(len(made), len(there), refused, len(unkept))


def _known(reach: Reach, parties: Iterable[int]) -> dict[int, Party]:
    rows = visible_to(reach).filter(pk__in=list(parties), state=PartyState.ACTIVE, merged_into=None)
    return {party.pk: party for party in rows.select_related("keeper", "unit").order_by("pk")}


def _need_room(salon: Salon, more: int, acting: Acting) -> None:
    most = salon_policy(acting.today).most_invited
    with within_the_bank():
        there = Invitation.objects.filter(salon=salon).count()
    if there + more > most:
        raise ValidationError(
            _("At most %(most)s may be invited to one salon; %(n)s are already.") % {"most": most, "n": there}
        )


def _write(
    acting: Acting, salon: Salon, parties: Sequence[Party], source: Source, channel: Channel
) -> list[Invitation]:
    codes = fresh_codes(salon, len(parties))
    rows = [
        Invitation(
            salon=salon, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, source=source,
            channel=channel, code=code, invited_by=acting.by, invited_at=acting.now,
        )
        for party, code in zip(parties, codes, strict=True)
    ]  # fmt: skip
    return Invitation.objects.bulk_create(rows)


def fresh_codes(salon: Salon, number: int) -> list[str]:
    """So many short codes that nobody at this salon has yet."""
    with within_the_bank():
        taken = set(Invitation.objects.filter(salon=salon).values_list("code", flat=True))
    made: set[str] = set()
    while len(made) < number:
        made.add(code_of(secrets.randbelow(len(CODE_LETTERS) ** CODE_LENGTH)))
        made -= taken
    return sorted(made, key=lambda _code: secrets.randbits(32))


def _check(acting: Acting, draft: SalonDraft) -> None:
    policy = salon_policy(acting.today)
    if policy.salon_kind(draft.kind) is None:
        raise ValidationError(_("Choose a kind."))
    if not 0 < draft.seats <= policy.most_seats:
        raise ValidationError(_("1 to %(n)s seats.") % {"n": policy.most_seats})
    if draft.ends_at <= draft.starts_at:
        raise ValidationError(_("It must end after it begins."))
    if draft.ends_at <= acting.now:
        raise ValidationError(_("A salon cannot lie behind."))


def _values(draft: SalonDraft) -> dict[str, object]:
    return vars(draft) | {
        "day": timezone.localtime(draft.starts_at).date(),
        "campaign": draft.campaign or None,
    }


def _open(acting: Acting, salon: Salon) -> Salon:
    """The salon, locked, while people may still be invited to it."""
    locked = Salon.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=salon.pk)
    if not selectors.salons_for(acting.reach).filter(pk=locked.pk).exists():
        raise PermissionDenied("a salon out of reach")
    if locked.state != Stage.PLANNED:
        raise ValidationError(_("This salon is over or was called off."))
    return locked


def _own(acting: Acting, salon: Salon) -> Salon:
    """The same for its owner and the head of its unit."""
    acting.need(Right.RUN_SALONS)
    locked = _open(acting, salon)
    if not selectors.may_lead(acting.reach, locked):
        raise PermissionDenied("not this person's salon")
    return locked
