"""Writes of care: gifts given within limits, news told, suggestions carried up and answered. Each audited in its
transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.care import rules, selectors
from guanxi.crm.care.models import ANSWERED, Gift, GiftState, LifeEvent, Voice, VoiceState
from guanxi.crm.care.policy import needed
from guanxi.crm.care.words import broken_sentence
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging.permission import hold
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.retention.people import heads_of, responsible_for
from guanxi.crm.worklist.models import Origin
from guanxi.crm.worklist.services import close_for, open_task
from guanxi.insight.policies.care import CarePolicy, LifeEventKind
from guanxi.insight.workdays import add_workdays

_ALONE = "SELECT pg_advisory_xact_lock(%s, (%s %% 2147483647)::int)"
_BUDGET, _GIVER, _CUSTOMER = 730_101, 730_102, 730_103  # always locked in this order


@dataclass(frozen=True)
class GiftDraft:
    """What is given: codes of the policy, what it is in words, its value in fen, the day."""

    kind: str
    what: str
    value_fen: int
    occasion: str
    budget: str
    day: date


@transaction.atomic
def give(*, by: Staff, party: Party, draft: GiftDraft, client_key: UUID, today: date, now: datetime) -> Gift:
    """Write a gift down (礼品登记); from the policy's amount on it waits for another person. The same key is one gift.

    ValidationError names each limit that it would pass: the customer's, the giver's, the outlet's budget. Two gifts at
    the same moment wait for each other, so that both together keep the limits.
    """
    reach = _may(by, party, today)
    _alone(party, by)  # before anything is read: the same key sent twice at once is one gift too
    known = Gift.objects.filter(client_key=client_key, staff=by).first()
    if known is not None:
        return known
    policy = needed(today)
    _check(policy, party, draft, today)
    _within_limits(reach, party, draft, policy, by, today)
    waits = rules.needs_second(policy, draft.value_fen)
    if waits and draft.day < today:
        raise ValidationError(_("A gift of this value is approved before it is given."))
    made = Gift.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, paid_by_id=party.unit_id,
        kind=draft.kind, what=draft.what.strip()[:80], value_fen=draft.value_fen, occasion=draft.occasion,
        budget=draft.budget, day=draft.day, state=GiftState.WAITING if waits else GiftState.GIVEN, asked_at=now,
        client_key=client_key,
    )  # fmt: skip
    audit.record(by=by, verb="care.gift_asked" if waits else "care.gift_given", on=made, party=party.pk,
                 value_fen=made.value_fen, kind=made.kind, budget=made.budget)  # fmt: skip
    if waits:
        _ask_head(by, made, today)
    return made


@transaction.atomic
def decide_gift(*, by: Staff, gift: Gift, approve: bool, word: str, today: date, now: datetime) -> Gift:
    """Another person's word on a gift that waits; refusing needs a reason. Nobody decides about their own."""
    locked = _locked_gift(gift)
    reach = reach_of(by, today)
    if not reach.may(Right.APPROVE_GIFTS) or locked.staff_id == by.pk:
        raise PermissionDenied(f"{by.staff_no} may not decide about this gift")
    check_second_person(by, (locked.staff_id,), today)
    if not reach.covers(locked.unit_id, locked.keeper_id):
        raise PermissionDenied("out of reach")
    if locked.state != GiftState.WAITING:
        raise ValidationError(_("This gift is decided already."))
    if not approve and not word.strip():
        raise ValidationError(_("Say why not."))
    locked.state = GiftState.GIVEN if approve else GiftState.REFUSED
    locked.day = max(locked.day, today)
    locked.decided_by, locked.decided_at, locked.word = by, now, word.strip()[:200]
    locked.save(update_fields=["state", "day", "decided_by", "decided_at", "word"])
    audit.record(by=by, verb=f"care.gift_{'approved' if approve else 'refused'}", on=locked, word=locked.word)
    close_for(origin=Origin.MANUAL, subject=_subject(locked), by=by, now=now, today=today)
    return locked


@transaction.atomic
def take_back_gift(*, by: Staff, gift: Gift, word: str, today: date) -> Gift:
    """A gift that was not given after all: it stays in the ledger and counts no more. By the giver, with a reason."""
    locked = _locked_gift(gift)
    if locked.staff_id != by.pk or not reach_of(by, today).may(Right.GIVE_CARE):
        raise PermissionDenied("only the giver takes a gift back")
    if locked.state not in (GiftState.WAITING, GiftState.GIVEN):
        raise ValidationError(_("This gift is decided already."))
    if not word.strip():
        raise ValidationError(_("Say why not."))
    locked.state, locked.word = GiftState.WITHDRAWN, word.strip()[:200]
    locked.save(update_fields=["state", "word"])
    audit.record(by=by, verb="care.gift_withdrawn", on=locked, word=locked.word)
    return locked


