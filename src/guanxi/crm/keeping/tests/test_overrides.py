"""Tiers set by hand: one asks, another approves, the night's register says so, the day after it ends it is gone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.keeping import pictures, rules
from guanxi.crm.keeping.models import TierOverride
from guanxi.crm.keeping.services import overrides
from guanxi.crm.keeping.tests.bank import TODAY, Bank, make_bank, make_customer
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.scores.tiers import tier_names

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = TODAY + timedelta(days=60)


@pytest.fixture
def bank() -> Bank:
    return make_bank()


def ask(
    by, party, *, rank=5, first=TODAY, last=LATER, today=TODAY, reason="单位代发整体迁入"
) -> TierOverride:
    with acting_as(by, today=today) as reach:
        return overrides.propose(
            by=by, reach=reach, party=party, rank=rank, scheme="person", reason=reason, valid_from=first,
            valid_to=last, today=today, now=NOON,
        )  # fmt: skip


def decide(by, row, *, approve=True, note="", today=TODAY) -> TierOverride:
    with acting_as(by, today=today) as reach:
        return overrides.decide(
            by=by, reach=reach, override=row, approve=approve, note=note, today=today, now=NOON
        )


def test_a_second_person_approves_and_the_first_does_not(bank) -> None:
    party = make_customer(bank, bank.ann)
    row = ask(bank.head, party)
    with pytest.raises(PermissionDenied):
        decide(bank.head, row)
    with pytest.raises(PermissionDenied):
        decide(bank.ann, row)
    assert decide(bank.supervisor, row).state == "approved"
    assert ChangeLog.objects.get(verb="keeping.override_approved").staff_no == bank.supervisor.staff_no
    with testing.everything(), pytest.raises(IntegrityError), transaction.atomic():
        TierOverride.objects.filter(pk=row.pk).update(decided_by=bank.head)


@pytest.mark.parametrize(
    "told",
    [
        {"reason": " "},
        {"rank": 99},
        {"first": TODAY - timedelta(days=1)},
        {"last": TODAY - timedelta(days=1)},
        {"last": TODAY + timedelta(days=366)},
        {"rank": None, "last": TODAY + timedelta(days=183)},
    ],
)
def test_what_the_policy_does_not_let_is_refused(bank, told) -> None:
    with pytest.raises(ValidationError):
        ask(bank.ann, make_customer(bank, bank.ann), **told)


def test_the_longest_that_the_policy_lets_is_accepted(bank) -> None:
    assert ask(bank.ann, make_customer(bank, bank.ann), last=TODAY + timedelta(days=365)).pk
    assert ask(bank.ann, make_customer(bank, bank.ann), rank=None, last=TODAY + timedelta(days=182)).pk


def test_two_decisions_by_hand_never_count_on_one_day(bank) -> None:
    party = make_customer(bank, bank.ann)
    row = ask(bank.ann, party)
    with pytest.raises(ValidationError):
        ask(bank.ann, party, first=LATER + timedelta(days=1), last=LATER + timedelta(days=2))
    decide(bank.head, row)
    with pytest.raises(ValidationError):
        ask(bank.ann, party, first=LATER, last=LATER + timedelta(days=2))
    assert ask(bank.ann, party, first=LATER + timedelta(days=1), last=LATER + timedelta(days=2)).pk


def test_what_is_approved_late_begins_on_that_day_and_never_in_the_past(bank) -> None:
    row = ask(bank.ann, make_customer(bank, bank.ann))
    late = TODAY + timedelta(days=3)
    assert decide(bank.head, row, today=late).valid_from == late


def test_the_customer_page_says_who_set_it_and_until_when(bank) -> None:
    party = make_customer(bank, bank.ann)
    decide(bank.head, ask(bank.ann, party))
    with acting_as(bank.ann, today=TODAY) as reach:
        names = tier_names(TODAY)
        said = pictures.override_sentence(reach, party, names, TODAY)
        assert all(word in said for word in (bank.ann.name, bank.head.name, LATER.isoformat()))
        assert pictures.override_sentence(reach, party, names, LATER + timedelta(days=1)) == ""
    with acting_as(bank.ben, today=TODAY) as reach:
        assert pictures.override_sentence(reach, party, names, TODAY) == ""
        assert not TierOverride.objects.exists()


class Register(TestCase):
    """What the night reads are the approved days and nothing else, whatever was asked, answered and ended before."""

    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.sampled_from(["ask", "approve", "refuse", "withdraw", "end", "wait"]), max_size=10))
    def test_it_follows_the_moves(self, deeds) -> None:
        bank = make_bank()
        party, day, row = make_customer(bank, bank.ann), TODAY, None
        counting: dict[date, int] = {}
        for deed in deeds:
            state = row.state if row else None
            try:
                if deed == "ask":
                    row = ask(bank.ann, party, first=day, last=day + timedelta(days=4), today=day)
                elif row is not None and deed in {"approve", "refuse"}:
                    row = decide(bank.head, row, approve=deed == "approve", note="…", today=day)
                elif row is not None and deed == "withdraw":
                    with acting_as(bank.ann, today=day) as reach:
                        row = overrides.take_back(by=bank.ann, reach=reach, override=row, today=day)
                elif row is not None and deed == "end":
                    with acting_as(bank.head, today=day) as reach:
                        row = overrides.end(by=bank.head, reach=reach, override=row, note="…", today=day)
            except ValidationError:
                pass
            if deed != "ask" and row is not None and row.state != state:
                assert rules.may_move(rules.OVERRIDE_MOVES, str(state), row.state)
            day += timedelta(days=deed == "wait")
            with testing.everything():
                now = {
                    (one.valid_from + timedelta(days=n)): one.pk
                    for one in TierOverride.objects.filter(state__in=("approved", "ended"))
                    for n in range((one.valid_to - one.valid_from).days + 1)
                }
            kept = {past: key for past, key in counting.items() if past < day}
            assert kept.items() <= now.items()  # what counted on a day past counts for ever
            counting = now
