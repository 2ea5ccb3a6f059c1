"""The demo bank's past of campaigns: told once, groups by chance, outcomes from the ledger."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from guanxi.crm import testing
from guanxi.crm.campaigns.drawing import draw_key, global_control
from guanxi.crm.campaigns.models import Assignment, Campaign, Recipient, Referral, State
from guanxi.crm.campaigns.plan import Plan, problems
from guanxi.crm.campaigns.policy import campaign_policy, effect_policy
from guanxi.crm.customers.models import Consent, ContactPoint, Holding, Party
from guanxi.crm.effects.models import FirstOffer
from guanxi.crm.leads.tests.flow import a_number, give_number
from guanxi.crm.messaging.models import Heard, Message, Volume
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.worklist.models import Task
from guanxi.pipeline.demo.past import (
    _campaign_cast,
    campaign_deeds,
    campaign_kinds,
    campaign_messages,
    campaigns,
    first_offers,
    messaging,
    trials,
)
from guanxi.pipeline.demo.trials import SEASON

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY


@pytest.fixture(autouse=True)
def _bank(db: None) -> Iterator[None]:  # noqa: ARG001  # transactions are open before
    """Sixty customers with time deposits, one connection for people and night."""
    app, night = connections["default"], connections["pipeline"]
    connections["default"], night.alias = night, "default"
    try:
        testing.make_policies("campaign", "effect", "suitability", "interaction", "worklist")
        people, run = testing.make_people(), testing.make_run()
        testing.make_staff("analyst", people.bank)
        testing.make_staff("supervisor", people.bank)
        begun = SEASON[0].began(TODAY)
        for number in range(60):
            party = testing.make_party(people.outlet, keeper=people.alice, name=f"储户{number}")
            testing.make_score(party, run, aum_fen=20_000_000)
            for account, opened, matures in (
                ("old", TODAY - timedelta(days=400), TODAY + timedelta(days=10)),
                ("new", begun + timedelta(days=10 if number % 3 == 0 else -150), None),
            ):
                Holding.objects.create(
                    party=party, account_no=f"{account}{number}", family="time", currency="CNY", opened_on=opened,
                    matures_on=matures, balance_base_fen=1_000_000,
                )  # fmt: skip
        yield
    finally:
        connections["default"], night.alias = app, "pipeline"


def test_four_campaigns_are_told_once_with_their_groups_and_what_the_ledger_shows():
    assert campaigns.tell(today=TODAY) > 0
    assert campaigns.tell(today=TODAY) == 0
    states = sorted(Campaign.objects.values_list("state", flat=True))
    assert states == sorted([State.DRAFT, State.SUBMITTED, State.RUNNING, State.ENDED])
    ended = Campaign.objects.get(state=State.ENDED)
    held = set(Assignment.objects.filter(campaign=ended, arm="control").values_list("party_id", flat=True))
    treated = list(Recipient.objects.filter(campaign=ended))
    assert len(held) + len(treated) == 60
    assert 0 < len(held) < 20
    assert not held & {row.party_id for row in treated}
    assert 0 < sum(row.bought_on is not None for row in treated) < len(treated)
    assert all(row.bought_on >= row.entered_on for row in treated if row.bought_on)
    assert not Task.objects.filter(party__in=held, subject__startswith=f"campaign:{ended.uuid}").exists()


def test_what_waits_could_be_handed_in_as_it_is():
    campaigns.tell(today=TODAY)
    waiting = Campaign.objects.get(state=State.SUBMITTED)
    plan = Plan.read(waiting.plan)
    assert plan.content_hash() == waiting.content_hash
    assert problems(plan, campaign_policy(TODAY), effect_policy(TODAY), TODAY) == {}


def may_be_texted() -> None:
    testing.make_policies("contact", "tier")
    testing.make_staff("compliance", Party.objects.first().unit)
    for party in Party.objects.all():
        ContactPoint.objects.create(party=party, kind="mobile", token=f"t{party.pk}", masked="138****0000")
        Consent.objects.create(
            party=party, purpose="marketing", channel="sms", agreed=True, given_on=TODAY - timedelta(days=300)
        )


def test_messages_of_today_go_by_the_steps_and_whoever_refused_is_not_called():
    may_be_texted()
    assert campaign_messages.tell(today=TODAY) == 0  # nothing to stand on yet
    campaigns.tell(today=TODAY)
    Recipient.objects.filter(campaign__state=State.RUNNING).delete()
    messaging.tell(today=TODAY)
    assert campaign_messages.tell(today=TODAY) > 0
    assert campaign_messages.tell(today=TODAY) == 0
    going = Campaign.objects.get(name=campaign_messages.RUNNING)
    sent = Message.objects.filter(ref=str(going.uuid))
    assert set(sent.values_list("party_id", flat=True)) == set(
        Recipient.objects.filter(campaign=going).values_list("party_id", flat=True)
    )
    today = [one for one in sent if timezone.localdate(one.planned_at) == TODAY]
    assert {"planned", "delivered"} <= {one.state for one in today}
    submitted = sum(one.submitted_at is not None for one in sent)
    assert Volume.objects.get(ref=str(going.uuid)).submitted == submitted
    silent = set(Task.objects.filter(subject=f"campaign:{going.uuid}:3").values_list("party_id", flat=True))
    said = Heard.objects.filter(asks="stop", at__date__gte=going.launched_on)
    refused = set(said.values_list("party_id", flat=True))
    answered = set(
        Recipient.objects.filter(campaign=going, replied_on__isnull=False).values_list("party_id", flat=True)
    )
    before = Heard.objects.filter(asks="stop", at__date__lt=going.launched_on).values("party")
    assert set(sent.filter(party__in=before).values_list("state", flat=True)) <= {"refused", "planned"}
    assert silent
    assert not silent & (refused | answered)


def test_no_campaign_of_the_story_has_anybody_of_the_global_control(monkeypatch, settings, tmp_path):
    settings.GUANXI_BANK_HOME = tmp_path
    may_be_texted()
    savers = Party.objects.filter(name__startswith="储户")
    savers.update(keeper=None, since=TODAY - timedelta(days=500))
    half = replace(effect_policy(TODAY), global_share=Decimal("0.5"))
    monkeypatch.setattr(_campaign_cast, "effect_policy", lambda _day: half)
    for room in (campaigns, messaging, campaign_messages, trials):
        assert room.tell(today=TODAY) > 0
    texted = Campaign.objects.filter(steps__kind="message").distinct()
    assert texted.count() == 3
    in_global = global_control(draw_key(), half, TODAY)
    left_out = {key for key in Party.objects.values_list("pk", flat=True) if in_global(key)}
    assert left_out
    for campaign in texted:
        drawn = set(Assignment.objects.filter(campaign=campaign).values_list("party_id", flat=True))
        assert drawn
        assert not drawn & left_out
        assert campaign.counts["dropped"]["global_control"] > 0


def test_customers_bring_newcomers_and_two_campaigns_are_halted_by_somebody_who_may(settings, tmp_path):
    settings.GUANXI_BANK_HOME = tmp_path
    testing.make_policies("lead", "access", "contact")
    Party.objects.update(since=TODAY - timedelta(days=900))
    came = testing.make_party(Party.objects.first().unit, name="新来的", since=TODAY - timedelta(days=20))
    give_number(came, a_number())
    Holding.objects.create(
        party=came, account_no="came", family="demand", currency="CNY", opened_on=TODAY - timedelta(days=20),
        balance_base_fen=2_000_000,
    )  # fmt: skip
    assert campaign_kinds.tell(today=TODAY) == 0  # nothing to stand on yet
    campaigns.tell(today=TODAY)
    for room in (campaign_kinds, campaign_deeds):
        assert room.tell(today=TODAY) > 0
        assert room.tell(today=TODAY) == 0
    told = Campaign.objects.get(name=campaign_kinds.REFERRAL)
    brought = Referral.objects.filter(campaign=told)
    treated = set(Recipient.objects.filter(campaign=told).values_list("party_id", flat=True))
    assert {one.party_id for one in brought} <= treated
    assert {one.noted_by_id is None for one in brought} == {True, False}
    (rewarded,) = brought.exclude(rewarded_on=None)
    assert (rewarded.brought_id, rewarded.qualified_fen) == (came.pk, 2_000_000)
    paused = Campaign.objects.get(name=campaign_kinds.PAUSED)
    assert (paused.state, paused.events.latest("pk").verb) == (State.PAUSED, "paused")
    assert Task.objects.filter(subject__startswith=f"campaign:{paused.uuid}:", state="open").exists()


def test_first_offers_of_the_story_are_mostly_by_worth_and_never_of_what_was_held():
    parties = list(Party.objects.order_by("pk"))
    for party in parties:
        PartyNeed.objects.create(party=party, age_band="30-40", area="urban", tier_rank=2)
    for family, rate in (("time", 0.9), ("cd", 0.2), ("fund", 0.1)):
        PeerNeed.objects.create(
            age_band="30-40", area="urban", tier_rank=2, family=family, exposed=100, takers=int(rate * 100), rate=rate
        )  # fmt: skip
    Party.objects.update(since=TODAY - timedelta(days=900))
    assert first_offers.tell(today=TODAY) == FirstOffer.objects.count() == len(parties)
    assert first_offers.tell(today=TODAY) == 0
    told = list(FirstOffer.objects.values_list("family", "by_chance", "party__name"))
    # Alice's first customer held nothing; the others held time deposits.
    assert {family for family, by_chance, name in told if not by_chance and name.startswith("储户")} == {"cd"}
    assert 0 <= sum(by_chance for _family, by_chance, _name in told) < len(told) // 4
