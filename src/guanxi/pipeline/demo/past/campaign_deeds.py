"""What people did in campaigns of the story: whom customers brought (老带新), and why two campaigns were halted.

Through the rooms' own services, on the days they tell of. Newcomers' numbers are of a range that belongs to nobody
here; some of them are customers by now, as the ledger has it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from guanxi.crm.campaigns import referring, services
from guanxi.crm.campaigns.models import Campaign, Recipient, Referral, State
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.campaigns.referring import Newcomer
from guanxi.crm.leads.models import Lead
from guanxi.crm.leads.night import work_leads
from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Staff
from guanxi.pipeline.campaign_referrals import settle_referrals
from guanxi.pipeline.demo.past._campaign_cast import USING, people_of, ten
from guanxi.pipeline.demo.past.campaign_kinds import HALTED, PAUSED, REFERRAL
from guanxi.pipeline.demo.past.leads import Story

FIRST_NUMBER = 17000000700
WHY_STOPPED = "客户反映收益演示不易看懂，话术退回修订，另行报批。"


@dataclass(frozen=True)
class Coming:
    """A newcomer: name, brought how many days ago, by the customer's own link or handed in, a customer by now."""

    name: str
    ago: int
    by_link: bool = False
    became: bool = False


COMING = (
    Coming("陶建华", 34, became=True),
    Coming("殷秀珍", 34, became=True),
    Coming("杜志明", 33, by_link=True, became=True),
    Coming("彭丽", 26),
    Coming("潘国强", 20, by_link=True),
    Coming("葛晓燕", 13),
    Coming("姜海波", 8, by_link=True),
    Coming("金文英", 5),
    Coming("史春来", 2, by_link=True),
)

# Customers since then, the fullest accounts first: whom the ledger shows to have come.
_SINCE = """
SELECT p.name, c.token, c.masked FROM customers_party AS p
JOIN customers_contactpoint AS c ON c.party_id = p.id AND c.kind = 'mobile'
JOIN customers_holding AS h ON h.party_id = p.id AND h.role = 'holder' AND h.family <> 'loan' AND h.opened_on >= %(day)s
WHERE p.kind = 'person' AND p.state = 'active' AND p.merged_into_id IS NULL AND p.since >= %(day)s
  AND c.token <> ALL(%(taken)s)
GROUP BY p.id, p.name, c.token, c.masked ORDER BY SUM(h.balance_base_fen) DESC, p.customer_no LIMIT %(most)s
"""


def tell(*, today: date) -> int:
    """Newcomers, a pause and a stop; rows written, 0 when they are told, or their campaigns are not there."""
    people = people_of(today)
    referral = Campaign.objects.using(USING).filter(name=REFERRAL, state=State.RUNNING).first()
    if people is None or referral is None or Referral.objects.using(USING).exists():
        return 0
    _halted(people[1], today)
    brought = _brought(referral, today)
    settle_referrals(referral, Plan.read(referral.plan), campaign_policy(today), today)
    return brought + 2


def _halted(boss: Staff, today: date) -> None:
    """One paused, one stopped for good: by somebody before whom all of its tasks lie."""
    for campaign in Campaign.objects.filter(name__in=HALTED, state=State.RUNNING):
        day = today - timedelta(days=HALTED[campaign.name])
        with acting_as(boss, today=day):
            if campaign.name == PAUSED:
                services.pause(by=boss, campaign=campaign, today=day, now=ten(day))
            else:
                services.stop(by=boss, campaign=campaign, today=day, now=ten(day), note=WHY_STOPPED)


@transaction.atomic  # the services write as the app, whose transaction this is: all of it or nothing
def _brought(campaign: Campaign, today: date) -> int:
    """Newcomers of treated customers; some are customers since. How many were brought."""
    story = Story(today, {}, random.Random("referrals"))  # noqa: S311  # a made-up bank, the same each time
    with within_the_bank():
        rows = Recipient.objects.filter(campaign=campaign.pk, keeper__is_active=True).order_by("party")
        treated = list(rows.select_related("campaign", "party", "unit", "keeper")[: 3 * len(COMING) : 3])
    came: list[Lead] = []
    made = 0
    for number, (one, recipient) in enumerate(zip(COMING, treated, strict=False)):
        referral = _bring(story, one, recipient, str(FIRST_NUMBER + number))
        made += referral is not None
        if referral is not None and one.became:
            came.append(referral.lead)
    if came:
        _became(came, today - timedelta(days=max(one.ago for one in COMING)))
        work_leads(today=today, now=ten(today))
    return made


def _bring(story: Story, one: Coming, by: Recipient, contact: str) -> Referral | None:
    day = story.day(one.ago)
    newcomer = Newcomer(one.name, contact, agreed=True)
    if one.by_link:
        return referring.follow(by, newcomer, today=day, now=ten(day))
    assert isinstance(by.keeper, Staff)
    return story.do(by.keeper, day, referring.hand_in, by, newcomer)


def _became(leads: Sequence[Lead], since: date) -> None:
    """Let these newcomers be people who became customers since: the night then finds them by their numbers."""
    with within_the_bank(), connection.cursor() as cursor:
        taken = list(Lead.objects.values_list("contact_token", flat=True))
        cursor.execute(_SINCE, {"day": since, "taken": taken, "most": len(leads)})
        for lead, (name, number, shown) in zip(leads, cursor.fetchall(), strict=False):
            found = {"name": name, "contact_token": number, "contact_masked": shown}
            Lead.objects.filter(pk=lead.pk).update(**found)
