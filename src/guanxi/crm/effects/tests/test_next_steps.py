"""下一步建议 on a customer's page: what is allowed first, then what is worth most; chance tries, and is kept once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.customers.models import Holding
from guanxi.crm.effects import first_offers, next_list, next_steps
from guanxi.crm.effects.models import FirstOffer
from guanxi.crm.effects.next_list import Room
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.scores.models import PartyNeed, PeerNeed
from guanxi.crm.worklist.models import Task
from guanxi.crm.worklist.services import open_task
from guanxi.crm.worklist.words import sentence
from guanxi.insight.contact.decision import Verdict

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def need(family: str, *, own: int | None = None, chance: str | None = "0.2") -> dict[str, Any]:
    return {
        "family": family, "product_name": f"{family}产品", "product_grade": "free", "customer_grade": "none",
        "professional": False, "answer": "suitable", "own_amount_fen": own, "own_reason": "idle" if own else "",
        "own_day": None, "chance": chance,
    }  # fmt: skip


@pytest.fixture
def bench(settings, monkeypatch):
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    testing.make_policies("effect", "campaign", "suitability", "interaction", "access")
    people = testing.make_people()
    with testing.everything():
        PartyNeed.objects.create(
            party=people.customer, age_band="30-40", area="urban", tier_rank=2,
            needs=[need("time", own=30_000_000), need("cd"), need("fund", chance=None)],
        )  # fmt: skip
        PeerNeed.objects.create(
            age_band="30-40", area="urban", tier_rank=2, family="fund", exposed=1_000, takers=1, rate=0.001
        )
    monkeypatch.setattr(next_steps, "draw_key", lambda: b"key")
    monkeypatch.setattr(
        next_steps, "budget", lambda *_a, **_k: {"contact_verdict": MAY, "contact_why": "可以联系"}
    )
    policy = next_steps.effect_policy(testing.TODAY)
    monkeypatch.setattr(next_steps, "effect_policy", lambda _day: replace(policy, exploration=Decimal(0)))
    return people, monkeypatch, policy


MAY, NO = Verdict(True, "ok"), Verdict(False, "refused")


def told(people: testing.People) -> dict[str, Any]:
    with acting_as(people.alice, today=testing.TODAY) as reach:
        return next_steps.panel(reach, people.customer, now=NOON, today=testing.TODAY)


def test_the_worthiest_comes_first_and_what_is_not_worth_the_call_is_left_out(bench) -> None:
    people, _, _ = bench
    steps = told(people)["steps"]
    # 0.2 x 300,000 x 1.2 % - 6 minutes of 60 yuan an hour; 0.2 x 10,000 x 1.2 % - 6; one in a thousand is worth nothing
    assert [(one.offer, one.worth_fen) for one in steps] == [("定期存款", 71_400), ("大额存单", 1_800)]
    assert "活期闲置 30" in steps[0].reasons[0]


def test_whom_the_gate_stops_gets_no_offer_and_the_reason_stands_there(bench) -> None:
    people, monkeypatch, _ = bench
    refused = {"contact_verdict": Verdict(False, "refused"), "contact_why": "客户拒绝"}
    monkeypatch.setattr(next_steps, "budget", lambda *_a, **_k: refused)
    assert told(people) == {"steps": [], "why": "暂不推荐：客户拒绝"}
    monkeypatch.setattr(next_steps, "budget", lambda *_a, **_k: {"contact_verdict": None, "contact_why": ""})
    assert told(people)["steps"] == []


def test_the_matter_of_a_running_campaign_is_left_to_it_whoever_is_in_it(bench) -> None:
    people, _, _ = bench
    with testing.everything():
        Campaign.objects.create(
            name="到期承接", owner=people.alice, unit=people.outlet, content_hash="h", state=State.RUNNING,
            launched_on=testing.TODAY, made_at=NOON, changed_at=NOON, family="time",
        )  # fmt: skip
    assert [one.offer for one in told(people)["steps"]] == ["大额存单"]


def test_what_stands_first_is_kept_once_a_month_and_what_chance_tried_is_marked(bench) -> None:
    people, monkeypatch, policy = bench
    assert not told(people)["steps"][0].explored
    monkeypatch.setattr(next_steps, "effect_policy", lambda _day: replace(policy, exploration=Decimal(1)))
    first, again = told(people), told(people)
    assert first == again
    assert first["steps"][0].explored
    with testing.everything():
        kept = FirstOffer.objects.get()  # the month's first, which was not by chance
        assert (kept.party_id, kept.month, kept.family, kept.by_chance) == (
            people.customer.pk, testing.TODAY.replace(day=1), "time", False,
        )  # fmt: skip
        kept.delete()
    told(people)
    with testing.everything():
        assert FirstOffer.objects.get().by_chance


def test_the_panel_is_for_who_sees_the_customer(bench) -> None:
    people, _, _ = bench
    address = f"/effects/next/{people.customer.uuid}"
    text = testing.client_of(people.alice).get(address).content.decode()
    assert "定期存款" in text
    assert testing.client_of(people.charlie).get(address).status_code == 404


def listed(people: testing.People) -> next_list.NextList:
    with acting_as(people.alice, today=testing.TODAY) as reach:
        return next_list.next_list(reach, now=NOON, today=testing.TODAY)


def test_the_list_holds_what_the_minutes_hold_the_worthiest_and_the_tried_first(bench) -> None:
    people, monkeypatch, _ = bench
    testing.make_policies("worklist")
    others = [testing.make_party(people.outlet, keeper=people.alice, name=f"客户{n}") for n in range(4)]
    of_bob = testing.make_party(people.outlet, keeper=people.bob)
    run = testing.make_run()
    with testing.everything():
        for number, party in enumerate([*others, of_bob], start=1):
            testing.make_score(party, run)
            PartyNeed.objects.create(
                party=party, age_band="30-40", area="urban", tier_rank=2, needs=[need("time", own=number * 9_000_000)]
            )  # fmt: skip
    refused = others[3]
    monkeypatch.setattr(
        next_list,
        "may_contact",
        lambda *, parties, **_: {one: NO if one == refused.pk else MAY for one in parties},
    )
    monkeypatch.setattr(next_list, "_room", lambda *_told: Room(33, 20, 9))  # two of six minutes
    found = listed(people)
    assert [party.name for party, _one in found.lines] == [people.customer.name, "客户2"]
    assert (found.used, found.beyond, dict(found.stopped)) == (12, 2, {"refused": 1})
    with testing.everything():
        shown = {party.pk for party, _one in (*found.lines, *found.later)}
        assert {one.party_id for one in FirstOffer.objects.all()} == shown
        assert len(shown) == 4


def put(who, *customers) -> next_list.PutOn:
    with acting_as(who, today=testing.TODAY) as reach:
        return next_list.put_on_today(
            by=who, reach=reach, customers={str(one.uuid) for one in customers}, now=NOON, today=testing.TODAY
        )


@pytest.fixture
def day(bench):
    """Alice's day with policy of work, the gate open for all, and a customer of Bob's with an offer too."""
    people, monkeypatch, _ = bench
    testing.make_policies("worklist")
    of_bob = testing.make_party(people.outlet, keeper=people.bob)
    with testing.everything():
        PartyNeed.objects.create(
            party=of_bob, age_band="30-40", area="urban", tier_rank=2, needs=[need("time", own=9_000_000)]
        )
    monkeypatch.setattr(next_list, "may_contact", lambda *, parties, **_: dict.fromkeys(parties, MAY))
    return people, of_bob


def test_offers_put_on_today_are_tasks_once_audited_and_only_of_ones_own_book(day) -> None:
    people, of_bob = day
    assert put(people.alice, people.customer, of_bob) == next_list.PutOn(1, 0, 1)
    assert put(people.alice, people.customer) == next_list.PutOn(0, 1, 0)
    with testing.everything():
        task = Task.objects.get()
        assert (task.assignee_id, task.party_id, task.origin) == (
            people.alice.pk, people.customer.pk, "offer",
        )  # fmt: skip
        assert (task.due_on, task.minutes, task.offer_family) == (testing.TODAY, 6, "time")
        assert "活期闲置 30" in sentence(task.reason, "zh-hans")
        assert ChangeLog.objects.filter(verb="worklist.opened").count() == 1
    found = listed(people)
    assert (found.lines, found.on_today) == ([], {people.customer.pk})


def test_the_room_of_the_list_is_what_todays_tasks_leave_of_the_day(day) -> None:
    people, _ = day
    whole = listed(people).room
    assert (whole.taken, whole.free) == (0, whole.minutes)
    with testing.everything():
        open_task(
            by=None, origin="manual", assignee=people.alice, unit=people.outlet, subject="x", due_on=testing.TODAY,
            reason={"code": "manual", "text": "盘点"}, today=testing.TODAY, minutes=whole.minutes - 5,
        )  # fmt: skip
    found = listed(people)
    assert (found.room.free, found.lines, found.beyond) == (5, [], 1)
    assert [party.pk for party, _one in found.later] == [people.customer.pk]
    assert put(people.alice, people.customer) == next_list.PutOn(0, 0, 1)


def test_the_button_says_what_came_of_it(day) -> None:
    people, _ = day
    client = testing.client_of(people.alice)
    assert "排入今日" in client.get("/effects/next").content.decode()
    sent = {"chosen": [str(people.customer.uuid), "nonsense"]}
    text = client.post("/effects/next/today", sent, follow=True).content.decode()
    assert "1 项建议已排入今日必办" in text
    assert "1 项未排入" in text
    text = client.post("/effects/next/today", {}, follow=True).content.decode()
    assert "请先选择客户" in text


def test_first_offers_are_compared_when_their_days_are_over_and_by_the_ledger_alone(bench) -> None:
    people, _, policy = bench
    rules = replace(policy, least_units=3)
    with testing.everything():
        for number in range(24):
            party = testing.make_party(people.outlet, keeper=people.alice, name=f"客户{number}")
            lately = number >= 20
            day = testing.TODAY - timedelta(days=10 if lately else 70)
            FirstOffer.objects.create(
                party=party, unit=people.outlet, keeper=people.alice, month=day.replace(day=1), day=day, family="time",
                chance=Decimal("0.3"), points=Decimal(5), by_chance=number % 4 == 0,
            )  # fmt: skip
            opened = day + timedelta(days=61 if number == 1 else 9)
            if number % 4 == 0 or number < 8:
                family = "cd" if number == 2 else "time"
                Holding.objects.create(
                    party=party, account_no=f"A{number}", family=family, currency="CNY", opened_on=opened,
                    balance_base_fen=1,
                )  # fmt: skip
    with acting_as(people.head, today=testing.TODAY) as reach:
        found = first_offers.compared(reach, rules, testing.TODAY)
        few = first_offers.compared(reach, replace(rules, least_units=6), testing.TODAY)
    assert (found.by_chance.offers, found.by_chance.taken) == (5, 5)
    assert (found.by_worth.offers, found.by_worth.taken) == (15, 4)  # too late, and another family, count not
    assert (found.waiting, found.verdict, few.verdict) == (4, "worse", "too_few")
    assert found.by_worth.said == pytest.approx(0.3)
    with acting_as(people.charlie, today=testing.TODAY) as reach:
        assert first_offers.compared(reach, rules, testing.TODAY).by_worth.offers == 0
