"""Campaigns go on night by night: begun once, drawn once, each step once; the held-out get nothing at all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connections

from guanxi.crm import testing
from guanxi.crm.behaviour.models import Batch, Event
from guanxi.crm.campaigns import audience, drawing, pictures, services
from guanxi.crm.campaigns.audience import Found, audience_of
from guanxi.crm.campaigns.forms import AudienceForm
from guanxi.crm.campaigns.models import Assignment, Campaign, Recipient, State, StepDone
from guanxi.crm.campaigns.plan import Plan, StepPlan, WavePlan
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.interactions.models import Contact
from guanxi.crm.leads.models import Opportunity
from guanxi.crm.messaging import filling, wording
from guanxi.crm.messaging.models import Heard, Message, TemplateVersion
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.tokens import make_token
from guanxi.crm.scores.models import FigureProof
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.worklist.models import Task
from guanxi.pipeline import campaigning
from guanxi.pipeline.campaigning import work_campaigns

pytestmark = pytest.mark.django_db(databases=["default", "pipeline"])
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)


@pytest.fixture
def bank(db: None, settings, tmp_path, monkeypatch) -> Iterator["Bank"]:  # noqa: ARG001  # transactions are open before
    """A bank of 60 customers whose night and people write through one connection: the pipeline's.

    Every tenth customer is held out: with a draw of 60, some runs would have nobody in the control group.
    """
    settings.GUANXI_BANK_HOME = tmp_path
    monkeypatch.setattr(drawing, "bucket", lambda _key, _salt, unit: int(unit.partition(":")[2]) % 10 * 1_000)
    app, night_s = connections["default"], connections["pipeline"]
    connections["default"], night_s.alias = night_s, "default"
    try:
        yield Bank()
    finally:
        connections["default"], night_s.alias = app, "pipeline"


class Bank:
    """Alice keeps 60 customers; Ann makes a campaign, the supervisor approves it."""

    def __init__(self) -> None:
        testing.make_policies(
            "campaign",
            "effect",
            "suitability",
            "interaction",
            "worklist",
            "tier",
            "contact",
            "behaviour_event",
        )
        self.people = testing.make_people()
        self.analyst = testing.make_staff("analyst", self.people.bank, name="Ann")
        self.boss = testing.make_staff("supervisor", self.people.bank, name="Sue")
        run = testing.make_run()
        FigureProof.objects.create(
            run=run, metric="deposits", figure=Decimal("5000000.00"), source=Decimal("5000000.00"), within=0,
            is_proven=True,
        )  # fmt: skip
        Product.objects.create(product_code="T1", name="一年定期", family="time")
        self.parties = [
            testing.make_party(self.people.outlet, keeper=self.people.alice, name=f"客户{number}")
            for number in range(60)
        ]
        for party in self.parties:
            testing.make_score(party, run, aum_fen=30_000_000)

    def plan(self, **more) -> Plan:
        told = Plan(
            name="定期到期承接", metric="deposits", family="time", target=Decimal(1000000), hoped=Decimal("0.2"),
            segment="a", products=("T1",), offer="到期转存礼遇", starts_on=str(TODAY),
            ends_on=str(TODAY + timedelta(days=30)), budget=Decimal(1000),
            steps=(StepPlan("task", script="问资金用途"),),
        )  # fmt: skip
        return replace(told, **more)

    def approved(self, plan: Plan) -> Campaign:
        told = {"today": TODAY, "now": NOW}
        made = services.draw_up(by=self.analyst, plan=plan, **told)
        version = services.submit(by=self.analyst, campaign=made, outlook={"eligible": 60}, **told)
        services.approve(by=self.boss, campaign=made, content_hash=version.content_hash, **told)
        return Campaign.objects.get(pk=made.pk)


def night(monkeypatch, bank: Bank, day: date = TODAY, parties: list[Party] | None = None):
    keys = [party.pk for party in (bank.parties if parties is None else parties)]
    monkeypatch.setattr(campaigning, "audience_of", lambda *_told: Found(keys, {}))
    return work_campaigns(today=day, now=NOW + (day - TODAY))


def logged(party: Party, day: date, family: str = "") -> None:
    Contact.objects.create(
        party=party, unit=party.unit, keeper_id=party.keeper_id, author_name="Alice", channel="call",
        at=NOW, day=day, outcome="reached_interested", intent_family=family, client_key=uuid4(), logged_at=NOW,
    )  # fmt: skip


def test_the_treated_get_one_task_each_and_the_held_out_nothing(bank, monkeypatch):
    campaign = bank.approved(bank.plan())
    assert night(monkeypatch, bank).begun == 1
    arms = Counter(Assignment.objects.values_list("arm", flat=True))
    assert set(arms) == {"control", "treated"}
    assert sum(arms.values()) == 60
    held = set(Assignment.objects.filter(arm="control").values_list("party_id", flat=True))
    treated = set(Recipient.objects.values_list("party_id", flat=True))
    assert treated.isdisjoint(held)
    assert len(treated) == arms["treated"]
    assert set(Task.objects.values_list("party_id", flat=True)) == treated
    assert set(StepDone.objects.values_list("party_id", flat=True)) == treated
    assert Task.objects.first().reason["code"] == "campaign"
    assert Assignment.objects.filter(exposed_on=TODAY).count() == len(treated)
    campaign.refresh_from_db()
    assert campaign.state == State.RUNNING
    assert campaign.counts["treated"] == len(treated)

    # the same night again changes nothing, nor does a second day without news
    for day in (TODAY, TODAY + timedelta(days=1)):
        assert night(monkeypatch, bank, day).rows == 0
    assert Task.objects.count() == len(treated)


def test_a_step_of_leads_gives_each_keeper_a_deal_once_worth_what_lies_there(bank, monkeypatch):
    testing.make_policies("lead")
    bank.approved(bank.plan(steps=(StepPlan("lead"),)))
    done = night(monkeypatch, bank)
    treated = set(Recipient.objects.values_list("party_id", flat=True))
    deals = Opportunity.objects.all()
    assert done.leads == len(treated)
    assert {deal.party_id for deal in deals} == treated
    assert {(deal.owner, deal.family, deal.amount_fen, deal.outcome) for deal in deals} == {
        (bank.people.alice, "time", 30_000_000, "")
    }
    assert night(monkeypatch, bank).rows == 0
    assert not Task.objects.exists()


def test_no_answer_in_five_days_makes_a_second_task_only_for_the_silent(bank, monkeypatch):
    steps = (StepPlan("task"), StepPlan("task", after_days=5, condition="no_contact"))
    bank.approved(bank.plan(steps=steps))
    night(monkeypatch, bank)
    treated = list(Recipient.objects.order_by("party_id"))
    logged(Party.objects.get(pk=treated[0].party_id), TODAY + timedelta(days=1))
    assert night(monkeypatch, bank, TODAY + timedelta(days=4)).tasks == 0
    assert night(monkeypatch, bank, TODAY + timedelta(days=5)).tasks == len(treated) - 1
    assert StepDone.objects.get(step=2, party_id=treated[0].party_id).outcome == "passed_over"
    assert night(monkeypatch, bank, TODAY + timedelta(days=5)).tasks == 0


def test_a_purchase_counts_from_the_ledger_and_a_talk_with_a_held_out_customer_is_noted(bank, monkeypatch):
    bank.approved(bank.plan())
    night(monkeypatch, bank)
    bought = Recipient.objects.order_by("party_id")[0]
    held = Assignment.objects.filter(arm="control").order_by("party_id")[0]
    day = TODAY + timedelta(days=3)
    Holding.objects.create(
        party_id=bought.party_id, account_no="N1", family="time", currency="CNY", opened_on=day,
        balance_base_fen=9_000_00,
    )  # fmt: skip
    Holding.objects.create(
        party_id=bought.party_id, account_no="N0", family="time", currency="CNY", opened_on=TODAY - timedelta(days=9),
        balance_base_fen=5_000_00,
    )  # fmt: skip
    logged(Party.objects.get(pk=held.party_id), day, family="time")
    night(monkeypatch, bank, day + timedelta(days=1))
    bought.refresh_from_db()
    held.refresh_from_db()
    assert (bought.bought_on, bought.bought_fen) == (day, 9_000_00)
    assert held.contaminated_on == day
    assert held.arm == "control"  # the read-out keeps everybody where the draw put them


def test_waves_let_parts_in_and_two_messages_are_tried_against_each_other(bank, monkeypatch):
    waves = (WavePlan(0, Decimal("0.5")), WavePlan(7, Decimal("0.5")))
    steps = (StepPlan("message", channel="sms", templates=(11, 12)),)
    bank.approved(bank.plan(waves=waves, steps=steps))
    first = night(monkeypatch, bank)
    assert 0 < first.entered < 60
    assert first.messages == first.entered
    assert night(monkeypatch, bank, TODAY + timedelta(days=6)).entered == 0
    night(monkeypatch, bank, TODAY + timedelta(days=7))
    assert Assignment.objects.count() == 60
    assert set(Assignment.objects.values_list("arm", flat=True)) == {"control", "a", "b"}
    by_arm = dict(Assignment.objects.values_list("party_id", "arm"))
    for message in Message.objects.all():
        assert message.template_version == {"a": 11, "b": 12}[by_arm[message.party_id]]
    assert Message.objects.count() == Recipient.objects.count()


def test_a_campaign_that_was_paused_or_is_over_takes_no_step(bank, monkeypatch):
    steps = (StepPlan("task"), StepPlan("task", after_days=1))
    campaign = bank.approved(bank.plan(steps=steps, ends_on=str(TODAY + timedelta(days=3))))
    night(monkeypatch, bank)
    told = {"by": bank.boss, "campaign": campaign, "today": TODAY, "now": NOW}
    services.pause(**told)
    assert night(monkeypatch, bank, TODAY + timedelta(days=2)).rows == 0
    services.resume(**told)
    assert night(monkeypatch, bank, TODAY + timedelta(days=2)).tasks > 0
    assert night(monkeypatch, bank, TODAY + timedelta(days=4)).ended == 1
    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_on) == (State.ENDED, TODAY + timedelta(days=4))


def test_a_failure_in_the_middle_leaves_nothing_half(bank, monkeypatch):
    bank.approved(bank.plan())
    monkeypatch.setattr(campaigning, "take_steps", lambda *_told: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        night(monkeypatch, bank)
    assert Assignment.objects.count() == Recipient.objects.count() == Task.objects.count() == 0
    assert Campaign.objects.get().state == State.APPROVED


# --- what customers answer


def sent(*parties: int) -> None:
    """The campaign's messages to them went out two hours after the night."""
    at = NOW + timedelta(hours=2)
    Message.objects.filter(party_id__in=parties).update(state="accepted", submitted_at=at, accepted_at=at)


