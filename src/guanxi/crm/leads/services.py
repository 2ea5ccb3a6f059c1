"""Writes on leads: each asks who may, locks the lead, moves it as the rules say, leaves its trail, at once.

Whoever takes leads is locked before the lead is, always in this order, so that two claims at the same moment cannot
pass a limit together or wait for each other in a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import VaultEntry
from guanxi.crm.leads import selectors, tasks
from guanxi.crm.leads.acting import Acting, lead_held, lead_in_units, lock_lead, lock_leads, lock_taker
from guanxi.crm.leads.arriving import Arrival, Draft, arrive
from guanxi.crm.leads.models import Lead, LeadEvent, LeadFeedback, LeadLook, MapStep, Origin, Specialism
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.program import within_units
from guanxi.crm.leads.rules import Deed, Feedback, NotNow, State, after, missing_in
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import path_to

COUNTER_ROLES = frozenset({"teller", "lobby"})


@dataclass(frozen=True)
class StepDraft:
    """A step of the battle map (公关作战图): whom to win, how, by whom, by when."""

    whom: str
    what: str
    staff: Staff
    due_on: date


@transaction.atomic
def hand_in(acting: Acting, draft: Draft, *, unit: Unit) -> Lead:
    """A lead from a colleague of whatever role; PermissionDenied without the right, ValidationError past the limit."""
    acting.need(Right.HAND_IN_LEADS)
    lock_taker(acting.by)
    limit = lead_policy(acting.today).hand_ins_a_day
    if selectors.handed_in_on(acting.by, acting.today) >= limit:
        raise ValidationError(
            _("You have handed in %(n)s leads today; go on tomorrow, or bring a list.") % {"n": limit}
        )
    origin = Origin.COUNTER if acting.reach.roles & COUNTER_ROLES else Origin.REFERRAL
    (lead,) = arrive([draft], Arrival(origin, unit, acting.by, acting.today, acting.now))
    return lead


@transaction.atomic
def publish(acting: Acting, leads: Sequence[Lead], *, board: Unit | None = None) -> int:
    """Put collected leads of one's units on a weekly meeting's page: `board` or the whole bank's. Returns how many."""
    acting.need(Right.ALLOCATE_LEADS)
    done = 0
    for lead in lock_leads(leads):
        above = path_to(lead.unit)
        lead.board = board if board in above else above[0]
        lead.published_on = acting.today
        _move(acting, lead, Deed.PUBLISH)
        done += 1
    return done


@transaction.atomic
def drop(acting: Acting, lead: Lead, *, reason: str) -> Lead:
    """Say that nothing comes of a lead nobody works; the finder reads the reason."""
    acting.need(Right.ALLOCATE_LEADS)
    locked = lead_in_units(acting, lead)
    _close(locked, acting.today, reason="dropped")
    return _move(acting, locked, Deed.DROP, note=_needed(reason))


@transaction.atomic
def claim(acting: Acting, lead: Lead) -> Lead:
    """Take a published lead: the first who asks has it. ValidationError when it is gone, at the limit, or resting."""
    acting.need(Right.WORK_LEADS)
    lock_taker(acting.by)
    _need_room(acting.by, acting.today, 1)
    locked = Lead.objects.select_for_update(of=("self",)).filter(pk=lead.pk, state=State.PUBLISH).first()
    if locked is None:
        raise ValidationError(_("Somebody was faster: this lead has an owner now."))
    if locked.pk in selectors.resting_for(acting.by, acting.today):
        raise ValidationError(_("You let this lead go not long ago; it is for others first."))
    return _give(acting, locked, acting.by, Deed.CLAIM)


