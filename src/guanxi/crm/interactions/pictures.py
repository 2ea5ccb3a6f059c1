"""What the pages of this room are told: the form, a customer's line of contacts and promises, the list of promises."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.interactions import rules, selectors, words
from guanxi.crm.interactions.forms import LogForm
from guanxi.crm.interactions.models import Contact, Promise, PromiseState
from guanxi.crm.interactions.policy import family_name, known_policy, language, outcome_name, step_name
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.insight.policies.interaction import InteractionPolicy
from guanxi.insight.workdays import UnknownYear, is_workday
from guanxi.web.formats import day as day_words
from guanxi.web.formats import money_words

MOST_ON_LINE = 60  # of each sort; the customer page folds what is older


@dataclass(frozen=True)
class OutcomeChoice:
    """An outcome as the form offers it, with what it fills in."""

    code: str
    label: str
    channels: str
    step: str
    due: date
    intent: bool
    reached: bool


@dataclass(frozen=True)
class Told:
    """One thing on a customer's time line."""

    on: date
    text: str
    icon: str
    kind: str
    by: str


@dataclass(frozen=True)
class PromiseLine:
    """A promise as lists show it."""

    promise: Promise
    name: str
    step: str
    text: str
    state: str
    kind: str
    when: str
    undone: bool


def usual_channel(reach: Reach) -> str:
    """What is chosen when the form opens: the counter talks, a manager calls."""
    at_counter = reach.may(Right.SERVE_COUNTER) and not reach.may(Right.REVEAL)
    return "branch" if at_counter else "call"


def bank_now(today: date, now: datetime) -> datetime:
    """This moment on the bank's own day, which in a demonstration is not the clock's."""
    return datetime.combine(today, timezone.localtime(now).time(), timezone.get_current_timezone())


def new_form(policy: InteractionPolicy, reach: Reach, today: date, now: datetime) -> LogForm:
    """The empty form with a key of its own."""
    first = {"channel": usual_channel(reach), "at": bank_now(today, now), "client_key": uuid.uuid4()}
    return LogForm(initial=first, policy=policy)


def form_told(form: LogForm, today: date) -> dict[str, Any]:
    """What the form's template is told beside the form."""
    outcomes = [
        OutcomeChoice(
            one.outcome, outcome_name(form.policy, one.outcome), " ".join(one.channels), one.next_step,
            due_day(today, one.next_days), one.intent, one.reached,
        )
        for one in form.policy.outcomes
    ]  # fmt: skip
    return {"form": form, "outcomes": outcomes, "icons": words.CHANNEL_ICONS, "today": today}


def due_day(today: date, days: int) -> date:
    """The working day so many days ahead, or the next one after it; the plain day where the calendar ends."""
    day = today + timedelta(days=days)
    try:
        while days and not is_workday(day):
            day += timedelta(days=1)
    except UnknownYear:
        return today + timedelta(days=days)
    return day


