"""The demo bank's leads of the last ten weeks: handed in by everybody, published, worked, some lost, some come back.

They go through the room's own services on the days they tell of, so that tasks, trail and histories are whole. Numbers
are of a range that belongs to nobody here (1700000xxxx), and so found among no customers.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from guanxi.crm.customers.models import Party
from guanxi.crm.leads import opportunities, rosters, services, web_form
from guanxi.crm.leads.acting import Acting
from guanxi.crm.leads.arriving import Arrival, Draft, arrive
from guanxi.crm.leads.models import Lead, Opportunity, Origin
from guanxi.crm.leads.night import work_leads
from guanxi.crm.leads.program import within_the_bank, within_units
from guanxi.crm.leads.rules import Feedback
from guanxi.crm.leads.services import StepDraft
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Post, Staff, Unit
from guanxi.insight.workdays import add_workdays
from guanxi.pipeline.demo.past import _lead_texts as texts

Done = TypeVar("Done")
Told = ParamSpec("Told")
FIRST_NUMBER, WAN = 17000000000, 1_000_000
# What becomes of the leads that colleagues hand in, one after another: how far each comes, handed in how many days ago.
FATES = (
    *(("won", 62), ("converting", 40), ("lost", 50), ("returned", 45), ("converting", 30), ("won", 58)),
    *(("fed_back", 9), ("repair", 9), ("claimed", 6), ("dropped", 20), ("converting", 21), ("claimed", 5)),
    *(("published", 8), ("published", 5), ("published", 4), ("repair", 8), ("lost", 25), ("claimed", 3)),
    *(
        ("published", 3),
        ("collected", 2),
        ("collected", 1),
        ("collected", 1),
        ("published", 6),
        ("fed_back", 8),
    ),
)
KNOWS = {
    "relationship_manager": ("trade", "catering"),
    "corporate_manager": ("manufacture", "building", "logistics"),
}
_RECENT = """
SELECT p.name, c.token, c.masked FROM customers_party AS p
JOIN customers_contactpoint AS c ON c.party_id = p.id AND c.kind = 'mobile'
WHERE p.kind = 'person' AND p.state = 'active' AND p.since >= %s AND p.merged_into_id IS NULL
  AND (SELECT SUM(h.balance_base_fen + h.in_transit_base_fen) FROM customers_holding AS h
       WHERE h.party_id = p.id AND h.role = 'holder' AND h.in_aum AND h.state = 'open') >= %s
ORDER BY p.customer_no, c.id LIMIT 20
"""


@dataclass
class Story:
    """The day it is told on, the bank's people by role, the dice, and how many leads were told of."""

    today: date
    people: dict[str, list[Post]]
    chance: random.Random
    told: int = 0
    before: datetime | None = None  # when the last deed was done: what follows it that day is later

    def draft(self) -> Draft:
        """The next person or firm."""
        turn, at = divmod(self.told, len(texts.WHO))
        kind, name, industry, note, worth = texts.WHO[at]
        name = texts.renamed(kind, name, turn)
        self.told += 1
        return Draft(
            kind, name, str(FIRST_NUMBER + self.told), industry, note, worth * WAN, agreed=self.told % 3 > 0
        )

    def day(self, ago: int) -> date:
        """The working day that began so many days ago or soonest after, today at the latest."""
        return min(add_workdays(self.today - timedelta(days=ago + 1), 1), self.today)

    def do(
        self,
        who: Staff,
        day: date,
        deed: Callable[Concatenate[Acting, Told], Done],
        *told: Told.args,
        **more: Told.kwargs,
    ) -> Done:
        """A deed of somebody on a day."""
        at = timezone.make_aware(
            datetime.combine(day, time(9 + self.chance.randrange(8), self.chance.randrange(60)))
        )
        if self.before is not None and self.before.date() == at.date():
            at = max(at, self.before + timedelta(minutes=7))
        self.before = at
        with acting_as(who, today=day) as reach:
            return deed(Acting(who, reach, day, at), *told, **more)

    def one(self, role: str, unit: Unit | None = None) -> Staff:
        """Somebody of this role, of that outlet where it has one."""
        posts = self.people[role]
        near = [post for post in posts if unit is not None and post.unit_id == unit.pk]
        return self.chance.choice(near or posts).staff


