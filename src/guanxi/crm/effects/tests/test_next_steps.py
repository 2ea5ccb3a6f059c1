"""下一步建议 on a customer's page: what is allowed first, then what is worth most; chance tries, and is kept once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from guanxi.crm import testing
from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.effects import next_steps
from guanxi.crm.effects.models import Explored
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.scores.models import PartyNeed, PeerNeed
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


MAY = Verdict(True, "ok")


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


def test_what_chance_tries_is_marked_and_kept_once_a_month(bench) -> None:
    people, monkeypatch, policy = bench
    monkeypatch.setattr(next_steps, "effect_policy", lambda _day: replace(policy, exploration=Decimal(1)))
    first, again = told(people), told(people)
    assert first == again
    assert first["steps"][0].explored
    with testing.everything():
        kept = Explored.objects.get()
    assert (kept.party_id, kept.month) == (people.customer.pk, testing.TODAY.replace(day=1))


def test_the_panel_is_for_who_sees_the_customer(bench) -> None:
    people, _, _ = bench
    address = f"/effects/next/{people.customer.uuid}"
    text = testing.client_of(people.alice).get(address).content.decode()
    assert "定期存款" in text
    assert testing.client_of(people.charlie).get(address).status_code == 404
