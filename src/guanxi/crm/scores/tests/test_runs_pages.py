"""The pages of runs: what a night did, whether it adds up, what it refused, and why one stopped."""
# ruff: noqa: ARG001  # a fixture asked for by name may do all its work by being there

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from guanxi.crm import testing
from guanxi.crm.organisation.models import Role
from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.crm.scores.models import Reconciliation, RuleCount, Run, RunState, RunStep, Violation
from guanxi.crm.scores.runs import pictures, words
from guanxi.insight.quality.rules import RULES
from guanxi.insight.way import the_way

pytestmark = pytest.mark.django_db
STARTED = datetime(2026, 11, 1, 0, 5, tzinfo=UTC)
EXTRACT = {
    "base_currency": "CNY",
    "files": [
        {
            "name": "accounts", "rows": 12, "staged": 10, "quarantined": 2, "duplicates": 0,
            "inputs": [{"name": "accounts.csv", "sha256": "ab" * 32, "rows": 12}],
        }
    ],
    "missing": [{"name": "credit", "label": "评级授信", "without": "no credit panel"}],
}  # fmt: skip


@pytest.fixture
def checker():
    return testing.make_staff("compliance", testing.make_unit("演示银行"))


@pytest.fixture
def run() -> Run:
    manifest = {"extract": EXTRACT, "inputs": {"accounts.csv": "ab" * 32, "notes.txt": "cd" * 32}}
    return testing.make_run(
        id="20261031-abc", manifest=manifest, started_at=STARTED, finished_at=STARTED + timedelta(seconds=64)
    )


def reconcile(run: Run, view: str, amount: str, difference: str = "0", currency: str = "CNY") -> None:
    Reconciliation.objects.create(
        run=run, view_name=view, component="demand", currency=currency,
        amount=Decimal(amount), difference=Decimal(difference),
    )  # fmt: skip


def page(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_runs_are_for_who_may_see_them(run, role) -> None:
    client = testing.client_of(testing.make_staff(role, testing.make_unit()))
    expected = 200 if Right.SEE_RUNS in ROLE_RULES[role].rights else 403
    for address in (
        "/runs/",
        f"/runs/{run.pk}",
        f"/runs/{run.pk}/progress",
        f"/runs/{run.pk}/findings/id.sex",
    ):
        assert client.get(address).status_code == expected, address


def test_the_list_says_seconds_rows_and_which_run_people_see(run, checker) -> None:
    RuleCount.objects.create(run=run, rule="money.unreadable", file="accounts", severity="refused", rows=2)
    text = page(checker, "/runs/")
    assert "当前展示" in text
    (listed,) = pictures.listed([run], STARTED)
    assert (listed.seconds, listed.read, listed.refused, listed.marked) == (64, 12, 2, 0)


def test_equal_views_are_said_to_be_equal_and_one_fen_apart_is_shown(run, checker) -> None:
    reconcile(run, "customers", "100.00")
    reconcile(run, "account_outlets", "100.00")
    assert "一致,精确到分" in page(checker, f"/runs/{run.pk}").replace("，", ",")
    reconcile(run, "extract", "100.01", "0.01")
    text = page(checker, f"/runs/{run.pk}")
    assert "各口径合计不一致" in text
    found = pictures.reconciled(run, "CNY")
    assert found is not None
    assert not found.equal
    assert found.lines[0].apart == ("extract",)


def test_what_is_left_out_and_other_currencies_do_not_enter_the_total(run) -> None:
    reconcile(run, "customers", "100.00")
    reconcile(run, "left_out", "7.00")
    reconcile(run, "account_outlets", "55.00", currency="USD")
    found = pictures.reconciled(run, "CNY")
    assert found is not None
    assert found.total == (Decimal("100.00"), Decimal(0))
    assert found.left_out == (("demand", "CNY", Decimal("7.00")),)


def test_monthly_steps_are_one_line_that_opens_to_its_months(run, checker) -> None:
    for month in (1, 2, 3):
        RunStep.objects.create(
            run=run, position=month, table="score.tier", month=date(2026, month, 1), rows=10, seconds=0.5
        )
    (stage,) = pictures.stages_of(run)
    (table,) = stage.tables
    assert (len(table.steps), table.rows, table.seconds, table.monthly) == (3, 30, 1.5, True)
    assert "2026-02" in page(checker, f"/runs/{run.pk}")


def test_every_step_of_the_way_has_its_words_and_stage() -> None:
    for step in the_way():
        assert words.table_name(step.name) != step.name, step.name
        assert words.stage_of(step.name) == {"none": "core", "each": "months", "last": "reports"}[step.months]


def test_a_finding_says_what_the_rule_means_and_opens_to_its_rows(run, checker) -> None:
    RuleCount.objects.create(run=run, rule="money.unreadable", file="accounts", severity="refused", rows=900)
    Violation.objects.create(
        run=run,
        rule="money.unreadable",
        severity="refused",
        file="accounts.csv",
        line=4224,
        column="balance",
        value_masked="12,3x",
    )
    assert RULES["money.unreadable"].zh in page(checker, f"/runs/{run.pk}")
    text = page(checker, f"/runs/{run.pk}/findings/money.unreadable")
    assert all(said in text for said in ("accounts.csv", "4,224", "balance", "12,3x", "共 900 行，列出 1 行"))


def test_files_that_did_not_come_say_what_the_screens_lose(run, checker) -> None:
    text = page(checker, f"/runs/{run.pk}")
    assert "没有授信面板" in text
    assert "notes.txt" in text


def test_a_stopped_night_says_why_and_that_yesterday_stands(run, checker) -> None:
    stopped = Run.objects.create(
        id="20261101-def", business_date=date(2026, 11, 1), state=RunState.STOPPED,
        started_at=STARTED + timedelta(days=1),
        notes=[{"reason": "balances.csv: 少 38.2%"}],
    )  # fmt: skip
    text = page(checker, f"/runs/{stopped.pk}")
    assert "balances.csv: 少 38.2%" in text
    assert "2026-10-31 的数据保持有效" in text
    assert "2026-10-31 的数据保持有效" in page(checker, "/runs/")


def test_a_reason_in_both_languages_is_said_in_the_readers() -> None:
    note = {"where": "balances.csv", "en": "shrank", "zh": "行数减少"}
    assert "行数减少" in words.sentence_of(note)
    assert "shrank" not in words.sentence_of(note)


def test_a_running_run_asks_again_and_when_it_ends_the_page_is_shown_anew(checker) -> None:
    going = Run.objects.create(
        id="r", business_date=date(2026, 11, 1), state=RunState.RUNNING, started_at=STARTED,
        notes=[{"stage": "25 months", "pieces": 375, "done": 0}],
    )  # fmt: skip
    RunStep.objects.create(
        run=going, position=1, table="score.tier", month=date(2026, 1, 1), rows=1, seconds=0.1
    )
    found = pictures.progress_of(going)
    assert (found.done, found.total) == (1, 375)
    client = testing.client_of(checker)
    answer = client.get("/runs/r/progress", headers={"HX-Request": "true"})
    assert 'hx-get="/runs/r/progress"' in answer.content.decode()
    Run.objects.update(state=RunState.DONE)
    assert client.get("/runs/r/progress", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_run_that_recorded_nothing_is_shown_without_a_fault(checker) -> None:
    Run.objects.create(id="bare", business_date=date(2026, 11, 1), state=RunState.FAILED)
    assert "没有记录原因" in page(checker, "/runs/bare")
