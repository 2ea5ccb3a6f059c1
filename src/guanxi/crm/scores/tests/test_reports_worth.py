"""Problem customers by cause, and whether last year's expectation came true: sums by unit, and the honest verdict."""

import pytest
from django.utils import translation

from guanxi.crm.scores.models import LifetimeCheck, Problem
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
