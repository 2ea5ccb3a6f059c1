"""A version stored under an earlier program: what it does not say counts by default, is shown, and can be proposed."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

import copy
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from guanxi.crm import testing
from guanxi.crm.policies import selectors, services
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.base import payload_hash

pytestmark = pytest.mark.django_db
TODAY, NOW = testing.TODAY, datetime(2026, 11, 1, 1, tzinfo=UTC)
WHOLE = tomllib.loads(Path("banks/demo/policies/worklist.toml").read_text(encoding="utf-8"))
OLDER = {**WHOLE, "origins": [one for one in WHOLE["origins"] if one["origin"] != "reminder"]}


@pytest.fixture(autouse=True)
def _today(settings) -> None:
    settings.GUANXI_TODAY = TODAY.isoformat()


def stored(payload: dict, state: State = State.ACTIVE, **more) -> PolicyVersion:
    """A version as a program wrote it that knew nothing of reminders."""
    written = copy.deepcopy(load_policy("worklist", payload).to_payload())
    written["origins"] = [one for one in written["origins"] if one["origin"] != "reminder"]
    return PolicyVersion.objects.create(
        kind="worklist",
        version=PolicyVersion.objects.count() + 1,
        payload=written,
        content_hash=payload_hash("worklist", written),
        state=state,
        valid_from=TODAY if state == State.ACTIVE else None,
        **more,
    )


@pytest.fixture
def bank():
    return testing.make_unit("演示银行")


@pytest.fixture
def proposer(bank):
    return testing.make_staff("supervisor", bank)


@pytest.fixture
def decider(bank):
    return testing.make_staff("administrator", bank)


def page(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_new_origin_counts_from_the_upgrade_on(bank) -> None:
    stored(WHOLE)
    (counting,) = selectors.in_force(TODAY).values()
    assert counting.rule_of("reminder").minutes_each == 3


def test_the_pages_say_what_was_filled_in_and_since_when(decider) -> None:
    version = stored(WHOLE)
    for address in ("/policies/worklist", f"/policies/version/{version.pk}"):
        said = page(decider, address)
        assert "默认补入" in said
        assert "0.1.0" in said
        assert "账户提醒 · 每件分钟数" in said
    assert "项默认补入" in page(decider, "/policies/")


def test_a_version_that_says_everything_shows_nothing_of_it(decider) -> None:
    services.seed_from_bank({"worklist": WHOLE}, valid_from=TODAY)
    assert "默认补入" not in page(decider, "/policies/worklist") + page(decider, "/policies/")


def test_who_proposes_next_answers_for_the_new_entries(proposer) -> None:
    stored(WHOLE)
    assert "账户提醒" in page(proposer, "/policies/worklist/propose")
    with pytest.raises(ValidationError):
        services.propose(by=proposer, today=TODAY, now=NOW, kind="worklist", payload=OLDER, note="")
    mine = services.propose(by=proposer, today=TODAY, now=NOW, kind="worklist", payload=WHOLE, note="")
    assert selectors.filled_in(mine) == []


def test_a_proposal_from_before_the_upgrade_can_still_be_approved(proposer, decider) -> None:
    waiting = stored(WHOLE, State.PROPOSED, proposed_by=proposer, proposed_at=NOW)
    services.approve(by=decider, today=TODAY, now=NOW, version=waiting, content_hash=waiting.content_hash)
    waiting.refresh_from_db()
    assert waiting.state == State.APPROVED


def test_the_banks_folder_as_old_as_the_store_says_nothing_new(bank) -> None:
    stored(WHOLE)
    assert services.seed_from_bank({"worklist": OLDER}, valid_from=TODAY) == []