@transaction.atomic  # the services write as the app, whose transaction this is: all of it or nothing
def tell(*, today: date) -> int:
    """Leads, lists, a web form and opportunities as of `today`; rows written, 0 when there are leads already."""
    if Lead.objects.using("pipeline").exists():
        return 0
    people: dict[str, list[Post]] = {}
    held = Post.objects.filter(
        valid_from__lte=today - timedelta(days=90), valid_to=None, staff__is_active=True
    )
    for post in held.select_related("staff", "unit").order_by("unit__unit_no", "staff__staff_no"):
        people.setdefault(post.role, []).append(post)
    if not {"outlet_head", "teller", "relationship_manager"} <= people.keys():
        return 0
    story = Story(today, people, random.Random("leads"))  # noqa: S311  # a made-up bank, the same each time
    _industries(story)
    for number, (fate, ago) in enumerate(FATES):
        _lead(story, people["outlet_head"][number % len(people["outlet_head"])], fate, ago)
    _list(story)
    _form(story)
    _opportunities(story)
    work_leads(today=today, now=timezone.make_aware(datetime.combine(today, time(2))))
    with within_the_bank():
        return Lead.objects.count() + Opportunity.objects.count()


def _industries(story: Story) -> None:
    for head in story.people["outlet_head"]:
        for role, codes in KNOWS.items():
            for post in story.people.get(role, ()):
                if post.unit_id == head.unit_id:
                    story.do(
                        head.staff,
                        story.day(80),
                        services.set_specialisms,
                        post.staff,
                        codes,
                    )


def _lead(story: Story, head: Post, fate: str, ago: int) -> None:
    """One lead from a colleague of the head's outlet, as far as its fate goes; each step some days after the other."""
    role = story.chance.choices(("teller", "lobby", "other", "relationship_manager"), (5, 2, 2, 1))[0]
    finder = story.one(role if role in story.people else "teller", head.unit)
    day = story.day(ago)
    lead = story.do(finder, day, services.hand_in, story.draft(), unit=head.unit)
    if fate == "collected":
        return
    day = min(story.day(ago - 1), story.today)
    if fate == "dropped":
        story.do(head.staff, day, services.drop, lead, reason="门店已停业")
        return
    story.do(head.staff, day, services.publish, [lead])
    if fate != "published":
        _worked(story, head, lead, fate, ago - 2)


def _worked(story: Story, head: Post, lead: Lead, fate: str, ago: int) -> None:
    kind = "corporate_manager" if lead.kind == "company" else "relationship_manager"
    owner = story.one(kind if kind in story.people else "relationship_manager", head.unit)
    day = story.day(max(ago, 0))
    story.do(owner, day, services.claim, lead)
    if fate == "claimed":
        return
    if fate == "returned":
        later = day + timedelta(days=5)
        story.do(owner, later, services.give_back, lead, reason="客户住在别的网点附近")
        return
    day = min(day + timedelta(days=2), story.today)
    story.do(
        owner,
        day,
        services.contact,
        lead,
        reached=True,
        interested=fate != "lost",
        note="已电话联系",
    )
    if fate == "lost":
        story.do(
            owner,
            day,
            services.lose,
            lead,
            reason=story.chance.choice(("other_bank", "no_need")),
        )
        return
    decides, informs, operates = story.chance.choice(texts.PERSONS)
    said = Feedback(
        True, story.chance.choice(texts.RESOURCES), decides, informs, "" if fate == "repair" else operates
    )
    story.do(owner, day, services.feed_back, lead, said)
    if fate in ("converting", "won"):
        _converting(story, lead, owner, said, day + timedelta(days=2), won=fate == "won")