@transaction.atomic
def assign(acting: Acting, pairs: Mapping[int, int]) -> tuple[int, int]:
    """Give published leads of one's units to their people: lead key → staff key; how many were given, how many not.

    What changed since the proposal was made (claimed or moved away meanwhile, limit reached) is left out, not forced;
    so is whoever was never in it.
    """
    acting.need(Right.ALLOCATE_LEADS)
    team = selectors.team(acting.reach, acting.today).filter(pk__in=set(pairs.values()))
    people = {one.pk: one for one in team.order_by("pk")}
    for one in people.values():
        lock_taker(one)
    room = selectors.room_of(people, acting.today)
    rows = Lead.objects.select_for_update(of=("self",)).filter(
        pk__in=list(pairs), state=State.PUBLISH, unit__in=acting.reach.unit_ids
    )
    given = 0
    for lead in rows.order_by("pk"):
        to = people.get(pairs[lead.pk])
        if to is not None and room[to.pk] > 0:
            room[to.pk] -= 1
            _give(acting, lead, to, Deed.ASSIGN)
            given += 1
    return given, len(pairs) - given


@transaction.atomic
def look(acting: Acting, lead: Lead) -> None:
    """Count the opening of a published lead; ValidationError past the day's limit. Heads are not counted."""
    if (
        lead.state != State.PUBLISH
        or lead.unit_id in acting.reach.unit_ids
        or lead.handed_by_id == acting.by.pk
    ):
        return
    acting.need(Right.WORK_LEADS)
    lock_taker(acting.by)
    seen = LeadLook.objects.filter(staff=acting.by, day=acting.today)
    limit = lead_policy(acting.today).details_a_day
    if not seen.filter(lead=lead).exists():
        if seen.count() >= limit:
            raise ValidationError(_("You have opened %(n)s leads today; claim one of them.") % {"n": limit})
        LeadLook.objects.create(staff=acting.by, day=acting.today, lead=lead)
        audit.record(by=acting.by, verb="leads.opened", on=lead)


@transaction.atomic
def reveal(acting: Acting, lead: Lead, *, reason: str) -> str:
    """The lead's number in clear, for its owner, with the reason in the trail."""
    locked = lead_held(acting, lead)
    if acting.reach.masked:
        raise PermissionDenied(f"{acting.by.staff_no} may not unmask")
    secret = getattr(locked, "secret", None)
    if secret is None:
        raise PermissionDenied("the number was erased")
    audit.record(by=acting.by, verb="leads.revealed", on=locked, reason=_needed(reason)[:200])
    return protected.value_of(
        VaultEntry(
            token=locked.contact_token, kind=secret.kind, ciphertext=secret.ciphertext, key_id=secret.key_id
        )
    )


@transaction.atomic
def contact(acting: Acting, lead: Lead, *, reached: bool, interested: bool, note: str = "") -> Lead:
    """Log a contact with a lead. Only one that reached somebody counts as an act: it renews the protection."""
    locked = lead_held(acting, lead)
    if reached:
        locked.contacted_on = locked.contacted_on or acting.today
        _renew(locked, acting.today)
    if reached and interested:
        locked.interested_on = locked.interested_on or acting.today
    return _move(acting, locked, Deed.CONTACT, note=note)


@transaction.atomic
def feed_back(acting: Acting, lead: Lead, said: Feedback) -> Lead:
    """What the owner found out. What lacks a part stands in repair with what is missing; no resources ends the lead."""
    locked = lead_held(acting, lead)
    LeadFeedback.objects.update_or_create(
        lead=locked, defaults={"by": acting.by, "at": acting.now, **vars(said)}
    )
    locked.contacted_on = locked.contacted_on or acting.today
    locked.missing, locked.missing_note = missing_in(said), ""
    if not said.has_resources:
        _close(locked, acting.today, reason="no_resources")
        tasks.end(locked, by=acting.by, now=acting.now, today=acting.today)
        return _move(acting, locked, Deed.LOSE)
    whole = not locked.missing
    locked.fed_back_on = acting.today if whole else None
    locked.interested_on = locked.interested_on or acting.today
    moved = _move(acting, locked, Deed.FEED_BACK if whole else Deed.FALL_SHORT)
    _renew(moved, acting.today)
    moved.save(update_fields=["protected_until"])
    tasks.next_step(moved, by=acting.by, now=acting.now, today=acting.today)
    return moved