def wrote(party: int, after: timedelta, asks: str = "talk", channel: str = "sms") -> None:
    Heard.objects.create(
        party_id=party,
        channel=channel,
        token=f"t{party}",
        text="好的",
        at=NOW + after,
        heard_at=NOW + after,
        asks=asks,
    )


def tasks_of(step: int) -> set[int]:
    return set(Task.objects.filter(subject__endswith=f":{step}").values_list("party_id", flat=True))


def test_who_answered_is_called_and_who_is_silent_is_reminded_and_who_refused_is_left_alone(
    bank, monkeypatch
):
    steps = (
        StepPlan("message", channel="sms", templates=(11,)),
        StepPlan("task", after_days=3, condition="no_reply"),
        StepPlan("task", after_days=3, condition="replied"),
    )
    bank.approved(bank.plan(steps=steps))
    night(monkeypatch, bank)
    treated = list(Recipient.objects.order_by("party_id").values_list("party_id", flat=True))
    answered, before, elsewhere, refused, unsent, late, *_silent = treated
    held = Assignment.objects.filter(arm="control").values_list("party_id", flat=True)[0]
    sent(*(party for party in treated if party != unsent))
    wrote(answered, timedelta(hours=15, minutes=30))  # past midnight in Shanghai
    wrote(answered, timedelta(days=2))
    wrote(before, timedelta(hours=1))  # an answer to something else
    wrote(elsewhere, timedelta(days=1), channel="email")
    wrote(refused, timedelta(days=1), asks="stop")
    wrote(unsent, timedelta(days=1))
    wrote(held, timedelta(days=1))
    night(monkeypatch, bank, TODAY + timedelta(days=3))
    replied = Recipient.objects.exclude(replied_on=None).values_list("party_id", "replied_on")
    assert dict(replied) == {answered: TODAY + timedelta(days=1), refused: TODAY + timedelta(days=1)}
    assert tasks_of(2) == set(treated) - {answered, refused}
    assert tasks_of(3) == {answered}

    # an answer may come later, and somebody who refused may come back
    wrote(late, timedelta(days=3, hours=5))
    wrote(refused, timedelta(days=4), asks="start")
    night(monkeypatch, bank, TODAY + timedelta(days=5))
    assert tasks_of(3) == {answered, late, refused}
    assert night(monkeypatch, bank, TODAY + timedelta(days=5)).rows == 0


