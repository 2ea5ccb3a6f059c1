"""Read-outs on the screen: verdict first, within sight, without a word on who is held out; evidence stays as kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from guanxi.crm import testing
from guanxi.crm.campaigns.models import Campaign, State
from guanxi.crm.effects import services, words
from guanxi.crm.effects.models import EffectReadout, Evidence
from guanxi.crm.effects.rules import global_number, global_since
from guanxi.crm.lab.models import Draft
from guanxi.crm.lab.services import Tried
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)


def look(of: Campaign, **changes: Any) -> EffectReadout:
    told: dict[str, Any] = {
        "campaign": of.uuid, "measure": "product", "is_main": True, "arm": "treated",
        "day": testing.TODAY, "n_treated": 900, "n_control": 10_733,
        "mean_treated": 0.14, "mean_control": 0.10, "plain": 0.041, "lift": 0.04, "error": 0.01,
        "low": 0.01, "high": 0.07, "fixed_low": 0.02, "fixed_high": 0.06, "variance_kept": 0.9, "seen": 500,
        "planned": 1000, "verdict": "works", "reason": "always_valid", "srm_p": 0.4, "differ_p": 0.5, "exposed": 800,
        "contaminated": 3, "cost_fen": 360_000,
    }  # fmt: skip
    return EffectReadout.objects.create(**{**told, **changes})


@pytest.fixture
def bench(settings):
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    testing.make_policies("effect", "campaign", "tier", "access", "lists")
    people = testing.make_people()
    analyst = testing.make_staff("analyst", people.bank, name="分析员")
    with testing.everything():
        campaign = Campaign.objects.create(
            name="定期到期承接", owner=analyst, unit=people.outlet, content_hash="h", state=State.RUNNING,
            launched_on=testing.TODAY - timedelta(days=20), made_at=NOON, changed_at=NOON, measure="product",
        )  # fmt: skip
    return people, analyst, campaign


def page(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_verdict_comes_first_with_its_interval_and_price(bench) -> None:
    _, analyst, campaign = bench
    look(campaign, day=testing.TODAY - timedelta(days=1), verdict="unclear", reason="running", low=-0.01)
    look(campaign)
    look(campaign, dimension="age_band", subgroup="30-40", lift=0.05)
    look(campaign, measure="aum", is_main=False, lift=1234.4, low=-100, high=3000)
    text = page(analyst, f"/effects/{campaign.uuid}/")
    assert "有效。产品开立：与对照组相比每户 +4.00 个百分点（+1.00 个百分点 至 +7.00 个百分点）" in text
    assert text.index("有效。") < text.index("30-40") < text.index("+1,234 元")
    assert "每多一户花费" in text
    assert "对照 10,733 户" in text
    assert "3 户仍被触达" in text
    assert 'data-chart="line"' in text
    assert "定期到期承接" in page(analyst, "/effects/")


def test_a_head_sees_what_it_did_and_not_how_many_are_held_out(bench) -> None:
    people, _, campaign = bench
    look(campaign)
    text = page(people.head, f"/effects/{campaign.uuid}/")
    assert "有效。" in text
    assert "10,733" not in text
    assert "污染" not in text


@pytest.mark.parametrize("who", ["charlie", "alice"])
def test_another_outlet_and_a_manager_get_nothing(bench, who: str) -> None:
    people, _, campaign = bench
    look(campaign)
    answer = testing.client_of(getattr(people, who)).get(f"/effects/{campaign.uuid}/")
    assert answer.status_code in (403, 404)


def test_a_blocked_read_out_shows_no_effect_and_is_no_evidence(bench) -> None:
    _, analyst, campaign = bench
    look(campaign, verdict="blocked", reason="ratio", srm_p=0.0001, lift=0.0777)
    text = page(analyst, f"/effects/{campaign.uuid}/")
    assert "不出结论" in text
    assert "7.77" not in text
    assert "7.77" not in page(analyst, "/effects/")
    with acting_as(analyst, today=testing.TODAY) as reach, pytest.raises(ValidationError):
        services.keep_evidence(
            by=analyst, reach=reach, campaign=campaign.uuid, note="x", today=testing.TODAY, now=NOON
        )


def test_evidence_stays_as_it_was_kept_whatever_later_looks_say(bench) -> None:
    _, analyst, campaign = bench
    first = look(campaign)
    client = testing.client_of(analyst)
    assert (
        client.post(f"/effects/{campaign.uuid}/evidence", {"note": "支持下调到期提醒门槛"}).status_code == 302
    )
    first.delete()
    look(campaign, day=testing.TODAY + timedelta(days=1), verdict="harms", lift=-0.04)
    kept = Evidence.objects.get()
    assert kept.lines[0]["verdict"] == "works"
    assert kept.lines[0]["lift"] == 0.04
    assert "支持下调到期提醒门槛" in page(analyst, f"/effects/{campaign.uuid}/")
    client.post(f"/effects/{campaign.uuid}/evidence", {"note": "  "})
    assert Evidence.objects.count() == 1


def test_the_workbook_has_the_look_and_for_a_head_no_count_of_the_held_out(bench) -> None:
    people, analyst, campaign = bench
    look(campaign)
    for who, held in ((analyst, True), (people.head, False)):
        answer = testing.client_of(who).get(f"/effects/{campaign.uuid}/file")
        assert answer.status_code == 200
        cells = _cells(answer)
        assert ("对照组" in cells) is held


def _cells(answer) -> str:
    import io

    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    return "\n".join(
        str(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
    )


def test_without_a_look_the_page_says_when_one_comes(bench) -> None:
    _, analyst, campaign = bench
    assert "尚未评估" in page(analyst, f"/effects/{campaign.uuid}/")
    assert "还没有活动完成评估" in page(analyst, "/effects/")
    assert "全局对照" in page(analyst, "/effects/global-control")


@pytest.mark.parametrize("verdict", ["works", "unclear", "no_effect", "harms", "blocked"])
def test_every_verdict_and_reason_has_its_words(bench, verdict: str) -> None:
    _, _, campaign = bench
    row = look(campaign, verdict=verdict, low=None, high=None)
    for reason in words.REASONS:
        row.reason = reason
        assert words.sentence(row)
    assert words.cost(row) == "" if verdict == "blocked" else words.cost(row)


def test_one_click_makes_a_draft_that_carries_the_evidence_to_whoever_decides(bench) -> None:
    _, analyst, campaign = bench
    look(campaign)
    client = testing.client_of(analyst)
    answer = client.post(f"/effects/{campaign.uuid}/draft", {"note": "据此调整", "kind": "tier"})
    assert answer.status_code == 302
    first = Draft.objects.get()
    assert answer["Location"].endswith(f"?from={first.pk}")
    assert [one["title"] for one in first.evidence] == ["定期到期承接"]
    assert "+4.00" in first.evidence[0]["finding"]
    assert Evidence.objects.get().note == "据此调整"
    assert first.evidence[0]["finding"] in page(analyst, answer["Location"])
    # What is kept next comes from it, with another content, and the simulation keeps the evidence word for word.
    with acting_as(analyst, today=testing.TODAY):
        tried = Tried.of_draft(first).kept()
    assert tried["evidence"] == first.evidence
    assert client.post(f"/effects/{campaign.uuid}/draft", {"note": "x", "kind": "access"}).status_code == 302
    assert Draft.objects.count() == 1


def test_a_manager_makes_no_draft(bench) -> None:
    people, _, campaign = bench
    look(campaign)
    assert (
        testing.client_of(people.head).post(f"/effects/{campaign.uuid}/draft", {"kind": "tier"}).status_code
        == 403
    )


def test_all_campaigns_together_are_told_with_what_could_be_seen_at_all(bench) -> None:
    people, analyst, campaign = bench
    number = global_number(global_since(testing.TODAY, 12))
    look(
        campaign, campaign=number, measure="aum", verdict="unclear", reason="running", lift=117.5, error=300.0,
        low=-1296.0, high=1531.0, n_treated=2447, n_control=137, exposed=1577, contaminated=93,
    )  # fmt: skip
    text = page(analyst, "/effects/global-control")
    assert "尚无法判断" in text
    assert "对照 137 户，其他 2,447 户" in text
    assert "64.4%" in text
    assert "+925 元" in text  # (2.241 + 0.842) errors: what 80 % of such looks would find
    assert "93 户仍参加过活动" in text
    assert "137" not in page(people.head, "/effects/global-control")
