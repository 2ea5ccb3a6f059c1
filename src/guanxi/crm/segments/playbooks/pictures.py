"""What the pages of playbooks are told, and the one line of the customer page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.policies.words import code_name, language
from guanxi.crm.segments.models import Enrolment, Segment
from guanxi.crm.segments.playbooks import rules, selectors
from guanxi.crm.segments.playbooks.rules import Going, Place
from guanxi.insight.policies.playbook import Playbook, PlaybookPolicy, PlaybookStep

AT_ONCE = 20


@dataclass(frozen=True)
class Line:
    """One playbook of the list; `customers` and `going` within the reader's reach."""

    code: str
    name: str
    whom: str
    steps: int
    customers: int
    going: Going
    behind: bool  # its segment means something else by now


@dataclass(frozen=True)
class StepLine:
    """One step of the time line."""

    when: str
    name: str
    say: str
    family: str
    minutes: int
    urgent: bool
    going: Going


@dataclass(frozen=True)
class Standing:
    """A customer on a playbook: its name, day of the plan, next step in words."""

    code: str
    name: str
    expects: str
    day: int
    number: int
    of: int
    step: str
    due_on: date | None
    entered_on: date
    uuid: UUID | None = None
    customer: str = ""
    keeper: str = ""


def index(reach: Reach, today: date) -> dict[str, Any]:
    """Every playbook with how many are on it and how its steps go; four queries."""
    policy = selectors.playbooks(today)
    if policy is None:
        return {"lines": [], "policy": None, "total": Going(), "waiting": 0}
    here, goings = selectors.on_it(reach, policy, today), selectors.how_steps_go(reach, today)
    newest = selectors.newest_versions(policy)
    lines = [
        Line(
            book.playbook, book.label(language()), book.whom(language()), len(policy.steps_of(book.playbook)),
            here.get(book.playbook, 0), _going(goings, book.playbook), _behind(book, newest),
        )
        for book in policy.playbooks
    ]  # fmt: skip
    return {
        "lines": lines,
        "policy": policy,
        "total": rules.total(line.going for line in lines),
        "waiting": selectors.waiting_for_a_word(),
    }


def one(reach: Reach, code: str, today: date) -> dict[str, Any]:
    """One playbook: whom it reaches, its steps as a time line, its figures, the customers who entered last."""
    policy = selectors.playbooks(today)
    book = policy.book(code) if policy else None
    if policy is None or book is None:
        raise Http404
    steps, goings = policy.steps_of(code), selectors.how_steps_go(reach, today)
    newest = selectors.newest_versions(policy)
    rows = list(selectors.running(reach, book, today)[:AT_ONCE])
    return {
        "book": book,
        "name": book.label(language()),
        "whom": book.whom(language()),
        "expects": book.expects(language()),
        "steps": [_step(step, goings.get((code, step.code), Going())) for step in steps],
        "going": _going(goings, code),
        "customers": selectors.on_it(reach, policy, today).get(code, 0),
        "rows": [_listed(row, book, steps, reach, today) for row in rows],
        "segment": newest.get(code, (None, 0))[0],
        "behind": _behind(book, newest),
        "waiting": selectors.waiting_for_a_word(),
    }


def panel(party: Party, today: date) -> dict[str, Any]:
    """The line of the customer page: on which playbooks the customer stands and at which step. One query at most."""
    policy = selectors.playbooks(today)
    rows = selectors.enrolments_of(party) if policy else []
    return {"playbook_places": [told for row in rows if policy and (told := _stands(row, policy, today))]}


def books_of(segment: Segment, today: date) -> list[tuple[str, str, int]]:
    """The playbooks that name a segment: code, name, and the version they follow."""
    policy = selectors.playbooks(today)
    key = str(segment.uuid)
    return [
        (book.playbook, book.label(language()), version[1])
        for book in (policy.playbooks if policy else ())
        if (version := book.segment_version) and version[0] == key
    ]


def _stands(row: Enrolment, policy: PlaybookPolicy, today: date) -> Standing | None:
    book = policy.book(row.playbook)
    if book is None or rules.ended(book, row.entered_on, today):
        return None
    return _standing(row, book, policy.steps_of(book.playbook), today)


def _standing(
    row: Enrolment, book: Playbook, steps: tuple[PlaybookStep, ...], today: date, **more: Any
) -> Standing:
    place: Place = rules.place_of(book, steps, row.entered_on, today)
    return Standing(
        book.playbook, book.label(language()), book.expects(language()), place.day, place.number, len(steps),
        place.step.label(language()) if place.step else "", place.due_on, row.entered_on, **more,
    )  # fmt: skip


def _listed(
    row: Enrolment, book: Playbook, steps: tuple[PlaybookStep, ...], reach: Reach, today: date
) -> Standing:
    keeper = getattr(row.keeper, "name", "")
    shown = shown_name(row.party.name, hidden=reach.hides_names)
    return _standing(row, book, steps, today, uuid=row.party.uuid, customer=shown, keeper=keeper)


def _step(step: PlaybookStep, going: Going) -> StepLine:
    family = code_name("families", step.offered) if step.offered else ""
    spoken = language()
    return StepLine(
        step.when(spoken), step.label(spoken), step.say(spoken), family, step.minutes_each,
        step.urgency_level > 1, going,
    )  # fmt: skip


def _going(goings: Any, code: str) -> Going:
    return rules.total(going for (book, _step_code), going in goings.items() if book == code)


def _behind(book: Playbook, newest: dict[str, tuple[Segment, int]]) -> bool:
    """Whether the segment has a newer version than the one that was approved."""
    version = book.segment_version
    return version is not None and newest.get(book.playbook, (None, 0))[1] > version[1]