@transaction.atomic
def tell_news(
    *, by: Staff, party: Party, kind: str, day: date, note: str, today: date, now: datetime
) -> LifeEvent:
    """News of a customer's life: a call on the keeper's list, leaders told by tier, marketing paused for sad news.

    Told twice, it is one. ValidationError for a kind the policy does not know or a day ahead of today.
    """
    reach = _may(by, party, today)
    policy = needed(today)
    told = policy.life_event(kind)
    if told is None or day > today:
        raise ValidationError(_("Choose what happened, and when."))
    known = LifeEvent.objects.filter(party=party, kind=kind, day=day).first()
    if known is not None:
        return known
    made = LifeEvent.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, kind=kind, day=day,
        note=note.strip()[:200], told_at=now,
    )  # fmt: skip
    line = policy.tier(*selectors.tier_of(reach, party, today))
    made.told_up = _tell_leaders(by, made, told, line.told_up if line else 0, today)
    made.save(update_fields=["told_up"])
    audit.record(by=by, verb="care.news_told", on=made, party=party.pk, kind=kind, told_up=made.told_up)
    _call(by, made, told, today)
    if told.mood == "sad":
        hold(
            party=party, reason="bereavement" if kind == "bereavement" else "other", at=now, by=by,
            until=now + timedelta(days=policy.pause_days), subject=f"life:{made.pk}",
        )  # fmt: skip
    return made


@transaction.atomic
def say(*, by: Staff, party: Party, topic: str, text: str, today: date, now: datetime) -> Voice:
    """Carry a customer's suggestion to head office (建议直达). ValidationError without a topic or words."""
    _may(by, party, today)
    policy = needed(today)
    if policy.topic(topic) is None or not text.strip():
        raise ValidationError(_("Choose a topic and say what the customer suggests."))
    made = Voice.objects.create(
        party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, staff=by, topic=topic,
        text=text.strip()[:500], told_on=today, told_at=now, due_on=add_workdays(today, policy.answer_workdays),
    )  # fmt: skip
    audit.record(by=by, verb="care.voice_handed_in", on=made, party=party.pk, topic=topic)
    return made


