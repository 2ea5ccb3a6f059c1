"""The retention pages as each role sees them: deeds by taps, names hidden from the analyst, the report."""

from datetime import timedelta

import pytest

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView, ExportLog
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.retention import autopsy, selectors
from guanxi.crm.retention.models import Case, CaseOffer
from guanxi.crm.retention.policy import retention_policy
from guanxi.crm.retention.selectors import Span
from guanxi.crm.retention.tests.bank import Bench, close, make_bench, offer, open_case
from guanxi.crm.scores.tiers import tier_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(settings) -> Bench:
    settings.GUANXI_TODAY = testing.TODAY.isoformat()
    return make_bench()


def text_of(staff, address: str) -> str:
    answer = testing.client_of(staff).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_manager_saves_a_customer_by_taps_from_the_list_of_warnings(bench) -> None:
    client = testing.client_of(bench.people.alice)
    listed = client.get("/warnings").content.decode()
    assert f"/retention/customers/{bench.customer.uuid}/open" in listed
    here = client.post(f"/retention/customers/{bench.customer.uuid}/open").headers["Location"]
    page = client.get(here).content.decode()
    assert "招商银行苏州分行" in page
    client.post(f"{here}/offers", {"kind": "fee", "amount": "100"})
    client.post(f"{here}/end", {"why": "saved:rate", "place": "here"})
    ended = client.get(here).content.decode()
    assert "挽留成功" in ended
    assert "利率或收益" in ended
    with testing.everything():
        assert Case.objects.get().state == "saved"
        assert CaseOffer.objects.get().amount == 10_000


def test_the_customer_page_shows_the_case_and_offers_to_open_none_beside_it(bench) -> None:
    address = f"/customers/{bench.customer.uuid}/rest"
    client = testing.client_of(bench.people.alice)
    before = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert f"/retention/customers/{bench.customer.uuid}/open" in before
    case = open_case(bench.people.alice, bench.customer)
    after = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert f"/retention/{case.pk}" in after
    assert "/open" not in after


@pytest.mark.parametrize(
    "sent", [{}, {"why": "lost:rate"}, {"place": "house"}, {"why": "lost", "place": "house"}]
)
def test_one_tap_alone_ends_nothing(bench, sent) -> None:
    case = open_case(bench.people.alice, bench.customer)
    testing.client_of(bench.people.alice).post(f"/retention/{case.pk}/end", sent)
    with testing.everything():
        assert Case.objects.get().state == "open"


def test_looking_at_a_case_is_looking_at_a_customer(bench) -> None:
    case = open_case(bench.people.alice, bench.customer)
    text_of(bench.people.alice, f"/retention/{case.pk}")
    assert CustomerView.objects.filter(what="retention", party_key=bench.customer.pk).count() == 1


def test_an_analyst_reads_cases_without_names_and_free_words(bench) -> None:
    analyst = testing.make_staff("analyst", bench.people.bank)
    case = close(bench.people.alice, open_case(bench.people.alice, bench.customer))
    with testing.everything():
        Case.objects.update(note="客户王建国的电话")
    for address in (f"/retention/{case.pk}", "/retention/?state=closed", "/retention/autopsy"):
        text = text_of(analyst, address)
        assert "王建国" not in text
    assert "王**" in text_of(analyst, "/retention/?state=closed")


def test_a_manager_sees_the_own_book_and_a_head_the_outlet(bench) -> None:
    open_case(bench.people.alice, bench.customer)
    far = testing.make_party(bench.people.elsewhere, keeper=bench.people.charlie, name="陌生人")
    open_case(bench.people.charlie, far)
    seen = {
        staff.name: [name in text_of(staff, "/retention/") for name in ("王建国", "陌生人")]
        for staff in (
            bench.people.alice,
            bench.people.bob,
            bench.people.charlie,
            bench.people.head,
            bench.supervisor,
        )
    }
    assert seen == {
        "Alice": [True, False], "Bob": [False, False], "Charlie": [False, True], "Head": [True, False],
        "Supervisor": [True, True],
    }  # fmt: skip


