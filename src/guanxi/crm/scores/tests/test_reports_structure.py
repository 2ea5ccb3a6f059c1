"""客户分析: sums over a subtree equal hand-made sums; what is missing is named; nobody sees another's units."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import AgeChannel, Care, Concentration, Run, UnitBand
from guanxi.crm.scores.reports.parts import PARTS
from guanxi.crm.scores.reports.places import Place, sums_at
from guanxi.crm.scores.tests.reports_bank import LAST, Bank, made, make_bank

pytestmark = pytest.mark.django_db
STRUCTURE = "/reports/structure"


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def by_hand(bank: Bank, unit, rank: int, month=LAST):
    """Customers and AUM of a tier of persons under a unit, added up from the rows as they were written."""
    rows = [
        row for row in bank.tiers
        if row["unit"].pk in bank.below(unit) and row["month"] == month
        and row["kind"] != "company" and row["tier_rank"] == rank
    ]  # fmt: skip
    return sum(row["customers"] for row in rows), sum(row["aum_fen"] for row in rows)


@pytest.mark.parametrize("level", ["root", "branch", "outlet"])
def test_tiers_of_a_subtree_are_the_sums_of_its_outlets(bank, level) -> None:
    unit = {"root": bank.root, "branch": bank.branches[1], "outlet": bank.outlets[0]}[level]
    table = made(bank, "tiers", unit).tables[0]
    rated = {rank: by_hand(bank, unit, rank) for rank in (1, 3, 4)}
    people, fen = (sum(held[at] for held in rated.values()) for at in (0, 1))
    for rank, (n, held) in rated.items():
        row = table.rows[rank - 1]
        assert row[1:5] == [n, n / people, held, held / fen]
    assert table.rows[1][1:4] == [0, 0.0, 0]
    assert table.total[1:5] == [people, 1.0, fen, 1.0]


def test_persons_without_a_tier_are_told_and_not_counted(bank) -> None:
    part = made(bank, "tiers")
    unrated, _fen = by_hand(bank, bank.root, -1)
    assert f"{unrated:,}" in part.notes[0]


def test_the_units_below_add_up_to_the_unit(bank) -> None:
    rows = made(bank, "below")
    assert [unit for unit, _cells in rows] == bank.branches
    for unit, cells in rows:
        assert cells[1] == sum(by_hand(bank, unit, rank)[0] for rank in (1, 3, 4))
        assert cells[4] == sum(by_hand(bank, unit, rank)[0] for rank in (3, 4))
    assert sum(cells[3] for _unit, cells in rows) == pytest.approx(1)


def test_mid_and_high_end_over_time_is_the_managed_tiers_of_all_rated(bank) -> None:
    table = made(bank, "high_end").tables[0]
    row = next(row for row in table.rows if row[0] == LAST)
    high = sum(by_hand(bank, bank.root, rank)[0] for rank in (3, 4))
    rated = high + by_hand(bank, bank.root, 1)[0]
    assert row[1:4] == [high, rated, high / rated]
    assert [column.label for column in table.columns[3:]] == [
        bank.root.name,
        *(unit.name for unit in bank.branches),
    ]


def test_concentration_is_the_unit_s_own_curve_and_profit_passes_a_hundred_percent(bank) -> None:
    part = made(bank, "concentration", bank.branches[0])
    aum, profit = part.charts[0].data["series"]
    assert aum["points"][20] == [0.2, 0.6]
    assert max(y for _x, y in profit["points"]) == 1.3
    assert len(part.tables[0].whole) == 100
    assert "60.0%" in part.finding
    assert "130.0%" in part.finding


def test_without_transfer_prices_the_missing_curve_is_named(bank) -> None:
    Concentration.objects.filter(metric="contribution").delete()
    Run.objects.update(manifest={"extract": {"files": []}})
    part = made(bank, "concentration")
    assert len(part.charts[0].data["series"]) == 1
    assert "ftp_rates" in part.notes[0]


def test_without_channel_events_channel_use_is_unknown_and_no_zero(bank) -> None:
    used = made(bank, "age").tables[0]
    assert used.total[-2:] == [0.5, 0.25]
    AgeChannel.objects.update(mobile_active=0, web_active=0)
    Run.objects.update(manifest={"extract": {"files": []}})
    part = made(bank, "age")
    assert part.tables[0].total[-2:] == [None, None]
    assert "channel_events" in part.notes[0]


def test_migration_counts_rises_and_falls_apart_with_their_aum(bank) -> None:
    part = made(bank, "migration", bank.branches[0])
    data = part.charts[0].data
    silver, gold = (data["rows"].index(name) for name in ("银卡客户", "金卡客户"))
    assert (data["cells"][silver][gold], data["extra"]["cells"][silver][gold]) == (10, 1000)
    assert (data["cells"][gold][silver], data["extra"]["cells"][gold][silver]) == (4, 400)
    assert [row[3] for row in part.tables[0].rows] == [10, 4]


def test_attrition_by_tier_and_by_unit_gives_the_same_whole(bank) -> None:
    by_tier, by_unit = made(bank, "attrition").tables
    assert by_tier.total == by_unit.total
    assert by_tier.total[1:] == [400, 12, 12 / 400, 3600, 16, 16 / 400]


def test_contacts_are_set_against_the_days_that_customers_had_a_keeper(bank) -> None:
    by_tier, by_unit = made(bank, "care").tables
    assert by_tier.total == by_unit.total
    assert by_tier.total[1:] == [280, 8400, 96, 11.4, 80, 80 / 280, 16]
    assert by_tier.rows[1][1:5] == [120, 3600, 48, 13.3]


def test_care_of_a_month_before_keepers_were_known_says_so_instead_of_nought(bank) -> None:
    Care.objects.all().delete()
    part = made(bank, "care")
    assert part.missing
    assert not part.tables


def test_holding_and_bands_add_up(bank) -> None:
    assert made(bank, "holding").tables[0].total[1] == 4 * (30 + 15)
    customers, accounts = made(bank, "bands").tables
    assert customers.total[1] == 4 * (10 + 20 + 30)
    assert [row[1] for row in accounts.rows] == [4 * 7, 4 * 14, 4 * 21]
    assert accounts.total[3] == 4 * (1 + 2 + 3)


def test_companies_are_counted_apart_and_named_without_their_size(bank) -> None:
    rows = [row["customers"] for row in bank.tiers if row["kind"] == "company" and row["month"] == LAST]
    table = made(bank, "companies").tables[0]
    assert table.rows == [["中", sum(rows), 1.0]]


def test_a_month_without_rows_says_so_in_words(bank) -> None:
    for code in PARTS:
        part = made(bank, code, month=LAST.replace(year=2020))
        assert part.missing
        assert not part.tables


def test_a_person_who_sees_no_units_has_no_sums(bank) -> None:
    place = Place(bank.root, (bank.root,), (), {unit.pk: unit.pk for unit in bank.outlets})
    assert UnitBand.objects.exists()
    assert not sums_at(UnitBand.objects.all(), Reach(bank.keepers[0].pk), place).exists()


def test_a_head_looks_at_the_own_outlet_and_at_no_other(bank) -> None:
    client = testing.client_of(testing.make_staff("outlet_head", bank.outlets[0]))
    text = client.get(STRUCTURE).content.decode()
    assert bank.outlets[0].name in text
    assert bank.outlets[1].name not in text
    for path in (STRUCTURE, f"{STRUCTURE}/tiers", f"{STRUCTURE}/file"):
        assert client.get(f"{path}?unit={bank.outlets[1].pk}").status_code == 404
        assert client.get(f"{path}?unit={bank.root.pk}").status_code == 404


def test_the_month_is_chosen_and_each_panel_says_its_day(bank) -> None:
    client = testing.client_of(testing.make_staff("analyst", bank.root))
    assert "2026-10-31" in client.get(STRUCTURE).content.decode()
    assert "2025-12-31" in client.get(f"{STRUCTURE}?month=2025-12").content.decode()
    assert "2026-10-31" in client.get(f"{STRUCTURE}?month=nonsense").content.decode()
    assert client.get(f"{STRUCTURE}/nonsense").status_code == 404


@pytest.mark.parametrize("code", PARTS)
def test_each_part_costs_no_more_queries_for_a_larger_tree(bank, code) -> None:
    small = testing.client_of(testing.make_staff("outlet_head", bank.outlets[0]))
    large = testing.client_of(testing.make_staff("supervisor", bank.root))
    counts = []
    for client in (small, large):
        client.get(f"{STRUCTURE}/{code}")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"{STRUCTURE}/{code}").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_the_page_itself_costs_few_queries(bank) -> None:
    client = testing.client_of(testing.make_staff("supervisor", bank.root))
    client.get(STRUCTURE)
    with CaptureQueriesContext(connection) as asked:
        client.get(STRUCTURE)
    assert len(asked) <= 25


def test_the_workbook_has_a_sheet_for_each_table_and_is_recorded(bank) -> None:
    supervisor = testing.make_staff("supervisor", bank.root)
    client = testing.client_of(supervisor)
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get(f"{STRUCTURE}/file"))))
    assert len(book.sheet_names) == sum(len(made(bank, code).tables) for code in PARTS)
    one = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get(f"{STRUCTURE}/file?part=tiers"))))
    people = sum(by_hand(bank, bank.root, rank)[0] for rank in (1, 3, 4))
    assert one.get_sheet_by_index(0).to_python()[-1][1] == people
    assert list(ExportLog.objects.values_list("what", "staff_no")) == [("structure", supervisor.staff_no)] * 2
