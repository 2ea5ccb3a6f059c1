"""The pages of the trail: compliance alone reads them, and finds who saw, changed and took what."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guanxi.crm import testing
from guanxi.crm.audit import seals, selectors, services
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.desk.sealed import seal
from guanxi.crm.desk.trail import pictures
from guanxi.crm.organisation.models import Role
from guanxi.insight.staging.keys import party_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> testing.People:
    return testing.make_people()


@pytest.fixture
def checker(people):
    return testing.make_staff("compliance", people.bank, name="魏丽巧")


def page(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_the_trail_is_for_compliance_alone(people, role) -> None:
    client = testing.client_of(testing.make_staff(role, people.bank))
    expected = 200 if role == "compliance" else 403
    for address in ("/audit/", "/audit/customers/1", "/audit/staff/S1", "/audit/seals"):
        assert client.get(address).status_code == expected, address


def test_who_looked_at_a_customer_is_found_by_number_and_the_number_stays_out_of_the_address(
    people, checker, settings
) -> None:
    settings.GUANXI_BANK = Path("banks/demo")
    key = party_key("demo", "C00000077")
    services.viewed(by=people.alice, party_key=key)
    services.viewed(by=people.bob, party_key=key + 1)
    answer = testing.client_of(checker).post("/audit/find", {"customer_no": " C00000077 "})
    address = answer.headers["Location"]
    assert address.startswith(f"/audit/customers/{key}?")
    assert "C00000077" not in address
    text = page(checker, address)
    assert "Alice" in text
    assert "Bob" not in text
    assert "客户 C00000077" in text


def test_a_trail_is_titled_with_no_number_that_is_not_its_customers(checker, settings) -> None:
    settings.GUANXI_BANK = Path("banks/demo")
    key = party_key("demo", "C00000077")
    for told in ("", f"?number={seal('C00000078')}", "?number=x"):
        text = page(checker, f"/audit/customers/{key}{told}")
        assert "某位客户" in text
        assert str(key)[-6:] not in text.partition("</title>")[0]


def test_a_number_left_empty_is_asked_for(checker) -> None:
    answer = testing.client_of(checker).post("/audit/find", {"customer_no": ""}, follow=True)
    assert "请输入完整的客户号" in answer.content.decode()


def test_no_customer_appears_by_name(people, checker) -> None:
    services.record(
        by=people.alice, verb="customers.keeper_assigned", on=people.customer, keeper=people.bob.staff_no
    )
    services.viewed(by=people.alice, party_key=people.customer.pk)
    for address in (
        "/audit/",
        "/audit/?tab=looks",
        f"/audit/customers/{people.customer.pk}",
        f"/audit/staff/{people.alice.staff_no}?tab=changes",
    ):
        assert people.customer.name not in page(checker, address), address


def test_changes_are_narrowed_by_person_deed_and_day(people, checker) -> None:
    services.record(by=people.alice, verb="organisation.password_set", on=people.bob)
    services.record(by=people.bob, verb="organisation.staff_stopped", on=people.alice)
    assert "设置密码</td>" in page(checker, "/audit/")
    text = page(checker, "/audit/?verb=organisation.staff_stopped")
    assert "设置密码</td>" not in text
    assert "停止登录</td>" in text
    assert "停止登录</td>" not in page(checker, f"/audit/?staff={people.alice.staff_no}")
    assert "停止登录</td>" not in page(checker, "/audit/?day=2020-01-01")


def test_a_post_that_moved_is_told_by_whose_it_is(people, checker) -> None:
    services.record(
        by=people.head,
        verb="organisation.post_opened",
        on=people.alice.posts.get(),
        staff=people.alice.staff_no,
        role="teller",
    )
    text = page(checker, "/audit/")
    assert f"Alice ({people.alice.staff_no})" in text
    assert "角色 柜员" in text


def test_pages_go_by_key_and_miss_no_row(people, checker) -> None:
    for number in range(120):
        services.viewed(by=people.alice, party_key=number)
    seen, address = 0, "/audit/?tab=looks"
    while address:
        text = page(checker, address)
        seen += text.count("客户全景</td>")
        more = text.split('rel="next" href="')[1:]
        address = "/audit/" + more[0].split('"')[0].replace("&amp;", "&") if more else ""
    assert seen == 120


def test_an_export_stands_there_with_its_rows_and_columns(people, checker) -> None:
    services.exported(
        by=people.head, what="maturities", rows=321, columns=["name", "amount"], filters={"tier": "3"}
    )
    text = page(checker, "/audit/?tab=files")
    assert "近期到期" in text
    assert "321" in text
    assert "name, amount" in text


def looked(staff, parties, at: datetime) -> None:
    """Rows of the trail at that instant; `auto_now_add` is got round by a bulk insert with the field's own value."""
    field = CustomerView._meta.get_field("at")
    field.auto_now_add = False
    try:
        CustomerView.objects.bulk_create(
            CustomerView(at=at, staff_no=staff.staff_no, staff_name=staff.name, party_key=key, what="page")
            for key in parties
        )
    finally:
        field.auto_now_add = True


def test_who_looks_at_more_customers_than_on_the_own_average_day_is_listed(people) -> None:
    noon = datetime(2026, 11, 1, 4, tzinfo=UTC)
    for days in (1, 2, 3):
        looked(people.alice, range(2 * days), noon - timedelta(days=days))  # 2, 4, 6: four on average
        looked(people.bob, range(10), noon - timedelta(days=days))
    looked(people.alice, range(4), noon - timedelta(days=40))
    looked(people.alice, range(9), noon)
    looked(people.alice, range(9), noon + timedelta(minutes=1))  # the same customers again count once
    looked(people.bob, range(10), noon)
    looked(people.charlie, range(2), noon)
    found = {one.staff_name: (one.customers, one.usual) for one in pictures.usual_day(noon)}
    assert found == {"Alice": (9, 4.0), "Charlie": (2, None)}


def test_the_day_is_the_banks_day_and_not_that_of_utc(people) -> None:
    late = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)  # half past midnight of the first in Shanghai
    looked(people.alice, range(3), late)
    assert [one.customers for one in pictures.usual_day(datetime(2026, 11, 1, 4, tzinfo=UTC))] == [3]
    assert pictures.usual_day(datetime(2026, 10, 31, 12, tzinfo=UTC)) == []


def test_the_seals_say_when_a_row_was_changed(people, checker) -> None:
    assert "尚未封存" in page(checker, "/audit/seals")
    services.viewed(by=people.alice, party_key=1)
    seals.seal(now=datetime.now(UTC) + timedelta(hours=1))
    assert "均未改动" in page(checker, "/audit/seals")


def test_what_was_done_to_a_person_covers_account_posts_and_leave(people) -> None:
    services.record(by=people.head, verb="organisation.password_set", on=people.alice)
    services.record(
        by=people.head,
        verb="organisation.post_closed",
        on=people.alice.posts.get(),
        staff=people.alice.staff_no,
    )
    services.record(by=people.alice, verb="organisation.signed_in", on=people.alice)
    services.record(by=people.head, verb="organisation.password_set", on=people.bob)
    verbs = [row.verb for row in selectors.about_staff(people.alice.staff_no)]
    assert verbs == ["organisation.post_closed", "organisation.password_set"]
