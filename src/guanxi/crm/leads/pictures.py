"""What the pages of leads are told: lines, tabs, the five steps, the funnel, opportunities by stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.leads import rules, selectors, words
from guanxi.crm.leads.giving import Plan
from guanxi.crm.leads.models import Kind, Lead, LeadEvent, LeadList, Opportunity, Origin
from guanxi.crm.leads.policy import choices, lead_policy, said
from guanxi.crm.leads.rules import STEPS, Deed, State
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.insight.policies.lead import LeadPolicy

PANEL_ROWS = 5


@dataclass
class Line:
    """A lead as a list shows it."""

    lead: Lead
    name: str
    state: str
    colour: str
    where: str
    industry: str
    days_left: int | None = None
    missing: str = ""
    points: int = 0


@dataclass
class Column:
    """A stage of the opportunity board: its opportunities and their sum in fen."""

    code: str
    name: str
    rows: list[Opportunity] = field(default_factory=list)
    sum_fen: int = 0
    next: tuple[str, str] | None = None


def tabs(reach: Reach, here: str) -> list[tuple[str, str, bool]]:
    """The room's pages that this person has."""
    told = (
        ("board", _("Weekly meeting"), (Right.WORK_LEADS, Right.ALLOCATE_LEADS)),
        ("work", _("My leads"), (Right.WORK_LEADS,)),
        ("mine", _("Handed in by me"), (Right.HAND_IN_LEADS,)),
        ("giving", _("Giving out"), (Right.ALLOCATE_LEADS,)),
        ("lists", _("Lists and funnel"), (Right.ALLOCATE_LEADS,)),
        ("opportunities", _("Opportunities"), (Right.WORK_LEADS,)),
        ("sources", _("Web forms"), (Right.CHANGE_PEOPLE,)),
    )
    return [
        (label, reverse(f"leads:{page}"), page == here)
        for page, label, rights in told
        if any(reach.may(right) for right in rights)
    ]


def line(lead: Lead, policy: LeadPolicy, today: date, *, cut: bool = False) -> Line:
    """A lead in words; `cut`: a person's name shows its first letter alone."""
    state, colour = words.STATES[lead.state]
    left = None if lead.protected_until is None else (lead.protected_until - today).days
    return Line(
        lead,
        name=shown_name(lead.name, hidden=cut and lead.kind == Kind.PERSON),
        state=str(state),
        colour=colour,
        where=where_from(lead),
        industry=dict(choices(policy.industries)).get(lead.industry, ""),
        days_left=left,
        missing=missing(lead),
    )


def lines(rows: Iterable[Lead], today: date, *, reach: Reach | None = None) -> list[Line]:
    """Leads in words; with `reach`, names are cut where they are neither of one's units nor one's own."""
    policy = lead_policy(today)
    return [line(lead, policy, today, cut=reach is not None and not sees_name(lead, reach)) for lead in rows]


def sees_name(lead: Lead, reach: Reach) -> bool:
    """Whether a list shows this person's whole name: to heads of its outlet, its finder and its holder."""
    return lead.unit_id in reach.unit_ids or reach.staff_id in (lead.handed_by_id, lead.owner_id)


def where_from(lead: Lead) -> str:
    """Origin and, where it has a name, which."""
    name = lead.batch.name if lead.batch else lead.source.name if lead.source else ""
    origin = str(Origin(lead.origin).label)
    return f"{origin} · {name}" if name else origin


def missing(lead: Lead) -> str:
    """What is missing in words: what feedback lacks, or what the head asked for."""
    listed = [str(words.MISSING[code]) for code in lead.missing if code in words.MISSING]
    return "、".join(listed) or lead.missing_note


