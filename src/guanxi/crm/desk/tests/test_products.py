"""The product library: what is listed, whom one suits, and that what is held keeps to the reader's own customers."""

from datetime import date, timedelta
from html import unescape

import pytest

from guanxi.crm import testing
from guanxi.crm.catalog.models import Product, ProductHeld, ProductVersion
from guanxi.crm.customers.models import Holding

pytestmark = pytest.mark.django_db
DAY = testing.TODAY


@pytest.fixture
def screen() -> testing.Screen:
    screen = testing.make_screen()
    testing.make_policies("suitability")
    make(
        "W1",
        "稳享180天",
        "wealth",
        risk_grade="R2",
        term_days=180,
        rate="0.0235",
        rate_to="0.0275",
        min_fen=1_000_000,
    )
    make("W2", "进取三年", "wealth", risk_grade="R2", issuer_risk_grade="R4", sold_from=date(2099, 1, 1))
    make("W0", "旧产品", "wealth", risk_grade="R1", sold_to=date(2020, 1, 1))
    make("T1", "整存整取一年", "time")
    return screen


def make(code: str, name: str, family: str, **terms) -> Product:
    return Product.objects.create(product_code=code, name=name, family=family, **terms)


def holding(party, code: str, fen: int, number: str, **more) -> None:
    told = {"family": "wealth", "currency": "CNY", "balance_base_fen": fen, **more}
    Holding.objects.create(party=party, account_no=number, product_code=code, **told)


def opened(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"稳享180天", "整存整取一年"}),
        ("?state=coming", {"进取三年"}),
        ("?state=ended", {"旧产品"}),
        ("?state=every&family=wealth", {"稳享180天", "进取三年", "旧产品"}),
        ("?state=every&grade=R4", {"进取三年"}),
        ("?state=every&grade=R2", {"稳享180天"}),
        ("?state=every&grade=none", {"整存整取一年"}),
        ("?state=every&text=w2", {"进取三年"}),
        ("?state=every&text=取", {"进取三年", "整存整取一年"}),
        ("?state=nonsense&page=77", {"稳享180天", "整存整取一年"}),
    ],
)
def test_the_list_shows_what_passes_its_filters_with_the_higher_of_both_grades(screen, query, names) -> None:
    page = opened(screen.people.alice, f"/products/{query}")
    assert {name for name in ("稳享180天", "进取三年", "旧产品", "整存整取一年") if name in page} == names


def test_a_manager_sees_what_the_own_book_holds_and_not_what_a_colleague_keeps(screen) -> None:
    people = screen.people
    theirs = testing.make_party(people.outlet, keeper=people.bob, name="李四")
    with testing.everything():
        holding(
            people.customer, "W1", 300_00, "1", share="0.5", matures_on=testing.BUSINESS_DATE + timedelta(30)
        )
        holding(people.customer, "W1", 100_00, "2", matures_on=testing.BUSINESS_DATE + timedelta(31))
        holding(people.customer, "W1", 900_00, "3", state="closed")
        holding(people.customer, "W1", 900_00, "4", role="agent")
        holding(theirs, "W1", 7_777_00, "5")
    alice, bob = (opened(who, "/products/W1") for who in (people.alice, people.bob))
    assert "250.00" in alice
    assert "150.00" in alice
    assert "7,777.00" in bob
    assert "7,777.00" not in alice
    assert "250.00" not in bob


def test_who_sees_units_gets_the_nights_sums_of_these_units_alone(screen) -> None:
    people = screen.people
    for unit, fen in ((people.outlet, 1_111_00), (people.elsewhere, 2_222_00)):
        ProductHeld.objects.create(
            product_code="W1", unit=unit, customers=3, held_fen=fen, maturing=1, maturing_fen=fen
        )
    assert "1,111.00" in opened(people.head, "/products/W1")
    assert "3,333.00" not in opened(people.head, "/products/W1")
    assert "3,333.00" in opened(testing.make_staff("analyst", people.bank), "/products/W1")


def test_a_page_says_whom_it_suits_and_that_what_is_not_on_sale_may_not_be_offered(screen) -> None:
    page = opened(screen.people.alice, "/products/W2")
    assert "本行评为 R2，发行方评为 R4，按较高者 R4。" in page
    assert "适合 C4、C5 客户" in page
    assert "起售日之前不得推介" in page
    assert "适合 C2、C3、C4、C5 客户" in opened(screen.people.alice, "/products/W1")
    assert "无须风险评级" in opened(screen.people.alice, "/products/T1")


def test_versions_stand_with_what_they_changed(screen) -> None:
    product = Product.objects.get(product_code="W1")
    for days, rate in ((90, "0.02550000"), (2, "0.02350000")):
        ProductVersion.objects.create(product=product, known_on=DAY - timedelta(days), terms={"rate": rate})
    page = opened(screen.people.alice, "/products/W1")
    assert "2.55%" in page
    assert "首次收录" in page


def test_the_customer_list_narrows_to_who_holds_a_product(screen) -> None:
    people = screen.people
    other = testing.make_party(people.outlet, keeper=people.alice, name="赵六")
    testing.make_score(other, screen.run)
    with testing.everything():
        holding(other, "W1", 1, "1")
    page = opened(people.alice, "/customers/?product=W1")
    assert "赵六" in page
    assert "王建国" not in page
    assert "稳享180天" in page


def test_an_unknown_product_is_not_found(screen) -> None:
    assert testing.client_of(screen.people.alice).get("/products/none/such").status_code == 404
