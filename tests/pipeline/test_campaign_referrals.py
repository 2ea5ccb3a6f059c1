"""Member gets member: a newcomer is a lead with a referrer; who is known does not count; the ledger rewards once."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client

from guanxi.crm import testing
from guanxi.crm.campaigns import referring
from guanxi.crm.campaigns.models import Campaign, Recipient, Referral, State
from guanxi.crm.campaigns.plan import Plan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.campaigns.referring import Newcomer
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.leads.models import Lead
from guanxi.crm.leads.tests.flow import NOW, a_number, acts, give_number
from guanxi.pipeline.campaign_referrals import settle_referrals

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def bank(db: None, settings, tmp_path) -> Iterator["Bank"]:  # noqa: ARG001  # transactions are open before
    """Two customers of Alice's in a running campaign; people and night write through one connection."""
    settings.GUANXI_BANK_HOME = tmp_path
    app, night = connections["default"], connections["pipeline"]
    connections["default"], night.alias = night, "default"
    try:
        yield Bank()
    finally:
        connections["default"], night.alias = app, "pipeline"


class Bank:
    """The campaign, its plan, and both referrers."""

    def __init__(self) -> None:
        testing.make_policies("campaign", "lead", "access", "worklist")
        self.people = testing.make_people()
        self.plan = Plan(
            name="老友荐新", kind="referral", reward="200 积分", starts_on=str(TODAY), ends_on=str(LATER)
        )
        self.campaign = Campaign.objects.create(
            name=self.plan.name, kind="referral", owner=self.people.head, unit=self.people.outlet,
            plan=self.plan.payload(), content_hash=self.plan.content_hash(), state=State.RUNNING, launched_on=TODAY,
            starts_on=TODAY, ends_on=LATER, made_at=NOW, changed_at=NOW,
        )  # fmt: skip
        self.first, self.second = (self.referrer(name) for name in ("陈老客", "林老客"))

    def referrer(self, name: str) -> Recipient:
        party = testing.make_party(self.people.outlet, keeper=self.people.alice, name=name)
        return Recipient.objects.create(
            campaign=self.campaign,
            party=party,
            unit=party.unit,
            keeper=party.keeper,
            wave=1,
            entered_on=TODAY,
        )

    def brings(self, by: Recipient, contact: str, *, agreed: bool = True) -> Referral | None:
        with acts(self.people.alice) as acting:
            return referring.hand_in(acting, by, Newcomer("方新", contact, agreed))

    def becomes(self, referral: Referral, *, since: date = TODAY, fen: int = 0) -> Party:
        """The newcomer is a customer with an account, and the lead is won."""
        party = testing.make_party(self.people.outlet, keeper=self.people.alice, name="方新", since=since)
        Lead.objects.filter(pk=referral.lead_id).update(
            state="won", party=party, owner=self.people.alice, protected_until=None
        )
        Holding.objects.create(
            party=party, account_no=f"N{referral.pk}", family="demand", currency="CNY", opened_on=TODAY,
            balance_base_fen=fen,
        )  # fmt: skip
        return party

    def night(self, day: date = LATER) -> int:
        return settle_referrals(self.campaign, self.plan, campaign_policy(day), day)


def test_a_newcomer_is_a_lead_of_the_manager_and_is_rewarded_once_when_the_ledger_says_so(bank) -> None:
    made = bank.brings(bank.first, a_number())
    assert made is not None
    assert (made.lead.handed_by, made.lead.unit) == (bank.people.alice, bank.people.outlet)
    assert "老友荐新" in made.lead.note
    party = bank.becomes(made, fen=999_999)
    assert bank.night() == 0  # a cent short
    Holding.objects.filter(party=party).update(balance_base_fen=1_000_000)
    assert (bank.night(), bank.night()) == (1, 0)
    made.refresh_from_db()
    assert (made.brought, made.reward, made.rewarded_on, made.qualified_fen) == (
        party,
        "200 积分",
        LATER,
        1_000_000,
    )
    with acts(bank.people.alice) as acting:
        assert referring.brought_in(acting.reach, bank.campaign) == referring.Brought(1, 1, 1, 1_000_000)


def test_nobody_brings_a_customer_or_himself_or_somebody_brought_before(bank) -> None:
    own, known, new = a_number(), a_number(), a_number()
    give_number(bank.first.party, own)
    give_number(testing.make_party(bank.people.outlet, keeper=bank.people.bob), known)
    assert bank.brings(bank.first, own) is None
    assert bank.brings(bank.first, known) is None
    assert bank.brings(bank.first, new) is not None
    assert bank.brings(bank.second, new) is None
    assert Referral.objects.count() == 1
    with pytest.raises(ValidationError):
        bank.brings(bank.first, a_number(), agreed=False)


def test_who_was_a_customer_before_is_no_newcomer_and_one_brought_by_two_rewards_the_first(bank) -> None:
    old = bank.brings(bank.first, a_number())
    bank.becomes(old, since=TODAY - timedelta(days=1), fen=9_000_000)
    one, two = bank.brings(bank.first, a_number()), bank.brings(bank.second, a_number())
    party = bank.becomes(one, fen=9_000_000)
    Lead.objects.filter(pk=two.lead_id).update(state="won", party=party, owner=bank.people.alice)
    assert bank.night() == 1
    assert list(Referral.objects.filter(rewarded_on__isnull=False)) == [one]
    assert bank.night(LATER + timedelta(days=1)) == 0


def test_a_customer_brings_no_more_than_the_policy_says_and_only_while_it_runs(bank, monkeypatch) -> None:
    assert bank.brings(bank.first, a_number()) is not None
    policy = campaign_policy(TODAY)
    monkeypatch.setattr(
        referring, "campaign_policy", lambda _day: type(policy)(**vars(policy) | {"referral_most": 1})
    )
    with pytest.raises(ValidationError):
        bank.brings(bank.first, a_number())
    Campaign.objects.update(state=State.PAUSED)
    with pytest.raises(ValidationError):
        bank.brings(bank.second, a_number())
    assert referring.referrer_by(referring.link_of(bank.second), TODAY) is None


def test_the_customers_own_link_says_the_same_to_a_newcomer_and_to_a_customer(bank) -> None:
    known = a_number()
    give_number(testing.make_party(bank.people.outlet, keeper=bank.people.bob), known)
    guest, address = Client(), f"/campaigns/r/{referring.link_of(bank.second)}"
    assert "陈老客" not in guest.get(address).text
    told = [{"name": "方新", "contact": number, "agreed": "on"} for number in (a_number(), known)]
    said = {re.sub('value="[^"]*"', "", guest.post(address, one, follow=True).text) for one in told}
    assert len(said) == 1
    made = Referral.objects.get()
    assert (made.party, made.noted_by, made.lead.origin) == (bank.second.party, None, "web")
    assert guest.get(address[:-1] + "x").status_code == 404
