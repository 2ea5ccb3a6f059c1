"""Reads of key people, who of ours knows them, and sponsors. Each asks for a reach; row security is behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Exists, Max, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404

from guanxi.crm.customers.models import Party, PartyKind, Relation
from guanxi.crm.customers.selectors import numbers_of, parties_by_id, within
from guanxi.crm.customers.traces import nothing_in
from guanxi.crm.interactions.models import Contact
from guanxi.crm.interactions.policy import known_policy
from guanxi.crm.organisation.models import Staff, UnitScope
from guanxi.crm.organisation.rules import ROLE_RULES, Reach, Right
from guanxi.crm.organisation.selectors import posts_on
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.visits.models import Acquaintance, KeyPerson, Sponsor
from guanxi.crm.visits.people import rules

COMPANIES = (PartyKind.COMPANY, PartyKind.GOVERNMENT, PartyKind.INTERBANK)
LARGEST = 100
KNOWING = [role for role, rule in ROLE_RULES.items() if Right.LOG_CONTACTS in rule.rights]
SPONSORING = [role for role, rule in ROLE_RULES.items() if Right.CONFIRM_PLANS in rule.rights]
Row = TypeVar("Row", KeyPerson, Acquaintance)
Last = Mapping[tuple[int, int], date]
"""The last day each of ours (first) reached each customer (second)."""


def people_of(reach: Reach, party: Party) -> list[KeyPerson]:
    """The key people of a customer within reach with who of ours knows them, the closest first; two queries."""
    if not reach.covers(party.unit_id, party.keeper_id) or nothing_in(party, KeyPerson):
        return []
    rows = KeyPerson.objects.filter(party__in=numbers_of(party), left_on=None).order_by("pk")
    return list(rows.prefetch_related(_known()))


def _known() -> "Prefetch[str]":
    rows = Acquaintance.objects.filter(ended_on=None).select_related("staff").order_by("-bond", "pk")
    return Prefetch("known_to", rows, to_attr="knowing")


def knowing(person: KeyPerson) -> list[Acquaintance]:
    """Who of ours knows a person of `people_of`."""
    return list(person.knowing)  # type: ignore[attr-defined]  # `people_of` has read them


def gaps(reach: Reach, party: Party) -> list[KeyPerson]:
    """The key people of a customer, each with `is_known`: whether anybody of ours knows them; one query."""
    if nothing_in(party, KeyPerson) or not reach.covers(party.unit_id, party.keeper_id):
        return []
    known = Acquaintance.objects.filter(person=OuterRef("pk"), ended_on=None)
    rows = KeyPerson.objects.filter(party__in=numbers_of(party), left_on=None)
    return list(rows.annotate(is_known=Exists(known)).order_by("pk"))


def sponsor_of(reach: Reach, party: Party) -> Sponsor | None:
    """The executive sponsor of a customer within reach."""
    if not reach.covers(party.unit_id, party.keeper_id):
        return None
    return Sponsor.objects.filter(party=party, ended_on=None).select_related("staff").first()


def last_contacts(staff: Iterable[int], parties: Iterable[int], today: date) -> Last:
    """When each of these colleagues last reached each of these customers, by the contact log; one query."""
    rule = known_policy(today)
    reached = [one.outcome for one in rule.outcomes if one.reached] if rule else []
    rows = Contact.objects.filter(staff__in=list(staff), party__in=list(parties), outcome__in=reached)
    found = rows.order_by().values_list("staff", "party").annotate(last=Max("day"))
    return {(who, whom): day for who, whom, day in found if who is not None}


def related(reach: Reach, party: Party) -> dict[int, Party]:
    """The persons within reach who are related to a customer on the bank's records, employees left out."""
    rows = Relation.objects.filter(valid_to=None).exclude(kind="employee")
    keys = {row.party_id for row in rows.filter(other=party)} | {
        row.other_id for row in rows.filter(party=party)
    }
    people = parties_by_id(reach, keys) if keys else {}
    return {key: one for key, one in people.items() if one.kind not in COMPANIES}


