"""The customer list: filters, sorts, pages, counts, tabs and the file, each for the people it is for."""

import html
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from python_calamine import CalamineWorkbook

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, ExportLog
from guanxi.crm.customers.models import Holding, SavedView
from guanxi.crm.policies.models import PolicyVersion

pytestmark = pytest.mark.django_db
LIST = "/customers/"


@pytest.fixture
def screen() -> testing.Screen:
    return testing.make_screen()


def add(screen: testing.Screen, name: str, *, unit=None, keeper=None, **figures):
    party = testing.make_party(unit or screen.people.outlet, keeper=keeper or screen.people.alice, name=name)
    given = {"aum_fen": 1_000_000, "tier_scheme": "person", "tier_rank": 1, "stage": "growing"} | figures
    testing.make_score(party, screen.run, **given)
    return party


def listed(staff, query: str = "") -> str:
    answer = testing.client_of(staff).get(f"{LIST}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_person_sees_the_customers_within_reach(screen) -> None:
    add(screen, "陈桂芳", unit=screen.people.elsewhere, keeper=screen.people.charlie)
    seen = {
        who: [name in listed(staff) for name in ("王建国", "陈桂芳")]
        for who, staff in (
            ("alice", screen.people.alice), ("bob", screen.people.bob),
            ("charlie", screen.people.charlie), ("head", screen.people.head),
        )
    }  # fmt: skip
    assert seen == {
        "alice": [True, False],
        "bob": [False, False],
        "charlie": [False, True],
        "head": [True, False],
    }


def test_an_analyst_lists_everybody_without_names(screen) -> None:
    page = listed(testing.make_staff("analyst", screen.people.bank))
    assert "王**" in page
    assert "王建国" not in page
    assert screen.people.customer.customer_no not in page


@pytest.mark.parametrize(
    ("query", "stays"),
    [
        ("?tier=person.4", True), ("?tier=person.1", False), ("?tier=none", False),
        ("?tier=person.1&tier=person.4", True), ("?stage=mature", True), ("?stage=lost", False),
        ("?aum_from=500000", True), ("?aum_from=523118.43", False), ("?aum_to=523118.42", True),
        ("?aum_to=100", False), ("?kind=person", True), ("?kind=company", False), ("?watch=1", False),
        ("?family=time", True), ("?family=fund", False), ("?keeper=none", False),
        ("?tier=nonsense&unit=abc&aum_from=x&keeper=999999", True), ("?after=garbage&sort=nonsense", True),
    ],
)  # fmt: skip
def test_filters_keep_who_passes_them_and_nonsense_is_ignored(screen, query, stays) -> None:
    with testing.everything():
        Holding.objects.create(party=screen.people.customer, account_no="A1", family="time", currency="CNY")
    for staff in (screen.people.alice, screen.people.head):
        assert ("王建国" in listed(staff, query)) is stays


def test_a_holding_that_is_closed_or_only_acted_for_does_not_count_as_held(screen) -> None:
    with testing.everything():
        who = {"party": screen.people.customer, "currency": "CNY"}
        Holding.objects.create(**who, account_no="A1", family="fund", state="closed")
        Holding.objects.create(**who, account_no="A2", family="insurance", role="agent")
    assert "王建国" not in listed(screen.people.alice, "?family=fund&family=insurance")


def test_a_unit_is_filtered_with_everything_below_it(screen) -> None:
    add(screen, "陈桂芳", unit=screen.people.elsewhere, keeper=screen.people.charlie)
    supervisor = testing.make_staff("supervisor", screen.people.bank)
    for unit, names in ((screen.people.bank, [True, True]), (screen.people.outlet, [True, False])):
        page = listed(supervisor, f"?unit={unit.pk}")
        assert [name in page for name in ("王建国", "陈桂芳")] == names


def test_a_unit_out_of_reach_is_no_filter_one_may_use(screen) -> None:
    page = listed(screen.people.head, f"?unit={screen.people.elsewhere.pk}")
    assert screen.people.elsewhere.name not in page


def test_the_filter_form_leads_to_an_address_without_the_name_in_it(screen) -> None:
    add(screen, "陈桂芳")
    client = testing.client_of(screen.people.alice)
    sent = {"text": "建国", "tier": ["person.4"], "aum_from": "1,000", "kept": "sort=-value&columns=aum"}
    answer = client.post("/customers/filter", sent)
    assert answer.status_code == 302
    there = answer.headers["Location"]
    query = parse_qs(urlsplit(there).query)
    assert "建国" not in there
    assert "%E5%BB%BA" not in there
    assert {
        "tier": ["person.4"],
        "aum_from": ["1000"],
        "sort": ["-value"],
        "columns": ["aum"],
    }.items() <= query.items()
    page = client.get(there).content.decode()
    assert "王建国" in page
    assert "陈桂芳" not in page
    assert "姓名包含：建国" in page


def test_chips_name_what_is_set_and_lead_to_the_list_without_it(screen) -> None:
    page = listed(screen.people.alice, "?tier=person.4&stage=mature&sort=-value")
    assert "等级：金卡客户" in page
    assert 'href="?stage=mature&amp;sort=-value"' in page


def test_pages_by_key_show_everybody_once_there_and_back(screen) -> None:
    for number in range(119):
        add(screen, f"周{chr(20000 + number)}", aum_fen=None if number % 3 == 0 else 1_000_000 * (number % 7))
    client = testing.client_of(screen.people.alice)
    forward, address = [], LIST
    while address:
        page = client.get(address)
        forward.append(uuids(page))
        address = neighbour(page, "next")
    assert [len(page) for page in forward] == [50, 50, 20]
    assert len({uuid for page in forward for uuid in page}) == 120
    back = uuids(client.get(str(neighbour(page, "prev"))))
    assert back == forward[1]


def uuids(answer) -> list[str]:
    return re.findall(r'<tr data-href="/customers/([0-9a-f-]+)/', answer.content.decode())


def neighbour(answer, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', answer.content.decode())
    return LIST + html.unescape(found.group(1)) if found else None


def test_the_count_is_exact_up_to_a_thousand(screen) -> None:
    add(screen, "陈桂芳")
    assert "共 2 位客户" in listed(screen.people.alice)
    assert (
        testing.client_of(screen.people.alice).get("/customers/count?tier=person.4").content.decode()
        == "共 1 位客户"
    )


def test_a_tab_keeps_filters_and_is_ones_own(screen) -> None:
    client = testing.client_of(screen.people.alice)
    kept = "tier=person.4&sort=-value"
    assert client.post("/customers/views", {"name": "金卡", "kept": f"{kept}&after=xyz"}).status_code == 302
    assert f'/customers/?{kept.replace("&", "&amp;")}" aria-current="page">金卡' in listed(
        screen.people.alice, f"?{kept}"
    )
    assert "金卡</a>" not in listed(screen.people.bob)


def test_nobody_drops_the_tab_of_another(screen) -> None:
    testing.client_of(screen.people.alice).post("/customers/views", {"name": "金卡", "kept": "tier=person.4"})
    page = listed(screen.people.alice, "?tier=person.4")
    number = page.split("/customers/views/")[1].split("/")[0]
    testing.client_of(screen.people.bob).post(f"/customers/views/{number}/remove")
    assert "金卡</a>" in listed(screen.people.alice)
    testing.client_of(screen.people.alice).post(f"/customers/views/{number}/remove")
    assert "金卡</a>" not in listed(screen.people.alice)
    assert not SavedView.objects.exists()


def sheet_of(answer) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()


def test_the_file_holds_the_list_says_who_took_it_and_is_recorded(screen) -> None:
    add(screen, "=cmd()", aum_fen=100)
    add(screen, "陈桂芳", unit=screen.people.elsewhere, keeper=screen.people.charlie)
    answer = testing.client_of(screen.people.alice).get(
        "/customers/export?kind=person&columns=aum&columns=tier"
    )
    rows = sheet_of(answer)
    told = "\n".join(str(cell) for row in rows for cell in row)
    assert f"Alice（{screen.people.alice.staff_no}）" in told
    assert "2026-10-31" in told
    assert "客户类型：个人" in told
    assert [row[:3] for row in rows if row[0] in ("王建国", "'=cmd()")] == [
        ["王建国", "金卡客户", 523118.42], ["'=cmd()", "普通客户", 1.0],
    ]  # fmt: skip
    assert "陈桂芳" not in told
    entry = ExportLog.objects.get()
    assert (entry.what, entry.rows, entry.columns) == ("customers", 2, ["name", "tier", "aum"])
    assert (entry.staff_no, len(entry.content_hash)) == (screen.people.alice.staff_no, 64)


def test_an_analyst_takes_no_names_away(screen) -> None:
    answer = testing.client_of(testing.make_staff("analyst", screen.people.bank)).get("/customers/export")
    told = str(sheet_of(answer))
    assert "王**" in told
    assert "王建国" not in told


def test_the_file_says_its_purpose_and_names_leave_for_no_analysis(screen) -> None:
    client = testing.client_of(screen.people.alice)
    told = str(sheet_of(client.get("/customers/export?purpose=marketing")))
    assert "使用目的：营销" in told
    assert ExportLog.objects.get().filters["purpose"] == "marketing"
    page = client.get(LIST).content.decode()
    assert "purpose=marketing" in page
    assert "purpose=analysis" not in page
    refused = client.get("/customers/export?purpose=analysis")
    assert refused.status_code == 403
    assert re.findall("以下字段[^<]*", refused.content.decode()) == ["以下字段不能用于“经营分析”：客户。"]
    assert ExportLog.objects.count() == 1
    assert ChangeLog.objects.get(verb="audit.export_refused").details["fields"] == ["name"]


def test_more_rows_than_the_policy_allows_are_refused_in_words_and_leave_no_file(screen) -> None:
    add(screen, "陈桂芳")
    PolicyVersion.objects.filter(kind="access").update(
        payload={"export_rows": {"relationship_manager": 1}, "reveals_a_day": 60}, content_hash="one row"
    )
    client = testing.client_of(screen.people.alice)
    answer = client.get("/customers/export?stage=mature&stage=growing")
    assert answer.status_code == 302
    assert "每次最多导出 1 行" in client.get(answer.headers["Location"]).content.decode()
    assert not ExportLog.objects.exists()


@pytest.mark.parametrize("role", ["teller", "lobby"])
def test_the_counter_may_look_but_not_take_away(screen, role) -> None:
    client = testing.client_of(testing.make_staff(role, screen.people.outlet))
    assert "王建国" in client.get(LIST).content.decode()
    assert client.get("/customers/export").status_code == 403


def test_an_empty_book_says_what_will_come(screen) -> None:
    assert "您管户的客户将显示在这里" in listed(screen.people.bob)
    assert "没有符合条件的客户" in listed(screen.people.bob, "?stage=lost")


def test_a_file_above_the_limit_is_asked_for_approved_by_the_head_and_taken_once(screen) -> None:
    add(screen, "陈桂芳")
    PolicyVersion.objects.filter(kind="access").update(
        payload={
            "export_rows": {"relationship_manager": 1, "outlet_head": 1}, "reveals_a_day": 60,
            "approved_rows": {"outlet_head": 10}, "approved_days": 7,
        }, content_hash="one row, ten approved",
    )  # fmt: skip
    manager, head = testing.client_of(screen.people.alice), testing.client_of(screen.people.head)
    refused = manager.get("/customers/export?stage=mature&stage=growing&columns=name")
    assert refused.status_code == 403
    (asked,) = re.findall(r'name="asked" value="([^"]+)"', refused.content.decode())
    assert (
        "已提交"
        in manager.post("/exports/ask", {"asked": asked, "reason": "核对"}, follow=True).content.decode()
    )
    page = head.get("/exports/").content.decode()
    (key,) = re.findall(r"/exports/([0-9a-f-]{36})/decide", page)[:1]
    (read,) = re.findall(r'name="hash" value="([^"]+)"', page)
    head.post(f"/exports/{key}/decide", {"word": "approve", "hash": read})
    (take,) = re.findall(r'href="(/customers/export[^"]+)"', manager.get("/exports/").content.decode())
    take = take.replace("&amp;", "&")
    assert head.get(take).status_code == 403
    assert (
        manager.get(take.replace("stage=growing", "stage=lost")).status_code == 200
    )  # nobody: within the limit
    book = b"".join(manager.get(take).streaming_content)
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()) > 2
    assert ExportLog.objects.latest("pk").filters["approval"] == key
    assert manager.get(take).status_code == 403
