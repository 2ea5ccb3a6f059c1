"""业务日报: every figure is the sum of what the run published for these units, and nothing else."""

from io import BytesIO

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import UnitDay
from guanxi.crm.scores.reports.daily import COMPARISONS, MEASURES, daily
from guanxi.crm.scores.reports.places import place_of, rows_at
from guanxi.crm.scores.reports.words import Retail
from guanxi.crm.scores.tests.reports_bank import DAYS, Bank, make_bank

pytestmark = pytest.mark.django_db
RETAIL = Retail("person", ("person", "sole_trader"), (1, 2, 3, 4))
DAILY = "/reports/daily"


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def column(name: str) -> str:
    return name if name == "active_customers" else f"{name}_fen"


def added(bank: Bank, units: set[int], label: str, name: str, keeper: object = ...) -> int:
    """The sum by hand."""
    return sum(
        row[column(name)]
        for row in bank.days
        if row["label"] == label and row["unit"].pk in units and keeper in (..., row["keeper"])
    )


def test_the_whole_is_the_sum_of_all_outlets_on_each_of_the_five_days(bank) -> None:
    supervisor = testing.make_staff("supervisor", bank.root)
    with acting_as(supervisor, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=False, nobody="—")
    everywhere = bank.below(bank.root)
    for name in MEASURES:
        for label in DAYS:
            assert report.total.value(name, label) == added(bank, everywhere, label, name)
        for label in COMPARISONS:
            now, before = (added(bank, everywhere, each, name) for each in ("today", label))
            assert report.total.change(name, label) == now - before


def test_each_branch_is_the_sum_of_its_outlets_and_the_rows_add_up_to_the_whole(bank) -> None:
    supervisor = testing.make_staff("supervisor", bank.root)
    with acting_as(supervisor, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=False, nobody="—")
    assert [row.unit for row in report.rows] == bank.branches
    for row, branch in zip(report.rows, bank.branches, strict=True):
        assert row.sums.value("aum") == added(bank, bank.below(branch), "today", "aum")
    assert sum(row.sums.value("aum") for row in report.rows) == report.total.value("aum")


def test_under_an_outlet_stand_its_keepers_and_those_without_one_last(bank) -> None:
    head = testing.make_staff("outlet_head", bank.outlets[2])
    with acting_as(head, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=False, nobody="nobody")
    assert [row.label for row in report.rows] == [bank.keepers[2].name, "nobody"]
    here = {bank.outlets[2].pk}
    for row, keeper in zip(report.rows, (bank.keepers[2], None), strict=True):
        assert row.sums.value("loans") == added(bank, here, "today", "loans", keeper)


def test_tiers_count_persons_and_sole_traders_of_the_month_and_not_the_day_before(bank) -> None:
    supervisor = testing.make_staff("supervisor", bank.root)
    with acting_as(supervisor, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=True, nobody="—")

    def counted(rank: int, label: str) -> int:
        month = DAYS[label].replace(day=1)
        return sum(
            row["customers"]
            for row in bank.tiers
            if row["month"] == month and row["tier_rank"] == rank and row["kind"] != "company"
        )

    for rank in (1, 3, 4):
        assert report.total.tier(rank) == counted(rank, "today")
        for label in ("month_start", "year_start", "last_year"):
            assert report.total.tier_change(rank, label) == counted(rank, "today") - counted(rank, label)
        assert report.total.tier_change(rank, "yesterday") is None
    assert report.total.tier(2) == 0


def test_a_manager_sees_the_sums_of_the_own_book_alone(bank) -> None:
    keeper = bank.keepers[1]
    with acting_as(keeper, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=True, nobody="—")
    everywhere = bank.below(bank.root)
    assert report.total.value("deposits") == added(bank, everywhere, "today", "deposits", keeper)
    assert [row.keeper for row in report.rows] == [keeper]


def test_without_a_reach_there_is_nothing(bank) -> None:
    nobody = Reach(bank.keepers[0].pk)
    assert place_of(nobody, None) is None
    assert not rows_at(UnitDay.objects.all(), nobody, None).exists()
    report = daily(nobody, None, RETAIL, keepers=True, nobody="—")
    assert (report.day, report.rows) == (None, ())


