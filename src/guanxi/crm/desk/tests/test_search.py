"""The box at the top and the arrival card: who is found by whom, and what never reaches an address."""

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import ContactPoint, Identifier
from guanxi.insight.staging.identifiers import Protected

pytestmark = pytest.mark.django_db
PHONE, CARD = "13812342210", "6230980000001234567"


@pytest.fixture
def screen(settings, tmp_path) -> testing.Screen:
    settings.GUANXI_BANK_HOME = tmp_path
    screen = testing.make_screen()
    (phone,), _rows = protected.door().protect(Protected.MOBILE, [PHONE])
    (card,), _rows = protected.door().protect(Protected.CARD, [CARD])
    with testing.everything():
        ContactPoint.objects.create(
            party=screen.people.customer, kind="mobile", token=phone.token, masked=phone.masked
        )
        Identifier.objects.create(
            party=screen.people.customer, kind="card", token=card.token, masked=card.masked
        )
    return screen


def asked(staff, typed: str) -> str:
    answer = testing.client_of(staff).post("/search", {"q": typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("typed", ["王", "建国", "王建国", PHONE, "138 1234 2210", CARD])
def test_the_owner_finds_by_part_of_a_name_and_by_whole_numbers(screen, typed) -> None:
    found = asked(screen.people.alice, typed)
    assert "王建国" in found
    assert "金卡客户" in found
    assert screen.address in found


def test_the_customer_number_finds_too(screen) -> None:
    assert screen.address in asked(screen.people.alice, screen.people.customer.customer_no)


@pytest.mark.parametrize("typed", ["建国", PHONE, CARD])
def test_who_may_not_see_the_customer_does_not_find_it(screen, typed) -> None:
    for staff in (screen.people.bob, screen.people.charlie):
        assert screen.address not in asked(staff, typed)


def test_part_of_a_number_finds_nobody_and_the_answer_says_so(screen) -> None:
    answer = asked(screen.people.alice, PHONE[:8])
    assert screen.address not in answer
    assert "须完整输入" in answer


def test_an_analyst_finds_without_reading_the_name(screen) -> None:
    found = asked(testing.make_staff("analyst", screen.people.bank), "建国")
    assert "王**" in found
    assert "王建国" not in found


def test_enter_opens_a_single_find_at_once(screen) -> None:
    answer = testing.client_of(screen.people.alice).post("/search", {"q": PHONE})
    assert (answer.status_code, answer.headers["Location"]) == (302, screen.address)


def test_what_was_typed_stands_in_no_address_of_the_page(screen) -> None:
    client = testing.client_of(screen.people.alice)
    page = client.get(f"/search?q={PHONE}").content.decode()
    assert screen.address not in page  # a search by address is no search
    assert PHONE not in client.post("/search", {"q": "no such name"}).content.decode()


@pytest.mark.parametrize("typed", ["", " ", "%", "'", "王" * 300])
def test_odd_input_is_answered_calmly(screen, typed) -> None:
    assert screen.address not in asked(screen.people.alice, typed)


def test_a_search_with_nul_is_refused_in_words(screen) -> None:
    answer = testing.client_of(screen.people.alice).post("/search", {"q": "\x00王"})
    assert answer.status_code == 400
    assert screen.address not in answer.content.decode()


def test_the_old_address_of_the_arrival_card_leads_to_the_counter_and_records_nothing(screen) -> None:
    teller = testing.make_staff("teller", screen.people.outlet)
    answer = testing.client_of(teller).post("/arrival", {"number": CARD})
    assert answer.headers["Location"] == "/counter/"
    assert not CustomerView.objects.exists()
    assert testing.client_of(screen.people.alice).get("/arrival").status_code == 403
