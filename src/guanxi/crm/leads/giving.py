"""The proposal of who gets which published lead: rows for the pure assignment, made from what stands now."""

from dataclasses import dataclass
from datetime import date

from guanxi.crm.leads import selectors
from guanxi.crm.leads.assignment import LeadRow, Manager, Proposal, Weights, propose
from guanxi.crm.leads.models import Kind, Lead
from guanxi.crm.leads.policy import lead_policy
from guanxi.crm.leads.rules import State
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import posts_on


@dataclass(frozen=True)
class Plan:
    """The proposal with the leads and people it speaks of; `room` before anything is given."""

    proposal: Proposal
    leads: dict[int, Lead]
    people: dict[int, Staff]
    room: dict[int, int]


def plan(reach: Reach, today: date) -> Plan:
    """Who of one's units would get which of one's published leads; changes nothing."""
    leads = {lead.pk: lead for lead in selectors.of_units(reach, State.PUBLISH)}
    people = {one.pk: one for one in selectors.team(reach, today)}
    room = selectors.room_of(people, today)
    policy = lead_policy(today)
    weights = Weights(policy.distance_weight, policy.industry_weight, policy.load_weight, policy.farthest)
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    managers = _managers(reach, people, room, today)
    return Plan(propose(_rows(leads, today), managers, parents, weights), leads, people, room)


def _rows(leads: dict[int, Lead], today: date) -> list[LeadRow]:
    resting = selectors.resting(leads, today)
    return [
        LeadRow(
            lead.pk,
            lead.kind,
            lead.unit_id,
            lead.industry,
            lead.handed_by_id,
            resting.get(lead.pk, frozenset()),
        )
        for lead in leads.values()
    ]


def _managers(reach: Reach, people: dict[int, Staff], room: dict[int, int], today: date) -> list[Manager]:
    policy = lead_policy(today)
    known = selectors.specialisms_of(people.values())
    posts: dict[int, list[tuple[int, str]]] = {}
    for post in posts_on(today, units=reach.unit_ids):
        posts.setdefault(post.staff_id, []).append((post.unit_id, post.role))
    return [
        Manager(
            key=key,
            kinds=frozenset(
                kind for kind in Kind.values for _unit, role in posts[key] if role in policy.roles_for(kind)
            ),
            units=frozenset(unit for unit, _role in posts[key]),
            industries=frozenset(known.get(key, ())),
            in_hand=policy.open_leads - room[key],
            limit=policy.open_leads,
        )
        for key in people
    ]
