"""A changed volume is accepted by two different persons, for one file of one run, and the trail says so."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.organisation.models import Cover, Role
from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.crm.scores.models import AcceptanceState, Run, RunState, VolumeAcceptance
from guanxi.crm.scores.runs import accepting

pytestmark = pytest.mark.django_db
TODAY, NOW = date(2026, 11, 1), datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
SHRANK = {
    "where": "accounts", "en": "shrank by 60%", "zh": "行数减少 60%",
    "file": "accounts", "rows_before": 1000, "rows_now": 400,
}  # fmt: skip
BROKEN = {"where": "cards.csv", "en": "control total differs", "zh": "控制总数不符"}


@pytest.fixture
def stopped() -> Run:
    return Run.objects.create(
        id="20261031-stopped", business_date=date(2026, 10, 31), state=RunState.STOPPED, notes=[SHRANK],
        started_at=NOW, finished_at=NOW + timedelta(minutes=3),
    )  # fmt: skip


@pytest.fixture
def maker():
    return testing.make_staff(Role.ANALYST, testing.make_unit("演示银行"), name="张经办")


@pytest.fixture
def checker():
    return testing.make_staff(Role.ADMINISTRATOR, testing.make_unit("演示银行二部"), name="李复核")


def ask(by, run, file="accounts", reason="网点合并，账户已迁出") -> VolumeAcceptance:
    return accepting.ask(by=by, today=TODAY, now=NOW, run=run, file=file, reason=reason)


def accept(by, asked) -> VolumeAcceptance:
    return accepting.accept(by=by, today=TODAY, now=NOW, asked=asked)


def test_only_after_two_persons_does_the_file_pass_and_both_stand_in_the_trail(
    stopped, maker, checker
) -> None:
    asked = ask(maker, stopped)
    assert accepting.accepted_files(stopped.pk) == frozenset()
    accept(checker, asked)
    assert accepting.accepted_files(stopped.pk) == {"accounts"}
    trail = ChangeLog.objects.filter(object_key=str(asked.pk), verb__startswith="runs.").order_by("pk")
    assert [(row.verb, row.staff_no) for row in trail] == [
        ("runs.acceptance_asked", maker.staff_no),
        ("runs.acceptance_accepted", checker.staff_no),
    ]
    assert trail[1].details["rows_before"] == 1000
    assert trail[1].details["rows_now"] == 400
    assert trail[1].details["reason"] == "网点合并，账户已迁出"


def test_what_is_accepted_for_one_run_counts_for_no_other(stopped, maker, checker) -> None:
    other = Run.objects.create(
        id="20261031-other", business_date=stopped.business_date, state=RunState.STOPPED, notes=[SHRANK]
    )
    accept(checker, ask(maker, stopped))
    assert accepting.accepted_files(other.pk) == frozenset()


def test_nobody_decides_what_he_asked_for(stopped, checker) -> None:
    asked = ask(checker, stopped)
    with pytest.raises(PermissionDenied):
        accept(checker, asked)
    asked.refresh_from_db()
    assert asked.state == AcceptanceState.ASKED


def test_who_stands_in_for_the_asking_person_does_not_decide(stopped, maker, checker) -> None:
    asked = ask(maker, stopped)
    Cover.objects.create(absent=maker, covering=checker, first_day=TODAY, last_day=TODAY)
    with pytest.raises(PermissionDenied):
        accept(checker, asked)


def test_the_database_itself_knows_two_people(stopped, maker) -> None:
    asked = ask(maker, stopped)
    with pytest.raises(IntegrityError), transaction.atomic():
        VolumeAcceptance.objects.filter(pk=asked.pk).update(state="accepted", decided_by=maker)
    with pytest.raises(IntegrityError), transaction.atomic():
        VolumeAcceptance.objects.filter(pk=asked.pk).update(state="accepted")


@pytest.mark.parametrize("role", Role.values)
def test_who_proposes_policies_asks_and_who_approves_them_decides(stopped, maker, role) -> None:
    staff = testing.make_staff(role, testing.make_unit("某部"))
    rights = ROLE_RULES[role].rights
    asked = ask(maker, stopped)
    if Right.APPROVE_POLICY in rights:
        assert accept(staff, asked).state == AcceptanceState.ACCEPTED
    else:
        with pytest.raises(PermissionDenied):
            accept(staff, asked)
    second = Run.objects.create(
        id="20261030-b", business_date=date(2026, 10, 30), state="stopped", notes=[SHRANK]
    )
    if Right.PROPOSE_POLICY in rights:
        assert ask(staff, second).asked_by == staff
    else:
        with pytest.raises(PermissionDenied):
            ask(staff, second)


def test_only_a_changed_volume_of_a_stopped_run_can_be_asked_for(stopped, maker) -> None:
    with pytest.raises(ValidationError):
        ask(maker, stopped, file="cards")
    with pytest.raises(ValidationError):
        ask(maker, stopped, reason="  ")
    Run.objects.filter(pk=stopped.pk).update(state=RunState.DONE)
    with pytest.raises(ValidationError):
        ask(maker, stopped)


def test_a_file_is_asked_for_once_until_it_is_turned_down(stopped, maker, checker) -> None:
    asked = ask(maker, stopped)
    with pytest.raises(ValidationError):
        ask(maker, stopped)
    with pytest.raises(ValidationError):
        accepting.refuse(by=checker, today=TODAY, now=NOW, asked=asked, note=" ")
    accepting.refuse(by=checker, today=TODAY, now=NOW, asked=asked, note="请科技部先核对" + "。" * 900)
    with pytest.raises(ValidationError):
        accept(checker, asked)
    assert accept(checker, ask(maker, stopped, reason="已核对")).state == AcceptanceState.ACCEPTED


def test_the_page_offers_each_person_what_is_left_to_do(stopped, maker, checker) -> None:
    address = f"/runs/{stopped.pk}"
    text = testing.client_of(maker).get(address).content.decode()
    assert "申请放行" in text
    assert "1,000" in text
    asked_at = testing.client_of(maker).post(f"{address}/volumes/accounts/ask", {"reason": "网点合并"})
    assert asked_at.status_code == 302
    asked = VolumeAcceptance.objects.get()
    own = testing.client_of(maker).get(address).content.decode()
    assert "由他人复核" in own
    assert "runs:accept" not in own
    seen = testing.client_of(checker).get(address).content.decode()
    assert f"/volumes/{asked.pk}/accept" in seen
    assert "网点合并" in seen
    testing.client_of(checker).post(f"{address}/volumes/{asked.pk}/accept")
    done = testing.client_of(checker).get(address).content.decode()
    assert "两人已确认" in done
    assert "/ask" not in done


def test_what_nobody_can_accept_is_said_to_stop_the_run_still(stopped, maker, checker) -> None:
    Run.objects.filter(pk=stopped.pk).update(notes=[SHRANK, BROKEN])
    accept(checker, ask(maker, stopped))
    text = testing.client_of(checker).get(f"/runs/{stopped.pk}").content.decode()
    assert "仍有其他原因" in text


def test_what_was_accepted_stays_on_the_page_of_the_run_that_went_through(stopped, maker, checker) -> None:
    accept(checker, ask(maker, stopped))
    Run.objects.filter(pk=stopped.pk).update(state=RunState.DONE, notes=[])
    text = testing.client_of(checker).get(f"/runs/{stopped.pk}").content.decode()
    assert "李复核" in text
    assert "张经办" in text