# --- what customers do online


def did(bank: Bank, parties: list[Party], kind: str, added: datetime | None) -> None:
    """Events added to the counts at that instant; None: not yet."""
    token, _text = make_token(name=str(uuid4())[:8], staff=bank.boss, scopes=[], now=NOW)
    number = len(parties)
    batch = Batch.objects.create(
        token=token, taken_at=NOW, came=number, new=number, known=0, waiting=0, refused=0, rolled_at=added
    )
    Event.objects.bulk_create(
        Event(
            key=uuid4(), batch=batch, party=party, kind=kind, source="mobile", at=NOW, day=TODAY,
            properties={"product": "W07"},
        )
        for party in parties
    )  # fmt: skip


def online(bank: Bank, kind: str) -> Plan:
    return bank.plan(segment="", trigger=f"event:{kind}")


def test_a_purchase_left_half_way_online_sets_the_campaign_off_once(bank, monkeypatch):
    monkeypatch.setattr(audience, "facts_for", lambda _reach: SimpleNamespace(as_of=TODAY, columns=()))
    left, viewed, old, waiting, later = (bank.parties[at : at + 12] for at in range(0, 60, 12))
    did(bank, left, "purchase_abandoned", NOW - timedelta(hours=1))
    did(bank, viewed, "product_viewed", NOW - timedelta(hours=1))
    did(bank, old, "purchase_abandoned", NOW - timedelta(days=4))
    did(bank, waiting, "purchase_abandoned", None)
    bank.approved(online(bank, "purchase_abandoned"))
    first = work_campaigns(today=TODAY, now=NOW)
    drawn = set(Assignment.objects.values_list("party_id", flat=True))
    assert drawn == {party.pk for party in left}
    assert first.entered == first.tasks == Recipient.objects.count()
    assert {row.trigger["product"] for row in Recipient.objects.all()} == {"W07"}

    # the next night: again by the same people, and by others for the first time
    did(bank, [*left, *later], "purchase_abandoned", NOW + timedelta(hours=3))
    work_campaigns(today=TODAY + timedelta(days=1), now=NOW + timedelta(days=1))
    assert set(Assignment.objects.values_list("party_id", flat=True)) == drawn | {one.pk for one in later}
    assert Task.objects.count() == Recipient.objects.count()