def found_by_me(rows: Iterable[Lead], today: date) -> list[Line]:
    """What somebody handed in, with the credit it earned; of customers no more than that somebody looks after them."""
    policy = lead_policy(today)
    points = (policy.accepted_points, policy.converted_points, policy.sold_points)
    told = []
    for lead in rows:
        row = line(lead, policy, today)
        if lead.state == State.KNOWN:
            row.state = str(words.IN_GOOD_HANDS)
        row.points = rules.credit(
            lead.state,
            accepted=lead.published_on is not None,
            converted=lead.converted_on is not None,
            points=points,
        )
        told.append(row)
    return told


def steps(lead: Lead) -> list[tuple[str, str]]:
    """The five steps with done, now or later."""
    at = words.step_of(lead.state)
    return [
        (str(words.STEP_NAMES[step]), "done" if number < at else "now" if number == at else "later")
        for number, step in enumerate(STEPS, start=1)
    ]


def history(events: Iterable[LeadEvent], *, whole: bool) -> list[dict[str, Any]]:
    """What happened; to the finder without notes and names of owners."""
    told = []
    for event in events:
        label, icon = words.DEEDS[event.deed]
        text = str(label)
        if whole and event.staff and event.staff_id != event.by_id:
            text = f"{text} · {event.staff.name}"
        told.append(
            {
                "text": text,
                "icon": icon,
                "at": event.at,
                "by": (event.by.name if event.by else _("the program")) if whole else None,
                "note": reason_in_words(event.note, event.on) if whole else "",
            }
        )
    return told


def reason_in_words(note: str, today: date) -> str:
    """A note, or the words of a reason's code."""
    return dict(choices(lead_policy(today).loss_reasons)).get(note, note)


def plan_rows(plan: Plan, today: date) -> list[dict[str, Any]]:
    """The proposal line by line: who would get it and why, or why nobody."""
    policy = lead_policy(today)
    told = []
    for key, lead in plan.leads.items():
        to = plan.proposal.given.get(key)
        why = plan.proposal.left.get(key)
        told.append(
            {
                "line": line(lead, policy, today),
                "to": plan.people[to] if to is not None else None,
                "by_claim": key in plan.proposal.by_claim,
                "why": str(words.WHY[why]) if why else "",
            }
        )
    return told


def team_rows(plan: Plan, today: date) -> list[dict[str, Any]]:
    """Each of the team: leads in hand, how many the proposal adds, industries known."""
    policy = lead_policy(today)
    known = selectors.specialisms_of(plan.people.values())
    given = list(plan.proposal.given.values())
    named = dict(choices(policy.industries))
    return [
        {
            "person": person,
            "in_hand": policy.open_leads - plan.room[key],
            "limit": policy.open_leads,
            "adds": given.count(key),
            "industries": [named[code] for code in known.get(key, []) if code in named],
            "codes": known.get(key, []),
        }
        for key, person in plan.people.items()
    ]


def funnel_rows(reach: Reach) -> list[dict[str, Any]]:
    """The funnel of each list and origin, with shares of the stage before."""
    return [
        {
            "name": one.name or str(Origin(one.origin).label),
            "origin": str(Origin(one.origin).label),
            "row": one,
        }
        for one in selectors.funnel(reach)
    ]


def board_columns(rows: Iterable[Opportunity], policy: LeadPolicy) -> list[Column]:
    """Open opportunities by stage, in the policy's order; a stage the policy no longer has stands with the first."""
    columns = [Column(one.code, said(one)) for one in policy.stages]
    for here, after in pairwise(columns):
        here.next = (after.code, after.name)
    by_code = {column.code: column for column in columns}
    for row in rows:
        column = by_code.get(row.stage, columns[0])
        column.rows.append(row)
        column.sum_fen += row.amount_fen
    return columns


def ends(policy: LeadPolicy) -> list[tuple[str, list[tuple[str, str]]]]:
    """Reasons of winning and of losing, as the one choice that ends an opportunity."""
    return [
        (_("Deal won"), [(f"won:{code}", label) for code, label in choices(policy.win_reasons)]),
        (_("Deal lost"), [(f"lost:{code}", label) for code, label in choices(policy.loss_reasons)]),
    ]


