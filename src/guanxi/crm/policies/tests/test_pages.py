"""The pages of policies: who may read, propose and decide, what each deed leaves behind, and what is refused."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

import re
import tomllib
from pathlib import Path

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.policies import services
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.tests.test_editing import as_sent, tier

pytestmark = pytest.mark.django_db
LISTS = tomllib.loads(Path("banks/demo/policies/lists.toml").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _today(settings) -> None:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()


@pytest.fixture
def bank():
    services.seed_from_bank({"tier": tier(), "lists": LISTS}, valid_from=testing.TODAY)
    return testing.make_unit("演示银行")


@pytest.fixture
def proposer(bank):
    return testing.make_staff("supervisor", bank, name="顾莉琳")


@pytest.fixture
def decider(bank):
    return testing.make_staff("administrator", bank, name="顾祥")


def send(staff, deed: str = "propose", **changed):
    sent = as_sent("tier", tier(), deed=deed, note="与同业一致", **changed)
    return testing.client_of(staff).post(
        "/policies/tier/propose", sent.urlencode(), content_type="application/x-www-form-urlencoded"
    )


@pytest.fixture
def proposed(proposer) -> PolicyVersion:
    answer = send(proposer, **{"schemes.0.bands.3.lower": "600,000"})
    assert answer.status_code == 302
    return PolicyVersion.objects.get(kind="tier", version=2)


def deed(staff, version, what: str, **sent):
    answer = testing.client_of(staff).post(f"/policies/version/{version.pk}/{what}", sent)
    version.refresh_from_db()
    return answer


def page(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_what_counts_today_is_read_out_and_comes_from_the_bank(bank, decider) -> None:
    assert "金卡客户 ≥ 50万" in page(decider, "/policies/tier")
    assert "银行初始参数" in page(decider, "/policies/tier")
    assert "第 1 版" in page(decider, "/policies/")


def test_a_teller_reads_and_proposes_nothing(bank) -> None:
    teller = testing.make_staff("teller", bank)
    assert "提出变更" not in page(teller, "/policies/tier")
    assert send(teller).status_code == 403
    assert not PolicyVersion.objects.filter(version=2).exists()


def test_looking_at_the_changes_proposes_nothing_and_shows_each(proposer) -> None:
    answer = send(proposer, "look", **{"schemes.0.bands.3.lower": "600,000"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<del>500,000</del>" in text
    assert "<ins>600,000</ins>" in text
    assert not PolicyVersion.objects.filter(version=2).exists()


def test_a_box_that_cannot_be_read_keeps_what_was_typed_and_is_not_proposed(proposer) -> None:
    answer = send(proposer, **{"schemes.0.bands.3.lower": "六十万"})
    assert answer.status_code == 422
    assert "“六十万”不是数字" in answer.content.decode()
    assert not PolicyVersion.objects.filter(version=2).exists()


def test_what_changes_nothing_is_refused_with_that_reason(proposer) -> None:
    answer = send(proposer)
    assert answer.status_code == 422
    assert "没有变化" in answer.content.decode()


def test_one_proposes_another_approves_and_it_counts_from_a_day(proposed, decider) -> None:
    text = page(decider, f"/policies/version/{proposed.pk}")
    assert "<ins>600,000</ins>" in text
    assert "与同业一致" in text
    (digest,) = re.findall(r'name="content_hash" value="([0-9a-f]{64})"', text)
    deed(decider, proposed, "approve", content_hash=digest)
    assert (proposed.state, proposed.decided_by) == (State.APPROVED, decider)
    deed(decider, proposed, "activate", valid_from=testing.TODAY.replace(day=2).isoformat())
    assert (proposed.state, proposed.valid_from) == (State.ACTIVE, testing.TODAY.replace(day=2))
    assert [row.verb for row in ChangeLog.objects.filter(object_key=str(proposed.pk)).order_by("pk")] == [
        "policies.proposed",
        "policies.approved",
        "policies.activated",
    ]


def test_the_author_is_shown_no_decision_and_refused_one(proposed, proposer) -> None:
    text = page(proposer, f"/policies/version/{proposed.pk}")
    assert 'data-open="approve"' not in text
    assert "须由他人审批" in text
    deed(proposer, proposed, "approve", content_hash=proposed.content_hash)
    assert proposed.state == State.PROPOSED
    deed(proposer, proposed, "reject", **{"reason-note": "不想要了"})
    assert proposed.state == State.PROPOSED


def test_another_content_than_the_one_read_is_not_approved(proposed, decider) -> None:
    deed(decider, proposed, "approve", content_hash="0" * 64)
    assert proposed.state == State.PROPOSED


@pytest.mark.parametrize("note", ["", "   "])
def test_turning_down_needs_a_reason(proposed, decider, note) -> None:
    deed(decider, proposed, "reject", **{"reason-note": note})
    assert proposed.state == State.PROPOSED
    deed(decider, proposed, "reject", **{"reason-note": "刚调整过"})
    assert (proposed.state, proposed.decided_note) == (State.REJECTED, "刚调整过")
    assert "刚调整过" in page(decider, "/policies/tier")


def test_a_day_past_is_refused(proposed, decider) -> None:
    deed(decider, proposed, "approve", content_hash=proposed.content_hash)
    deed(decider, proposed, "activate", valid_from="2026-10-31")
    assert proposed.state == State.APPROVED


def test_the_author_takes_a_proposal_back_and_nobody_else_does(proposed, proposer, decider) -> None:
    deed(decider, proposed, "withdraw", **{"reason-note": "不合适"})
    assert proposed.state == State.PROPOSED
    deed(proposer, proposed, "withdraw", **{"reason-note": "算错了"})
    assert proposed.state == State.REJECTED
    assert ChangeLog.objects.filter(verb="policies.withdrawn", staff_no=proposer.staff_no).count() == 1


def test_what_is_to_come_is_taken_back_and_what_counts_is_not(proposed, decider) -> None:
    deed(decider, proposed, "approve", content_hash=proposed.content_hash)
    deed(decider, proposed, "activate", valid_from="2026-12-01")
    deed(decider, proposed, "withdraw", **{"reason-note": "推迟"})
    assert (proposed.state, proposed.valid_from) == (State.REJECTED, None)
    first = PolicyVersion.objects.get(kind="tier", version=1)
    deed(decider, first, "withdraw", **{"reason-note": "不要"})
    assert first.state == State.ACTIVE


def test_an_older_version_is_the_start_of_a_new_one(proposed, decider) -> None:
    text = page(decider, f"/policies/tier/propose?from={proposed.pk}")
    assert 'value="600,000"' in text


def test_a_kind_that_is_none_is_not_found(decider) -> None:
    assert testing.client_of(decider).get("/policies/nonsense").status_code == 404
    assert testing.client_of(decider).get("/policies/nonsense/propose").status_code == 404