@transaction.atomic
def answer(*, by: Staff, voice: Voice, state: str, text: str, today: date) -> Voice:
    """Head office takes a suggestion up or answers it; the answer is a task of who handed it in: tell the customer."""
    reach = reach_of(by, today)
    locked = (
        Voice.objects.select_for_update(of=("self",)).select_related("party__unit", "staff").get(pk=voice.pk)
    )
    if not reach.may(Right.ANSWER_VOICES) or not reach.covers(locked.unit_id, locked.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not answer suggestions")
    if locked.state in ANSWERED:
        raise ValidationError(_("This suggestion is answered already."))
    if state not in VoiceState.values or state == VoiceState.HANDED_IN:
        raise ValidationError(_("Choose what becomes of it."))
    if state in ANSWERED and not text.strip():
        raise ValidationError(_("Write the answer the customer will be given."))
    locked.state, locked.answer, locked.answered_by = state, text.strip()[:500], by
    locked.answered_on = today if state in ANSWERED else None
    locked.save(update_fields=["state", "answer", "answered_by", "answered_on"])
    audit.record(by=by, verb="care.voice_answered", on=locked, state=state)
    if state in ANSWERED:
        _tell_customer(by, locked, today)
    return locked


def _may(by: Staff, party: Party, today: date) -> Reach:
    reach = reach_of(by, today)
    if not reach.may(Right.GIVE_CARE) or not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied(f"{by.staff_no} may not care for this customer")
    return reach


def _check(policy: CarePolicy, party: Party, draft: GiftDraft, today: date) -> None:
    """Refuse with ValidationError what the policy has no place for."""
    if party.kind in policy.no_gift_kinds:
        raise ValidationError(_("Customers of this kind are given nothing."))
    known = (policy.gift_kind(draft.kind), policy.occasion(draft.occasion), policy.budget(draft.budget))
    if None in known or not draft.what.strip() or draft.value_fen <= 0:
        raise ValidationError(_("Say what it is, its value, why, and from which budget."))
    late, ahead = timedelta(days=policy.gift_late_days), timedelta(days=policy.gift_ahead_days)
    if not today - late <= draft.day <= today + ahead:
        told = {"late": policy.gift_late_days, "ahead": policy.gift_ahead_days}
        raise ValidationError(_("At most %(late)s days afterwards and %(ahead)s days ahead.") % told)


def _alone(party: Party, by: Staff) -> None:
    """Be alone with this budget, giver and customer until the transaction ends."""
    with connection.cursor() as cursor:
        for what, key in (
            (_BUDGET, party.unit_id),
            (_GIVER, by.pk),
            (_CUSTOMER, party.merged_into_id or party.pk),
        ):
            cursor.execute(_ALONE, [what, key])


def _within_limits(
    reach: Reach, party: Party, draft: GiftDraft, policy: CarePolicy, by: Staff, today: date
) -> None:
    """ValidationError for each limit it would pass; asked while one is alone with what the limits count."""
    sums = selectors.sums_of(party, by, draft.budget, draft.day.year)
    scheme, tier = selectors.tier_of(reach, party, today)
    found = rules.broken(policy, sums, draft.value_fen, scheme=scheme, tier=tier, budget=draft.budget)
    if found:
        raise ValidationError([broken_sentence(one, draft.value_fen) for one in found])


def _locked_gift(gift: Gift) -> Gift:
    found = Gift.objects.select_for_update(of=("self",)).filter(pk=gift.pk).first()
    if found is None:
        raise PermissionDenied("out of reach")
    return found


def _subject(gift: Gift) -> str:
    return f"gift:{gift.pk}"


def _ask_head(by: Staff, gift: Gift, today: date) -> None:
    """A task for the nearest head who is not the giver."""
    head = next(iter(heads_of(gift.party.unit, today, without=by.pk)), None)
    if head is not None:
        reason = {"code": "care_gift", "author": by.name, "text": gift.what, "amount_fen": gift.value_fen}
        open_task(
            by=by, origin=Origin.MANUAL, assignee=head, party=gift.party, unit=gift.party.unit,
            subject=_subject(gift), due_on=today, reason=reason, today=today, link="care:gifts",
        )  # fmt: skip


def _call(by: Staff, event: LifeEvent, told: LifeEventKind, today: date) -> None:
    person = responsible_for(event.party, today)
    if person is not None:
        reason = {
            "code": "care_news", "day_on": event.day.isoformat(), "what_zh": told.label_zh, "what_en": told.label_en,
            "say_zh": told.say_zh, "say_en": told.say_en,
        }  # fmt: skip
        open_task(
            by=by, origin=Origin.MANUAL, assignee=person, party=event.party, unit=event.party.unit,
            subject=f"life:{event.pk}", due_on=today + timedelta(days=told.greet_days), urgency=2, reason=reason,
            today=today,
        )  # fmt: skip


def _tell_leaders(by: Staff, event: LifeEvent, told: LifeEventKind, steps: int, today: date) -> int:
    """A task for the leaders nearest above the customer's outlet; how many were told. Who calls anyway has none."""
    caller = responsible_for(event.party, today)
    found = heads_of(event.party.unit, today, without=by.pk)[:steps]
    leaders = [leader for leader in found if caller is None or leader.pk != caller.pk]
    for leader in leaders:
        reason = {
            "code": "care_leader", "day_on": event.day.isoformat(), "what_zh": told.label_zh,
            "what_en": told.label_en, "author": by.name,
        }  # fmt: skip
        open_task(
            by=by, origin=Origin.MANUAL, assignee=leader, party=event.party, unit=event.party.unit,
            subject=f"life:{event.pk}:{leader.pk}", due_on=today + timedelta(days=told.greet_days), reason=reason,
            today=today,
        )  # fmt: skip
    return len(leaders)


def _tell_customer(by: Staff, voice: Voice, today: date) -> None:
    """Who handed it in tells the customer; where that person has left, whoever keeps the customer."""
    person = voice.staff if voice.staff.is_active else responsible_for(voice.party, today) or by
    reason = {"code": "care_answer", "text": voice.answer}
    open_task(
        by=by, origin=Origin.MANUAL, assignee=person, party=voice.party, unit=voice.party.unit,
        subject=f"voice:{voice.pk}", due_on=add_workdays(today, needed(today).tell_workdays), reason=reason,
        today=today,
    )  # fmt: skip