def of_customer(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """A customer's promises for the panel, and contacts and promises for the time line; two queries."""
    policy = known_policy(today)
    contacts = [] if nothing_in(party, Contact) else list(selectors.contacts_of(reach, party)[:MOST_ON_LINE])
    promised = [] if nothing_in(party, Promise) else list(selectors.promises_of(reach, party)[:MOST_ON_LINE])
    lines = [promise_line(promise, reach, policy, today) for promise in promised]
    return {
        "open_promises": [line for line in reversed(lines) if line.undone],
        "promises_done": sum(line.promise.state == PromiseState.KEPT for line in lines),
        "may_log": reach.may(Right.LOG_CONTACTS),
        "told": [
            *_contacts_told(contacts, promised, policy, reach, today),
            *_promises_told(promised, policy, hidden=reach.hides_names),
        ],
    }


def _contacts_told(
    contacts: Sequence[Contact],
    promised: Sequence[Promise],
    policy: InteractionPolicy | None,
    reach: Reach,
    today: date,
) -> Iterator[Told]:
    agreed = {promise.contact_id for promise in promised}
    for contact in contacts:
        yield Told(
            contact.day,
            contact_words(contact, policy, today, agreed=contact.pk in agreed, hidden=reach.hides_names),
            words.CHANNEL_ICONS.get(contact.channel, "message"),
            "green" if contact.deal_on else _contact_kind(contact, policy),
            contact.author_name,
        )


def _contact_kind(contact: Contact, policy: InteractionPolicy | None) -> str:
    outcome = policy.outcome(contact.outcome) if policy else None
    return "accent" if outcome and outcome.reached else "grey"


def contact_words(
    contact: Contact, policy: InteractionPolicy | None, today: date, *, agreed: bool, hidden: bool
) -> str:
    """A contact as one line: how, outcome, what was wanted and what came of it, the note where it may be read."""
    parts = [contact.get_channel_display(), outcome_name(policy, contact.outcome)]
    if contact.intent_family:
        parts.append(_intent_words(contact, policy, today, agreed=agreed))
    if contact.note and not hidden:
        parts.append(contact.note)
    return " · ".join(parts)


def _intent_words(contact: Contact, policy: InteractionPolicy | None, today: date, *, agreed: bool) -> str:
    wanted = family_name(contact.intent_family)
    if contact.intent_fen is not None:
        wanted = f"{wanted} {money_words(contact.intent_fen, language())}"
    match_days = policy.match_days if policy else 0
    stage = rules.stage_of(
        deal=contact.deal_on is not None, promised=agreed, day=contact.day, today=today, match_days=match_days
    )
    told = {"what": wanted, "day": day_words(contact.deal_on)}
    told["amount"] = f"{family_name(contact.intent_family)} {money_words(contact.deal_fen, language())}"
    return str(words.STAGES[stage]) % told


def _promises_told(
    promised: Sequence[Promise], policy: InteractionPolicy | None, *, hidden: bool
) -> Iterator[Told]:
    for promise in promised:
        told = {"what": step_name(policy, promise.step) if hidden else promise.text}
        by = promise.staff.name if promise.staff else ""
        if promise.broken_on:
            yield Told(promise.broken_on, _("Promise broken: %(what)s") % told, "alert-circle", "red", by)
        if promise.closed_on is None:
            continue
        if promise.state == PromiseState.WITHDRAWN:
            yield Told(promise.closed_on, _("Promise withdrawn: %(what)s") % told, "ban", "grey", by)
        elif promise.closed_on > promise.due_on:
            yield Told(
                promise.closed_on, _("Promise kept late: %(what)s") % told, "circle-check", "amber", by
            )
        else:
            yield Told(promise.closed_on, _("Promise kept: %(what)s") % told, "circle-check", "green", by)


def promise_line(
    promise: Promise, reach: Reach, policy: InteractionPolicy | None, today: date
) -> PromiseLine:
    """A promise in words, its state as of today: the night marks a broken one, the page says it already before."""
    grace = policy.promise_grace_days if policy else 0
    broken = rules.is_broken(promise.state, promise.due_on, today, grace)
    shown = PromiseState.BROKEN if broken else PromiseState(promise.state)
    return PromiseLine(
        promise,
        shown_name(promise.party.name, hidden=reach.hides_names),
        step_name(policy, promise.step),
        "" if reach.hides_names else promise.text,
        str(shown.label),
        words.STATE_KINDS[shown],
        _when(promise, today),
        shown in selectors.UNDONE,
    )


def _when(promise: Promise, today: date) -> str:
    if promise.state not in selectors.UNDONE:
        return ""
    days = (promise.due_on - today).days
    if days == 0:
        return _("due today")
    if days == 1:
        return _("due tomorrow")
    return _("due in %(n)s days") % {"n": days} if days > 0 else _("%(n)s days over") % {"n": -days}


def log_addresses(party: Party) -> dict[str, str]:
    """Where the form of a customer stands and what it goes back to."""
    return {"log_url": reverse("interactions:log", args=[party.uuid])}
