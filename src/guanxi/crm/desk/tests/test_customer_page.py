"""The customer page (客户全景): its head and first panel, who may open it, and the one row each opening leaves."""

import re
from datetime import date
from uuid import uuid4

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.customers.models import Consent, Holding, KeeperTerm, Party
from guanxi.crm.scores.models import PartyHistory, TierHistory

pytestmark = pytest.mark.django_db
PANELS = (
    "rest", "holdings", "relations", "contacts", "credit", "wealth", "value", "stage", "changes", "timeline",
)  # fmt: skip

UUIDS = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.fixture
def screen() -> testing.Screen:
    return testing.make_screen()


def test_the_owner_sees_who_it_is_why_this_tier_and_how_far_the_next_one_is(screen) -> None:
    page = testing.client_of(screen.people.alice).get(screen.address).content.decode()
    for said in ("王建国", "管户 Alice", "观前支行", "金卡客户", "成熟期", "数据截至 2026-10-31"):
        assert said in page
    assert "10 月月日均 51.80\u00a0万元，达到金卡客户标准（50\u00a0万元）已连续 4 个月" in page
    assert "距白金客户（100\u00a0万元）还差 48.20\u00a0万元" in page


@pytest.mark.parametrize("panel", ["", *PANELS])
def test_a_customer_out_of_reach_answers_as_one_that_does_not_exist(screen, panel) -> None:
    nobody = f"/customers/{uuid4()}/"
    for staff in (screen.people.bob, screen.people.charlie):
        client = testing.client_of(staff)
        theirs, missing = client.get(screen.address + panel), client.get(nobody + panel)
        assert (theirs.status_code, missing.status_code) == (404, 404)
    assert not CustomerView.objects.exists()


@pytest.mark.parametrize("panel", ["", *PANELS])
def test_a_role_without_customers_is_refused(screen, panel) -> None:
    for role in ("administrator", "compliance"):
        client = testing.client_of(testing.make_staff(role, screen.people.bank))
        assert client.get(screen.address + panel).status_code == 403


def test_opening_the_page_with_all_its_panels_leaves_exactly_one_row(screen) -> None:
    client = testing.client_of(screen.people.alice)
    for panel in ("", *PANELS):
        assert client.get(screen.address + panel).status_code == 200
    view = CustomerView.objects.get()
    assert (view.what, view.party_key) == ("page", screen.people.customer.pk)
    assert (view.staff_no, view.staff_name) == (screen.people.alice.staff_no, "Alice")


def test_each_opening_is_a_row_of_its_own(screen) -> None:
    client = testing.client_of(screen.people.alice)
    client.get(screen.address), client.get(screen.address)
    assert CustomerView.objects.count() == 2


def test_a_page_that_fails_leaves_no_row(screen, monkeypatch) -> None:
    from guanxi.crm.desk.views import customer

    def fail(*_told):
        raise RuntimeError("broken")

    monkeypatch.setattr(customer, "_head", fail)
    client = testing.client_of(screen.people.alice)
    client.raise_request_exception = False
    assert client.get(screen.address).status_code == 500
    assert not CustomerView.objects.exists()


def test_an_authorised_person_is_not_rated_and_the_page_says_why() -> None:
    screen = testing.make_screen(
        tier_rank=None, tier_reason="not_an_owner", next_rank=None, next_gap_fen=None, aum_fen=None,
        daily_average_fen=None,
    )  # fmt: skip
    page = testing.client_of(screen.people.alice).get(screen.address).content.decode()
    assert "未评级" in page
    assert "不评级：仅为授权人、代理人或监护人" in page


def test_a_customer_no_run_has_scored_has_a_page_too() -> None:
    people = testing.make_people()
    client = testing.client_of(people.alice)
    for panel in ("", *PANELS):
        assert client.get(f"/customers/{people.customer.uuid}/{panel}").status_code == 200


def test_watch_and_age_stand_in_the_head() -> None:
    screen = testing.make_screen(watch=True, months_below=1)
    with testing.everything():
        Party.objects.filter(pk=screen.people.customer.pk).update(sex="male", birth_date=date(1974, 3, 1))
    page = testing.client_of(screen.people.alice).get(screen.address).content.decode()
    assert "观察期" in page
    assert "男 · 52 岁" in page


