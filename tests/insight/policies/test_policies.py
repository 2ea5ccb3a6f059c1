"""Policies: payloads go round, bands are without holes, and nonsense is refused in plain words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from banks import BANKS, policy_of
from builders import ROOT

from guanxi.insight.policies import KINDS, PolicyError, load_policy
from guanxi.insight.policies.aum import AumPolicy
from guanxi.insight.policies.base import HIGHEST, LOWEST
from guanxi.insight.policies.lists import ListsPolicy
from guanxi.insight.policies.tier import TierPolicy

STARTING = sorted(
    (path.parts[-3], path.stem) for path in ROOT.glob("banks/*/policies/*.toml") if path.stem in KINDS
)


@pytest.mark.parametrize(("bank", "kind"), STARTING)
def test_a_banks_starting_policy_is_sound_and_goes_round_as_a_payload(bank: str, kind: str) -> None:
    policy = policy_of(kind, bank)
    again = load_policy(kind, policy.to_payload())
    assert policy.problems("zh") == policy.problems("en") == []
    assert again == policy
    assert again.content_hash() == policy.content_hash()
    assert policy.in_words("zh")
    assert policy.in_words("zh") != policy.in_words("en")


def tier_policy() -> TierPolicy:
    policy = policy_of("tier", "demo")
    assert isinstance(policy, TierPolicy)
    return policy


def test_bands_of_a_scheme_join_without_hole_or_overlap() -> None:
    for scheme in tier_policy().schemes:
        rows = scheme.rows()
        lowers, uppers = [row[6] for row in rows], [row[7] for row in rows]
        assert lowers[0] == LOWEST
        assert uppers[-1] == HIGHEST
        assert lowers[1:] == uppers[:-1]


def test_without_hysteresis_a_tier_is_left_after_one_month() -> None:
    scheme = replace(tier_policy().scheme("person"), hysteresis=False)
    assert {row[8] for row in scheme.rows()} == {1}


def test_private_banking_is_left_after_six_months_and_others_after_three() -> None:
    falls = {band.code: band.months_to_fall for band in tier_policy().scheme("person").bands}
    assert {falls["private"], falls["private_prime"]} == {6}
    assert {months for code, months in falls.items() if not code.startswith("private")} == {3}


def test_managed_scope_starts_at_two_hundred_thousand() -> None:
    managed = [band.lower for band in tier_policy().scheme("person").bands if band.managed]
    assert min(line for line in managed if line is not None) == Decimal(200_000)


def test_lines_out_of_order_are_named_as_a_problem() -> None:
    policy = tier_policy()
    person = policy.scheme("person")
    bands = (*person.bands[:-1], replace(person.bands[-1], lower=Decimal(1)))
    broken = replace(policy, schemes=(replace(person, bands=bands),))
    assert any("person" in problem for problem in broken.problems("en"))


def test_a_line_finer_than_a_fen_is_a_problem() -> None:
    policy = tier_policy()
    person = policy.scheme("person")
    bands = (person.bands[0], replace(person.bands[1], lower=Decimal("50000.001")))
    assert replace(policy, schemes=(replace(person, bands=bands),)).problems()


def test_one_kind_of_customer_in_two_schemes_is_a_problem() -> None:
    policy = tier_policy()
    person = policy.scheme("person")
    assert replace(policy, schemes=(person, replace(person, code="other"))).problems()
    assert replace(policy, schemes=(person, replace(person, code="other", size_class="micro"))).problems()


def test_weights_that_do_not_sum_to_one_are_a_problem() -> None:
    policy = tier_policy()
    company = policy.scheme("company_small")
    assert company.standing is not None
    heavier = replace(company, standing=replace(company.standing, value=Decimal("0.6")))
    assert replace(policy, schemes=(heavier,)).problems()


def test_loans_cannot_count_as_wealth() -> None:
    policy = policy_of("aum", "demo")
    assert isinstance(policy, AumPolicy)
    loan = replace(policy.families[0], family="loan")
    assert replace(policy, families=(*policy.families, loan)).problems()


def test_bands_of_the_lists_must_start_without_a_line() -> None:
    policy = policy_of("lists", "demo")
    assert isinstance(policy, ListsPolicy)
    assert replace(policy, aum_bands=policy.aum_bands[1:]).problems()


@pytest.mark.parametrize(
    ("kind", "payload", "says"),
    [
        ("aum", {"families": [], "customer_kinds": []}, "fx_stale_days"),
        ("aum", {"families": [], "customer_kinds": [], "fx_stale_days": "ten"}, "fx_stale_days"),
        ("aum", {"families": [], "customer_kinds": [], "fx_stale_days": 1, "colour": "red"}, "colour"),
        ("aum", {"families": {}, "customer_kinds": [], "fx_stale_days": 1}, "families"),
        ("aum", {"families": [{"family": "fund", "component": "fund", "weight": "NaN"}]}, "weight"),
        ("tier", {"schemes": [{"code": "person"}]}, r"schemes\[0\]"),
        ("nothing", {}, "nothing"),
    ],
)
def test_a_payload_that_cannot_be_read_is_refused_by_the_name_of_its_entry(
    kind: str, payload: dict[str, object], says: str
) -> None:
    with pytest.raises(PolicyError, match=says):
        load_policy(kind, payload)


def test_limits_of_files_are_read_out_with_the_names_of_the_roles() -> None:
    policy = load_policy("access", {"export_rows": {"analyst": 20_000, "teller": 0}, "reveals_a_day": 60})
    assert policy.in_words("zh")[:2] == ["柜员：每次最多导出 0 行。", "分析人员：每次最多导出 20,000 行。"]
    assert policy.in_words("en")[1] == "Analyst: at most 20,000 rows a file."


@pytest.mark.parametrize("bank", ["demo", "berka"])
def test_a_bank_that_runs_whole_nights_has_a_policy_of_every_kind(bank: str) -> None:
    assert {file.stem for file in (BANKS / bank / "policies").glob("*.toml")} == set(KINDS)
