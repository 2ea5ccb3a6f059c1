"""This room's panels of a customer page, and showing a number in full: by owner, colleague and stranger."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog, CustomerView
from guanxi.crm.customers import protected
from guanxi.crm.customers.holdings import arranged, ladder
from guanxi.crm.customers.models import Consent, ContactPoint, Credit, Holding, Relation, VaultEntry
from guanxi.crm.policies.models import PolicyVersion
from guanxi.insight.staging.identifiers import Protected

pytestmark = pytest.mark.django_db
PHONE = "13812342210"


@pytest.fixture
def screen(settings, tmp_path) -> testing.Screen:
    settings.GUANXI_BANK_HOME = tmp_path
    return testing.make_screen()


def panel(screen: testing.Screen, name: str, staff=None) -> str:
    answer = testing.client_of(staff or screen.people.alice).get(f"{screen.address}{name}")
    assert answer.status_code == 200
    return answer.content.decode()


def hold(screen: testing.Screen, number: str, **more) -> Holding:
    given = {"family": "time", "currency": "CNY", "balance_fen": 100, "balance_base_fen": 100} | more
    with testing.everything():
        return Holding.objects.create(party=screen.people.customer, account_no=number, **given)


# --- holdings


def test_accounts_stand_with_balance_rate_and_maturity(screen) -> None:
    hold(
        screen, "A1", product_name="整存整取一年", balance_fen=30_000_000, rate="0.0125", rolls_over=False,
        opened_on=date(2025, 11, 8), matures_on=timezone.localdate() + timedelta(days=10),
    )  # fmt: skip
    page = panel(screen, "holdings")
    for said in ("整存整取一年", "300,000.00", "1.25%", "2025-11-08", "不转存"):
        assert said in page


def test_a_missing_balance_is_a_dash_with_its_reason_and_never_nothing(screen) -> None:
    hold(screen, "A1", balance_fen=None)
    page = panel(screen, "holdings")
    assert "未提供余额" in page
    assert "0.00" not in page


def test_accounts_acted_for_stand_apart_and_show_no_balance(screen) -> None:
    hold(screen, "62230001", role="authorised", balance_fen=999_999_900, product_name="个人活期")
    page = panel(screen, "holdings")
    assert "代他人办理的账户" in page
    assert "9,999,999" not in page


def test_closed_accounts_are_folded_and_not_in_the_ladder(screen) -> None:
    coming = timezone.localdate() + timedelta(days=40)
    hold(screen, "A1", state="closed", matures_on=coming, closed_on=date(2026, 1, 2))
    page = panel(screen, "holdings")
    assert "已销户 1 户" in page
    assert "到期分布" not in page


def test_a_loan_ends_on_a_day_but_is_no_money_that_comes_free(screen) -> None:
    coming = timezone.localdate() + timedelta(days=40)
    hold(
        screen,
        "L1",
        family="loan",
        product_name="个人消费贷款",
        balance_fen=960_000,
        matures_on=coming,
        rolls_over=False,
    )
    page = panel(screen, "holdings")
    assert coming.isoformat() in page
    assert "不转存" not in page
    assert "到期分布" not in page


def test_the_ladder_sums_what_ends_in_each_month_from_today_on() -> None:
    today = date(2026, 11, 1)
    rows = [
        Holding(account_no=str(number), matures_on=on, balance_base_fen=fen, role="holder", state="open")
        for number, (on, fen) in enumerate(
            [
                (date(2026, 10, 31), 1), (date(2026, 11, 1), 10), (date(2026, 11, 30), 20),
                (date(2027, 1, 15), 5), (date(2027, 1, 16), None), (None, 7),
            ]
        )
    ]  # fmt: skip
    assert [(rung.month, rung.count, rung.fen) for rung in ladder(rows, today=today)] == [
        (date(2026, 11, 1), 2, 30), (date(2027, 1, 1), 2, 5),
    ]  # fmt: skip
    assert arranged(rows, today=today).acted_for == []


def test_a_card_that_ends_and_a_debit_not_covered_stand_beside_the_account(screen) -> None:
    coming = timezone.localdate() + timedelta(days=5)
    hold(screen, "A1", family="demand", card_masked="6222****1", card_expires_on=coming, card_ends=True,
         due_on=coming, due_fen=8_000, short_fen=7_900)  # fmt: skip
    page = panel(screen, "holdings")
    for said in ("待换卡", "80.00", "余额不足，缺 79.00"):
        assert said in page
    assert "本行未提供" not in page


def test_what_the_bank_does_not_hand_over_for_reminders_is_said(screen) -> None:
    hold(screen, "A1", family="demand", card_masked="6222****1")
    hold(screen, "L1", family="loan")
    page = panel(screen, "holdings")
    assert "本行未提供卡片到期日" in page
    assert "本行未提供下期扣款信息" in page


# --- relations


def test_relations_are_named_within_reach_and_only_counted_outside(screen) -> None:
    spouse = testing.make_party(screen.people.outlet, keeper=screen.people.alice, name="林月华")
    firm = testing.make_party(
        screen.people.elsewhere, keeper=screen.people.charlie, name="恒泰纺织", kind="company"
    )
    with testing.everything():
        Relation.objects.create(party=screen.people.customer, other=spouse, kind="spouse")
        Relation.objects.create(party=spouse, other=screen.people.customer, kind="spouse")
        Relation.objects.create(party=screen.people.customer, other=firm, kind="employee", evidence="payroll")
    page = panel(screen, "relations")
    assert page.count("林月华") == 1
    assert "恒泰纺织" not in page
    assert "权限范围外的客户" in page
    assert "代发识别" in page
    supervisor = testing.make_staff("supervisor", screen.people.bank)
    assert "恒泰纺织" in panel(screen, "relations", supervisor)
    assert "1 名员工在本行开户" in panel(screen, "relations", supervisor)


def test_a_firm_counts_its_people_instead_of_listing_them(screen) -> None:
    with testing.everything():
        for number in range(3):
            worker = testing.make_party(screen.people.outlet, name=f"工人{number}")
            Relation.objects.create(party=worker, other=screen.people.customer, kind="employee")
    page = panel(screen, "relations")
    assert "3 人在本行开户" in page
    assert "工人" not in page


# --- contact, consent, credit


def give_phone(screen: testing.Screen) -> ContactPoint:
    (shown,), (row,) = protected.door().protect(Protected.MOBILE, [PHONE])
    with testing.everything():
        point = ContactPoint.objects.create(
            party=screen.people.customer,
            kind="mobile",
            token=shown.token,
            masked=shown.masked,
            is_primary=True,
        )
        VaultEntry.objects.create(
            token=row.token, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id
        )
        return point


def eye(screen: testing.Screen, point: ContactPoint) -> str:
    return f"{screen.address}reveal/contact/{point.pk}"


def test_numbers_are_masked_and_only_who_may_unmask_gets_an_eye(screen) -> None:
    point = give_phone(screen)
    teller = testing.make_staff("teller", screen.people.outlet)
    for staff, has_eye in ((screen.people.alice, True), (screen.people.head, True), (teller, False)):
        page = panel(screen, "contacts", staff)
        assert PHONE not in page
        assert "138****2210" in page
        assert (eye(screen, point) in page) is has_eye


def test_consent_is_the_latest_word_on_each_purpose(screen) -> None:
    with testing.everything():
        for day, agreed in ((date(2024, 1, 1), True), (date(2025, 1, 1), False)):
            Consent.objects.create(
                party=screen.people.customer, purpose="marketing", channel="sms", agreed=agreed, given_on=day
            )
    page = panel(screen, "contacts")
    assert "拒绝" in page
    assert "2024-01-01" not in page


def test_without_any_consent_the_page_says_to_ask_first(screen) -> None:
    assert "营销联系前请先征得同意" in panel(screen, "contacts")


def test_credit_shows_grade_line_use_and_an_expiry_that_has_passed(screen) -> None:
    with testing.everything():
        Credit.objects.create(
            party=screen.people.customer, grade="AA", line_fen=50_000_000, used_fen=20_000_000,
            expires_on=date(2020, 1, 1),
        )  # fmt: skip
    page = panel(screen, "credit")
    for said in ("AA", "50.00", "40.0%", "已过期"):
        assert said in page


# --- the eye


def test_for_the_own_book_the_reason_stands_there_already_for_others_it_must_be_typed(screen) -> None:
    point = give_phone(screen)
    assert (
        "联系本人管户客户" in testing.client_of(screen.people.alice).get(eye(screen, point)).content.decode()
    )
    assert (
        "联系本人管户客户"
        not in testing.client_of(screen.people.head).get(eye(screen, point)).content.decode()
    )


def test_asking_alone_shows_and_records_nothing(screen) -> None:
    point = give_phone(screen)
    client = testing.client_of(screen.people.alice)
    assert PHONE not in client.get(eye(screen, point)).content.decode()
    assert PHONE not in client.post(eye(screen, point), {"reason": "  "}).content.decode()
    assert not CustomerView.objects.exists()


def test_with_a_reason_the_number_is_shown_and_the_reason_kept(screen) -> None:
    point = give_phone(screen)
    answer = testing.client_of(screen.people.alice).post(eye(screen, point), {"reason": "理财到期提醒"})
    assert PHONE in answer.content.decode()
    view = CustomerView.objects.get()
    assert (view.what, view.reason, view.staff_no) == (
        "reveal:mobile",
        "理财到期提醒",
        screen.people.alice.staff_no,
    )


@pytest.mark.parametrize("role", ["teller", "lobby", "analyst"])
def test_a_masked_role_is_refused_whatever_the_reason(screen, role) -> None:
    point = give_phone(screen)
    unit = screen.people.bank if role == "analyst" else screen.people.outlet
    client = testing.client_of(testing.make_staff(role, unit))
    assert client.post(eye(screen, point), {"reason": "x"}).status_code == 403


def test_a_colleague_and_a_stranger_do_not_find_the_number(screen) -> None:
    point = give_phone(screen)
    for staff in (screen.people.bob, screen.people.charlie):
        assert testing.client_of(staff).post(eye(screen, point), {"reason": "x"}).status_code == 404
    assert not CustomerView.objects.exists()


def test_the_number_of_another_customer_is_not_reached_through_ones_own(screen) -> None:
    point = give_phone(screen)
    own = testing.make_party(screen.people.outlet, keeper=screen.people.bob, name="陈桂芳")
    client = testing.client_of(screen.people.bob)
    for kind in ("contact", "identifier", "nonsense"):
        address = f"/customers/{own.uuid}/reveal/{kind}/{point.pk}"
        assert client.post(address, {"reason": "x"}).status_code == 404


def test_above_the_usual_count_of_a_day_the_alarm_is_recorded_and_nobody_is_stopped(screen) -> None:
    point = give_phone(screen)
    PolicyVersion.objects.filter(kind="access").update(
        payload={"export_rows": {}, "reveals_a_day": 2}, content_hash="two a day"
    )
    client = testing.client_of(screen.people.alice)
    for turn in range(3):
        answer = client.post(eye(screen, point), {"reason": "来电"})
        assert PHONE in answer.content.decode()
        assert ("超过常规次数" in answer.content.decode()) is (turn == 2)
    alarm = ChangeLog.objects.get(verb="customers.many_reveals")
    assert (alarm.staff_no, alarm.details["shown_today"]) == (screen.people.alice.staff_no, 3)
