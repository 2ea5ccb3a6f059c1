"""Writes on key people: noted, changed, gone; who of ours knows them; the sponsor. Each audited in its transaction."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.visits.models import Acquaintance, KeyPerson, Sponsor
from guanxi.crm.visits.people import selectors


@dataclass(frozen=True)
class PersonDraft:
    """A key person as typed; `linked` is the customer they are themselves, whose name stands before the typed one."""

    name: str
    post: str
    weight: str
    attitude: str
    linked: Party | None = None

    @property
    def called(self) -> str:
        """The name that is kept."""
        return (self.linked.name if self.linked else self.name).strip()[:60]


@transaction.atomic
def note_person(*, by: Staff, party: Party, draft: PersonDraft, today: date) -> KeyPerson:
    """Note a key person of a customer within reach; the same name and post again is the same one, brought up to date.

    ValidationError without a name, or for a linked customer who is not related to this one within reach.
    """
    _may(by, party, today)
    if not draft.called:
        raise ValidationError(_("Say who it is."))
    if draft.linked and draft.linked.pk not in selectors.related(reach_of(by, today), party):
        raise ValidationError(_("Only customers related to this one can be linked."))
    known = KeyPerson.objects.filter(party=party, name=draft.called, post=draft.post, left_on=None).first()
    if known is not None:
        return change_person(by=by, person=known, draft=draft, today=today)
    made = KeyPerson.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, linked=draft.linked, name=draft.called,
        post=draft.post, weight=draft.weight, attitude=draft.attitude, noted_by=by, noted_on=today,
    )  # fmt: skip
    audit.record(by=by, verb="visits.person_noted", on=made, party=party.pk, post=made.post)
    return made


@transaction.atomic
def change_person(*, by: Staff, person: KeyPerson, draft: PersonDraft, today: date) -> KeyPerson:
    """Another post, weight or attitude of a key person who is still one."""
    locked = _here(by, person, today)
    linked = locked.linked_id if draft.linked is None else draft.linked.pk
    if linked != locked.linked_id and linked not in selectors.related(reach_of(by, today), locked.party):
        raise ValidationError(_("Only customers related to this one can be linked."))
    twin = KeyPerson.objects.filter(party=locked.party_id, name=draft.called, post=draft.post, left_on=None)
    if not draft.called or twin.exclude(pk=locked.pk).exists():
        raise ValidationError(_("This person is on the map already."))
    was = {"post": locked.post, "weight": locked.weight, "attitude": locked.attitude}
    locked.name, locked.post, locked.linked_id = draft.called, draft.post, linked
    locked.weight, locked.attitude = draft.weight, draft.attitude
    locked.save(update_fields=["name", "post", "linked", "weight", "attitude"])
    now = {"post": locked.post, "weight": locked.weight, "attitude": locked.attitude}
    audit.record(by=by, verb="visits.person_changed", on=locked, party=locked.party_id, was=was, now=now)
    return locked


@transaction.atomic
def person_left(*, by: Staff, person: KeyPerson, today: date) -> KeyPerson:
    """The person is no longer one: off the map, with who knew them; the rows stay."""
    locked = _here(by, person, today)
    locked.left_on = today
    locked.save(update_fields=["left_on"])
    Acquaintance.objects.filter(person=locked, ended_on=None).update(ended_on=today)
    audit.record(by=by, verb="visits.person_left", on=locked, party=locked.party_id, post=locked.post)
    return locked


@transaction.atomic
def note_known(
    *,
    by: Staff,
    person: KeyPerson,
    staff: Staff,
    bond: int,
    through: str,
    since_year: int | None,
    today: date,
) -> Acquaintance:
    """One of ours knows this person; said again, it is brought up to date. ValidationError for a year not come yet."""
    locked = _here(by, person, today)
    if not selectors.of_ours(locked.party, today).filter(pk=staff.pk).exists():
        raise ValidationError(_("Choose somebody of this customer's outlet or of the units above it."))
    if since_year is not None and since_year > today.year:
        raise ValidationError(_("This year has not come yet."))
    made, _new = Acquaintance.objects.update_or_create(
        person=locked, staff=staff, ended_on=None,
        defaults={"bond": bond, "through": through, "since_year": since_year, "noted_by": by, "noted_on": today},
        create_defaults={
            "bond": bond, "through": through, "since_year": since_year, "noted_by": by, "noted_on": today,
            "party_id": locked.party_id, "unit_id": locked.unit_id, "keeper_id": locked.keeper_id,
        },
    )  # fmt: skip
    audit.record(
        by=by, verb="visits.known_noted", on=made, party=made.party_id, staff=staff.staff_no, bond=bond
    )
    return made


@transaction.atomic
def end_known(*, by: Staff, known: Acquaintance, today: date) -> Acquaintance:
    """One of ours no longer knows this person, or never did."""
    locked = Acquaintance.objects.select_for_update(of=("self",)).select_related("party").get(pk=known.pk)
    _may(by, locked.party, today)
    if locked.ended_on is None:
        locked.ended_on = today
        locked.save(update_fields=["ended_on"])
        audit.record(
            by=by, verb="visits.known_ended", on=locked, party=locked.party_id, staff=locked.staff_id
        )
    return locked


@transaction.atomic
def name_sponsor(
    *, by: Staff, party: Party, staff: Staff | None, every_days: int, today: date
) -> Sponsor | None:
    """Name the executive sponsor (高层联络人) of a customer, or nobody any more (None).

    Named again with the same days, nothing happens; another one ends the former. Who may confirm plans may name.
    """
    _may(by, party, today, Right.CONFIRM_PLANS)
    Party.objects.select_for_update().filter(pk=party.pk).first()  # one at a time
    standing = Sponsor.objects.filter(party=party, ended_on=None).first()
    if standing and staff and (standing.staff_id, standing.every_days) == (staff.pk, every_days):
        return standing
    if staff and not selectors.may_sponsor(party, today).filter(pk=staff.pk).exists():
        raise ValidationError(_("Choose a head of this customer's outlet or of the units above it."))
    if standing:
        standing.ended_on = today
        standing.save(update_fields=["ended_on"])
        audit.record(by=by, verb="visits.sponsor_ended", on=standing, party=party.pk, staff=standing.staff_id)
    if staff is None:
        return None
    made = Sponsor.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=staff, every_days=every_days,
        since_on=today, named_by=by,
    )  # fmt: skip
    audit.record(
        by=by, verb="visits.sponsor_named", on=made, party=party.pk, staff=staff.staff_no, days=every_days
    )
    return made


def _may(by: Staff, party: Party, today: date, right: Right = Right.PLAN_VISITS) -> None:
    reach = reach_of(by, today)
    if not reach.may(right) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not write on this customer's map")


def _here(by: Staff, person: KeyPerson, today: date) -> KeyPerson:
    """The person, locked, when still one and within reach."""
    locked = KeyPerson.objects.select_for_update(of=("self",)).select_related("party").get(pk=person.pk)
    _may(by, locked.party, today)
    if locked.left_on is not None:
        raise ValidationError(_("This person has left the map."))
    return locked