def test_an_analyst_reads_the_page_without_the_name(screen) -> None:
    page = (
        testing.client_of(testing.make_staff("analyst", screen.people.bank))
        .get(screen.address)
        .content.decode()
    )
    assert "王**" in page
    assert "王建国" not in page


def test_in_english_the_same_page_speaks_english(screen) -> None:
    client = testing.client_of(screen.people.alice)
    client.cookies["guanxi_language"] = "en"
    page = client.get(screen.address).content.decode()
    for said in ("Gold", "The daily average of October is 518.00\u00a0K", "kept by Alice"):
        assert said in page


def test_the_time_line_tells_what_happened_the_latest_first(screen) -> None:
    who = screen.people.customer
    with testing.everything():
        for rank, start, end in ((3, date(2025, 1, 1), date(2026, 7, 1)), (4, date(2026, 7, 1), None)):
            TierHistory.objects.create(
                party=who, scheme="person", tier_rank=rank, valid_from=start, valid_to=end,
                known_from=testing.BUSINESS_DATE, run=screen.run,
            )  # fmt: skip
        KeeperTerm.objects.create(
            party=who, staff=screen.people.alice, valid_from=date(2025, 5, 1), reason="移交"
        )
        Consent.objects.create(
            party=who, purpose="marketing", channel="sms", agreed=False, given_on=date(2024, 3, 9)
        )
        Holding.objects.create(
            party=who,
            account_no="A1",
            family="time",
            currency="CNY",
            opened_on=date(2023, 1, 2),
            product_name="三年定期",
        )
    page = testing.client_of(screen.people.alice).get(f"{screen.address}timeline").content.decode()
    told = (
        "等级由银卡客户升为金卡客户",
        "管户人变更为 Alice",
        "评为银卡客户",
        "拒绝：营销（短信）",
        "开户：三年定期",
    )
    places = [page.index(said) for said in told]
    assert places == sorted(places)


def test_a_stage_that_changed_stands_with_its_month(screen) -> None:
    months = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
    empty = {
        field.name: [None] * 3
        for field in PartyHistory._meta.fields
        if field.name.endswith("_fen") or field.name == "tier_ranks"
    }
    with testing.everything():
        PartyHistory.objects.create(
            party=screen.people.customer, months=months, stages=["growing", "growing", "mature"], **empty
        )
    page = testing.client_of(screen.people.alice).get(f"{screen.address}timeline").content.decode()
    assert "阶段由发展期变为成熟期" in page
    assert "2026-10" in page


# --- nothing offered (管控)


@pytest.mark.parametrize(
    "role", ["relationship_manager", "outlet_head", "planner", "teller", "supervisor", "analyst"]
)
def test_no_page_lets_anybody_tell_that_nothing_is_offered_to_a_customer(screen, role) -> None:
    """The flag may stand for control by anti-money-laundering: whoever could tell it could tip the customer off."""
    people = screen.people
    staff = people.alice if role == "relationship_manager" else testing.make_staff(role, people.outlet)
    client = testing.client_of(staff)
    addresses = (
        *(screen.address + panel for panel in ("", *PANELS)), "/customers/", "/search?q=王建国", "/overview",
        f"/counter/{people.customer.uuid}", f"/messaging/pieces/for/{people.customer.uuid}",
    )  # fmt: skip
    read = {}
    for paused in (False, True):
        with testing.everything():
            Party.objects.filter(pk=people.customer.pk).update(offers_paused=paused)
        read[paused] = [_without_what_changes(client.get(address)) for address in addresses]
    assert read[False] == read[True]
    assert any(status == 200 for status, _text in read[True]) or role == "analyst"


def _without_what_changes(answer) -> tuple[int, str]:
    """An answer without the tokens and numbers that are new in each."""
    text = answer.content.decode()
    for changing in (
        r'name="csrfmiddlewaretoken" value="[^"]+"',
        r'nonce="[^"]+"',
        r'"X-CSRFToken": ?"[^"]+"',
        UUIDS,
    ):
        text = re.sub(changing, "", text)
    return answer.status_code, text
