"""Key people of the larger companies, who of the bank knows them, and the heads who keep in touch from above.

The legal representative is who the bank's records say; other names are made up. Some heads of finance are known to
nobody, some sponsors are late: a banker finds the gaps that the map is for.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.customers.models import Party, Relation
from guanxi.crm.interactions.models import Channel, Contact
from guanxi.crm.organisation.models import Post, Role, Staff, UnitScope
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.visits.models import (
    Acquaintance,
    Attitude,
    Bond,
    KeyPerson,
    KeyPost,
    Sponsor,
    Through,
    Weight,
)
from guanxi.crm.visits.policy import visit_policy
from guanxi.crm.worklist.models import Task

COMPANIES, SPONSORED = 60, 25
SURNAMES, GIVEN = (
    "陈沈顾陆周吴钱徐朱潘蒋许",
    ("建明", "国华", "志强", "晓燕", "丽萍", "海峰", "文斌", "雪芳", "永康", "敏"),
)
OTHERS = (
    (KeyPost.CHAIR, Weight.DECIDES, 0.35),
    (KeyPost.MANAGER, Weight.DECIDES, 0.8),
    (KeyPost.FINANCE, Weight.ADVISES, 0.9),
    (KeyPost.ACCOUNTANT, Weight.CARRIES_OUT, 0.4),
)
KNOWN = {
    KeyPost.LEGAL: 0.9,
    KeyPost.CHAIR: 0.6,
    KeyPost.MANAGER: 0.8,
    KeyPost.FINANCE: 0.55,
    KeyPost.ACCOUNTANT: 0.85,
}
ATTITUDES = (Attitude.SUPPORTS, Attitude.SUPPORTS, Attitude.NEUTRAL, Attitude.RESERVED, Attitude.UNKNOWN)
SAID = (
    "与董事长面谈，介绍行内供应链融资额度；企业明年扩产，约定年后带方案再谈。",
    "走访企业，听取对结算服务的意见，代发薪系统对接问题已请科技条线跟进。",
    "春节前高层走访，企业表示明年存款归行不减，希望利率给予支持。",
)


def tell(*, today: date) -> int:
    """The maps of the largest companies; rows written, 0 when told before."""
    if KeyPerson.objects.using("pipeline").exists():
        return 0
    scores = list(
        PartyScore.objects.using("pipeline")
        .filter(party__kind="company", party__state="active", party__keeper__isnull=False)
        .order_by("-aum_fen", "party")
        .select_related("party")
        .defer("details")[:COMPANIES]
    )
    heads, people = _heads(today), list(_people([score.party for score in scores], today))
    KeyPerson.objects.using("pipeline").bulk_create(people)
    known = list(_known(people, heads, today))
    Acquaintance.objects.using("pipeline").bulk_create(known)
    return len(people) + len(known) + _sponsors(scores[:SPONSORED], heads, today)


def _chance(party: Party) -> random.Random:
    return random.Random(f"key people {party.customer_no}")  # noqa: S311  # a made-up bank, the same each time


def _heads(today: date) -> dict[int, list[Staff]]:
    """The heads of each unit and of the units above it, the nearest first."""
    rows = Post.objects.using("pipeline").filter(
        role__in=(Role.OUTLET_HEAD, Role.SUPERVISOR), valid_to=None, valid_from__lte=today
    )
    by_unit: dict[int, list[Staff]] = {}
    for post in rows.select_related("staff").order_by("staff__staff_no"):
        by_unit.setdefault(post.unit_id, []).append(post.staff)
    found: dict[int, list[Staff]] = {}
    for scope in UnitScope.objects.using("pipeline").order_by("member", "depth"):
        found.setdefault(scope.member_id, []).extend(by_unit.get(scope.unit_id, []))
    return found


def _people(parties: Sequence[Party], today: date) -> Iterator[KeyPerson]:
    rows = Relation.objects.using("pipeline").filter(kind__in=("legal_person", "owner"), other__in=parties)
    on_record = {row.other_id: row.party for row in rows.select_related("party").order_by("-kind", "-pk")}
    for party in parties:
        assert party.keeper_id is not None  # only kept customers are asked for
        chance, taken = _chance(party), set()
        legal = on_record.get(party.pk)
        others = [(post, weight) for post, weight, share in OTHERS if chance.random() < share]
        for post, weight in [(KeyPost.LEGAL, Weight.DECIDES), *others]:
            linked = legal if post == KeyPost.LEGAL else None
            name = linked.name if linked else chance.choice(SURNAMES) + chance.choice(GIVEN)
            if name in taken:
                continue
            taken.add(name)
            yield KeyPerson(
                party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, linked=linked, name=name, post=post,
                weight=weight, attitude=chance.choice(ATTITUDES), noted_by_id=party.keeper_id,
                noted_on=today - timedelta(days=chance.randint(20, 300)),
            )  # fmt: skip


def _known(people: list[KeyPerson], heads: dict[int, list[Staff]], today: date) -> Iterator[Acquaintance]:
    """The keeper knows most; a head knows who decides, more often than who carries out."""
    for person in people:
        chance = random.Random(f"knows {person.party_id} {person.post}")  # noqa: S311
        if chance.random() >= KNOWN[KeyPost(person.post)]:
            continue
        assert person.keeper_id is not None  # as above
        above = [one.pk for one in heads.get(person.unit_id, [])]
        wanted = [person.keeper_id] if chance.random() < 0.8 or not above else []
        if above and (not wanted or (person.weight == Weight.DECIDES and chance.random() < 0.6)):
            wanted.append(chance.choice(above))
        for staff in dict.fromkeys(wanted):
            yield Acquaintance(
                person=person, party_id=person.party_id, unit_id=person.unit_id, keeper_id=person.keeper_id,
                staff_id=staff, bond=chance.choice((Bond.MET, Bond.KNOWS, Bond.KNOWS, Bond.TRUSTED)),
                through=chance.choice((Through.WORK, Through.WORK, Through.REFERRED, Through.EVENT, Through.HOME)),
                since_year=today.year - chance.randint(1, 9), noted_by_id=person.keeper_id, noted_on=person.noted_on,
            )  # fmt: skip


def _sponsors(scores: Sequence[PartyScore], heads: dict[int, list[Staff]], today: date) -> int:
    """A sponsor for most of the largest; two in three were in touch in time, and an overdue one has a task."""
    every = visit_policy(today).sponsor_days
    sponsors, contacts, late = [], [], []
    for score in scores:
        chance, above = _chance(score.party), heads.get(score.unit_id, [])
        if not above or chance.random() < 0.2:
            continue
        since = today - timedelta(days=every + chance.randint(5, 50))
        copies = {"party_id": score.party_id, "unit_id": score.unit_id, "keeper_id": score.keeper_id}
        sponsor = Sponsor(
            staff=chance.choice(above[:3]), every_days=every, since_on=since, named_by=above[0], **copies
        )
        sponsors.append(sponsor)
        if chance.random() < 0.66:
            contacts.append(_contact(sponsor, chance, today))
        else:
            late.append((sponsor, score.aum_fen or 0))
    Sponsor.objects.using("pipeline").bulk_create(sponsors)
    Contact.objects.using("pipeline").bulk_create(contacts)
    tasks = [_task(sponsor, fen, today) for sponsor, fen in late]
    Task.objects.using("pipeline").bulk_create(tasks)
    return len(sponsors) + len(contacts) + len(tasks)


def _contact(sponsor: Sponsor, chance: random.Random, today: date) -> Contact:
    day = today - timedelta(days=chance.randint(3, sponsor.every_days - 10))
    at = timezone.make_aware(datetime.combine(day, time(10, chance.randrange(60))))
    return Contact(
        party_id=sponsor.party_id, unit_id=sponsor.unit_id, keeper_id=sponsor.keeper_id, staff=sponsor.staff,
        author_name=sponsor.staff.name, channel=Channel.VISIT, at=at, day=day, outcome="met_interested",
        note=chance.choice(SAID), logged_at=at + timedelta(hours=2),
        client_key=uuid.uuid5(uuid.NAMESPACE_OID, f"sponsor {sponsor.party_id} {day}"),
    )  # fmt: skip


def _task(sponsor: Sponsor, fen: int, today: date) -> Task:
    """As the night opens it."""
    return Task(
        party_id=sponsor.party_id, unit_id=sponsor.unit_id, keeper_id=sponsor.keeper_id, assignee=sponsor.staff,
        origin="visit", subject=f"sponsor:{sponsor.pk}:{sponsor.since_on}", opened_on=today, value_fen=fen,
        due_on=sponsor.since_on + timedelta(days=sponsor.every_days), urgency=0,
        reason={"code": "sponsor_first", "days": sponsor.every_days, "day_on": None},
    )  # fmt: skip
