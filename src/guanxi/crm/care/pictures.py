"""What the pages of care are told, and the one line of the customer page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.crm.care import dates, rules, selectors, words
from guanxi.crm.care.forms import AnswerForm
from guanxi.crm.care.models import ANSWERED, Calendar, DateKind, Gift, GiftState, LifeEvent, Voice
from guanxi.crm.care.policy import care_policy
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.worklist.policy import worklist_policy
from guanxi.insight.greetings import festivals_between, next_kept
from guanxi.insight.policies.base import speak
from guanxi.insight.policies.care import CarePolicy

AT_ONCE = 100
Tab = tuple[str, str, bool, int | None]


@dataclass(frozen=True)
class Line:
    """One gift, event or suggestion with its codes in words."""

    row: Any
    name: str
    kind: str
    more: str = ""
    colour: str = "grey"
    own: bool = False
    late: bool = False
    form: AnswerForm | None = None  # where this person may answer; each with ids of its own


def tabs(reach: Reach, current: str) -> list[Tab]:
    """The matters of this room, each with what waits for this person. Two queries at most."""
    waiting = selectors.waiting(reach).order_by().count() if reach.may(Right.APPROVE_GIFTS) else None
    asked = selectors.open_voices(reach).order_by().count() if reach.may(Right.ANSWER_VOICES) else None
    made = (
        ("calendar", _("Care calendar"), None),
        ("gifts", _("Gift ledger"), waiting),
        ("news", _("Customer news"), None),
        ("voices", _("Suggestions"), asked),
    )
    return [(label, reverse(f"care:{name}"), name == current, number) for name, label, number in made]


def calendar(reach: Reach, policy: CarePolicy | None, today: date) -> dict[str, Any]:
    """Birthdays of one's book by day with what was given this year, festivals to come, gifts still to be given."""
    last = today + timedelta(days=policy.care_days if policy else 30)
    found, names = selectors.birthdays(reach, today, last), tier_names(today)
    kept = [one for one in dates.of_book(reach, today, last) if one.row.kind != DateKind.BIRTHDAY]
    given = selectors.given_in_year([one.party.pk for one in found], today)
    rows = []
    for one in found:
        scheme, rank = one.score.tier_scheme, one.score.tier_rank
        band = names.band(scheme, rank)
        line = policy.tier(scheme, band.code if band else None) if policy else None
        left = max(0, rules.fen(line.customer_year) - given.get(one.party.pk, 0)) if line else 0
        by = words.date_said(one.noted) if one.noted and one.noted.calendar != Calendar.SOLAR else ""
        rows.append(
            (one, shown_name(one.party.name, hidden=reach.hides_names), names.label(scheme, rank), left, by)
        )
    greeted = festivals_between(today, last, worklist_policy(today).greeting_festivals)
    planned = selectors.gifts(reach).filter(staff=reach.staff_id, day__gt=today, state=GiftState.GIVEN)
    return {
        "rows": rows,
        "festivals": [(speak(words.language(), one.label_zh, one.label_en), day) for one, day in greeted],
        "kept": [
            (one, shown_name(one.row.party.name, hidden=reach.hides_names), words.date_said(one.row))
            for one in kept
        ],
        "planned": _gift_lines(list(planned[:AT_ONCE]), reach, policy),
        "last": last,
        "today": today,
    }


def ledger(reach: Reach, policy: CarePolicy | None, staff: Staff, today: date) -> dict[str, Any]:
    """What waits for this person's word, and the gifts of the year with what they come to."""
    year = today.replace(month=1, day=1)
    rows = list(selectors.gifts(reach).filter(day__gte=year)[:AT_ONCE])
    waiting = list(selectors.waiting(reach)[:AT_ONCE]) if reach.may(Right.APPROVE_GIFTS) else []
    counted = [row for row in rows if row.state == GiftState.GIVEN]
    return {
        "lines": _gift_lines(rows, reach, policy),
        "waiting": _gift_lines(waiting, reach, policy),
        "count": len(counted),
        "sum_fen": sum(row.value_fen for row in counted),
        "mine_fen": sum(
            row.value_fen for row in rows if row.staff_id == staff.pk and row.state in ("given", "waiting")
        ),
        "giver_fen": rules.fen(policy.giver_year) if policy else 0,
        "most": AT_ONCE,
        "year": today.year,
    }


