"""What the map of key people, its list and the lines elsewhere are told; no request, no markup."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import numbers_of, parties_by_id
from guanxi.crm.interactions.policy import language
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.tiers import TierNames
from guanxi.crm.visits.models import Acquaintance, Attitude, KeyPerson, KeyPost, Sponsor, Weight
from guanxi.crm.visits.people import rules, selectors
from guanxi.insight.policies.visit import VisitPolicy

ATTITUDE_KINDS: Mapping[str, str] = {
    Attitude.SUPPORTS: "green",
    Attitude.NEUTRAL: "grey",
    Attitude.RESERVED: "amber",
    Attitude.UNKNOWN: "grey",
}
_POSTS, _WEIGHTS = KeyPost.values, Weight.values


@dataclass(frozen=True)
class Knows:
    """One of ours who knows a key person, and when they last spoke."""

    row: Acquaintance
    role: str
    last: date | None


@dataclass(frozen=True)
class Person:
    """A key person as the map shows them; `address` is their own customer page when within reach."""

    row: KeyPerson
    name: str
    address: Any
    colour: str
    known: list[Knows]


@dataclass(frozen=True)
class Line:
    """A line of the drawing, 1 to 3 strong."""

    path: str
    bond: int
    said: str


def is_company(party: Party) -> bool:
    """Whether the customer is an organisation."""
    return party.kind in selectors.COMPANIES


def chart(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """The map of a customer: key people, who of ours knows them, the sponsor, what is missing; seven queries."""
    rows = sorted(selectors.people_of(reach, party), key=_order)
    ours = {one.staff_id: one.staff for row in rows for one in selectors.knowing(row)}
    sponsor = selectors.sponsor_of(reach, party)
    asked = {**ours, **({sponsor.staff_id: sponsor.staff} if sponsor else {})}
    linked = parties_by_id(reach, {row.linked_id for row in rows if row.linked_id})
    lasts = selectors.last_contacts(asked, [*numbers_of(party), *linked], today)
    roles = selectors.roles_of(asked, today)
    people = [_person(row, linked, lasts, roles, reach) for row in rows]
    return {
        "party": party,
        "name": shown_name(party.name, hidden=reach.hides_names),
        "people": people,
        "unknown": [one for one in people if not one.known],
        "not_noted": [KeyPost(code).label for code in rules.not_noted(row.post for row in rows)]
        if is_company(party) and people
        else [],
        "may_name": reach.may(Right.CONFIRM_PLANS),
        **_sponsor(sponsor, party, lasts, roles, today),
        **_drawing(people, ours, roles),
    }


def _order(row: KeyPerson) -> tuple[int, int, int]:
    return _WEIGHTS.index(row.weight), _POSTS.index(row.post), row.pk


def _person(
    row: KeyPerson, linked: Mapping[int, Party], lasts: selectors.Last, roles: Mapping[int, str], reach: Reach
) -> Person:
    other = linked.get(row.linked_id or 0)
    known = [
        Knows(
            one,
            roles.get(one.staff_id, ""),
            lasts.get((one.staff_id, other.pk if other else row.party_id)),
        )
        for one in selectors.knowing(row)
    ]
    name = shown_name(row.name, hidden=reach.hides_names)
    return Person(row, name, other.uuid if other else None, ATTITUDE_KINDS[row.attitude], known)


def _sponsor(
    sponsor: Sponsor | None, party: Party, lasts: selectors.Last, roles: Mapping[int, str], today: date
) -> dict[str, Any]:
    """The sponsor, when last in touch and when due again."""
    if sponsor is None:
        return {"sponsor": None}
    last = lasts.get((sponsor.staff_id, party.pk))
    due = rules.due_on(last, sponsor.since_on, sponsor.every_days)
    told = {"sponsor": sponsor, "sponsor_role": roles.get(sponsor.staff_id, ""), "sponsor_last": last}
    return {**told, "sponsor_due": due, "sponsor_late": due < today}


def _drawing(people: Iterable[Person], ours: Mapping[int, Staff], roles: Mapping[int, str]) -> dict[str, Any]:
    """Where boxes and lines stand: theirs on the left, ours on the right in the order of who they know."""
    left = list(people)
    rows = max(len(left), len(ours), 1)
    here = {spot.key: spot for spot in rules.spots([one.row.pk for one in left], rows)}
    there = {spot.key: spot for spot in rules.spots(list(ours), rows)}
    lines = [
        Line(
            rules.curve(here[one.row.pk].middle, there[knows.row.staff_id].middle),
            knows.row.bond,
            f"{one.name} – {knows.row.staff.name}: {knows.row.get_bond_display()}",
        )
        for one in left
        for knows in one.known
    ]
    return {
        "high": rows * rules.ROW,
        "wide": rules.WIDTH,
        "box": rules.BOX,
        "box_high": rules.ROW - rules.HEAD,
        "theirs": [(one, here[one.row.pk]) for one in left],
        "ours": [(ours[key], roles.get(key, ""), spot) for key, spot in there.items()],
        "lines": lines,
    }


def line(
    reach: Reach, party: Party, policy: VisitPolicy | None, names: TierNames | None = None
) -> dict[str, Any]:
    """For the customer page: how many key people, whom of them nobody knows; nothing asked where there are none."""
    rows = selectors.gaps(reach, party)
    unknown = [row for row in rows if not row.is_known]  # type: ignore[attr-defined]  # annotated
    return {
        "key_people": len(rows),
        "key_unknown": [
            (row.get_post_display(), shown_name(row.name, hidden=reach.hides_names)) for row in unknown
        ],
        "may_map": reach.may(Right.PLAN_VISITS) and (bool(rows) or _is_high(party, policy, names)),
    }


def _is_high(party: Party, policy: VisitPolicy | None, names: TierNames | None) -> bool:
    """A company, or a person of a tier that two visit together."""
    if is_company(party):
        return True
    score = getattr(party, "partyscore", None) if names else None
    band = names.band(score.tier_scheme, score.tier_rank) if names and score else None
    return bool(policy and band and band.code in policy.joint_tiers)


def told_before(reach: Reach, party: Party) -> list[tuple[str, str, str, str]]:
    """For the prep sheet: post, name, what their word counts for and how they stand to us, who of ours knows them."""
    said, joint = [], "、" if language() == "zh" else ", "
    for row in sorted(selectors.people_of(reach, party), key=_order):
        standing = [row.get_weight_display()]
        if row.attitude != Attitude.UNKNOWN:
            standing.append(row.get_attitude_display())
        known = [f"{one.staff.name} ({one.get_bond_display()})" for one in selectors.knowing(row)]
        name = shown_name(row.name, hidden=reach.hides_names)
        said.append((row.get_post_display(), name, " · ".join(standing), joint.join(known)))
    return said


def sponsors(reach: Reach, today: date) -> dict[str, Any]:
    """The list of the largest companies: sponsor, contact due, whom nobody knows; and how many lack what."""
    rows = selectors.companies(reach, today)
    return {
        "rows": [(row, shown_name(row.score.party.name, hidden=reach.hides_names)) for row in rows],
        "without": sum(row.sponsor is None for row in rows),
        "late": sum(row.due is not None and row.due < today for row in rows),
        "gaps": sum(len(row.unknown) for row in rows),
        "most": selectors.LARGEST,
        "today": today,
    }