def _converting(story: Story, lead: Lead, owner: Staff, said: Feedback, day: date, *, won: bool) -> None:
    whom = (said.decides, said.operates, said.informs)
    steps = [
        StepDraft(name, what, owner, day + timedelta(days=7 * number))
        for number, (name, what) in enumerate(zip(whom, texts.STEPS, strict=True), start=1)
    ]
    begun = story.do(owner, day, services.convert, lead, steps, expectation="三个月内开户，办理代发与结算")
    with acting_as(owner, today=day):
        done = list(begun.steps.order_by("due_on")[: None if won else 1])
    for number, step in enumerate(done, start=1):
        on = min(day + timedelta(days=6 * number), story.today)
        story.do(owner, on, services.finish_step, step)
    if won:
        _became(story, lead)


def _became(story: Story, lead: Lead) -> None:
    """Let the lead's person be a customer who came since: the night then finds the deal in the ledger."""
    with within_the_bank(), connection.cursor() as cursor:
        taken = set(Lead.objects.values_list("contact_token", flat=True))
        cursor.execute(_RECENT, [story.today - timedelta(days=150), 100_000])
        for name, number, shown in cursor.fetchall():
            if number not in taken:
                found = {"name": name, "kind": "person", "contact_token": number, "contact_masked": shown}
                Lead.objects.filter(pk=lead.pk).update(**found)
                return


def _list(story: Story) -> None:
    """A chamber of commerce's list, three weeks old, part of it published; one line of it was no number."""
    head = story.people["outlet_head"][0]
    drafts = [story.draft() for _ in range(8)]
    lines = [rosters.Line(number, draft) for number, draft in enumerate(drafts, start=2)]
    lines.append(rosters.Line(len(lines) + 2, None))
    day = story.day(18)
    batch = story.do(
        head.staff,
        day,
        rosters.bring,
        name="平江商会会员名单",
        origin=Origin.PARTNER,
        unit=head.unit,
        lines=lines,
    )
    with acting_as(head.staff, today=day):
        found = list(Lead.objects.filter(batch=batch).order_by("pk")[:5])
    story.do(head.staff, story.day(16), services.publish, found)
    owner = story.one("relationship_manager", head.unit)
    for lead in found[:2]:
        story.do(owner, story.day(5), services.claim, lead)


def _form(story: Story) -> None:
    """The bank's web site, and two people who left their number there."""
    maker = story.people.get("administrator")
    unit = story.people["outlet_head"][0].unit
    if not maker:
        return
    day = story.day(30)
    source, _token = story.do(maker[0].staff, day, web_form.make_source, name="官网预约开户", unit=unit)
    for ago in (2, 1):
        on = story.day(ago)
        with within_units([unit.pk]):
            at = timezone.make_aware(datetime.combine(on, time(20, 15)))
            arrive([story.draft()], Arrival(Origin.WEB, unit, None, on, at, source=source))


def _opportunities(story: Story) -> None:
    """Deals in the making with customers that managers keep, and two that have ended."""
    owners = story.people["relationship_manager"]
    deals = [(*one, "") for one in texts.DEALS for _ in range(2)] + [
        (title, family, amount, outcome, reason) for title, family, amount, outcome, reason in texts.ENDED
    ]
    for number, (title, family, amount, stage, reason) in enumerate(deals):
        post = owners[number % len(owners)]
        day = story.day(20 - number)
        with acting_as(post.staff, today=day):
            party = (
                Party.objects.filter(keeper=post.staff, state="active")
                .order_by("customer_no")[number:]
                .first()
            )
        if party is None:
            continue
        deal = opportunities.Deal(
            title,
            family,
            amount * WAN,
            story.today + timedelta(days=9 + 5 * number if number % 5 else -3 + 20),
        )
        made = story.do(post.staff, day, opportunities.open_opportunity, deal, party=party)
        if reason:
            story.do(
                post.staff,
                story.day(2),
                opportunities.close,
                made,
                outcome=stage,
                reason=reason,
            )
        else:
            story.do(post.staff, day, opportunities.move, made, stage=stage)