def test_a_late_case_is_red_and_has_a_tab_of_its_own(bench, settings) -> None:
    open_case(bench.people.alice, bench.customer)
    settings.GUANXI_TODAY = (testing.TODAY + timedelta(days=6)).isoformat()
    assert "state-red" in text_of(bench.people.alice, "/retention/?state=late")


def test_a_head_answers_what_waits_and_a_manager_has_no_such_page(bench) -> None:
    made = offer(bench.people.alice, open_case(bench.people.alice, bench.customer), amount=100_000)
    assert "1,000.00" in text_of(bench.people.head, "/retention/approvals")
    assert testing.client_of(bench.people.alice).get("/retention/approvals").status_code == 403
    testing.client_of(bench.people.head).post(f"/retention/offers/{made.pk}/decide", {"word": "approve"})
    with testing.everything():
        assert CaseOffer.objects.get().state == "approved"


# --- the autopsy


def ended_cases(bench: Bench) -> None:
    """Three who left (two alike), one saved; each a customer of his own."""
    told = [
        ("lost", "rate", "joint_stock"),
        ("lost", "rate", "joint_stock"),
        ("lost", "service", "house"),
        ("saved", "rate", "here"),
    ]
    for number, (ending, reason, place) in enumerate(told):
        party = testing.make_party(bench.people.outlet, keeper=bench.people.alice, name=f"客户{number}")
        testing.make_score(party, bench.screen.run, aum_fen=100, tier_scheme="person", tier_rank=3)
        case = close(bench.people.alice, open_case(bench.people.alice, party), ending, reason, place)
        with testing.everything():
            Case.objects.filter(pk=case.pk).update(amount_fen=1_000_000 * (number + 1))


def test_the_autopsy_sums_reason_by_destination_and_each_row_leads_to_its_cases(bench) -> None:
    ended_cases(bench)
    today, span = testing.TODAY, Span(testing.TODAY, testing.TODAY)
    with acting_as(bench.people.head, today=today) as reach:
        told = autopsy.report(
            reach, span, "lost", retention_policy(today), tier_names(today), {"ending": "lost"}
        )
        every = selectors.closed_between(reach, span).filter(state="lost")
        assert sum(row["values"][2] for row in told["cells"]) == every.count() == 3
        for group in ("tiers", "units"):
            assert sum(row["values"][1] for row in told[group]) == 3
            assert sum(row["values"][2] for row in told[group]) == 6_000_000
    first = told["cells"][0]
    assert first["values"][2:] in ([2, 3_000_000], [1, 3_000_000])
    for row in told["cells"]:
        text = text_of(bench.people.head, f"/retention/{row['href']}")
        assert text.count("<tr data-href") == row["values"][2]


def test_the_report_covers_the_days_asked_for_and_no_others(bench) -> None:
    ended_cases(bench)
    day = testing.TODAY.isoformat()
    assert "客户" in text_of(bench.people.head, f"/retention/?ending=lost&first={day}&last={day}")
    assert "<tr data-href" not in text_of(
        bench.people.head, "/retention/?ending=lost&first=2026-01-01&last=2026-10-31"
    )


def test_taking_the_report_is_recorded_and_limited_by_the_policy(bench) -> None:
    ended_cases(bench)
    answer = testing.client_of(bench.people.head).get("/retention/autopsy.xlsx")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert ExportLog.objects.get(what="retention").rows == 3
    assert testing.client_of(bench.people.alice).get("/retention/autopsy.xlsx").status_code == 403


@pytest.mark.parametrize(
    "query", ["state=nonsense", "ending=x&first=2026-13-01", "tier=..&unit=x", "reason=%01", "after=zzz"]
)
def test_an_address_that_makes_no_sense_shows_a_page_all_the_same(bench, query) -> None:
    assert testing.client_of(bench.people.head).get(f"/retention/?{query}").status_code == 200
