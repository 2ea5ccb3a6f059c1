"""昨日大额变动, 近 30 天到期, 临界客户: whose rows, in which order, why the first is first, and the file of them."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ExportLog
from guanxi.crm.customers.models import Holding
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.models import LargeChange, Maturity, NearLine, UnitDay
from guanxi.crm.scores.reports import lists
from guanxi.insight.policies.access import AccessPolicy

pytestmark = pytest.mark.django_db
PATHS = {
    "large_changes": "/reports/large-changes",
    "maturities": "/reports/maturities",
    "near_lines": "/reports/near-lines",
}
DAY = testing.BUSINESS_DATE


@pytest.fixture
def people() -> testing.People:
    return testing.make_screen().people


def customer(people, name, *, keeper=None, unit=None):
    party = testing.make_party(unit or people.outlet, keeper=keeper, name=name)
    testing.make_score(
        party, testing.Run.objects.get(is_current=True), tier_scheme="person", tier_rank=3, next_rank=4
    )
    return party


def put(kind, party, fen, **more):
    """A row of a list about a customer; `fen` is its amount."""
    at = {"party": party, "unit_id": party.unit_id, "keeper_id": party.keeper_id}
    with testing.everything():
        if kind == "large_changes":
            LargeChange.objects.create(
                **at,
                day=DAY,
                aum_before_fen=10**8,
                aum_after_fen=10**8 + fen,
                change_fen=fen,
                change_share=fen / 10**8,
            )
        elif kind == "maturities":
            told = {"family": "time", "days_left": 5, "rolls_over": False} | more
            number = str(Maturity.objects.count())
            Maturity.objects.create(
                **at, account_no=number, amount_fen=fen, matures_on=DAY + timedelta(told["days_left"]), **told
            )
        else:
            told = {"side": "below", "held_rank": 3, "line_fen": 50_000_000} | more
            NearLine.objects.create(**at, gap_fen=fen, daily_average_fen=told["line_fen"] - fen, **told)


def page(staff, kind, query=""):
    answer = testing.client_of(staff).get(f"{PATHS[kind]}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", PATHS)
def test_owner_and_head_see_the_row_the_others_do_not(people, kind) -> None:
    put(kind, people.customer, -5_000_000 if kind == "large_changes" else 5_000_000)
    for staff, seen in (
        (people.alice, True),
        (people.head, True),
        (people.bob, False),
        (people.charlie, False),
    ):
        assert (people.customer.name in page(staff, kind)) is seen
        with acting_as(staff, today=testing.TODAY) as reach:
            assert lists.rows_of(lists.KINDS[kind], reach, None, lists.Asked()).exists() is seen


@pytest.mark.parametrize("kind", PATHS)
def test_without_a_reach_a_list_is_empty_even_where_the_database_would_show_it(people, kind) -> None:
    put(kind, people.customer, 5_000_000)
    with testing.everything():
        assert lists.KINDS[kind].model.objects.exists()
        assert not lists.rows_of(lists.KINDS[kind], Reach(people.alice.pk), None, lists.Asked()).exists()


@pytest.mark.parametrize("kind", PATHS)
def test_an_analyst_sees_the_rows_without_the_names(people, kind) -> None:
    put(kind, people.customer, -5_000_000 if kind == "large_changes" else 5_000_000)
    text = page(testing.make_staff("analyst", people.bank), kind)
    assert people.customer.name not in text
    assert f"{people.customer.name[0]}**" in text


def test_outflow_comes_first_and_inflow_on_its_own_tab_the_largest_on_top(people) -> None:
    for name, fen in (("甲甲", -600), ("乙乙", -900), ("丙丙", 5_000), ("丁丁", 70)):
        put("large_changes", customer(people, name, keeper=people.alice), fen)
    with acting_as(people.head, today=testing.TODAY) as reach:
        rows = lists.rows_of(lists.LARGE, reach, None, lists.Asked())
        out, came = (rows.filter(tab.where) for tab in lists.LARGE.tabs)
        assert [row.change_fen for row in out] == [-900, -600]
        assert [row.change_fen for row in came] == [5_000, 70]
        assert lists.totals(lists.LARGE, rows) == {"out": (2, -1_500), "in": (2, 5_070)}
    assert "乙乙 排在首位" in page(people.head, "large_changes")
    assert "丙丙 排在首位" in page(people.head, "large_changes", "?tab=in")


def test_what_rolls_over_by_itself_is_apart_and_an_unknown_flag_counts_as_may_leave(people) -> None:
    for fen, rolls in ((300, False), (900, True), (500, None)):
        put("maturities", people.customer, fen, rolls_over=rolls)
    with acting_as(people.head, today=testing.TODAY) as reach:
        rows = lists.rows_of(lists.DUE, reach, None, lists.Asked())
        assert lists.totals(lists.DUE, rows) == {"open": (2, 800), "rolls": (1, 900), "all": (3, 1_700)}
        assert [row.amount_fen for row in rows.filter(lists.DUE.tabs[0].where)] == [500, 300]


def test_near_a_line_the_highest_line_comes_first_and_then_the_nearest(people) -> None:
    told = (("甲甲", 900, 20_000_000), ("乙乙", 100, 20_000_000), ("丙丙", 4_000, 50_000_000))
    for name, gap, line in told:
        put("near_lines", customer(people, name), gap, line_fen=line)
    put("near_lines", customer(people, "丁丁"), 7, side="above")
    with acting_as(people.head, today=testing.TODAY) as reach:
        rows = lists.rows_of(lists.NEAR, reach, None, lists.Asked())
        below = rows.filter(lists.NEAR.tabs[0].where)
        assert [row.party.name for row in below] == ["丙丙", "乙乙", "甲甲"]
    assert "丁丁" in page(people.head, "near_lines", "?tab=above")
    assert "金卡客户" in page(people.head, "near_lines")


def test_filters_narrow_by_keeper_and_kind_and_can_be_taken_away(people) -> None:
    put("maturities", people.customer, 100, family="time")
    put("maturities", customer(people, "乙乙", keeper=people.bob), 200, family="wealth")
    put("maturities", customer(people, "无主"), 300, family="wealth")
    assert "乙乙" not in page(people.head, "maturities", f"?keeper={people.alice.pk}")
    text = page(people.head, "maturities", "?keeper=none")
    assert "无主" in text
    assert "乙乙" not in text
    text = page(people.head, "maturities", "?family=wealth")
    assert "乙乙" in text
    assert people.customer.name not in text
    # a keeper out of reach, a family nobody offers: refused, and the list shows what it may
    assert "乙乙" in page(people.head, "maturities", f"?keeper={people.charlie.pk}&family=loan")


def test_a_unit_out_of_reach_is_not_there(people) -> None:
    client = testing.client_of(people.head)
    for path in (*PATHS.values(), *(f"{path}/file" for path in PATHS.values())):
        assert client.get(f"{path}?unit={people.elsewhere.pk}").status_code == 404
        assert client.get(f"{path}?unit={people.outlet.pk}").status_code == 200


def taken(staff, kind, query=""):
    answer = testing.client_of(staff).get(f"{PATHS[kind]}/file{query}")
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("kind", PATHS)
def test_the_file_holds_what_the_page_shows_to_that_person_and_is_recorded(people, kind) -> None:
    put(kind, people.customer, -5_000_000 if kind == "large_changes" else 5_000_000)
    for staff, rows in ((people.alice, 1), (people.bob, 0), (people.charlie, 0)):
        cells = [cell for row in taken(staff, kind) for cell in row]
        assert cells.count(people.customer.name) == rows
        assert cells.count(people.customer.customer_no) == rows
        log = ExportLog.objects.latest("pk")
        assert (log.what, log.staff_no, log.rows) == (kind, staff.staff_no, rows)
        assert len(log.content_hash) == 64


def test_nobody_takes_more_rows_than_the_policy_lets_the_role(people, monkeypatch) -> None:
    monkeypatch.setattr(AccessPolicy, "export_limit", lambda _self, _roles: 1)
    put("maturities", people.customer, 100)
    assert len(ExportLog.objects.all()) == 0
    taken(people.head, "maturities")
    put("maturities", people.customer, 200)
    answer = testing.client_of(people.head).get("/reports/maturities/file")
    assert (answer.status_code, ExportLog.objects.count()) == (403, 1)
    assert "申请导出" in answer.content.decode()


@pytest.mark.parametrize("kind", PATHS)
def test_a_list_costs_no_more_queries_for_more_rows(people, kind) -> None:
    client = testing.client_of(people.head)
    put(kind, people.customer, -500 if kind == "large_changes" else 500)
    client.get(PATHS[kind])
    with CaptureQueriesContext(connection) as few:
        client.get(PATHS[kind])
    for number in range(12):
        party = customer(people, f"客户{number}", keeper=people.bob if number % 2 else None)
        put(kind, party, -1_000 - number if kind == "large_changes" else 1_000 + number)
    with CaptureQueriesContext(connection) as many:
        assert "客户11" in client.get(PATHS[kind]).content.decode()
    assert len(many) == len(few) <= 25


def test_a_list_without_rows_says_who_would_stand_on_it(people) -> None:
    text = page(people.head, "large_changes")
    assert "5.00" in text
    assert "20%" in text
    assert date(2026, 10, 31).isoformat() in text


def test_a_list_that_lacks_its_input_says_which_and_claims_no_emptiness(people) -> None:
    assert "matures_on" in page(people.head, "maturities")
    assert "没有前一日的数据" in page(people.head, "large_changes")
    UnitDay.objects.create(label="yesterday", day=DAY, unit=people.outlet, aum_fen=1)
    with testing.everything():
        Holding.objects.create(
            party=people.customer, account_no="1", family="time", currency="CNY", matures_on=date(2030, 1, 1)
        )
    assert "matures_on" not in page(people.head, "maturities")
    assert "没有前一日的数据" not in page(people.head, "large_changes")


def test_a_customer_without_a_name_is_shown_by_number(people) -> None:
    put("maturities", customer(people, ""), 100)
    with testing.everything():
        number = Maturity.objects.get().party.customer_no
    assert number in page(people.head, "maturities")


@pytest.mark.parametrize("kind", PATHS)
def test_a_long_list_has_pages_that_hold_every_row_once_there_and_back(people, kind) -> None:
    for number in range(120):
        # Equal amounts side by side: only the last part of the key tells them apart.
        put(kind, customer(people, f"客户{number:03}", keeper=people.alice), -(10**6) - number // 4 * 100)
    client = testing.client_of(people.head)
    address, pages = PATHS[kind], []
    while address:
        page = client.get(address).content.decode()
        pages.append(re.findall(r'<tr data-href="([^"]+)"', page))
        address = neighbour(page, "next", PATHS[kind])
    assert [len(rows) for rows in pages] == [50, 50, 20]
    assert len({row for rows in pages for row in rows}) == 120
    back = client.get(neighbour(page, "prev", PATHS[kind])).content.decode()
    assert re.findall(r'<tr data-href="([^"]+)"', back) == pages[1]


def neighbour(page: str, which: str, path: str) -> str | None:
    found = re.search(rf'rel="{which}" href="([^"]+)"', page)
    return path + found[1].replace("&amp;", "&") if found else None


@pytest.mark.parametrize("mangled", ["x", "W10", "WzEsMl0", "WyJhIiwiYiIsImMiXQ", "bnVsbA"])
def test_a_mangled_key_shows_the_first_page(people, mangled) -> None:
    put("maturities", customer(people, "王一", keeper=people.alice), 10**6)
    client = testing.client_of(people.head)
    assert "王一" in client.get(f"{PATHS['maturities']}?after={mangled}").content.decode()
