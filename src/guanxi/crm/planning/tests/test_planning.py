"""Joint cases: a planner reads the copy while the case is open and nothing else; what does not suit is not proposed."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.planning import rules, services
from guanxi.crm.planning.models import PlanningCase, Proposal
from guanxi.crm.planning.policy import planning_policy
from guanxi.crm.planning.rules import Line, ProposalDraft, Shared, SharedHolding
from guanxi.crm.worklist.models import Task
from guanxi.insight.suitability import Offer

TODAY = testing.TODAY
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
FITS = Line("P1", "稳健理财", 10_000_000, Offer("wealth", "R2"))
TOO_HIGH = Line("P5", "股票基金", 10_000_000, Offer("fund", "R5"))
held = st.lists(
    st.builds(
        SharedHolding, st.sampled_from(["demand", "time", "wealth", "fund", "insurance", "loan"]),
        st.sampled_from(["甲", "乙", "丙"]), st.integers(0, 10**12),
        st.none() | st.dates(date(2026, 10, 1), date(2027, 3, 1)), st.sampled_from([None, True, False]),
    ),
    max_size=12,
)  # fmt: skip


def shared(*holdings: SharedHolding, **more) -> Shared:
    told = {
        "name": "王建国",
        "age": 52,
        "tier": "金卡",
        "risk_grade": "C3",
        "professional": False,
        "as_of": TODAY,
    }
    told |= {"risk_expires_on": date(2027, 6, 1)} | more
    return Shared(holdings=tuple(holdings), **told)


@given(held, st.none() | st.integers(0, 110))
def test_a_copy_read_back_is_the_same(holdings, age) -> None:
    one = shared(*holdings, age=age, as_of=None)
    assert Shared.from_json(one.to_json()) == one


@given(held)
def test_every_contract_that_matures_in_ninety_days_stands_on_one_rung(holdings) -> None:
    rungs = rules.ladder(shared(*holdings), TODAY, (30, 60, 90))
    due = [
        one for one in holdings
        if one.matures_on and one.family != "loan" and 0 <= (one.matures_on - TODAY).days <= 90
    ]  # fmt: skip
    assert sum(rung.count for rung in rungs) == len(due)
    assert sum(rung.free_fen + rung.rolling_fen for rung in rungs) == sum(one.fen for one in due)


@pytest.mark.parametrize(
    ("days", "rung"), [(0, 0), (30, 0), (31, 1), (60, 1), (90, 2), (91, None), (-1, None)]
)
def test_the_last_day_of_a_rung_belongs_to_it(days, rung) -> None:
    one = SharedHolding("time", "甲", 1, TODAY + timedelta(days=days), None)
    counts = [found.count for found in rules.ladder(shared(one), TODAY, (30, 60, 90))]
    assert counts == [int(number == rung) for number in range(3)]


@pytest.mark.parametrize("age", [0, 17, 18, 64, 65, 110])
def test_somebody_shared_is_exactly_as_old_for_the_check(age) -> None:
    for day in (date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31)):
        born = shared(age=age).investor(day).birth_date
        had = (day.month, day.day) >= (born.month, born.day)
        assert day.year - born.year - (0 if had else 1) == age


@pytest.mark.django_db
class TestCases:
    """The life of a case."""

    @pytest.fixture(autouse=True)
    def _bank(self) -> None:
        testing.make_policies("planning", "suitability", "tier")
        self.people = testing.make_people()
        self.planner = testing.make_staff("planner", self.people.elsewhere, name="周雅")
        Product.objects.create(product_code="P1", name="稳健理财", family="wealth", risk_grade="R2")
        party = self.people.customer
        with testing.everything():
            Party.objects.filter(pk=party.pk).update(
                risk_grade="C3", risk_expires_on=date(2027, 6, 1), birth_date=date(1974, 5, 1)
            )
            Holding.objects.create(
                party=party, account_no="6222000011112222", product_name="整存整取", family="time", currency="CNY",
                balance_fen=60_000_000, balance_base_fen=60_000_000, matures_on=TODAY + timedelta(days=20),
            )  # fmt: skip
            party.refresh_from_db()

    def asked(self, **more) -> PlanningCase:
        told = {"by": self.people.alice, "party": self.people.customer, "planner": self.planner}
        told |= {"question": "三十万到期后如何安排", "today": TODAY, "now": NOON} | more
        with acting_as(told["by"], today=TODAY):
            return services.ask_planner(**told)

    def as_planner(self, deed, case, **more):
        with acting_as(self.planner, today=TODAY):
            return deed(by=self.planner, case=case, today=TODAY, **more)

    def proposed(self, case, *lines, **more) -> Proposal:
        told = {
            "assumptions": ["一年内不用"],
            "next_step": "周五前面谈",
            "next_due": TODAY + timedelta(days=5),
        } | more
        return self.as_planner(
            services.propose, case, draft=ProposalDraft(lines=lines or (FITS,), **told), now=NOON
        )

    def test_the_planner_sees_the_copy_and_never_the_customer(self) -> None:
        case = self.asked()
        with acting_as(self.planner, today=TODAY):
            assert PlanningCase.objects.count() == 1
            for table in ("customers_party", "customers_holding", "scores_partyscore"):
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT count(*) FROM {table}")
                    assert cursor.fetchone() == (0,), table
            (task,) = Task.objects.all()
            assert (task.party_id, task.assignee_id) == (None, self.planner.pk)
        page = testing.client_of(self.planner).get(reverse("planning:case", args=[case.pk])).content.decode()
        assert "王建国" in page
        assert "整存整取" in page
        assert "6222" not in page
        assert str(self.people.customer.uuid) not in page

    def test_strangers_and_another_planner_see_no_case(self) -> None:
        case = self.asked()
        other = testing.make_staff("planner", self.people.outlet)
        for who in (self.people.bob, self.people.charlie, other):
            assert testing.client_of(who).get(reverse("planning:case", args=[case.pk])).status_code == 404
        with transaction.atomic(), connection.cursor() as cursor:
            for table in ("planningcase", "proposal"):
                cursor.execute(f"SELECT count(*) FROM planning_{table}")
                assert cursor.fetchone() == (0,)

    @pytest.mark.parametrize("end", ["decline", "withdraw", "agree"])
    def test_a_case_that_ends_takes_the_copy_away(self, end) -> None:
        case = self.asked()
        if end == "decline":
            self.as_planner(services.decline, case, why="本周已满", now=NOON)
        else:
            self.as_planner(services.accept, case)
            self.proposed(case)
            told = {"by": self.people.alice, "case": case, "today": TODAY, "now": NOON}
            with acting_as(self.people.alice, today=TODAY):
                services.agree(**told) if end == "agree" else services.withdraw(why="客户改主意", **told)
        with testing.everything():
            kept = PlanningCase.objects.get()
            assert (kept.shared, kept.ended_on) == ({}, TODAY)
        page = testing.client_of(self.planner).get(reverse("planning:case", args=[case.pk]))
        assert page.status_code == (200 if end == "decline" else 404)
        assert "王建国" not in page.content.decode()

    def test_what_does_not_suit_is_refused_by_name_and_leaves_no_proposal(self) -> None:
        case = self.asked()
        self.as_planner(services.accept, case)
        with pytest.raises(ValidationError, match="股票基金"):
            self.proposed(case, FITS, TOO_HIGH)
        with testing.everything():
            assert not Proposal.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"assumptions": [" "]}, {"next_step": " "}, {"next_due": TODAY - timedelta(days=1)},
            {"lines": (Line("P1", "x", 0, FITS.offer),)}, {"lines": (Line("P1", "x", 60_000_001, FITS.offer),)},
        ],
        ids=str,
    )  # fmt: skip
    def test_a_proposal_without_ground_is_refused(self, wrong) -> None:
        case = self.asked()
        self.as_planner(services.accept, case)
        lines = wrong.pop("lines", (FITS,))
        with pytest.raises(ValidationError):
            self.proposed(case, *lines, **wrong)

    def test_a_sale_is_recorded_from_a_grade_or_an_age_on(self) -> None:
        for family, grade, age, asked in (
            ("fund", "R2", 64, ""), ("fund", "R3", 30, "grade"), ("fund", "R5", 80, "grade"),
            ("fund", None, 30, "grade"), ("wealth", "R1", 65, "age"), ("wealth", "R2", None, "age"),
            ("time", None, 80, ""),
        ):  # fmt: skip
            shared = Shared("王", age, "", "C4", None, False, TODAY, ())
            line = Line("P", "p", 1, Offer(family, grade))
            assert rules.recording_asked([line], shared, planning_policy(TODAY)) == asked, (
                family,
                grade,
                age,
            )

    def test_a_sale_on_record_needs_its_number_which_stands_with_the_proposal_and_on_paper(self) -> None:
        with testing.everything():
            Party.objects.filter(pk=self.people.customer.pk).update(birth_date=date(1950, 1, 1))
            self.people.customer.refresh_from_db()
        case = self.asked()
        self.as_planner(services.accept, case)
        with pytest.raises(ValidationError, match="65"):
            self.proposed(case)
        for wrong in ("SL20261102000001", "SL20261301000001", "20261101000001", "SL2026110100001"):
            with pytest.raises(ValidationError, match="SL"):
                self.proposed(case, recording_no=wrong)
        made = self.proposed(case, recording_no=" sl20261101000123 ")
        assert made.recording_no == "SL20261101000123"
        page = (
            testing.client_of(self.people.alice)
            .get(reverse("planning:case", args=[case.pk]))
            .content.decode()
        )
        assert "SL20261101000123" in page

    def test_a_proposal_is_kept_with_its_fingerprint_and_cannot_be_changed(self) -> None:
        case = self.asked()
        self.as_planner(services.accept, case)
        made = self.proposed(case)
        assert bytes(made.content).startswith(b"%PDF-")
        assert made.sha256 == hashlib.sha256(bytes(made.content)).hexdigest()
        with (
            testing.everything(),
            pytest.raises(ProgrammingError, match="never changed"),
            transaction.atomic(),
        ):
            Proposal.objects.filter(pk=made.pk).update(next_step="…")
        answer = testing.client_of(self.people.alice).get(reverse("planning:proposal", args=[made.pk]))
        assert hashlib.sha256(answer.content).hexdigest() == made.sha256
        for who in (self.people.bob, self.people.charlie):
            assert testing.client_of(who).get(reverse("planning:proposal", args=[made.pk])).status_code == 404

    def test_the_agreed_next_step_is_the_managers_task(self) -> None:
        case = self.asked()
        self.as_planner(services.accept, case)
        self.proposed(case)
        with acting_as(self.people.alice, today=TODAY):
            services.agree(by=self.people.alice, case=case, today=TODAY, now=NOON)
            (task,) = Task.objects.filter(state="open")
        assert (task.assignee_id, task.due_on) == (self.people.alice.pk, TODAY + timedelta(days=5))
        rows = ChangeLog.objects.filter(verb__startswith="planning").order_by("id")
        assert list(rows.values_list("verb", flat=True)) == [
            "planning.asked", "planning.accepted", "planning.proposed", "planning.agreed"
        ]  # fmt: skip

    def test_one_open_case_a_customer_and_only_planners_are_asked(self) -> None:
        self.asked()
        with pytest.raises(ValidationError):
            self.asked()
        with pytest.raises(ValidationError):
            self.asked(planner=self.people.bob)
        with pytest.raises(PermissionDenied):
            self.asked(by=self.people.bob)

    def test_the_wrong_person_moves_no_case(self) -> None:
        case = self.asked()
        with acting_as(self.people.alice, today=TODAY), pytest.raises(PermissionDenied):
            services.accept(by=self.people.alice, case=case, today=TODAY)
        with pytest.raises(PermissionDenied):
            self.as_planner(services.withdraw, case, why="x", now=NOON)
        with pytest.raises(ValidationError):
            self.proposed(case)  # not taken yet

    def test_when_the_trail_cannot_be_written_nothing_is(self, monkeypatch) -> None:
        def fail(**_told):
            raise RuntimeError("the trail is full")

        monkeypatch.setattr(services.audit, "record", fail)
        with pytest.raises(RuntimeError):
            self.asked()
        with testing.everything():
            assert not PlanningCase.objects.exists()

    def test_money_stands_in_its_group_and_too_much_in_one_place_is_said(self) -> None:
        policy = planning_policy(TODAY)
        one = shared(
            SharedHolding("demand", "活期", 10_000_000, None, None),
            SharedHolding("time", "定期", 60_000_000, None, None),
            SharedHolding("fund", "基金", 30_000_000, None, None), SharedHolding("loan", "贷款", 99, None, None),
        )  # fmt: skip
        parts = {part.code: part for part in rules.allocation(one, TODAY, policy)}
        assert {code: part.share for code, part in parts.items()} == {
            "liquid": Decimal("0.1"), "steady": Decimal("0.6"), "growth": Decimal("0.3"), "protection": Decimal(0)
        }  # fmt: skip
        assert [parts[code].stands for code in parts] == ["within", "within", "within", "below"]
        assert [(found.product, found.fen) for found in rules.concentration(one, policy)] == [
            ("定期", 60_000_000), ("", 70_000_000)
        ]  # fmt: skip
        expired = shared(one.holdings[0], risk_expires_on=TODAY - timedelta(days=1))
        assert {part.stands for part in rules.allocation(expired, TODAY, policy)} == {"unknown"}