def test_events_kept_for_service_set_no_campaign_off(bank, monkeypatch):
    monkeypatch.setattr(audience, "facts_for", lambda _reach: SimpleNamespace(as_of=TODAY, columns=()))
    did(bank, bank.parties, "card_lost_viewed", NOW - timedelta(hours=1))
    with acting_as(bank.analyst, today=TODAY) as reach:
        options = pictures.options(reach, "audience", TODAY)
        for kind, fits in (("product_viewed", True), ("card_lost_viewed", False), ("logged_in", False)):
            form = AudienceForm({"segment": "", "trigger": f"event:{kind}"}, choices=options)
            assert form.is_valid() is fits
        found = audience_of(online(bank, "card_lost_viewed"), reach, campaign_policy(TODAY), TODAY)
    assert (found.problem, list(found.parties)) == ("no_event", [])
    bank.approved(online(bank, "card_lost_viewed"))
    assert work_campaigns(today=TODAY, now=NOW).entered == 0


# --- from the approved text to the outbox, and stopped


def approved_text(bank: Bank) -> TemplateVersion:
    checker = testing.make_staff("compliance", bank.people.bank, name="合规")
    text = "【江城农商银行】尊敬的{name}，您的{product}即将到期，请到{branch}办理。拒收请回复R"
    english = "【江城农商银行】Dear {name}, {product} matures soon. 拒收请回复R"
    about = wording.About("due", "到期提醒", "sms", "marketing", "maturity")
    made = wording.make_template(
        by=bank.analyst,
        about=about,
        texts={"zh": {"text": text}, "en": {"text": english}},
        today=TODAY,
        now=NOW,
    )
    version = wording.propose(by=bank.analyst, version=made, today=TODAY)
    return wording.approve(
        by=checker, version=version, content_hash=version.content_hash, today=TODAY, now=NOW
    )


