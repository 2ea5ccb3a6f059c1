"""Policies: one proposes, another approves exactly that, and it counts from a day that is not past."""
# ruff: noqa: ARG001  # a fixture or an argument asked for by name may do all its work by being there

import copy
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from guanxi.crm import testing
from guanxi.crm.organisation.models import Cover
from guanxi.crm.policies import rules, selectors, services
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.rules import in_chinese
from guanxi.insight.policies import PolicyError

pytestmark = pytest.mark.django_db
TODAY, NOW = testing.TODAY, datetime(2026, 11, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SEEDED = TODAY - 30 * DAY
LISTS = tomllib.loads(Path("banks/demo/policies/lists.toml").read_text(encoding="utf-8"))


def other_lists() -> dict:
    """The same policy with one number changed, whatever it is called."""
    payload = copy.deepcopy(LISTS)
    name = next(key for key, value in payload.items() if type(value) is int and key != "schema_version")
    payload[name] += 1
    return payload


@pytest.fixture
def people() -> testing.People:
    made = testing.make_people()
    services.seed_from_bank({"lists": LISTS}, valid_from=SEEDED)
    return made


@pytest.fixture
def analyst(people):
    return testing.make_staff("analyst", people.bank)


@pytest.fixture
def chief(people):
    return testing.make_staff("administrator", people.bank)


@pytest.fixture
def proposed(analyst) -> PolicyVersion:
    return services.propose(
        by=analyst, today=TODAY, now=NOW, kind="lists", payload=other_lists(), note="试一试"
    )


def approve(version, by, content_hash=None):
    return services.approve(
        by=by, today=TODAY, now=NOW, version=version, content_hash=content_hash or version.content_hash
    )


def test_the_folder_makes_version_one_once(people) -> None:
    assert services.seed_from_bank({"lists": LISTS}, valid_from=TODAY) == []
    version = PolicyVersion.objects.get()
    assert (version.version, version.state, version.valid_from) == (1, State.ACTIVE, SEEDED)


def test_a_changed_file_becomes_a_proposal_and_counts_for_nothing_yet(people) -> None:
    before = selectors.active("lists", TODAY)
    (version,) = services.seed_from_bank({"lists": other_lists()}, valid_from=TODAY)
    assert (version.version, version.state) == (2, State.PROPOSED)
    assert selectors.active("lists", TODAY) == before
    assert services.seed_from_bank({"lists": other_lists()}, valid_from=TODAY) == []


def test_a_file_that_cannot_be_read_is_refused_by_name(people) -> None:
    with pytest.raises(PolicyError, match="lists"):
        services.seed_from_bank({"lists": {"nonsense": 1}}, valid_from=TODAY)


def test_the_first_version_also_counts_for_days_before_it(people) -> None:
    assert set(selectors.in_force(SEEDED - 900 * DAY)) == {"lists"}


def test_the_whole_way_from_proposal_to_counting(people, proposed, chief) -> None:
    approve(proposed, chief)
    activated = services.activate(by=chief, today=TODAY, version=proposed, valid_from=TODAY + DAY)
    old, new = (selectors.version_in_force("lists", TODAY + days * DAY) for days in (0, 1))
    assert (old.version, new.version) == (1, 2)
    assert activated.state == State.ACTIVE
    only_old, only_new = selectors.changes_between(old, new, "zh")
    assert only_old
    assert only_new


def test_what_already_counts_cannot_be_proposed(people, analyst) -> None:
    with pytest.raises(ValidationError):
        services.propose(by=analyst, today=TODAY, now=NOW, kind="lists", payload=LISTS, note="")


def test_a_proposal_that_makes_no_sense_is_told_why(people, analyst) -> None:
    with pytest.raises(ValidationError, match="nonsense"):
        services.propose(by=analyst, today=TODAY, now=NOW, kind="lists", payload={"nonsense": 1}, note="")


def test_nobody_approves_their_own_proposal(people) -> None:
    both = testing.make_staff("supervisor", people.bank)
    mine = services.propose(by=both, today=TODAY, now=NOW, kind="lists", payload=other_lists(), note="")
    with pytest.raises(PermissionDenied):
        approve(mine, both)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.filter(pk=mine.pk).update(decided_by=both)


@pytest.mark.parametrize("turned", [False, True])
def test_a_stand_in_does_not_approve_either(people, analyst, proposed, chief, turned) -> None:
    absent, covering = (chief, analyst) if turned else (analyst, chief)
    Cover.objects.create(absent=absent, covering=covering, first_day=TODAY, last_day=TODAY)
    with pytest.raises(PermissionDenied):
        approve(proposed, chief)


def test_an_analyst_may_propose_and_not_approve(people, analyst, proposed) -> None:
    with pytest.raises(PermissionDenied):
        approve(proposed, testing.make_staff("analyst", people.bank))


def test_only_what_was_read_is_approved(people, proposed, chief) -> None:
    with pytest.raises(ValidationError):
        approve(proposed, chief, content_hash="another")
    PolicyVersion.objects.filter(pk=proposed.pk).update(payload=LISTS)
    with pytest.raises(ValidationError):
        approve(proposed, chief)


def test_a_version_is_decided_once(people, proposed, chief) -> None:
    approve(proposed, chief)
    with pytest.raises(ValidationError):
        services.reject(by=chief, today=TODAY, now=NOW, version=proposed, note="晚了")


def test_a_rejection_says_why(people, proposed, chief) -> None:
    with pytest.raises(ValidationError):
        services.reject(by=chief, today=TODAY, now=NOW, version=proposed, note=" ")
    found = services.reject(by=chief, today=TODAY, now=NOW, version=proposed, note="证据不足" + "𠮷" * 900)
    assert (found.decided_note[:4], len(found.decided_note)) == ("证据不足", services.LONGEST)
    with pytest.raises(ValidationError):
        services.activate(by=chief, today=TODAY, version=proposed, valid_from=TODAY)


def test_no_version_counts_from_a_day_past_or_from_a_day_taken(people, proposed, chief) -> None:
    approve(proposed, chief)
    with pytest.raises(ValidationError):
        services.activate(by=chief, today=TODAY, version=proposed, valid_from=TODAY - DAY)
    PolicyVersion.objects.filter(version=1).update(valid_from=TODAY)
    with pytest.raises(ValidationError):
        services.activate(by=chief, today=TODAY, version=proposed, valid_from=TODAY)


def test_what_was_replaced_is_retired_and_still_counts_for_its_days(people, proposed, chief) -> None:
    approve(proposed, chief)
    services.activate(by=chief, today=TODAY, version=proposed, valid_from=TODAY)
    assert PolicyVersion.objects.get(version=1).state == State.RETIRED
    assert selectors.version_in_force("lists", TODAY - DAY).version == 1


def test_in_force_is_the_latest_day_reached() -> None:
    days = [TODAY, TODAY + 5 * DAY]
    reached = [rules.in_force_from(days, TODAY + at * DAY) for at in (-1, 0, 4, 5)]
    assert reached == [TODAY, TODAY, TODAY, TODAY + 5 * DAY]
    assert rules.in_force_from([], TODAY) is None


def test_a_policy_read_out_in_chinese_says_the_names_of_tiers_not_their_codes() -> None:
    said = in_chinese(
        ["person·gold：2 次；fund → 资格；potential 180", "登录（logged_in）：page.gold、LN-MORT、in_gold"],
        {"gold": "金卡客户", "potential": "潜力客户"},
    )
    assert said == [
        "个人·金卡客户：2 次；基金 → 资格；潜力客户 180",
        "登录（logged_in）：page.gold、LN-MORT、in_gold",
    ]


def test_two_who_propose_or_activate_at_once_wait_for_each_other(people, analyst, proposed, chief) -> None:
    approve(proposed, chief)
    with CaptureQueriesContext(connection) as asked:
        services.activate(by=chief, today=TODAY, version=proposed, valid_from=TODAY)
    held = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    assert '"kind" =' in held[0], "the kind's versions are held before any of them is read"