def test_a_unit_out_of_reach_answers_like_one_that_does_not_exist(bank) -> None:
    head = testing.make_staff("outlet_head", bank.outlets[0])
    with acting_as(head, today=testing.TODAY) as reach:
        for asked in (str(bank.outlets[1].pk), str(bank.root.pk), "999999", "x"):
            with pytest.raises(Http404):
                place_of(reach, asked)
    with acting_as(bank.keepers[0], today=testing.TODAY) as reach, pytest.raises(Http404):
        place_of(reach, str(bank.outlets[0].pk))


def test_the_way_down_shows_only_units_within_reach(bank) -> None:
    head = testing.make_staff("supervisor", bank.branches[1])
    with acting_as(head, today=testing.TODAY) as reach:
        place = place_of(reach, str(bank.outlets[3].pk))
    assert place is not None
    assert [unit.name for unit in place.trail] == [bank.branches[1].name, bank.outlets[3].name]


def test_a_day_nobody_knows_is_a_dash_and_no_zero(bank) -> None:
    UnitDay.objects.filter(label="last_year").delete()
    UnitDay.objects.update(deposits_average_fen=None)
    supervisor = testing.make_staff("supervisor", bank.root)
    with acting_as(supervisor, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=False, nobody="—")
    assert report.total.change("aum", "last_year") is None
    assert report.total.value("deposits_average") is None
    page = testing.client_of(supervisor).get(DAILY).content.decode()
    assert "日均需要每日余额" in page or "Averages need balances" in page


def test_companies_have_no_aum_where_a_keeper_keeps_only_companies(bank) -> None:
    banker = testing.make_staff("corporate_manager", bank.outlets[0])
    UnitDay.objects.create(
        label="today",
        day=DAYS["today"],
        unit=bank.outlets[0],
        keeper=banker,
        deposits_fen=5,
        aum_fen=0,
        customers=1,
    )
    with acting_as(banker, today=testing.TODAY) as reach:
        report = daily(reach, place_of(reach, None), RETAIL, keepers=True, nobody="—")
    assert (report.total.value("deposits"), report.total.value("aum")) == (5, None)


def test_the_workbook_says_what_the_page_says_and_is_recorded(bank) -> None:
    supervisor = testing.make_staff("supervisor", bank.root)
    answer = testing.client_of(supervisor).get(f"{DAILY}/file")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()
    head = next(number for number, row in enumerate(rows) if len(set(row)) > 10)
    total = rows[head + 1]
    assert total[2] == added(bank, bank.below(bank.root), "today", "deposits") / 100
    assert total[3] == pytest.approx(
        (added(bank, bank.below(bank.root), "today", "deposits")
         - added(bank, bank.below(bank.root), "yesterday", "deposits")) / 100
    )  # fmt: skip
    # every branch with itself and a row for each of its two keepers' books and for nobody's
    assert len(rows) - head - 1 == 1 + sum(1 + 2 + 1 for _branch in bank.branches)
    log = ExportLog.objects.get()
    assert (log.what, log.staff_no, log.rows) == ("daily", supervisor.staff_no, len(rows) - head - 1)


def test_the_page_costs_no_more_queries_for_more_keepers(bank) -> None:
    head = testing.make_staff("outlet_head", bank.outlets[0])
    client = testing.client_of(head)
    client.get(DAILY)
    with CaptureQueriesContext(connection) as few:
        client.get(DAILY)
    for number in range(8):
        keeper = testing.make_staff("relationship_manager", bank.outlets[0], name=f"新人{number}")
        UnitDay.objects.create(
            label="today", day=DAYS["today"], unit=bank.outlets[0], keeper=keeper, aum_fen=1
        )
    with CaptureQueriesContext(connection) as many:
        assert "新人7" in client.get(DAILY).content.decode()
    assert len(many) == len(few) <= 30


@pytest.mark.parametrize("role", ["administrator", "compliance", "teller", "lobby"])
def test_who_has_no_daily_report_gets_none(bank, role) -> None:
    client = testing.client_of(testing.make_staff(role, bank.root))
    for path in (DAILY, f"{DAILY}/file", "/reports/large-changes", "/reports/structure"):
        assert client.get(path).status_code == 403