def of_ours(party: Party, today: date) -> QuerySet[Staff]:
    """Who of the bank may know a customer's people: of its outlet and the units above, who speak with customers."""
    return _posted(party, today, KNOWING)


def may_sponsor(party: Party, today: date) -> QuerySet[Staff]:
    """Who may be a customer's sponsor: heads of its outlet and of the units above."""
    return _posted(party, today, SPONSORING)


def roles_of(staff: Iterable[int], today: date) -> dict[int, str]:
    """What each of these people is, in words, and where."""
    rows = posts_on(today).filter(staff__in=list(staff))
    return {post.staff_id: f"{post.unit.name} {post.get_role_display()}" for post in rows}


def person_or_404(reach: Reach, number: int) -> KeyPerson:
    """A key person, still one, of a customer within reach; otherwise as not there at all."""
    rows = KeyPerson.objects.select_related("party", "party__unit", "linked")
    return _covered(reach, rows.filter(pk=number, left_on=None).first())


def known_or_404(reach: Reach, number: int) -> Acquaintance:
    """An acquaintance of a customer within reach; otherwise as not there at all."""
    return _covered(reach, Acquaintance.objects.select_related("party").filter(pk=number).first())


@dataclass(frozen=True)
class Company:
    """A large customer in the list: its deposits and loans in fen, its people, of these unknown to all of us, its
    sponsor, when contact is due."""

    score: PartyScore
    business_fen: int
    people: int
    unknown: Sequence[KeyPerson]
    sponsor: Sponsor | None
    last: date | None
    due: date | None


def companies(reach: Reach, today: date) -> list[Company]:
    """The largest companies within reach by deposits and loans (companies have no AUM), those whose sponsor's contact
    is overdue first; five queries."""
    rows = within(PartyScore.objects.filter(party__kind__in=COMPANIES, party__state="active"), reach)
    large = list(
        rows.select_related("party", "unit")
        .defer("details")
        .annotate(business_fen=Coalesce("deposits_fen", 0) + Coalesce("loans_fen", 0))
        .order_by("-business_fen", "party")[:LARGEST]
    )
    keys = [score.party_id for score in large]
    known = Acquaintance.objects.filter(person=OuterRef("pk"), ended_on=None)
    people: dict[int, list[KeyPerson]] = {}
    for one in (
        KeyPerson.objects.filter(party__in=keys, left_on=None).annotate(is_known=Exists(known)).order_by("pk")
    ):
        people.setdefault(one.party_id, []).append(one)
    named = Sponsor.objects.filter(party__in=keys, ended_on=None).select_related("staff")
    sponsors = {row.party_id: row for row in named}
    lasts = last_contacts({row.staff_id for row in sponsors.values()}, keys, today)
    made = [
        _company(score, people.get(score.party_id, []), sponsors.get(score.party_id), lasts)
        for score in large
    ]
    return sorted(made, key=lambda one: not (one.due and one.due < today))


def _company(score: PartyScore, people: list[KeyPerson], sponsor: Sponsor | None, lasts: Last) -> Company:
    last = lasts.get((sponsor.staff_id, score.party_id)) if sponsor else None
    due = rules.due_on(last, sponsor.since_on, sponsor.every_days) if sponsor else None
    unknown = [one for one in people if not one.is_known]  # type: ignore[attr-defined]  # annotated
    business = score.business_fen  # type: ignore[attr-defined]  # annotated
    return Company(score, business, len(people), unknown, sponsor, last, due)


def _posted(party: Party, today: date, roles: list[str]) -> QuerySet[Staff]:
    above = UnitScope.objects.filter(member=party.unit_id).values_list("unit", flat=True)
    posts = posts_on(today, units=above).filter(role__in=roles)
    return Staff.objects.filter(is_active=True, pk__in=posts.order_by().values("staff"))


def _covered(reach: Reach, found: Row | None) -> Row:
    if found is None or not reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found