def test_messages_are_queued_for_the_treated_alone_once_and_stopping_stops_what_is_not_sent(
    bank, monkeypatch
):
    version = approved_text(bank)
    steps = (
        StepPlan("message", channel="sms", templates=(version.pk,)),
        StepPlan("message", after_days=2, channel="sms", templates=(version.pk,)),
    )
    campaign = bank.approved(bank.plan(steps=steps))
    worked = night(monkeypatch, bank)
    treated = set(Recipient.objects.values_list("party_id", flat=True))
    held = set(Assignment.objects.filter(arm="control").values_list("party_id", flat=True))
    assert held
    messages = list(Message.objects.order_by("party_id"))
    assert [one.party_id for one in messages] == sorted(treated)
    assert worked.messages == len(treated)
    assert {(one.state, one.ref, one.purpose) for one in messages} == {
        ("planned", str(campaign.uuid), "marketing")
    }
    one = filling.recipients([messages[0].party_id])[messages[0].party_id]
    text = filling.fill(version, one, messages[0].fields, tiers=tier_names(TODAY), until=TODAY).text
    assert "一年定期" in text
    assert night(monkeypatch, bank).rows == 0
    assert Message.objects.count() == len(treated)

    gone = messages[0].party_id
    sent(gone)
    services.stop(by=bank.boss, campaign=campaign, note="产品停售", today=TODAY, now=NOW + timedelta(hours=3))
    states = dict(Message.objects.values_list("party_id", "state"))
    assert states == {party: "accepted" if party == gone else "stopped" for party in treated}
    assert night(monkeypatch, bank, TODAY + timedelta(days=2)).rows == 0
    assert Message.objects.count() == len(treated)


def test_the_global_control_is_in_no_campaign_for_customers_nobody_keeps(bank, monkeypatch):
    Party.objects.filter(pk__in=[party.pk for party in bank.parties[:40]]).update(keeper=None)
    half = replace(campaigning.effect_policy(TODAY), global_share=Decimal("0.5"))
    monkeypatch.setattr(campaigning, "effect_policy", lambda _day: half)
    in_global = drawing.global_control(drawing.draw_key(), half, TODAY)
    campaign = bank.approved(bank.plan(steps=(StepPlan("message", channel="sms", templates=(1,)),)))
    monkeypatch.setattr(campaigning, "take_steps", lambda *_told: Counter())
    night(monkeypatch, bank)
    entered = set(Assignment.objects.filter(campaign=campaign).values_list("party_id", flat=True))
    untouched = {party.pk for party in bank.parties[:40] if in_global(party.pk)}
    assert untouched
    assert entered == {party.pk for party in bank.parties} - untouched
    assert Campaign.objects.get(pk=campaign.pk).counts["dropped"] == {"global_control": len(untouched)}
