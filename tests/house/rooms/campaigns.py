"""A running campaign of the customer's outlet, with the customer treated."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from guanxi.crm import testing
from guanxi.crm.campaigns.models import Campaign, CampaignVersion, Recipient, State
from guanxi.crm.campaigns.plan import Plan, StepPlan
from guanxi.crm.campaigns.referring import link_of
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`campaign`: made by a head of the customer's outlet who is none of the people asking; `campaign_brings` one in
    which the customer (`campaign_referrer`) brings others, by `campaign_link`."""
    testing.make_policies("campaign", "effect", "suitability", "worklist")
    plan = Plan(
        name="定期到期承接", metric="deposits", family="time", target=Decimal(1000000), hoped=Decimal("0.05"),
        baseline=Decimal(5000000), baseline_day="2026-10-31", trigger="maturity", offer="到期转存礼遇",
        steps=(StepPlan("task", script="问资金用途"),), starts_on=str(testing.TODAY),
        ends_on=str(testing.TODAY + timedelta(days=30)), budget=Decimal(1000), horizon_days=60,
        holdout_share=Decimal("0.1"), managed_holdout_share=Decimal("0.1"),
    )  # fmt: skip
    with testing.everything():
        owner = testing.make_staff("outlet_head", party.unit, name="活动负责人")
        campaign = Campaign.objects.create(
            name=plan.name, owner=owner, unit=party.unit, plan=plan.payload(), content_hash=plan.content_hash(),
            metric=plan.metric, measure=plan.measure, family=plan.family, state=State.RUNNING,
            launched_on=testing.TODAY, starts_on=testing.TODAY, ends_on=testing.TODAY + timedelta(days=30),
            counts={"audience": 9, "eligible": 8, "treated": 7, "dropped": {"no_keeper": 1}}, made_at=NOON,
            changed_at=NOON,
        )  # fmt: skip
        CampaignVersion.objects.create(
            campaign=campaign, number=1, plan=campaign.plan, content_hash=campaign.content_hash, state="approved",
            submitted_by=owner, submitted_at=NOON, decided_by=keeper, decided_at=NOON,
            outlook={"audience": 9, "eligible": 8, "held_out": 1, "messages": 0, "tasks": 7, "cost_fen": 4200,
                     "clash": {}, "sight": "", "minutes": 42, "capacity": 72, "overloaded": 0, "managers": 1},
        )  # fmt: skip
        Recipient.objects.create(
            campaign=campaign, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, wave=1,
            entered_on=testing.TODAY,
        )  # fmt: skip
        brings = Campaign.objects.create(
            name="老带新", kind="referral", owner=owner, unit=party.unit, plan={"reward": "200 积分"}, content_hash="r",
            state=State.RUNNING, launched_on=testing.TODAY, starts_on=testing.TODAY,
            ends_on=testing.TODAY + timedelta(days=30), made_at=NOON, changed_at=NOON,
        )  # fmt: skip
        referrer = Recipient.objects.create(
            campaign=brings, party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, wave=1,
            entered_on=testing.TODAY,
        )  # fmt: skip
    told = {"campaign": campaign.uuid, "campaign_brings": brings.uuid, "campaign_referrer": referrer.pk}
    return told | {"campaign_link": link_of(referrer)}
