"""Retention cases judged by the ledger: on their day, once, to the fen, by nobody's word."""

from datetime import timedelta

import pytest
from django.db import connection

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.customers.models import Party
from guanxi.crm.retention.models import Case
from guanxi.crm.retention.tests.bank import Bench, close, make_bench, open_case
from guanxi.crm.scores.models import PartyScore
from guanxi.pipeline.judging import judge_cases

pytestmark = pytest.mark.django_db
DUE = testing.TODAY + timedelta(days=90)
OPENING = 52_311_842


@pytest.fixture
def bench() -> Bench:
    return make_bench()


def ended(bench: Bench, ending: str = "saved", place: str = "here") -> Case:
    return close(bench.people.alice, open_case(bench.people.alice, bench.customer), ending, "rate", place)


def judged(bench: Bench, now_fen: int | None, *, on=DUE, **score) -> tuple[int, int | None, bool | None]:
    """How many were judged, and the figure and word of the only case."""
    with testing.everything():
        PartyScore.objects.filter(party=bench.customer).update(aum_fen=now_fen, **score)
        number = judge_cases(connection.connection, on)
        case = Case.objects.get()
        return number, case.judged_fen, case.kept


def test_a_case_is_judged_on_its_day_and_not_a_day_before(bench) -> None:
    ended(bench)
    assert judged(bench, OPENING, on=DUE - timedelta(days=1)) == (0, None, None)
    assert judged(bench, OPENING) == (1, OPENING, True)


@pytest.mark.parametrize(("now", "kept"), [(41_849_474, True), (41_849_473, False), (0, False)])
def test_the_policys_share_is_judged_to_the_fen(bench, now, kept) -> None:
    """80 % of 523,118.42 yuan are 418,494.736: a fen less than 418,494.74 is too little."""
    ended(bench)
    assert judged(bench, now) == (1, now, kept)


def test_what_was_said_does_not_count(bench) -> None:
    ended(bench, "lost", "joint_stock")
    assert judged(bench, OPENING) == (1, OPENING, True)


def test_once_judged_a_case_stays_so_and_the_trail_has_it_once(bench) -> None:
    ended(bench)
    judged(bench, OPENING)
    assert judged(bench, 0, on=DUE + timedelta(days=1)) == (0, OPENING, True)
    entry = ChangeLog.objects.get(verb="retention.case_judged")
    assert (entry.staff_no, entry.details) == ("", {"fen": OPENING, "kept": True})


def test_a_company_is_judged_by_its_deposits(bench) -> None:
    ended(bench)
    assert judged(bench, None, deposits_fen=OPENING) == (1, OPENING, True)


def test_a_number_merged_since_is_judged_as_the_person_it_belongs_to(bench) -> None:
    ended(bench)
    whole = testing.make_party(bench.people.outlet, keeper=bench.people.alice)
    testing.make_score(whole, bench.screen.run, aum_fen=OPENING * 2)
    with testing.everything():
        Party.objects.filter(pk=bench.customer.pk).update(merged_into=whole)
    assert judged(bench, 0) == (1, OPENING * 2, True)


def test_an_open_case_is_not_judged(bench) -> None:
    open_case(bench.people.alice, bench.customer)
    assert judged(bench, 0, on=DUE + timedelta(days=999)) == (0, None, None)
