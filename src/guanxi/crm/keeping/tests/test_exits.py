"""Exits: proposed by rule, decided by a person, appealed once to another; the database refuses an exit by machine."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.keeping import fairness, rules, selectors
from guanxi.crm.keeping.models import ExitProposal, ExitState, PoolEntry, SharedKeeping
from guanxi.crm.keeping.services import exits
from guanxi.crm.keeping.tests.bank import TODAY, Bank, make_bank, make_customer, make_exit
from guanxi.crm.organisation.acting import acting_as

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def decide(by, *rows, leave=True, note="六个月低于标准", today=TODAY) -> list[ExitProposal]:
    with acting_as(by, today=today) as reach:
        return exits.decide(
            by=by,
            reach=reach,
            proposals=[row.pk for row in rows],
            leave=leave,
            note=note,
            today=today,
            now=NOON,
        )


def appeal(by, row, today=TODAY) -> ExitProposal:
    with acting_as(by, today=today) as reach:
        return exits.appeal(by=by, reach=reach, proposal=row.pk, note="年底回款", today=today)


def hear(by, row, *, leave) -> ExitProposal:
    with acting_as(by, today=TODAY) as reach:
        return exits.hear(by=by, reach=reach, proposal=row.pk, leave=leave, note="同意", today=TODAY)


def test_a_decision_in_bulk_gives_each_its_notice_and_its_row_of_the_trail(bank) -> None:
    rows = [make_exit(bank, bank.ann) for _ in range(3)]
    made = decide(bank.head, *rows)
    assert {(row.state, row.leaves_on) for row in made} == {("noticed", TODAY + timedelta(days=30))}
    assert ChangeLog.objects.filter(verb="keeping.exit_noticed", staff_no=bank.head.staff_no).count() == 3


def test_without_a_reason_or_with_one_out_of_reach_nothing_is_decided(bank) -> None:
    row = make_exit(bank, bank.ann)
    with pytest.raises(ValidationError):
        decide(bank.head, row, note=" ")
    elsewhere = testing.make_staff("outlet_head", bank.elsewhere)
    with pytest.raises(ValidationError):
        decide(elsewhere, row)
    with pytest.raises(PermissionDenied):
        decide(bank.ann, row)
    assert not ChangeLog.objects.filter(verb__startswith="keeping.exit").exists()


def test_nobody_decides_about_his_own_book(bank) -> None:
    row = make_exit(bank, bank.head)
    with pytest.raises(PermissionDenied):
        decide(bank.head, row)


def test_the_keeper_appeals_once_and_another_person_answers(bank) -> None:
    row = make_exit(bank, bank.ann)
    decide(bank.head, row)
    with pytest.raises(PermissionDenied):
        appeal(bank.ben, row)
    appeal(bank.ann, row)
    with pytest.raises(PermissionDenied):
        hear(bank.head, row, leave=True)
    assert hear(bank.supervisor, row, leave=True).state == "noticed"
    with pytest.raises(ValidationError):
        appeal(bank.ann, row)


def test_an_appeal_granted_keeps_the_customer(bank) -> None:
    row = make_exit(bank, bank.ann)
    decide(bank.head, row)
    appeal(bank.ann, row)
    heard = hear(bank.supervisor, row, leave=False)
    assert (heard.state, heard.closed_on) == ("kept", TODAY)


def test_the_last_day_of_the_appeal_counts_and_the_day_after_does_not(bank) -> None:
    first, second = make_exit(bank, bank.ann), make_exit(bank, bank.ann)
    decide(bank.head, first, second)
    assert appeal(bank.ann, first, today=TODAY + timedelta(days=10)).state == "appealed"
    with pytest.raises(ValidationError):
        appeal(bank.ann, second, today=TODAY + timedelta(days=11))


def test_the_database_refuses_an_exit_that_no_person_decided(bank) -> None:
    row = make_exit(bank, bank.ann)
    for state in ("noticed", "left", "kept", "appealed"):
        with testing.everything(), pytest.raises(IntegrityError), transaction.atomic():
            ExitProposal.objects.filter(pk=row.pk).update(state=state, leaves_on=TODAY)


def test_a_customer_of_shared_keeping_comes_back_through_the_pool(bank) -> None:
    party = make_customer(bank, None)
    with testing.everything():
        shared = SharedKeeping.objects.create(
            party=party,
            unit=party.unit,
            since=TODAY,
            contact_days=60,
            later_contact_days=180,
            steps_down_on=TODAY,
        )
    with acting_as(bank.head, today=TODAY) as reach:
        entry = exits.take_back(by=bank.head, reach=reach, shared=shared.pk, note="回流", today=TODAY)
        assert not selectors.shared(reach).exists()
        assert list(selectors.pool(reach)) == [entry]
    assert (entry.why, entry.due_on) == ("re_entry", TODAY + timedelta(days=5))


def test_small_groups_say_no_rate_and_large_ones_add_up(bank) -> None:
    rows = [make_exit(bank, bank.ann) for _ in range(10)]
    make_customer(bank, bank.ann, sex="female")
    decide(bank.head, *rows[:10])
    with acting_as(bank.head, today=TODAY) as reach:
        tables = dict(fairness.tables(reach, 10))
    by_age = {group.label: group for group in next(iter(tables.values()))}
    (group,) = by_age.values()
    assert (group.kept, group.proposed, group.decided, group.out, group.appealed) == (11, 10, 10, 10, 0)
    assert (group.out_rate, group.appeal_rate) == (1.0, 0.0)
    by_sex = {group.label: group for group in list(tables.values())[1]}
    assert {one.small for one in by_sex.values()} == {True, False}
    assert all(one.proposed_rate is None for one in by_sex.values() if one.small)


def test_exits_and_the_pool_of_others_are_not_there(bank) -> None:
    row = make_exit(bank, bank.ann)
    for staff, sees in ((bank.ann, 1), (bank.head, 1), (bank.ben, 0), (bank.far, 0)):
        with acting_as(staff, today=TODAY):
            assert ExitProposal.objects.filter(pk=row.pk).count() == sees
    assert ExitProposal.objects.count() == PoolEntry.objects.count() == 0


class States(TestCase):
    """Whatever people try in whatever order: the moves are those of the table, nobody hears what he decided."""

    @settings(max_examples=12, deadline=None)
    @given(st.lists(
        st.tuples(st.sampled_from(["leave", "keep", "appeal", "grant", "dismiss"]),
                  st.sampled_from(["ann", "head", "supervisor"])), max_size=8,
    ))  # fmt: skip
    def test_any_order_of_tries_stays_within_the_moves(self, tries) -> None:
        bank = make_bank()
        row, state = make_exit(bank, bank.ann), ExitState.PROPOSED.value
        for deed, who in tries:
            by = getattr(bank, who)
            try:
                if deed in {"leave", "keep"}:
                    decide(by, row, leave=deed == "leave")
                elif deed == "appeal":
                    appeal(by, row)
                else:
                    hear(by, row, leave=deed == "dismiss")
            except (PermissionDenied, ValidationError):
                pass
            with testing.everything():
                now = ExitProposal.objects.get(pk=row.pk)
            assert now.state == state or rules.may_move(rules.EXIT_MOVES, state, now.state)
            assert now.heard_by_id is None or now.heard_by_id not in {now.decided_by_id, now.book_id}
            state = now.state