def limits(reach: Reach, party: Party, staff: Staff, policy: CarePolicy, today: date) -> dict[str, Any]:
    """What this customer may still be given by this person this year, before a budget is chosen."""
    scheme, tier = selectors.tier_of(reach, party, today)
    found = []
    for money in policy.gift_budgets:
        sums = selectors.sums_of(party, staff, money.code, today.year)
        told = rules.limits(policy, sums, scheme=scheme, tier=tier, budget=money.code)
        label = money.label(words.language())
        found += [(label if one.code == "budget" else str(words.LIMITS[one.code]), one) for one in told]
    once = dict(found)
    return {"limits": list(once.items()), "second_fen": rules.fen(policy.second_person_from)}


def news(reach: Reach, policy: CarePolicy | None) -> dict[str, Any]:
    """The latest news of customers within reach."""
    return {"lines": [_event_line(row, reach, policy) for row in selectors.news(reach)[:AT_ONCE]]}


def events_told(policy: CarePolicy) -> dict[str, Any]:
    """What follows from each kind of news, for who is about to tell it."""
    said = [
        (one.label(words.language()), one.greet_days, one.say(words.language())) for one in policy.life_events
    ]
    return {"kinds": said, "pause_days": policy.pause_days}


def voices(reach: Reach, policy: CarePolicy | None, today: date) -> dict[str, Any]:
    """Suggestions within reach, the open ones first."""
    rows = list(selectors.voices(reach)[:AT_ONCE])
    lines = [_voice_line(row, reach, policy, today) for row in rows]
    opened = [line for line in lines if line.row.state not in ANSWERED]
    return {
        "opened": opened,
        "answered": [line for line in lines if line.row.state in ANSWERED],
        "late": sum(line.late for line in opened),
    }


def panel(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """The line of the customer page: gifts of the year, the last news, and what can be done with one tap. One query."""
    policy = care_policy(today)
    done = selectors.done_for(reach, party, today) if policy else []
    gifts = [one for one in done if one.what == "gift"]
    events = [one for one in done if one.what == "event"]
    return {
        "care_gifts": len(gifts),
        "care_fen": sum(one.number for one in gifts),
        "care_last": gifts[0].day if gifts else None,
        "care_news": [(one.day, _event_name(policy, one.kind)) for one in events[:2]],
        "care_dates": _dates_soon(done, today, policy.care_days) if policy else [],
        "may_care": policy is not None and reach.may(Right.GIVE_CARE),
        "care_log": reach.may(Right.LOG_CONTACTS),
        "care_visit": reach.may(Right.PLAN_VISITS),
    }


def _dates_soon(done: Iterable[selectors.Done], today: date, ahead: int) -> list[tuple[date, str]]:
    """The important dates kept within so many days, with their kind in words."""
    found = [
        (next_kept((one.state, *divmod(one.number, 100)), today), str(DateKind(one.kind).label))
        for one in done
        if one.what == "date"
    ]
    return sorted(pair for pair in found if pair[0] <= today + timedelta(days=ahead))


def _gift_lines(rows: Iterable[Gift], reach: Reach, policy: CarePolicy | None) -> list[Line]:
    made = []
    for row in rows:
        kind, why = (policy.gift_kind(row.kind), policy.occasion(row.occasion)) if policy else (None, None)
        made.append(
            Line(
                row, shown_name(row.party.name, hidden=reach.hides_names),
                kind.label(words.language()) if kind else row.kind,
                why.label(words.language()) if why else row.occasion, words.GIFT_KINDS.get(row.state, "grey"),
                own=row.staff_id == reach.staff_id and row.state in (GiftState.WAITING, GiftState.GIVEN),
            )
        )  # fmt: skip
    return made


def _event_line(row: LifeEvent, reach: Reach, policy: CarePolicy | None) -> Line:
    kind = policy.life_event(row.kind) if policy else None
    colour = words.MOODS.get(kind.mood, "grey") if kind else "grey"
    note = "" if reach.hides_names else row.note
    return Line(
        row, shown_name(row.party.name, hidden=reach.hides_names), _event_name(policy, row.kind), note, colour
    )


def _event_name(policy: CarePolicy | None, code: str) -> str:
    kind = policy.life_event(code) if policy else None
    return kind.label(words.language()) if kind else code


def _voice_line(row: Voice, reach: Reach, policy: CarePolicy | None, today: date) -> Line:
    topic = policy.topic(row.topic) if policy else None
    opened = row.state not in ANSWERED
    answers = opened and reach.may(Right.ANSWER_VOICES)
    return Line(
        row, shown_name(row.party.name, hidden=reach.hides_names),
        topic.label(words.language()) if topic else row.topic, "" if reach.hides_names else row.text,
        words.VOICE_KINDS.get(row.state, "grey"), late=opened and row.due_on < today,
        form=AnswerForm(auto_id=f"voice-{row.pk}-%s") if answers else None,
    )  # fmt: skip