def colleagues(reach: Reach, me: Staff, today: date) -> list[Staff]:
    """Who may have a step of a battle map: oneself first, then the outlet's people."""
    return [me, *(one for one in selectors.colleagues_of(reach, today) if one.pk != me.pk)]


def meeting(reach: Reach, today: date, days: int) -> dict[str, Any]:
    """The head's half of the weekly meeting: collected, waiting for somebody, overdue soon, and the week in figures."""
    since = today - timedelta(days=days)
    moved: dict[str, int] = {}
    for deed in selectors.moved_since(reach, since).values_list("deed", flat=True):
        moved[deed] = moved.get(deed, 0) + 1
    worked = lines(selectors.of_units(reach, *sorted(rules.WORKED)), today)
    soon = lead_policy(today).claim_days // 2
    return {
        "collected": lines(selectors.of_units(reach, State.COLLECT), today),
        "stuck": [
            one
            for one in worked
            if one.lead.state == State.REPAIR or (one.days_left is not None and one.days_left <= soon)
        ],
        "week": [
            (_("Handed in"), moved.get(Deed.HAND_IN, 0)),
            (_("Claimed or given"), moved.get(Deed.CLAIM, 0) + moved.get(Deed.ASSIGN, 0)),
            (_("Feedback complete"), moved.get(Deed.FEED_BACK, 0)),
            (_("In conversion"), moved.get(Deed.CONVERT, 0)),
            (_("Sold"), moved.get(Deed.VERIFY, 0)),
            (_("Back in the pool"), moved.get(Deed.LAPSE, 0) + moved.get(Deed.GIVE_BACK, 0)),
        ],
    }


def thanks(lead: Lead) -> str:
    """What the finder reads at once."""
    if lead.state == State.KNOWN:
        return _("Thank you. Somebody looks after this person already and is told.")
    if lead.state == State.TWICE:
        return _("Thank you. A colleague has handed this in before.")
    return _("Thank you. You can see below what becomes of it.")


def brought(batch: LeadList) -> str:
    """The report of a list in one sentence."""
    counts = {name: batch.report.get(name, 0) for name in ("lines", "new", "known", "twice", "faulty")}
    return (
        _(
            "%(lines)s lines: %(new)s new, %(known)s customers already, %(twice)s handed in before, %(faulty)s faulty."
        )
        % counts
    )


def good_hands() -> str:
    """What a finder reads of a customer."""
    return str(words.IN_GOOD_HANDS)


def close_reason(lead: Lead, today: date) -> str:
    """Why a lead ended, in words."""
    if lead.close_reason in words.CLOSE_REASONS:
        return str(words.CLOSE_REASONS[lead.close_reason])
    return reason_in_words(lead.close_reason, lead.closed_on or today)


def opportunity_rows(rows: Iterable[Opportunity], policy: LeadPolicy) -> list[dict[str, Any]]:
    """Opportunities with their stage, or how and why they ended, in words."""
    stages = {one.code: said(one) for one in policy.stages}
    reasons = {one.code: said(one) for one in (*policy.win_reasons, *policy.loss_reasons)}
    return [
        {
            "row": row,
            "state": (_("Deal won") if row.outcome == "won" else _("Deal lost"))
            if row.outcome
            else stages.get(row.stage, row.stage),
            "colour": {"won": "green", "lost": "grey"}.get(row.outcome, "accent"),
            "reason": reasons.get(row.reason, ""),
        }
        for row in rows
    ]


def panel(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """Opportunities of a customer, for the customer page: one query, and the policy where there are any."""
    rows = (
        [] if nothing_in(party, Opportunity) else list(selectors.opportunities_of(reach, party)[:PANEL_ROWS])
    )
    try:
        told = opportunity_rows(rows, lead_policy(today)) if rows else []
    except KeyError:  # a bank without a policy of leads has no opportunities
        told = []
    return {"party": party, "opportunities": told, "may_make_opportunity": reach.may(Right.WORK_LEADS)}
