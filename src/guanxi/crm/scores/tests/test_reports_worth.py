"""Problem customers by cause, and whether last year's expectation came true: sums by unit, and the honest verdict."""

import pytest
from django.utils import translation

from guanxi.crm.scores.models import ChannelUse, CreditCoverage, LifetimeCheck, Problem, Run
from guanxi.crm.scores.tests import reports_bank as banks

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return banks.make_bank()


def check(decile: int, error: int, again: int) -> None:
    LifetimeCheck.objects.create(
        month=banks.LAST, decile=decile, customers=10, predicted_fen=100, last_year_fen=120, actual_fen=110,
        error_predicted_fen=error, error_last_year_fen=again,
    )  # fmt: skip


def said(bank, code: str, unit=None):
    with translation.override("zh-hans"):
        return banks.made(bank, code, unit)


def test_problem_customers_of_a_branch_are_those_of_its_outlets_the_dearest_cause_first(bank) -> None:
    for at, outlet in enumerate(bank.outlets):
        common = {"month": banks.LAST, "unit": outlet, "aum_fen": 5}
        Problem.objects.create(cause="service", customers=7, contribution_fen=-100, **common)
        Problem.objects.create(cause="loss", customers=1, contribution_fen=-1000 * (at + 1), **common)
    branch = bank.branches[0]
    inside = [at for at, outlet in enumerate(bank.outlets) if outlet.pk in bank.below(branch)]
    part = said(bank, "problem", branch)
    assert [row[:2] for row in part.tables[0].rows] == [
        ["预期损失", len(inside)],
        ["服务成本", 7 * len(inside)],
    ]
    assert part.tables[0].total[3] == sum(100 + 1000 * (at + 1) for at in inside)
    assert "预期损失" in part.finding


def test_an_expectation_that_is_no_better_than_last_year_again_says_so(bank) -> None:
    check(1, error=50, again=50)
    assert "并不更好" in said(bank, "lifetime").finding
    LifetimeCheck.objects.all().delete()
    check(1, error=49, again=50)
    assert "并不更好" not in said(bank, "lifetime").finding


def test_without_25_months_and_below_the_bank_the_check_says_why_it_is_not_there(bank) -> None:
    assert "25 个月" in said(bank, "lifetime").missing
    check(1, error=1, again=2)
    assert "全行" in said(bank, "lifetime", bank.outlets[0]).missing


def with_credit(*files: str) -> None:
    Run.objects.update(manifest={"extract": {"files": [{"name": name} for name in files]}})


def covered(**said) -> None:
    at = {"month": banks.LAST, "area": "rural", "kind": "person", "expired": 1, "drawing": 1}
    CreditCoverage.objects.create(**at | {"credit_line_fen": 100, "credit_used_fen": 50} | said)


def test_credit_coverage_of_a_branch_names_the_village_with_most_customers_without_a_line(bank) -> None:
    with_credit("credit")
    branch = bank.branches[0]
    inside = [outlet for outlet in bank.outlets if outlet.pk in bank.below(branch)]
    outside = next(outlet for outlet in bank.outlets if outlet not in inside)
    for outlet in inside:
        covered(unit=outlet, village="柳湾村", customers=10, rated=8, granted=4)
        covered(unit=outlet, village="", customers=5, rated=0, granted=0)
    covered(unit=inside[0], village="东桥村", customers=9, rated=9, granted=8)
    covered(unit=inside[0], village="柳湾村", kind="company", customers=1, rated=1, granted=1)
    covered(unit=outside, village="别处村", customers=90, rated=0, granted=0)
    part = said(bank, "credit", branch)
    by_kind, by_unit, by_village = part.tables
    n = len(inside)
    assert by_kind.total == by_unit.total
    assert by_kind.total[1:6] == [
        15 * n + 10, (8 * n + 10) / (15 * n + 10), 4 * n + 9, (4 * n + 9) / (15 * n + 10), 11 * n + 1,
    ]  # fmt: skip
    assert [row[0] for row in by_village.rows] == ["柳湾村", "东桥村"]
    assert by_village.rows[0][1] == 10 * n
    assert f"柳湾村：{6 * n} 户未授信" in part.finding


def test_without_a_credit_file_coverage_is_unknown_and_an_earlier_month_has_none(bank) -> None:
    with_credit("credit")
    assert "最近一个月" in said(bank, "credit").missing
    with_credit()
    assert "未知" in said(bank, "credit").missing


def used(unit, age: str, kind: str = "person", **counts: int) -> None:
    rest = dict.fromkeys(("self_service_count", "web_count", "phone_count"), 0)
    ChannelUse.objects.create(
        month=banks.LAST,
        unit=unit,
        kind=kind,
        age_band=age,
        customers=3,
        third_party_count=500,
        **rest | counts,
    )


def test_substitution_leaves_third_parties_out_of_both_sums_and_says_which_age_stays_at_the_counter(
    bank,
) -> None:
    branch = bank.branches[0]
    for outlet in bank.outlets:
        used(outlet, "60+", counter_count=8, mobile_count=1, self_service_count=1)
        used(outlet, "18-30", counter_count=1, mobile_count=9)
        used(outlet, "", kind="company", counter_count=5, mobile_count=0, web_count=5)
    n = sum(1 for outlet in bank.outlets if outlet.pk in bank.below(branch))
    part = said(bank, "channels", branch)
    by_age, by_unit, _months = part.tables
    assert [row[0] for row in by_age.rows] == ["18-30 岁", "60+ 岁", "企业"]
    assert [row[2] for row in by_age.rows] == [0.9, 0.2, 0.5]
    assert by_age.total == by_unit.total
    assert by_age.total[2:4] == [16 / 30, 14 * n]
    assert by_age.total[-1] == 1500 * n
    assert "60+ 岁" in part.finding


def test_without_postings_of_customers_substitution_is_unknown(bank) -> None:
    assert said(bank, "channels").missing