@transaction.atomic
def send_back(acting: Acting, lead: Lead, *, note: str) -> Lead:
    """Ask for what is missing: the owner, or, of a lead nobody owns yet, who handed it in."""
    acting.need(Right.ALLOCATE_LEADS)
    locked = lead_in_units(acting, lead)
    locked.missing_note, locked.fed_back_on = _needed(note)[:200], None
    moved = _move(acting, locked, Deed.SEND_BACK, note=locked.missing_note)
    if moved.owner_id:
        _renew(moved, acting.today)
        moved.save(update_fields=["protected_until"])
        tasks.next_step(moved, by=acting.by, now=acting.now, today=acting.today)
    return moved


@transaction.atomic
def supply(acting: Acting, lead: Lead, *, note: str) -> Lead:
    """What the head missed, from who handed the lead in; it is collected again."""
    locked = lock_lead(lead)
    if locked.handed_by_id != acting.by.pk:
        raise PermissionDenied("only who handed it in supplies what is missing")
    locked.note, locked.missing_note = f"{locked.note} {_needed(note)}".strip()[:400], ""
    return _move(acting, locked, Deed.SUPPLY)


@transaction.atomic
def convert(acting: Acting, lead: Lead, steps: Sequence[StepDraft], *, expectation: str = "") -> Lead:
    """Begin conversion with the battle map and the first 90 days' plan, each step a task of its person."""
    locked = lead_held(acting, lead)
    if not steps:
        raise ValidationError(_("The battle map needs at least one step: whom, by whom, by when."))
    if any(step.due_on < acting.today for step in steps):
        raise ValidationError(_("A step cannot be due before today."))
    locked.converted_on, locked.expectation = acting.today, expectation[:200]
    moved = _move(acting, locked, Deed.CONVERT)
    _renew(moved, acting.today)
    moved.save(update_fields=["protected_until"])
    made = MapStep.objects.bulk_create(MapStep(lead=moved, **vars(step)) for step in steps)
    tasks.begin_conversion(moved, made, by=acting.by, now=acting.now, today=acting.today)
    return moved


@transaction.atomic
def finish_step(acting: Acting, step: MapStep) -> MapStep:
    """Say that a step of the map is done: the owner, or the person it was given to."""
    lead = lock_lead(step.lead)
    found = MapStep.objects.filter(pk=step.pk).first()
    if found is None:  # the lead went back to the pool meanwhile, and its plan with it
        raise ValidationError(_("This lead stands elsewhere by now; open it again."))
    step = found
    if acting.by.pk not in (lead.owner_id, step.staff_id) and lead.owner_id not in acting.reach.staff_ids:
        raise PermissionDenied("not a step of this person's")
    if step.done_on is None:
        step.done_on = acting.today
        step.save(update_fields=["done_on"])
        _renew(lead, acting.today)
        _move(acting, lead, Deed.STEP, note=step.what)
        tasks.end_step(step, by=acting.by, now=acting.now, today=acting.today)
    return step


@transaction.atomic
def give_back(acting: Acting, lead: Lead, *, reason: str) -> Lead:
    """Put a lead back into the pool by oneself, or as head; somebody else may claim it at once."""
    locked = lead_held(acting, lead, or_head=True)
    return to_pool(
        locked, Deed.GIVE_BACK, by=acting.by, today=acting.today, now=acting.now, note=_needed(reason)
    )


@transaction.atomic
def lose(acting: Acting, lead: Lead, *, reason: str) -> Lead:
    """End a lead that becomes no customer, with a reason of the policy."""
    locked = lead_held(acting, lead, or_head=True)
    if reason not in {one.code for one in lead_policy(acting.today).loss_reasons}:
        raise ValidationError(_("Choose a reason."))
    _close(locked, acting.today, reason=reason)
    tasks.end(locked, by=acting.by, now=acting.now, today=acting.today)
    return _move(acting, locked, Deed.LOSE, note=reason)


@transaction.atomic
def set_specialisms(acting: Acting, person: Staff, industries: Sequence[str]) -> None:
    """Which industries somebody knows, as the head of the outlet says."""
    acting.need(Right.ALLOCATE_LEADS)
    if not selectors.team(acting.reach, acting.today).filter(pk=person.pk).exists():
        raise PermissionDenied("not one of these units' people")
    known = {one.code for one in lead_policy(acting.today).industries}
    chosen = sorted(known & set(industries))
    Specialism.objects.filter(staff=person).exclude(industry__in=chosen).delete()
    Specialism.objects.bulk_create(
        (Specialism(staff=person, industry=code) for code in chosen), ignore_conflicts=True
    )
    audit.record(by=acting.by, verb="leads.specialisms", on=person, industries=chosen)


def to_pool(lead: Lead, deed: Deed, *, by: Staff | None, today: date, now: datetime, note: str = "") -> Lead:
    """A worked lead (locked) back to the pool: its tasks end, its owner rests, what was found out stays with it."""
    tasks.end(lead, by=by, now=now, today=today)
    was = lead.owner
    lead.state = after(lead.state, deed, owned=True)
    lead.owner, lead.claimed_on, lead.protected_until = None, None, None
    lead.contacted_on, lead.interested_on = None, None
    lead.fed_back_on, lead.converted_on = None, None
    lead.returns += 1
    if lead.board_id is None:
        lead.board = path_to(lead.unit)[0]
    LeadEvent.objects.create(lead=lead, deed=deed, by=by, staff=was, on=today, at=now, note=note[:400])
    MapStep.objects.filter(lead=lead, done_on=None).delete()
    lead.save()
    audit.record(by=by, verb=f"leads.{deed}", on=lead, owner=was.staff_no if was else None, note=note[:200])
    return lead


def _give(acting: Acting, lead: Lead, to: Staff, deed: Deed) -> Lead:
    """Make `to` the owner of a locked lead, protected until feedback is due, with the task of giving it."""
    lead.owner, lead.claimed_on = to, acting.today
    lead.protected_until = acting.today + timedelta(days=lead_policy(acting.today).claim_days)
    moved = _move(acting, lead, deed, staff=to)
    tasks.next_step(moved, by=acting.by, now=acting.now, today=acting.today)
    return moved


def _move(acting: Acting, lead: Lead, deed: Deed, *, note: str = "", staff: Staff | None = None) -> Lead:
    """Move a locked lead as the rules say, with its event and its trail; ValidationError when it may not move so."""
    owned = lead.owner_id is not None
    try:
        lead.state = after(lead.state, deed, owned=owned, fed_back=lead.fed_back_on is not None)
    except NotNow as refused:
        raise ValidationError(_("This lead stands elsewhere by now; open it again.")) from refused
    # what an owner passes on may leave their sight with this very statement
    with within_units([lead.unit_id, *acting.reach.unit_ids]):
        lead.save()
        LeadEvent.objects.create(
            lead=lead, deed=deed, by=acting.by, staff=staff or lead.owner, on=acting.today, at=acting.now,
            note=note[:400],
        )  # fmt: skip
    audit.record(
        by=acting.by, verb=f"leads.{deed}", on=lead, state=lead.state,
        owner=lead.owner.staff_no if lead.owner else None,
    )  # fmt: skip
    return lead


def _renew(lead: Lead, today: date) -> None:
    """The protection from today on, as long as its step has."""
    policy = lead_policy(today)
    days = {
        State.FEEDBACK: policy.claim_days, State.REPAIR: policy.repair_days, State.CONVERT: policy.conversion_days
    }.get(State(lead.state))  # fmt: skip
    if days is not None and lead.owner_id:
        lead.protected_until = today + timedelta(days=days)


def _close(lead: Lead, today: date, *, reason: str) -> None:
    lead.closed_on, lead.close_reason, lead.protected_until = today, reason, None


def _need_room(person: Staff, today: date, wanted: int) -> None:
    limit = lead_policy(today).open_leads
    if selectors.in_hand(person) + wanted > limit:
        raise ValidationError(
            _("You hold %(n)s leads, as many as one may: finish or give back one first.") % {"n": limit}
        )


def _needed(text: str) -> str:
    told = text.strip()
    if not told:
        raise ValidationError(_("Say why."))
    return told


def details_of(lead: Lead) -> dict[str, Any]:
    """What was found out about a lead so far, as the form shows it again."""
    feedback = LeadFeedback.objects.filter(lead=lead).first()
    names = ("has_resources", "resources", "decides", "informs", "operates")
    return {name: getattr(feedback, name) for name in names} if feedback else {}
